"""From a folder of videos to a dataset: labels, splits, what is left out."""

import shutil
from collections import Counter
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import soxr
from PIL import Image

from adis_bench.datasets import cutting, ingest
from adis_bench.datasets.check import check_dataset
from adis_bench.datasets.cutting import Cut
from adis_bench.datasets.records import Dataset
from adis_bench.datasets.video_dataset import SplitChoice
from adis_bench.errors import ConfigError, DataError
from tests.datasets.listed_videos import LISTED, make, write_listed
from tests.datasets.videos import clicks, write_video

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> Path:
    """Three listed videos of 7, 3.5 and 9 s."""
    return write_listed(tmp_path_factory.mktemp("videos"))


def test_videos_become_segments(videos, tmp_path):
    """Videos become segments."""
    dataset = make(videos, tmp_path / "out")
    assert Counter(s.details["video"] for s in dataset.segments) == {"-dUhzZayxiQ": 3, "XHUic6aEWlQ": 2, "_OQ2n6-ABl8": 3}
    assert {len(s.frame_paths) for s in dataset.segments} == {8}
    assert dataset.segments[0].segment_id == "-dUhzZayxiQ_clip1"
    assert dataset.segments[0].frame_paths[0].name == "-dUhzZayxiQ_clip1-1.jpg"
    assert (dataset.name, dataset.recipe["kind"], dataset.pairing) == ("into_the_wild", "into_the_wild", "recorded")
    assert dataset.notes["availability"] == {"listed": 94, "present": 3, "hours": round(8 * 3 / 3600, 2)}
    assert [row["seconds"] for row in dataset.notes["sources"]] == pytest.approx([7.0, 3.5, 9.0], abs=0.02)
    sides = {s.audio_group: {t.split for t in dataset.segments if t.audio_group == s.audio_group} for s in dataset.segments}
    assert all(len(side) == 1 for side in sides.values())
    assert {s.split for s in dataset.segments} == {"train", "test"}
    assert check_dataset(dataset.root).faults == ()


def test_without_yamnet_labels_are_unknown_and_the_reason_is_told(videos, tmp_path, capsys):
    """Without yamnet labels are unknown and the reason is told."""
    dataset = make(videos, tmp_path / "out")
    assert {s.label for s in dataset.segments} == {"unknown"}
    assert "unknown" in dataset.not_evaluated
    assert "weights" in dataset.labels_from
    assert "labels will be unknown" in capsys.readouterr().err


def test_music_is_left_out_and_counted(videos, tmp_path, monkeypatch):
    """Music is left out and counted."""
    from adis_bench.datasets.into_the_wild import importer
    from adis_bench.datasets.tagging.work import Tagger

    def tags(_tagger, flags, sounds):
        said = {"label": "rain" if flags.rain else "birds_chirping", "tags": [["Rain", 0.9]], "categories": {}}
        return {"rows": [{"number": number, "is_music": number == 2, **said} for number, _ in sounds]}

    monkeypatch.setattr(ingest, "tagged", tags)
    monkeypatch.setattr(importer, "find_tagger", lambda: (Tagger(Path("yamnet"), "0" * 64, True), ""))
    dataset = make(videos, tmp_path / "out")
    assert sorted(skip["path"] for skip in dataset.notes["skipped"]) == [
        "-dUhzZayxiQ.mkv#t=3,6",
        "XHUic6aEWlQ.mkv#t=3,3.5",
        "_OQ2n6-ABl8.mkv#t=3,6",
    ]
    assert {skip["reason"] for skip in dataset.notes["skipped"]} == {"music"}
    assert Counter(s.label for s in dataset.segments) == {"birds_chirping": 3, "rain": 2}  # _OQ2n6-ABl8 has the flag rain
    assert not list((dataset.root / "frames").rglob("*_clip2-*"))  # no frame was cut for nothing


def test_tails_can_be_left_out(videos, tmp_path):
    """Tails can be left out."""
    dataset = make(videos, tmp_path / "out", tails="drop")
    assert len(dataset.segments) == 6
    assert {(skip["path"], skip["reason"]) for skip in dataset.notes["skipped"]} == {
        ("-dUhzZayxiQ.mkv#t=6,7", "too_short"),
        ("XHUic6aEWlQ.mkv#t=3,3.5", "too_short"),
    }
    assert dataset.recipe["kind"] == "videos"  # not cut as the paper did


def test_bad_files_are_listed_and_the_rest_goes_on(videos, tmp_path):
    """Bad files are listed and the rest goes on."""
    folder = tmp_path / "videos"
    shutil.copytree(videos, folder)
    (folder / "text.mp4").write_text("no video")
    (folder / "empty.mp4").touch()
    write_video(folder / "mute.mp4", 30)
    write_video(folder / "silent.mkv", 100, wave=np.zeros(160_000, np.float32))
    write_video(folder / "Küste am\nAbend.mkv", 90, wave=clicks(3, 48_000, [0.1]))
    (folder / "notes.txt").write_text("not a video by its name")
    outside = write_video(tmp_path / "outside.mkv", 30, wave=clicks(1, 48_000, []))
    (folder / "link.mkv").symlink_to(outside)
    (folder / "nowhere.mkv").symlink_to(folder / "gone.mkv")
    (folder / "loop.mkv").symlink_to(folder / "loop.mkv")
    dataset = make(folder, tmp_path / "out")
    found = {skip["path"]: skip["reason"] for skip in dataset.notes["skipped"]}
    assert found == {
        "text.mp4": "unreadable",
        "empty.mp4": "unreadable",
        "mute.mp4": "no_audio",
        "silent.mkv": "silent",
        "link.mkv": "unreadable",
        "nowhere.mkv": "unreadable",
        "loop.mkv": "unreadable",
    }
    assert dataset.notes["n_ignored"] == 1
    assert dataset.recipe["kind"] == "videos"  # there is one that is not the paper's
    assert dataset.notes["availability"]["present"] == 3
    (name,) = {s.details["video"] for s in dataset.segments} - set(LISTED)
    assert name.startswith("kuste_am_abend")
    assert Dataset.open(dataset.root).digest == dataset.digest


def test_a_file_that_fails_in_any_way_costs_itself_only(videos, tmp_path, monkeypatch):
    """Whatever a library raises on one file, the others become segments."""
    cut = cutting.cut_sound

    def odd(video, *rest):
        if video.path.stem == "XHUic6aEWlQ":
            raise RuntimeError("an odd file")
        return cut(video, *rest)

    monkeypatch.setattr(ingest, "cut_sound", odd)
    dataset = make(videos, tmp_path / "out")
    assert len(dataset.segments) == 6
    (skip,) = dataset.notes["skipped"]
    assert (skip["path"], skip["reason"]) == ("XHUic6aEWlQ.mkv", "unreadable")
    assert "an odd file" in skip["detail"]


def test_two_files_of_one_listed_video(videos, tmp_path):
    """The first by its path is used, the other is listed: one video of the list is here, not two, and never on both sides."""
    folder = tmp_path / "videos"
    shutil.copytree(videos, folder)
    write_video(folder / "title [XHUic6aEWlQ].mkv", 100, wave=clicks(3.3, 48_000, [0.1], seed=9), first=3000)
    dataset = make(folder, tmp_path / "out")
    assert dataset.notes["availability"]["present"] == 3
    assert dataset.notes["copies"] == [{"path": "title [XHUic6aEWlQ].mkv", "same_video": "XHUic6aEWlQ.mkv"}]
    assert dataset.recipe["kind"] == "into_the_wild"


def test_linked_folders_are_listed(videos, tmp_path):
    """They are not entered: what lies behind a link is copied by whoever wants it."""
    folder = tmp_path / "videos"
    shutil.copytree(videos, folder)
    (folder / "more").symlink_to(videos)
    assert [(skip["path"], skip["reason"]) for skip in make(folder, tmp_path / "out").notes["skipped"]] == [("more", "unreadable")]


def test_the_same_video_twice_is_on_one_side(videos, tmp_path):
    """The same video twice is on one side."""
    folder = tmp_path / "videos"
    shutil.copytree(videos, folder)
    (folder / "sub").mkdir()
    shutil.copy(folder / "XHUic6aEWlQ.mkv", folder / "sub" / "copy.mkv")
    dataset = make(folder, tmp_path / "out")
    groups = {s.details["video"]: s.audio_group for s in dataset.segments}
    assert groups["copy"] == groups["XHUic6aEWlQ"]


def test_files_of_one_name_are_told_apart(videos, tmp_path):
    """Files of one name are told apart."""
    folder = tmp_path / "videos"
    for sub in ("a", "b"):
        (folder / sub).mkdir(parents=True)
    shutil.copy(videos / "XHUic6aEWlQ.mkv", folder / "a" / "walk.mkv")
    shutil.copy(videos / "_OQ2n6-ABl8.mkv", folder / "b" / "Walk.mkv")
    names = {s.details["video"] for s in make(folder, tmp_path / "out").segments}
    assert len({name.lower() for name in names}) == 2
    assert all(name.lower().startswith("walk-") for name in names)


def test_refusals(videos, tmp_path):
    """One line each: what, where, what to do."""
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="no videos"):
        make(tmp_path / "none", tmp_path / "out")
    with pytest.raises(DataError, match="not a folder"):
        make(tmp_path / "absent", tmp_path / "out")
    with pytest.raises(DataError, match="inside its source"):
        make(videos, videos / "out")
    with pytest.raises(ConfigError, match="test share"):
        make(videos, tmp_path / "out", split=SplitChoice("video", 1.5, 0))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.mp4").write_text("x")
    with pytest.raises(DataError, match=r"nothing could be cut.*a\.mp4"):
        make(tmp_path / "bad", tmp_path / "out")
    make(videos, tmp_path / "other")
    shutil.copytree(videos, tmp_path / "more" / "sub")
    with pytest.raises(DataError, match="another dataset.*all videos differ"):
        make(tmp_path / "more", tmp_path / "other")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file"):
        make(videos, tmp_path / "file")
    with pytest.raises(DataError, match="another dataset.*cut"):
        make(videos, tmp_path / "other", cut=Cut(side=64))


def test_another_split_of_the_same_cut_takes_its_place(videos, tmp_path, monkeypatch):
    """Another split of the same cut takes its place."""
    first = make(videos, tmp_path / "out")
    monkeypatch.setattr(ingest, "cut_frames", None)
    second = make(videos, tmp_path / "out", split=SplitChoice("segment", 0.25, 1))
    assert first.recipe["split"] == "video"
    assert (second.recipe["split"], sum(s.split == "test" for s in second.segments)) == ("segment", 2)
    assert check_dataset(second.root).faults == ()  # pieces of one video on both sides are the rule of this split


@pytest.mark.skipif(not (SHARED / "video").is_dir(), reason="the shared test data (../shared/data/video) is not there")
def test_real_videos(tmp_path):
    """Three camera videos: stored frames and sounds against a plain decoding of everything by PyAV."""
    dataset = make(SHARED / "video", tmp_path / "out")
    assert Counter(s.details["video"] for s in dataset.segments) == {"crystal": 4, "frog": 3, "pig": 3}
    assert [(skip["path"], skip["reason"]) for skip in dataset.notes["skipped"]] == [("geul_river_no_audio.mp4", "no_audio")]
    for name in ("crystal", "frog", "pig"):
        with av.open(str(SHARED / "video" / f"{name}.mp4")) as container:
            pictures = [(frame.time, frame.to_image()) for frame in container.decode(video=0)]
        with av.open(str(SHARED / "video" / f"{name}.mp4")) as container:
            wave = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).mean(axis=0)
        whole = soxr.resample(wave, 44_100, 48_000)
        for segment in (s for s in dataset.segments if s.details["video"] == name):
            start, length = segment.details["start_s"], round(segment.details["seconds"] * 48_000)
            end = min(start + 3.0, pictures[-1][0] + 1 / 30)
            for k, path in enumerate(segment.frame_paths):
                shown = [image for time, image in pictures if time <= start + (k + 0.5) * (end - start) / 8 + 1e-6][-1]
                expected = np.asarray(shown.resize((512, 512), Image.Resampling.BICUBIC), float)
                assert np.abs(np.asarray(Image.open(path), float) - expected).mean() < 2.0  # JPEG at quality 95
            heard = soundfile.read(segment.audio_path)[0][:length]
            np.testing.assert_allclose(heard, whole[round(start * 48_000) :][:length], atol=2e-4)  # 16 bits, and blocks of the resampler
