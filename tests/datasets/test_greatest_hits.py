"""Greatest Hits: an archive made of small videos with known hits."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adis_bench.datasets.cutting import Cut
from adis_bench.datasets.greatest_hits.archive import Event, Recording, read_times
from adis_bench.datasets.greatest_hits.importer import Options, _Planned, import_archive
from adis_bench.datasets.records import Dataset
from adis_bench.datasets.sources import VideoFile
from adis_bench.datasets.video_dataset import SplitChoice
from adis_bench.errors import DataError
from tests.datasets.videos import clicks, number_of, write_video

IDS = ("2015-02-16-16-49-06", "2015-02-16-17-12-54", "2015-03-25-02-14-25")


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """Three recordings of 8 s in the nested folder that the archive unpacks to; the sound is in WAV files at 96 kHz."""
    root = tmp_path_factory.mktemp("archive")
    folder = root / "vis-data-256" / "vis-data-256"
    folder.mkdir(parents=True)
    hits = {
        IDS[0]: ["0.5 gravel hit static", "2.0 gravel hit static", "4.0 None None None", "5.0 wood hit static", "7.5 leaf scratch None"],
        IDS[1]: [
            "1.5 water hit splash",
            "1.5 water scratch splash",
            "6.0 gravel hit static",
            "99.0 dirt hit static",
            "soon dirt hit static",
        ],
        IDS[2]: ["3.0 metal hit static"],
    }
    for k, (name, lines) in enumerate(hits.items()):
        write_video(
            folder / f"{name}_denoised.mp4", 240, first=300 * k, wave=clicks(8, 44_100, [], seed=k), rate_hz=44_100, audio_codec="aac"
        )
        times = [float(line.split()[0]) for line in lines if line[0].isdigit() and float(line.split()[0]) < 8]
        soundfile.write(folder / f"{name}_denoised.wav", clicks(8, 96_000, times, seed=k), 96_000)
        (folder / f"{name}_times.txt").write_text("\n".join(lines) + "\n")
    (folder / f"{IDS[0]}_denoised_thumb.mp4").write_bytes(b"")
    (folder / "2015-09-09-09-09-09_times.txt").write_text("1.0 dirt hit static\n")
    write_video(folder / "2015-09-10-09-09-09_denoised.mp4", 30)
    return root


def _make(archive: Path, out: Path, segments: str = "events") -> Dataset:
    cut = Cut(frame_rule="uniform", n_frames=4, side=64)
    return import_archive(archive, out, Options(segments, cut, SplitChoice("video", 0.15, 0), 0))


def test_segments_lie_around_the_events(archive, tmp_path):
    """Segments lie around the events."""
    dataset = _make(archive, tmp_path / "out")
    found = {s.segment_id: (s.label, s.details["start_s"]) for s in dataset.segments}
    assert found == {
        f"{IDS[0]}_clip1": ("gravel", 0.0),  # moved into the video
        f"{IDS[0]}_clip2": ("gravel", 0.5),
        f"{IDS[0]}_clip5": ("leaf", pytest.approx(5.0, abs=0.02)),
        f"{IDS[1]}_clip1": ("water", 0.0),
        f"{IDS[1]}_clip3": ("gravel", 4.5),
    }
    assert {len(s.frame_paths) for s in dataset.segments} == {4}
    assert dataset.recipe["kind"] == "greatest_hits"
    assert dataset.notes["events"] == {
        "dirt": 1, "grass": 0, "gravel": 3, "leaf": 1, "water": 2, "other materials": 2, "no material": 1,
    }  # fmt: skip
    assert dataset.notes["windows"] == {"cut": 5, "same piece as another event's": 1, "event after the video's end": 1}
    assert (dataset.notes["n_bad_lines"], dataset.notes["n_videos_without_outdoor_events"]) == (1, 1)
    reasons = {skip["path"].rpartition("/")[2]: skip["reason"] for skip in dataset.notes["skipped"]}
    assert reasons == {"2015-09-09-09-09-09_times.txt": "unreadable", "2015-09-10-09-09-09_denoised.mp4": "unreadable"}


def test_the_hit_is_in_the_middle_of_its_sound(archive, tmp_path):
    """The WAV beside the video is heard, at 96 kHz before the resampling, and in step with the frames."""
    dataset = _make(archive, tmp_path / "out")
    segment = next(s for s in dataset.segments if s.segment_id == f"{IDS[1]}_clip3")
    wave, rate = soundfile.read(segment.audio_path)
    assert (rate, len(wave)) == (48_000, 144_000)
    assert np.abs(wave).argmax() == 72_000
    from PIL import Image

    numbers = [number_of(Image.open(path)) for path in segment.frame_paths]
    assert numbers == [300 + n for n in (146, 168, 191, 213)]  # on the screen at 4.875, 5.625, 6.375 and 7.125 s


def test_fixed_segments_take_the_most_frequent_material(archive, tmp_path):
    """Fixed segments take the most frequent material."""
    dataset = _make(archive, tmp_path / "out", "fixed")
    assert Counter((s.audio_group, s.details["start_s"], s.label) for s in dataset.segments) == Counter(
        [(IDS[0], 0.0, "gravel"), (IDS[0], 6.0, "leaf"), (IDS[1], 0.0, "water"), (IDS[1], 6.0, "gravel")]
    )
    assert dataset.notes["windows"] == {"cut": 4, "mostly other materials": 1, "no material": 1}


def test_events_at_a_border_give_one_piece():
    """Moved into the video they would be the same three seconds under several labels: the one nearest to the middle counts."""
    events = [
        Event(0.2, "gravel", "hit"),
        Event(0.9, "leaf", "hit"),
        Event(1.4, "dirt", "hit"),
        Event(1.45, "wood", "hit"),
        Event(2.0, "leaf", "hit"),
    ]
    planned = _Planned("events", {"a": Recording(VideoFile(Path("a.mp4"), "a.mp4", "a"), tuple(events), 0)})
    windows = planned(VideoFile(Path("a.mp4"), "a.mp4", "a"), 8.0)
    assert [(w.start_s, w.label, w.number) for w in windows] == [(0.0, "dirt", 3), (0.5, "leaf", 5)]
    assert planned.counts == {"cut": 2, "same piece as another event's": 2}


def test_times_files(tmp_path):
    """Times files."""
    path = tmp_path / "a_times.txt"
    path.write_text("2.5 dirt hit static\n\n0.5 None None None\nnan dirt hit x\n-1 dirt hit x\n1.0 leaf\n")
    events, n_bad = read_times(path)
    assert [(e.time_s, e.material, e.action) for e in events] == [(0.5, "", ""), (1.0, "leaf", ""), (2.5, "dirt", "hit")]
    assert n_bad == 2


def test_refusals(archive, tmp_path):
    """One line each: what, where, what to do."""
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match=r"no \*_times\.txt"):
        _make(tmp_path / "none", tmp_path / "out")
    with pytest.raises(DataError, match="not a folder"):
        _make(tmp_path / "absent", tmp_path / "out")
    _make(archive, tmp_path / "out")
    with pytest.raises(DataError, match="another dataset.*segments differ"):
        _make(archive, tmp_path / "out", "fixed")
