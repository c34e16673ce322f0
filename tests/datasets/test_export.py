"""Exports: shards as the webdataset library reads them, and what both formats share."""

import dataclasses
import errno
import json
import math
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.cli.data.export import command
from adis_bench.datasets.export import webdataset
from adis_bench.datasets.export.release import Sides, export_release
from adis_bench.datasets.export.webdataset import ShardSize, export_webdataset, shard_key
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file
from tests.datasets.export_samples import changed, files_of, second_frame

Make = Callable[..., Dataset]
ALL = Sides()


def _samples(out: Path, split: str) -> list[dict[str, bytes]]:
    import webdataset as wds

    shards = sorted(str(path) for path in (out / split).glob("*.tar"))
    return list(wds.WebDataset(shards, shardshuffle=False, empty_check=False))


def test_the_library_reads_every_byte(tiny_dataset: Make, tmp_path: Path):
    """Each split's samples are its segments, in shards of two, whatever dots and characters an id has."""
    dataset = second_frame(tiny_dataset(labels=3, per_split=2), 0)
    dataset = changed(dataset, 1, segment_id="Rivière v1.5 50%2E_clip3", details={"level_db": -math.inf, "tags": [["Rain", 0.5]]})
    dataset = changed(dataset, 2, segment_id="x" * 200 + ".y")
    done = export_webdataset(dataset, tmp_path / "out", ShardSize(n_segments=2))
    assert done.facts.startswith("18 segments in 9 shards")
    for split in ("train", "judge", "test"):
        expected = {s.segment_id: s for s in dataset.segments if s.split == split}
        samples = _samples(tmp_path / "out", split)
        assert [json.loads(sample["json"])["segment_id"] for sample in samples] == sorted(expected)
        for sample in samples:
            facts = json.loads(sample.pop("json"))
            segment = expected[facts["segment_id"]]
            assert sample.pop("__key__") == shard_key(segment.segment_id)
            media = {name: content for name, content in sample.items() if not name.startswith("__")}
            assert media == {
                "wav": segment.audio_path.read_bytes(),
                **{f"{k}{path.suffix}": path.read_bytes() for k, path in enumerate(segment.frame_paths, start=1)},
            }
            assert (facts["label"], facts["split"], facts["audio_group"]) == (segment.label, split, segment.audio_group)
            assert (facts["audio_sha256"], facts["frame_sha256"]) == (segment.audio_sha256, list(segment.frame_sha256))
            if "Rivière" in segment.segment_id:
                assert facts["details"] == {"level_db": None, "tags": [["Rain", 0.5]]}


def test_shards_are_the_same_bytes_again(tiny_dataset: Make, tmp_path: Path):
    """Nothing of the time or the machine is in them, and the manifest holds their digests."""
    dataset = tiny_dataset()
    export_webdataset(dataset, tmp_path / "a", ShardSize(n_segments=4))
    for path in [s.audio_path for s in dataset.segments]:
        path.touch()
    export_webdataset(dataset, tmp_path / "b", ShardSize(n_segments=4))
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_bytes())
    assert (manifest["complete"], manifest["dataset"]["digest"]) == (True, dataset.digest)
    assert {name: entry["sha256"] for name, entry in manifest["shards"].items()} == {
        path.relative_to(tmp_path / "a").as_posix(): digest_file(path) for path in (tmp_path / "a").rglob("*.tar")
    }
    with tarfile.open(tmp_path / "a" / "train" / "shard-000000.tar") as tar:
        assert {(entry.mtime, entry.uid, entry.gid, entry.uname) for entry in tar} == {(0, 0, 0, "")}


def test_shards_of_megabytes_stay_below_them(tiny_dataset: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A tiny segment takes 52,224 bytes (48,044 of sound): 0.11 MB hold two of them and the end of the file, 0.10 MB one."""
    dataset = tiny_dataset(labels=2, per_split=2)
    for limit, n_shards in ((115_000, 6), (105_000, 12)):
        out = tmp_path / str(limit)
        export_webdataset(dataset, out, ShardSize(n_bytes=limit))
        sizes = [path.stat().st_size for path in out.rglob("*.tar")]
        assert len(sizes) == n_shards
        assert max(sizes) <= limit


def test_a_stopped_export_goes_on(tiny_dataset: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ctrl-C or a full disk in the third shard: two are kept and not written again, and the end is as without it."""
    dataset, size = tiny_dataset(), ShardSize(n_segments=3)
    export_webdataset(dataset, tmp_path / "whole", size)
    write, written = webdataset._write_shard, []

    def stopping(error: BaseException) -> Callable[..., None]:
        def stop(path: Path, segments: list[Segment], whose: Dataset) -> None:
            if len(written) == 2:
                path.write_bytes(b"half")
                raise error
            written.append(segments[0].segment_id)
            write(path, segments, whose)

        return stop

    for error in (KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")):
        with monkeypatch.context() as patch:
            patch.setattr(webdataset, "_write_shard", stopping(error))
            with pytest.raises(type(error)):
                export_webdataset(dataset, tmp_path / "out", size)
    assert len(list((tmp_path / "out").rglob("*.tar"))) == len(written) == 2
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes())["complete"] is False
    export_webdataset(dataset, tmp_path / "out", size)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_a_damaged_shard_is_written_again(tiny_dataset: Make, tmp_path: Path):
    """The manifest's digest says so."""
    dataset, size = tiny_dataset(), ShardSize(n_segments=3)
    export_webdataset(dataset, tmp_path / "out", size)
    before = files_of(tmp_path / "out")
    shard = tmp_path / "out" / "test" / "shard-000001.tar"
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    export_webdataset(dataset, tmp_path / "out", size)
    assert files_of(tmp_path / "out") == before


@pytest.mark.parametrize(("text", "size"), [("500", ShardSize(n_segments=500)), ("250MB", ShardSize(n_bytes=250_000_000)), (" 1 mb", None)])
def test_shard_sizes(text: str, size: ShardSize | None):
    """Segments, or megabytes."""
    assert ShardSize.parse(text) == (size or ShardSize(n_bytes=1_000_000))


@pytest.mark.parametrize("text", ["", "0", "-5", "1GB", "0MB", "1.5"])
def test_other_shard_sizes_are_refused(text: str):
    """One line says what is meant."""
    with pytest.raises(ConfigError, match="neither a number of segments"):
        ShardSize.parse(text)


@given(st.sets(st.text(st.sampled_from("ab.%2E5"), min_size=1, max_size=6)))
def test_no_two_ids_have_one_key(ids: set[str]):
    """Keys have no dot, and differ where ids do."""
    keys = {shard_key(segment_id) for segment_id in ids}
    assert len(keys) == len(ids)
    assert not [key for key in keys if "." in key]


BOTH = pytest.mark.parametrize(
    "write", [lambda d, out: export_webdataset(d, out, ShardSize(n_segments=4)), lambda d, out: export_release(d, out, ALL)]
)


@BOTH
def test_segments_without_sound_or_frames_are_left_out(tiny_dataset: Make, tmp_path: Path, write: Callable[..., webdataset.Export]):
    """They are counted; a dataset that has no others is refused."""
    dataset = tiny_dataset()
    places = [k for k, s in enumerate(dataset.segments) if s.split == "test"]
    dataset = changed(dataset, places[0], audio_sha256="", audio_path=Path(), audio_group="", sample_rate_hz=0)
    for place in places[1:3]:
        dataset = changed(dataset, place, frame_paths=(), frame_sha256=(), frame_groups=())
    assert write(dataset, tmp_path / "out").left_out[:2] == ("1 segments without sound", "2 segments without frames")
    bare = dataset.with_segments(dataclasses.replace(s, frame_paths=(), frame_sha256=(), frame_groups=()) for s in dataset.segments)
    with pytest.raises(DataError, match="none of its"):
        write(bare, tmp_path / "bare")


@BOTH
def test_a_folder_of_something_else_is_refused(tiny_dataset: Make, tmp_path: Path, write: Callable[..., webdataset.Export]):
    """Other files, another dataset's export, this one's with other options or other details, or what is no manifest; nothing is changed."""
    dataset = tiny_dataset()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mine.txt").touch()
    with pytest.raises(DataError, match="holds other files"):
        write(dataset, tmp_path / "files")
    write(dataset, tmp_path / "out")
    before = files_of(tmp_path / "out")
    with pytest.raises(DataError, match=r"another dataset's export \(tiny\)"):
        write(changed(dataset, 0, audio_group="other"), tmp_path / "out")
    for change in (
        lambda: write(changed(dataset, 0, details={"x": 1}), tmp_path / "out"),
        lambda: export_webdataset(dataset, tmp_path / "out", ShardSize(n_segments=5)),
        lambda: export_release(dataset, tmp_path / "out", Sides(("ocean",))),
    ):
        with pytest.raises(DataError, match="with other options"):
            change()
    assert files_of(tmp_path / "out") == before
    (tmp_path / "out" / "manifest.json").write_text("[]")
    with pytest.raises(DataError, match="is not an export's manifest"):
        write(dataset, tmp_path / "out")
    for inside in (dataset.root, dataset.root / "exp"):
        with pytest.raises(DataError, match="cannot lie inside its dataset"):
            write(dataset, inside)
    assert not (dataset.root / "exp").exists()


@BOTH
def test_media_that_changed_are_told(tiny_dataset: Make, tmp_path: Path, write: Callable[..., webdataset.Export]):
    """A missing file, and one that is not what was imported."""
    dataset = tiny_dataset()
    path = next(s for s in dataset.segments if s.split == "train").frame_paths[0]
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DataError, match="has changed since it was imported"):
        write(dataset, tmp_path / "out")
    path.unlink()
    with pytest.raises(DataError, match="is missing"):
        write(dataset, tmp_path / "out")


def test_the_command(tiny_dataset: Make, tmp_path: Path):
    """Says what it wrote, what it left out and where; options of the other format are refused."""
    dataset = tiny_dataset()
    out = tmp_path / "out"
    result = CliRunner().invoke(command, [str(dataset.root), "--format", "webdataset", "--out", str(out), "--shard-size", "1MB"])
    assert result.output.splitlines()[-2:] == ["tiny: 18 segments in 3 shards, 0.00 GB", f"export: {out}"]
    result = CliRunner().invoke(command, [str(dataset.root), "--format", "release", "--out", str(tmp_path / "r"), "--a", "rain, ocean"])
    assert result.output.splitlines()[-3:] == [
        "tiny: 12 segments; trainA.txt: 4 images, trainB.txt: 6 images, testA.txt: 4 images, testB.txt: 6 images",
        "left out: 6 segments of the judge split, which no method sees",
        f"export: {tmp_path / 'r'}",
    ]
    for options in (["webdataset", "--a", "rain"], ["release", "--shard-size", "5"]):
        result = CliRunner().invoke(command, [str(dataset.root), "--out", str(out), "--format", *options])
        assert isinstance(result.exception, ConfigError)
        assert "has no --" in str(result.exception)
