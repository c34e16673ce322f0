"""Exactly the frames and the sound of a video, whatever its codec, rate and container do."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from adis_bench.datasets.video import Video, VideoError, frames, probe, sound
from tests.datasets.videos import clicks, number_of, turn_upright_by, write_matrix, write_video

REAL = Path(__file__).parents[3] / "shared" / "data" / "video"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the shared test data (../shared/data/video) is not there")


def _heard(video: Video, rate_hz: int) -> np.ndarray:
    return np.concatenate([block for block, _ in sound(video, rate_hz)])


def _numbers(video: Video, indices: list[int]) -> list[int]:
    return [number_of(image) for _, image in frames(video, [int(video.pts[index]) for index in indices])]


@pytest.mark.parametrize(("name", "codec", "b_frames"), [("a.mp4", "libx264", 3), ("a.mkv", "libx264", 0), ("a.mp4", "mpeg4", 2)])
def test_every_wanted_frame_is_the_right_one(tmp_path, name, codec, b_frames):
    """Every wanted frame is the right one."""
    video = probe(write_video(tmp_path / name, 120, codec=codec, b_frames=b_frames, wave=clicks(4, 48_000, [])))
    assert len(video.pts) == 120
    assert video.seconds == pytest.approx(4.0, abs=0.02)
    for wanted in ([0], [119], [3, 4, 5], [50, 51, 90], list(range(0, 120, 7)), list(range(120))):
        assert _numbers(video, wanted) == wanted


def test_frames_that_nothing_refers_to_are_skipped_without_a_trace(tmp_path):
    """The pixels of wanted frames equal those of a plain decoding of everything, and fewer frames are decoded."""
    path = write_video(tmp_path / "a.mp4", 60, b_frames=3, gop=60, wave=clicks(2, 48_000, []))
    video = probe(path)
    with av.open(str(path)) as container:
        plain = [np.asarray(frame.to_image()) for frame in container.decode(video=0)]
    wanted = [7, 13, 29, 30, 44]
    for index, (_, image) in zip(wanted, frames(video, [int(video.pts[k]) for k in wanted]), strict=True):
        np.testing.assert_array_equal(np.asarray(image), plain[index])
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.skip_frame = "NONREF"
        assert sum(1 for _ in container.decode(video=0)) < 50  # so that this test tests something


@needs_real
@pytest.mark.parametrize("name", ["crystal", "frog", "pig"])
def test_real_videos_agree_with_a_plain_decoding(name):
    """Times of all frames, and every sample of the sound, against PyAV's own account."""
    path = REAL / f"{name}.mp4"
    video = probe(path)
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    np.testing.assert_allclose(video.times_s, times, atol=1e-9)
    with av.open(str(path)) as container:
        plain = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).mean(axis=0)
    np.testing.assert_array_equal(_heard(video, video.audio_rate_hz), plain)


@needs_real
def test_frames_of_a_real_video_are_those_of_a_plain_decoding():
    """Frames of a real video are those of a plain decoding."""
    path = REAL / "frog.mp4"
    video = probe(path)
    wanted = [11, 12, 130, 247]
    with av.open(str(path)) as container:
        plain = {k: np.asarray(frame.to_image()) for k, frame in enumerate(container.decode(video=0)) if k in wanted}
    for index, (_, image) in zip(wanted, frames(video, [int(video.pts[k]) for k in wanted]), strict=True):
        np.testing.assert_array_equal(np.asarray(image), plain[index])


@pytest.mark.parametrize(("codec", "rate_hz", "tolerance"), [("pcm_s16le", 44_100, 0), ("aac", 44_100, 4), ("libopus", 48_000, 48)])
@pytest.mark.parametrize("wanted_hz", [48_000, 16_000])
def test_clicks_are_where_they_were_made(tmp_path, codec, rate_hz, tolerance, wanted_hz):
    """To the sample, within what the codec blurs (``tolerance``, in samples of the file)."""
    times = [0.5, 1.25, 3.0, 3.999]
    path = write_video(tmp_path / "a.mkv", 120, wave=clicks(4.5, rate_hz, times), rate_hz=rate_hz, audio_codec=codec)
    wave = _heard(probe(path), wanted_hz)
    for time in times:
        near = slice(round((time - 0.05) * wanted_hz), round((time + 0.05) * wanted_hz))
        found = near.start + int(np.abs(wave[near]).argmax())
        assert abs(found - time * wanted_hz) <= 1 + tolerance * wanted_hz / rate_hz


def test_sound_that_begins_late_keeps_its_time(tmp_path):
    """Sound that begins late keeps its time."""
    path = write_video(tmp_path / "a.mkv", 60, wave=clicks(1.5, 48_000, [0.25]), audio_start_s=0.5)
    wave = _heard(probe(path), 48_000)
    assert np.abs(wave).argmax() == round(0.75 * 48_000)
    assert not wave[: round(0.49 * 48_000)].any()


def test_a_file_that_does_not_begin_at_zero(tmp_path):
    """MPEG transport streams begin anywhere: frames and sound are told from the file's own start."""
    path = write_video(tmp_path / "a.ts", 60, wave=clicks(2, 48_000, [1.0]), audio_codec="aac")
    video = probe(path)
    assert video.start_s > 0
    assert abs(video.times_s[0]) < 0.1
    np.testing.assert_allclose(np.diff(video.times_s), 1 / 30, atol=1e-4)
    lag = video.times_s[0]  # the encoder's own delay moves the frames
    assert abs(np.abs(_heard(video, 48_000)).argmax() / 48_000 - 1.0) < lag + 0.06


def test_variable_frame_rate(tmp_path):
    """Times are those of the file, not a number times an average rate."""
    pts = [0, 40, 50, 400, 410, 900, 1500, 1510, 1520, 2800]
    path = write_video(tmp_path / "a.mkv", 10, pts_ms=pts, b_frames=0, wave=clicks(3, 48_000, []))
    video = probe(path)
    np.testing.assert_allclose(video.times_s, np.array(pts) / 1000, atol=1e-3)
    assert _numbers(video, [3, 7]) == [3, 7]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_videos_come_upright(tmp_path, degrees):
    """Turned videos come upright."""
    path = write_video(tmp_path / "a.mp4", 12, size=(96, 64), wave=clicks(1, 48_000, []), audio_codec="aac")
    turn_upright_by(path, degrees)
    video = probe(path)
    (image,) = (image for _, image in frames(video, [int(video.pts[5])]))
    assert image.size == ((96, 64) if degrees == 180 else (64, 96))
    assert number_of(image.rotate(degrees, expand=True)) == 5  # turned back, counterclockwise


def test_files_without_timestamps_are_counted(tmp_path):
    """Files without timestamps are counted."""
    path = write_video(tmp_path / "a.avi", 45, codec="mpeg4", b_frames=2, wave=clicks(1.5, 48_000, [0.5]))
    video = probe(path)
    assert len(video.pts) == 45
    assert video.seconds == pytest.approx(1.5, abs=0.1)
    assert _numbers(video, [0, 10, 44]) == [0, 10, 44]


def test_what_was_found_is_kept(tmp_path):
    """What was found is kept."""
    video = probe(write_video(tmp_path / "a.mp4", 12, wave=clicks(1, 48_000, []), audio_codec="aac"))
    video.save(tmp_path / "a.npz")
    again = Video.load(video.path, tmp_path / "a.npz")
    np.testing.assert_array_equal(again.pts, video.pts)
    assert (again.seconds, again.fps, again.audio_rate_hz, again.counted) == (video.seconds, video.fps, video.audio_rate_hz, False)


def test_videos_that_cannot_be_used_say_why(tmp_path):
    """Videos that cannot be used say why."""
    (tmp_path / "text.mp4").write_text("I am no video")
    (tmp_path / "empty.mp4").touch()
    write_video(tmp_path / "mute.mp4", 12)
    whole = write_video(tmp_path / "whole.mp4", 60, wave=clicks(2, 48_000, []), audio_codec="aac").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])  # the index is at the end
    with av.open(str(tmp_path / "sound.mp4"), "w") as out:
        stream = out.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    reasons = {}
    for name in ("text", "empty", "mute", "cut", "sound"):
        with pytest.raises(VideoError) as error:
            probe(tmp_path / f"{name}.mp4")
        reasons[name] = error.value.reason
        assert str(tmp_path) not in str(error.value)
    assert reasons == {"text": "unreadable", "empty": "unreadable", "mute": "no_audio", "cut": "unreadable", "sound": "unreadable"}


def test_what_comes_before_the_damage_is_used(tmp_path):
    """What comes before the damage is used."""
    whole = write_video(tmp_path / "whole.mkv", 300, size=(320, 240), wave=clicks(10, 48_000, [1.0])).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) * 6 // 10])
    video = probe(tmp_path / "cut.mkv")
    assert 30 < len(video.pts) < 300
    assert _numbers(video, [0, 20]) == [0, 20]


def test_frames_that_cannot_be_decoded_are_left_out(tmp_path):
    """Frames that cannot be decoded are left out."""
    path = write_video(tmp_path / "a.mp4", 90, gop=30, size=(320, 240), wave=clicks(3, 48_000, []), audio_codec="aac")
    video = probe(path)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        damaged = next(packet for packet in packets if packet.is_keyframe and packet.pts and packet.pts > 0)
        place, size, pts = damaged.pos, damaged.size, damaged.pts
    content = bytearray(path.read_bytes())
    content[place : place + size] = bytes(size)
    path.write_bytes(content)
    found = [key for key, _ in frames(video, [int(video.pts[0]), int(pts), int(video.pts[-1])])]
    assert int(video.pts[0]) in found
    assert int(pts) not in found


def test_av1_gives_all_its_frames(tmp_path):
    """Its decoder reads what to skip once, when it opens; told to skip then, it would never give the frames that are wanted."""
    path = write_video(tmp_path / "a.mp4", 60, codec="libsvtav1", b_frames=0, gop=60, wave=clicks(2, 48_000, []), audio_codec="aac")
    video = probe(path)
    assert _numbers(video, [5, 17, 30, 31, 59]) == [5, 17, 30, 31, 59]


def test_mirrored_videos(tmp_path):
    """A display matrix may flip as well as turn: (a, b, c, d) send x to a x + c y and y to b x + d y."""
    flips = {
        (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
        (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
        (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
        (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
    }
    plain = write_video(tmp_path / "a.mp4", 12, size=(96, 64), wave=clicks(1, 48_000, []), audio_codec="aac")
    video = probe(plain)
    (stored,) = (image for _, image in frames(video, [int(video.pts[5])]))
    content = plain.read_bytes()
    for matrix, flip in flips.items():
        path = tmp_path / "turned.mp4"
        path.write_bytes(content)
        write_matrix(path, *matrix)
        video = probe(path)
        (image,) = (image for _, image in frames(video, [int(video.pts[5])]))
        np.testing.assert_array_equal(np.asarray(image), np.asarray(stored.transpose(flip)))


def test_a_sound_that_changes_its_form(tmp_path):
    """From mono to stereo and from 48 to 44.1 kHz in mid-file: the clicks after it are where they were made."""
    parts = []
    for name, rate, channels in (("a.ts", 48_000, 1), ("b.ts", 44_100, 2)):
        with av.open(str(tmp_path / name), "w") as out:
            video, audio = out.add_stream("mpeg2video", rate=25), out.add_stream("mp2", rate=rate)
            video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
            audio.layout = "mono" if channels == 1 else "stereo"
            begin = 0 if name == "a.ts" else 2
            for k in range(50):
                frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
                frame.pts, frame.time_base = begin * 25 + k, Fraction(1, 25)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
            wave = np.zeros(2 * rate, np.int16)
            wave[rate] = 30_000
            for start in range(0, len(wave), 1152):
                block = np.repeat(wave[None, start : start + 1152], channels, 0).T.reshape(1, -1)
                sound_frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16", layout=audio.layout.name)
                sound_frame.sample_rate, sound_frame.pts, sound_frame.time_base = rate, begin * rate + start, Fraction(1, rate)
                out.mux(audio.encode(sound_frame))
            out.mux(audio.encode(None))
        parts.append((tmp_path / name).read_bytes())
    (tmp_path / "both.ts").write_bytes(b"".join(parts))
    video = probe(tmp_path / "both.ts")
    wave = np.abs(_heard(video, 48_000))
    assert [round(float(place), 1) for place in np.flatnonzero(wave > 0.5 * wave.max()) / 48_000][0] == 1.0
    assert abs(np.flatnonzero(wave > 0.5 * wave.max())[-1] / 48_000 - 3.0) < 0.2


def test_samples_that_are_no_numbers_are_damage(tmp_path):
    """They become zeros, and whoever cuts there is told."""
    wave = clicks(2, 48_000, [0.5])
    wave[60_000:60_100] = np.nan
    video = probe(write_video(tmp_path / "a.mkv", 60, wave=wave, audio_codec="pcm_f32le"))
    blocks = list(sound(video, 48_000))
    assert any(damaged for _, damaged in blocks)
    assert np.isfinite(np.concatenate([block for block, _ in blocks])).all()


def test_an_absurd_gap_needs_no_memory(tmp_path):
    """A timestamp a million seconds off: silence in pieces, and none after the last picture."""
    path = write_video(tmp_path / "a.mkv", 60, wave=clicks(1, 48_000, [0.5]), audio_start_s=1e6)
    video = probe(path)
    n = [len(block) for block, _ in sound(video, 48_000)]
    assert max(n) <= 1 << 18
    assert sum(n) <= (video.seconds + 1) * 48_000


def test_lists_of_other_files_are_no_videos(tmp_path):
    """A text file that names a neighbour would be read as a video made of it."""
    write_video(tmp_path / "good.mp4", 30, wave=clicks(1, 48_000, []), audio_codec="aac")
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile good.mp4\n")
    with pytest.raises(VideoError, match="list of other files|not a readable"):
        probe(tmp_path / "list.mp4")
