"""How much faster than real time one core cuts videos, beside reading every frame as the release does."""

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from adis_bench.datasets.cutting import Cut, Place, cut_frames, cut_sound
from adis_bench.datasets.video import probe
from adis_bench.datasets.windows import fixed_windows, window_frames

REAL = Path(__file__).parents[3] / "shared" / "data" / "video"
SIZE = 854, 480
SECONDS = 27.0
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the shared test data (../shared/data/video) is not there")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real pictures at 480p as web sites serve them: H.264 with B-frames at about 1.2 Mbit/s, AAC; 26.8 s at 30 a second."""
    path = tmp_path_factory.mktemp("ingest") / "real.mp4"
    with av.open(str(path), "w") as out:
        video, audio = out.add_stream("libx264", rate=30), out.add_stream("aac", rate=44_100)
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        video.bit_rate, video.codec_context.max_b_frames, video.codec_context.gop_size = 1_200_000, 3, 120
        n = 0
        for name in ("crystal", "frog", "pig"):
            with av.open(str(REAL / f"{name}.mp4")) as source:
                for frame in source.decode(video=0):
                    small = av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24", width=SIZE[0], height=SIZE[1]), format="rgb24")
                    small.pts, small.time_base = n, Fraction(1, 30)
                    out.mux(video.encode(small))
                    n += 1
        out.mux(video.encode(None))
        noise = np.random.default_rng(0).normal(0, 0.1, (1, round(n / 30 * 44_100))).astype(np.float32)
        for start in range(0, noise.shape[1], 1024):
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.repeat(noise[:, start : start + 1024], 2, 0)), "fltp", "stereo")
            block.sample_rate, block.pts, block.time_base = 44_100, start, Fraction(1, 44_100)
            out.mux(audio.encode(block))
        out.mux(audio.encode(None))
    return path


def _ours(path: Path, out: Path) -> None:
    video = probe(path)
    windows, place, cut = fixed_windows(video.seconds), Place(out, "a"), Cut()
    cut_sound(video, windows, cut, place)
    cut_frames(video, windows, cut, place)


def _every_frame(path: Path, out: Path) -> None:
    """Every frame becomes a picture, then eight of each 3 s are kept; the sound is the same."""
    video = probe(path)
    windows, place, cut = fixed_windows(video.seconds), Place(out, "a"), Cut()
    cut_sound(video, windows, cut, place)
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for window in windows:
        for k, index in enumerate(window_frames(video.times_s, window, cut.frame_rule, cut.n_frames)):
            buffer = BytesIO()
            Image.fromarray(pictures[index]).resize((cut.side, cut.side), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=95)
            place.frame(window, k).parent.mkdir(parents=True, exist_ok=True)
            place.frame(window, k).write_bytes(buffer.getvalue())


@pytest.mark.benchmark(group="ingest of 480p video, one core")
@pytest.mark.parametrize("way", [_ours, _every_frame], ids=["ours", "every-frame"])
def test_ingest(benchmark: BenchmarkFixture, path: Path, tmp_path: Path, way: Callable[[Path, Path], None]) -> None:
    """``extra_info`` says how many seconds of video one core cuts in a second."""
    benchmark.pedantic(way, args=(path, tmp_path), rounds=3, warmup_rounds=1)
    if benchmark.stats:
        benchmark.extra_info["times real time"] = round(probe(path).seconds / benchmark.stats.stats.min, 1)
