"""Headers and details that nobody should have written: one line says so, and what to do."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.datasets.describe import describe
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from reports.dataset_page import write_page
from tests.datasets.described import video_dataset


@pytest.fixture
def videos(tmp_path: Path) -> Dataset:
    """The hand-made dataset from videos."""
    return video_dataset(tmp_path / "videos")


def _described(root: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["data", "describe", str(root), *options])


@pytest.mark.parametrize(
    "change",
    [
        lambda header: [1],
        lambda header: header | {"recipe": [1]},
        lambda header: header | {"displays": ["rain"]},
        lambda header: header | {"displays": {"rain": 5}},
        lambda header: header | {"not_evaluated": ["rain"]},
        lambda header: header | {"notes": "none"},
        lambda header: header | {"digest": 5},
        lambda header: header | {"name": None},
    ],
)
@pytest.mark.parametrize("command", ["describe", "check"])
def test_a_damaged_header_is_one_line(videos: Dataset, change: Callable[[Any], Any], command: str):
    """Lists for objects, and other things for texts, are told with exit code 2, by every command that opens the dataset."""
    path = videos.root / "dataset.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    result = CliRunner().invoke(main, ["data", command, str(videos.root)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "import it again" in result.stderr


@pytest.mark.parametrize(
    "details", [{"seconds": "abc"}, {"seconds": float("nan")}, {"seconds": [1]}, {"level_db": 1e308}, {"level_db": float("inf")}]
)
def test_damaged_details_are_one_line(videos: Dataset, tmp_path: Path, details: dict[str, Any]):
    """A length that is no number and a level that no sound can have, with a page or without."""
    bare = replace(videos, notes={}, segments=tuple(replace(s, details=details) for s in videos.segments))
    bare.save()
    for options in ([], ["--out", str(tmp_path / "page")]):
        result = _described(bare.root, *options)
        assert result.exit_code == 2, result.stderr
        assert result.stderr.strip().count("\n") == 0
        assert "import the dataset again" in result.stderr


@pytest.mark.parametrize("text", ["[1]", "null", "{"])
def test_details_that_are_no_object(videos: Dataset, text: str):
    """The dataset does not open."""
    path = videos.root / "index.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("details")
    pq.write_table(table.set_column(place, table.field(place), pa.array([text] * table.num_rows)), path)
    with pytest.raises(DataError, match="cannot be read"):
        Dataset.open(videos.root)


@pytest.mark.parametrize(
    "notes",
    [
        {"availability": {"listed": 94, "present": 4, "hours": float("inf")}},
        {"availability": {"listed": float("inf"), "present": 4, "hours": None}},
        {"sources": [{"name": "one", "seconds": 1e308}, {"name": "two", "seconds": 1e308}]},
        {"sources": [{"name": "one", "seconds": -5}]},
        {"sources": [{"name": "one", "seconds": 5, "width": float("inf")}]},
    ],
)
def test_numbers_that_no_file_can_hold(videos: Dataset, notes: dict[str, Any]):
    """Infinite hours and lengths whose sum is infinite would end in the writing of the page's record."""
    with pytest.raises(DataError, match="import the dataset again"):
        describe(replace(videos, notes=notes))


def test_silence_is_a_level(videos: Dataset, tmp_path: Path):
    """Minus infinity is what digital silence has: the page is written."""
    silent = replace(videos, segments=tuple(replace(s, details={"level_db": float("-inf")}) for s in videos.segments))
    assert write_page(silent, describe(silent), tmp_path / "page").is_file()


@pytest.mark.parametrize("change", [{"frame_groups": ("one",)}, {"frame_sha256": ()}])
def test_lists_of_frames_are_of_one_length(videos: Dataset, change: dict[str, Any]):
    """An index with fewer groups or digests than frames does not open, so that no command stumbles over it later."""
    first, *rest = videos.segments
    videos.with_segments((replace(first, **change), *rest)).save()
    with pytest.raises(DataError, match="one_clip1 has not as many paths, digests and groups"):
        Dataset.open(videos.root)
    result = CliRunner().invoke(main, ["data", "check", str(videos.root)])
    assert result.exit_code == 2


def test_a_path_with_a_line_break_is_on_one_line(tmp_path: Path):
    """Where no dataset is, its place is told without breaking the line."""
    result = _described(tmp_path / "two\nlines")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert r"two\nlines" in result.stderr
