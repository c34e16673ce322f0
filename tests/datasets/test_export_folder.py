"""The folder of an export: what others did to it between two calls, and what stopped calls left in it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from adis_bench.cli.main import main
from adis_bench.datasets.export import release
from adis_bench.datasets.export.release import Sides, export_release
from adis_bench.datasets.export.webdataset import ShardSize, export_webdataset
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError
from tests.datasets.export_samples import files_of, second_frame

Make = Callable[..., Dataset]
ALL = Sides()
BOTH = pytest.mark.parametrize(
    "write", [lambda d, out: export_webdataset(d, out, ShardSize(n_bytes=1_000_000)), lambda d, out: export_release(d, out, ALL)]
)


def test_a_release_heals(tiny_dataset: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Empty, damaged and exchanged sounds and images are written again, and those that are right are not."""
    dataset, out = second_frame(tiny_dataset(), 0), tmp_path / "out"
    export_release(dataset, out, ALL)
    before = files_of(out)
    sounds, images = sorted((out / "audio").iterdir()), sorted((out / "images").iterdir())
    copied = out / "images" / f"{dataset.segments[0].segment_id}_clip1-2.jpg"
    assert copied in images
    sounds[0].write_bytes(b"")
    sounds[1].write_bytes(sounds[2].read_bytes())
    Image.new("RGB", (16, 16)).save(images[0])
    Image.new("RGB", (16, 16)).save(copied)
    write, written = release.write_bytes, []
    monkeypatch.setattr(release, "write_bytes", lambda path, content: (written.append(path), write(path, content)))
    export_release(dataset, out, ALL)
    assert files_of(out) == before
    assert sorted(written) == sorted({sounds[0], sounds[1], images[0], copied})


@BOTH
def test_what_a_killed_call_left_goes(tiny_dataset: Make, tmp_path: Path, write: Callable[..., object]):
    """Files that were begun are removed by the next call; a file of somebody else is not."""
    dataset, out = tiny_dataset(), tmp_path / "out"
    write(dataset, out)
    before = files_of(out)
    for name in (".tmp-abc_1234.tar", "train/.tmp-abc_1234.tar", "audio/.tmp-abc_1234.wav"):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes(b"x" * 1000)
    (out / ".tmp-mine").touch()
    write(dataset, out)
    assert files_of(out) == before | {".tmp-mine": b""}
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / ".tmp-mine").touch()
    with pytest.raises(DataError, match="holds other files"):
        write(dataset, tmp_path / "new")


@BOTH
def test_no_regular_file_is_told(tiny_dataset: Make, tmp_path: Path, write: Callable[..., object]):
    """A link in a circle and a folder in place of a sound."""
    dataset = tiny_dataset()
    path = next(s for s in dataset.segments if s.split == "train").audio_path
    path.unlink()
    path.symlink_to(path.name)
    with pytest.raises(DataError, match="is missing; see"):
        write(dataset, tmp_path / "out")
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match="is no regular file; see"):
        write(dataset, tmp_path / "out")


def test_labels_in_the_form_that_people_read(tiny_dataset: Make, tmp_path: Path):
    """What `describe` prints can be given back; no label at all is told."""
    dataset = tiny_dataset()
    segments = tuple(dataclasses.replace(s, label="birds_chirping") if s.label == "rain" else s for s in dataset.segments)
    displays = {"ocean": "ocean", "birds_chirping": "birds chirping", "stream": "stream"}
    birds = dataclasses.replace(dataset, displays=displays, segments=segments)
    birds.save()
    export_release(birds, tmp_path / "read", Sides(("birds chirping", "birds_chirping")))
    export_release(birds, tmp_path / "machine", Sides(("birds_chirping",)))
    assert files_of(tmp_path / "read") == files_of(tmp_path / "machine")
    with pytest.raises(ConfigError, match="--b names no label; leave it out for all, or choose from ocean, birds_chirping, stream"):
        export_release(birds, tmp_path / "none", Sides(None, ()))
    result = CliRunner().invoke(main, ["data", "export", str(birds.root), "--format", "release", "--out", str(tmp_path / "c"), "--a", ""])
    assert result.exit_code == 2
    assert "--a names no label" in result.stderr


def test_the_export_s_place_is_on_one_line(tiny_dataset: Make, tmp_path: Path):
    """A line break in a path is written out."""
    root = str(tiny_dataset().root)
    result = CliRunner().invoke(main, ["data", "export", root, "--format", "webdataset", "--out", str(tmp_path / "a\nb")])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1].endswith(r"a\nb")
