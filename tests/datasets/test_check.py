"""`adis-bench data check`."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.cli.main import main
from adis_bench.datasets import inspection
from adis_bench.datasets.check import check_dataset
from adis_bench.datasets.folder import import_folder
from adis_bench.datasets.media import read_audio, read_image, write_png, write_wav
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from adis_bench.files import digest_file
from tests.datasets import damaged


def _found(report):
    return [(finding.kind, finding.where) for finding in report.findings]


def test_a_sound_dataset_has_no_findings(tiny_dataset):
    """Nothing is said of a dataset with nothing wrong, and the counts are those of its files."""
    report = check_dataset(tiny_dataset(labels=2, per_split=2).root)
    assert (report.ok, report.findings, report.form, report.n_images, report.n_sounds) == (True, (), "dataset", 12, 12)
    assert str(report).splitlines()[1:] == ["faults: none", "remarks: none"]


def test_lost_damaged_and_changed_files_are_told_apart(tiny_dataset):
    """Each file is named with what happened to it."""
    dataset = tiny_dataset(labels=2, per_split=2)
    first, second, third, fourth, *_ = dataset.segments
    first.audio_path.unlink()
    second.frame_paths[0].write_bytes(b"")
    third.frame_paths[0].write_bytes(third.frame_paths[0].read_bytes()[:50])
    write_wav(fourth.audio_path, np.linspace(-0.5, 0.5, 24_000, dtype=np.float32), 8000)
    report = check_dataset(dataset.root)
    expected = [
        ("missing", first.audio_path),
        ("empty", second.frame_paths[0]),
        ("unreadable", third.frame_paths[0]),
        ("changed", fourth.audio_path),
    ]
    assert not report.ok
    assert sorted(_found(report)) == sorted((kind, path.relative_to(dataset.root).as_posix()) for kind, path in expected)
    assert "1 missing" in str(report)


def test_leaks_are_faults_and_duplicates_remarks(tiny_dataset):
    """The same picture in test and train is a leak, even in another format; within one split it is a remark."""
    dataset = tiny_dataset(labels=2, per_split=2)
    by_id = {s.segment_id: s for s in dataset.segments}
    inside = by_id["train-rain-0"].frame_paths[0], by_id["train-rain-1"].frame_paths[0]
    shutil.copy(*inside)
    across = by_id["test-ocean-0"].frame_paths[0]
    picture = dataset.root / "frames" / "again.bmp"
    Image.fromarray(read_image(across)).save(picture)
    changed = [replace(s, frame_paths=(picture,)) if s.segment_id == "train-ocean-0" else s for s in dataset.segments]
    dataset.with_segments(changed).save()
    report = check_dataset(dataset.root)
    kinds = {finding.where: finding.kind for finding in report.findings if finding.kind != "changed"}
    assert kinds == {"frames/train-rain-1.png": "duplicate", "frames/test-ocean-0.png": "leak"}
    assert next(f for f in report.findings if f.kind == "leak").reason == (
        "the same decoded content as frames/again.bmp on both sides of the split (test, train)"
    )


def test_a_recording_on_both_sides_is_a_leak(tiny_dataset):
    """A group in test and train is a fault; in judge and train it is a remark; a file used on both sides is a leak too."""
    dataset = tiny_dataset(labels=2, per_split=2)
    by_id = {s.segment_id: s for s in dataset.segments}
    changes = {
        "test-rain-0": {"audio_group": "walk"},
        "train-rain-0": {"audio_group": "walk"},
        "judge-ocean-0": {"frame_groups": ("film",)},
        "train-ocean-0": {"frame_groups": ("film",)},
        "train-ocean-1": {"frame_paths": by_id["test-ocean-1"].frame_paths, "frame_sha256": by_id["test-ocean-1"].frame_sha256},
    }
    dataset.with_segments(replace(s, **changes.get(s.segment_id, {})) for s in dataset.segments).save()
    report = check_dataset(dataset.root)
    assert _found(report) == [("leak", "frames/test-ocean-1.png"), ("leak", "walk"), ("shared", "film")]


def test_silent_and_clipped_sounds_are_remarks(folder):
    """A folder to import is examined too; silence and clipping do not make it unfit."""
    src = folder()
    soundfile.write(src / "audio" / "rain" / "silent.wav", np.zeros(24_000), 8000)
    soundfile.write(src / "audio" / "rain" / "clipped.wav", np.sign(np.sin(np.arange(24_000) / 9)), 8000)
    report = check_dataset(src)
    assert (report.form, report.ok) == ("folder", True)
    assert _found(report) == [("clipped", "audio/rain/clipped.wav"), ("silent", "audio/rain/silent.wav")]


def test_a_folder_lists_what_the_import_would_refuse(folder, tmp_path):
    """Check and import name the same faults."""
    src = folder(("rain", "ocean", "stream"))
    (src / "images" / "rain" / "1.png").write_bytes(b"")
    (src / "audio" / "loose.wav").write_bytes(b"x")
    shutil.rmtree(src / "audio" / "ocean")
    faults = check_dataset(src).faults
    assert [fault.where for fault in faults] == ["audio/loose.wav", "images/rain/1.png", "ocean"]
    with pytest.raises(DataError) as caught:
        import_folder(src, tmp_path / "out")
    assert all(str(fault) in str(caught.value) for fault in faults)


def test_a_folder_that_is_neither_is_a_clear_error(tmp_path):
    """Nothing to check is an error that says what is expected."""
    with pytest.raises(DataError, match="expected images/<class>"):
        check_dataset(tmp_path)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "a\\b", "a\nb"])
def test_an_index_with_unsafe_names_is_refused(tiny_dataset, name):
    """Labels and ids become file names, so an index that smuggles a path into them does not open."""
    dataset = tiny_dataset(labels=2, per_split=1)
    dataset.with_segments([replace(dataset.segments[0], label=name), *dataset.segments[1:]]).save()
    with pytest.raises(DataError, match="is not a safe name"):
        Dataset.open(dataset.root)


def _as_video(dataset, rule, **changes):
    """The dataset as one cut from videos by a rule: train and test segments of one video for each class."""
    segments = [
        replace(s, audio_group=f"film {s.label}", frame_groups=(f"film {s.label}",), **changes.get(s.segment_id, {}))
        for s in dataset.segments
        if s.split != "judge"
    ]
    replace(dataset, recipe={"kind": "videos", "split": rule, "test_share": 0.2, "seed": 0}).with_segments(segments).save()
    return {s.segment_id: s for s in segments}


def test_a_split_by_segment_shares_its_videos_by_its_rule(tiny_dataset, capsys):
    """Pieces of one video on both sides, and frames that are alike there, are one remark with counts; the command exits with 0."""
    dataset = tiny_dataset(labels=2, per_split=2)
    alike = {s.segment_id: s for s in dataset.segments}["train-rain-0"]
    same = {"frame_paths": alike.frame_paths, "frame_sha256": alike.frame_sha256}
    _as_video(dataset, "segment", **{"test-rain-0": same})
    report = check_dataset(dataset.root)
    assert _found(report) == [("shared", "dataset.json")]
    assert report.findings[0].reason.startswith(
        "split by segment: 4 of 4 test segments, from 2 videos, have other pieces of their video in training "
        "(files of equal content on both sides: 1); that is the rule of this split, no fault"
    )
    with pytest.raises(SystemExit) as caught:
        main(["data", "check", str(dataset.root)])
    assert caught.value.code == 0
    assert "faults: none\nremarks: 1 shared" in capsys.readouterr().out


def test_a_split_by_video_must_not_share_them(tiny_dataset):
    """In a dataset that says it was split by video the same things are faults, each named."""
    dataset = tiny_dataset(labels=2, per_split=2)
    _as_video(dataset, "video")
    assert _found(check_dataset(dataset.root)) == [("leak", "film ocean")] * 2 + [("leak", "film rain")] * 2  # as sound and as picture


@pytest.mark.parametrize("rule", ["video", "segment"])
def test_one_picture_in_two_videos_across_the_split_is_a_leak(tiny_dataset, rule):
    """No rule asks for the same picture in two videos: somebody uploaded one twice."""
    dataset = tiny_dataset(labels=2, per_split=1)
    by_id = {s.segment_id: s for s in dataset.segments}
    shutil.copy(by_id["train-ocean-0"].frame_paths[0], by_id["test-rain-0"].frame_paths[0])
    changed = {"test-rain-0": {"frame_sha256": by_id["train-ocean-0"].frame_sha256}}
    segments = [replace(s, **changed.get(s.segment_id, {})) for s in dataset.segments if s.split != "judge"]
    replace(dataset, recipe={"kind": "videos", "split": rule}).with_segments(segments).save()
    assert _found(check_dataset(dataset.root)) == [("leak", "frames/train-ocean-0.png")]


def test_a_video_that_stands_still_is_one_remark(tiny_dataset):
    """Equal frames within a video and a split are counted, not listed one by one."""
    dataset = tiny_dataset(labels=2, per_split=3)
    by_id = {s.segment_id: s for s in dataset.segments}
    first = by_id["train-rain-0"]
    for number in (1, 2):
        shutil.copy(first.frame_paths[0], by_id[f"train-rain-{number}"].frame_paths[0])
    still = {f"train-rain-{number}": {"frame_sha256": first.frame_sha256} for number in (1, 2)}
    segments = [
        replace(s, audio_group=f"{s.split} {s.label}", frame_groups=(f"{s.split} {s.label}",), **still.get(s.segment_id, {}))
        for s in dataset.segments
    ]
    replace(dataset, recipe={"kind": "videos", "split": "video"}).with_segments(segments).save()
    report = check_dataset(dataset.root)
    assert _found(report) == [("duplicate", "dataset.json")]
    assert report.findings[0].reason.startswith("files with the content of another piece of their own video")
    assert report.findings[0].reason.endswith(": 2")


def test_black_frames_are_no_sign_of_one_source(tiny_dataset):
    """Two videos that fade to black share that picture across the split: a remark for each, no leak."""
    dataset = tiny_dataset(labels=2, per_split=1)
    by_id = {s.segment_id: s for s in dataset.segments}
    black = {}
    for name in ("train-rain-0", "test-rain-0"):
        write_png(by_id[name].frame_paths[0], np.zeros((16, 16, 3), np.uint8))
        black[name] = {"frame_sha256": (digest_file(by_id[name].frame_paths[0]),)}
    dataset.with_segments(replace(s, **black.get(s.segment_id, {})) for s in dataset.segments).save()
    assert _found(check_dataset(dataset.root)) == [("flat", "frames/test-rain-0.png"), ("flat", "frames/train-rain-0.png")]


def test_pictures_without_sound_and_sounds_without_pictures(tiny_dataset):
    """A grid of images and sounds has nothing wrong, and each file is looked at once."""
    dataset = tiny_dataset(labels=2, per_split=1)
    rain, ocean = ({s.segment_id: s for s in dataset.segments}[f"test-{label}-0"] for label in ("rain", "ocean"))
    picture = replace(rain, audio_path=Path(), audio_sha256="", audio_group="", sample_rate_hz=0)
    another = replace(picture, segment_id="again", split="train")  # two without sound share no recording
    another = replace(another, frame_paths=ocean.frame_paths, frame_sha256=ocean.frame_sha256, frame_groups=ocean.frame_groups)
    sound = replace(ocean, frame_paths=(), frame_sha256=(), frame_groups=())
    replace(dataset, pairing="grid").with_segments([picture, another, sound]).save()
    report = check_dataset(dataset.root)
    assert (report.findings, report.n_images, report.n_sounds) == ((), 2, 1)


def test_threads_do_not_change_the_report(folder):
    """One thread and eight find the same, in the same order."""
    src = folder(("rain", "ocean", "stream"))
    for name in ("images/rain/1.png", "images/ocean/2.png", "audio/stream/0.wav"):
        (src / name).write_bytes(b"text")
    shutil.copy(src / "images" / "rain" / "0.png", src / "images" / "rain" / "0 copy.png")
    reports = [check_dataset(src, threads=n) for n in (1, 8)]
    assert len(reports[0].findings) == 4
    assert str(reports[0]) == str(reports[1])


def test_links_that_leave_a_dataset_are_not_followed(tiny_dataset, tmp_path):
    """A linked folder is one finding with its count, a linked file is another; what they lead to is not opened."""
    dataset = tiny_dataset(labels=2, per_split=1)
    shutil.move(dataset.root / "frames", tmp_path / "frames")
    (dataset.root / "frames").symlink_to(tmp_path / "frames")
    for path in (tmp_path / "frames").iterdir():
        path.write_bytes(b"would be unreadable")
    sound, inner, loop = (s.audio_path for s in dataset.segments[:3])
    shutil.move(sound, tmp_path / "sound.wav")
    sound.symlink_to(tmp_path / "sound.wav")
    shutil.move(inner, dataset.root / "elsewhere.wav")
    inner.symlink_to(dataset.root / "elsewhere.wav")
    loop.unlink()
    loop.symlink_to(loop)
    report = check_dataset(dataset.root)
    names = [path.relative_to(dataset.root).as_posix() for path in (sound, loop)]
    assert sorted(_found(report)) == sorted([("outside", "frames"), ("outside", names[0]), ("missing", names[1])])
    assert [f.reason for f in report.findings if f.where == "frames"] == [
        "a link that leaves the dataset's folder, with 6 of its files; put the files themselves there"
    ]


def test_bad_files_and_bad_names_are_one_line_each(folder, capfd):
    """Bombs, text, nothing, and names with spaces, umlauts, newlines and escape sequences: each one line that says what it is."""
    src = folder()
    bad = {
        "images/rain/bomb.png": (damaged.png(40_000, 40_000), "the pixels that its header names are more than 89,478,485, the limit"),
        "images/rain/large.png": (damaged.png(10_000, 10_000), "10000 x 10000 pixels are more than 89,478,485, the limit"),
        "images/rain/text.jpg": (b"no image", "not a readable image (no known image format)"),
        "images/rain/two\nlines.png": (b"no image", "not a readable image (no known image format)"),
        "images/rain/\x1b[31mred \u202ename.png": (b"", "0 bytes"),
        "images/rain/gr\u00fc\u00dfe an alle.jpg": (b"no image", "not a readable image (no known image format)"),
        "audio/rain/text.wav": (b"no sound", "not a readable sound (Format not recognised)"),
        "audio/rain/nothing.wav": (b"", "0 bytes"),
        "audio/rain/flac.flac": (damaged.flac(), "not a readable sound"),
    }
    for name, (content, _) in bad.items():
        (src / name).write_bytes(content)
    report = check_dataset(src)
    text = str(report)
    assert len(report.faults) == len(bad)
    assert len(text.splitlines()) == 3 + len(bad)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "images/rain/two\\nlines.png: not a readable image" in text
    assert "images/rain/gr\u00fc\u00dfe an alle.jpg" in text
    for fault in report.faults:
        assert bad[fault.where][1] in fault.reason
    with pytest.raises(DataError) as caught:
        import_folder(src, src.parent / "out")
    assert len(str(caught.value).splitlines()) == 1 + len(bad)
    assert "DecompressionBomb" not in capfd.readouterr().err


def test_a_sound_that_memory_cannot_hold_is_a_fault(folder, monkeypatch):
    """A header may name more samples than there is room for: the file is named, and the others are examined."""

    def hungry(path, **options):
        if path.name == "1.wav":
            raise MemoryError
        return read_audio(path, **options)

    monkeypatch.setattr(inspection, "read_audio", hungry)
    report = check_dataset(folder(("rain",)))
    assert [(f.where, f.reason) for f in report.faults] == [
        ("audio/rain/1.wav", "not a readable sound (its header names more samples than memory holds)")
    ]
