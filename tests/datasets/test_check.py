"""`adis-bench data check`."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.datasets.check import check_dataset
from adis_bench.datasets.folder import import_folder
from adis_bench.datasets.media import read_image, write_wav
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError


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
