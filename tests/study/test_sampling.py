"""Which pairs of a run people see."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.sampling import (
    StudyPair,
    check_methods,
    complete,
    deal_pairs,
    gold_controls,
    is_file_name,
    output_path,
    part_pairs,
    read_pairs,
)
from tests.study.conftest import SmallRun


def _pairs(counts: dict[str, int], n_sounds: int = 5, n_sources: int = 7) -> list[StudyPair]:
    return [
        StudyPair(f"{label}-{i}", label, Path("s.png"), Path("t.wav"), f"source-{i % n_sources}", f"{label}-sound-{i % n_sounds}")
        for label, count in counts.items()
        for i in range(count)
    ]


def test_classes_are_even():
    """40 of three classes, one of which has 4 pairs only: 4, 18, 18."""
    chosen = deal_pairs(_pairs({"rain": 4, "ocean": 50, "gravel": 70}), 40, 0)
    assert Counter(pair.label for pair in chosen) == {"rain": 4, "ocean": 18, "gravel": 18}
    assert len({pair.pair_id for pair in chosen}) == 40


@pytest.mark.parametrize("n", [1, 2, 7, 8, 30])
def test_fewer_are_the_first(n: int):
    """A smaller sample is the start of a larger one, and every start is even over the classes."""
    pairs = _pairs({"rain": 20, "ocean": 20, "gravel": 20})
    chosen = deal_pairs(pairs, n, 3)
    assert chosen == deal_pairs(pairs, 60, 3)[:n]
    counts = Counter(pair.label for pair in chosen)
    assert max(counts.values()) - min(counts[label] for label in ("rain", "ocean", "gravel")) <= 1


def test_groups_are_spread():
    """15 of a class with 5 sound groups take each three times, and 7 source groups two or three times."""
    chosen = deal_pairs(_pairs({"rain": 105}), 15, 0)
    assert set(Counter(pair.target_group for pair in chosen).values()) == {3}
    assert set(Counter(pair.source_group for pair in chosen).values()) <= {2, 3}


def test_the_seed_decides():
    """The order of the rows changes nothing, the seed does."""
    pairs = _pairs({"rain": 50, "ocean": 50})
    assert deal_pairs(pairs, 20, 1) == deal_pairs(pairs[::-1], 20, 1)
    assert set(deal_pairs(pairs, 20, 1)) != set(deal_pairs(pairs, 20, 2))


def test_pairs_without_an_output_are_counted(tmp_path: Path):
    """A pair that one method lacks is left out; the lacking outputs are counted by method."""
    pairs = _pairs({"rain": 4})
    for method, lacks in (("ours", {"rain-0"}), ("cut", {"rain-0", "rain-2"})):
        for pair in pairs:
            if pair.pair_id not in lacks:
                path = output_path(tmp_path, method, pair.pair_id)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
    kept, missing = complete(pairs, tmp_path, ("ours", "cut"))
    assert [pair.pair_id for pair in kept] == ["rain-1", "rain-3"]
    assert missing == {"ours": 1, "cut": 2}


def test_a_run_is_read(small_run: SmallRun):
    """All pairs of the run, with media that are there."""
    pairs = read_pairs(small_run.folder)
    assert len(pairs) == small_run.results.pairs.n
    assert all(pair.source.is_file() and pair.sound.is_file() and pair.label in small_run.results.dataset.displays for pair in pairs)
    assert gold_controls(small_run.results) == ("oracle", "shuffled")


def test_wrong_methods_are_told(small_run: SmallRun):
    """An unknown method is named beside those that there are."""
    with pytest.raises(ConfigError, match=r"1 of 2 are not in the run, first: 'our'; it has target, .*ours"):
        check_methods(("our", "identity"), small_run.results)


def test_a_damaged_pair_list_is_one_line(tmp_path: Path):
    """No Parquet: a line that names the file."""
    (tmp_path / "pairs.parquet").write_text("no")
    with pytest.raises(DataError, match=r"pairs\.parquet cannot be read") as caught:
        read_pairs(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("column", ["target_label", "pair_id", "target_audio_path", "source_group"])
def test_empty_cells_are_one_line(small_run: SmallRun, tmp_path: Path, column: str):
    """A pair without a class, a name, a sound or a group: counted, with the column."""
    table = pq.read_table(small_run.folder / "pairs.parquet")
    rows = table.to_pylist()
    rows[3][column] = rows[5][column] = None
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), tmp_path / "pairs.parquet")
    with pytest.raises(DataError, match=rf"2 of 40 pairs have no text as {column}") as caught:
        read_pairs(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_pair_that_comes_twice_is_told(small_run: SmallRun, tmp_path: Path):
    """Two rows of one id would be two items with one name."""
    table = pq.read_table(small_run.folder / "pairs.parquet")
    rows = table.to_pylist()
    pq.write_table(pa.Table.from_pylist([*rows, *rows[:7]], schema=table.schema), tmp_path / "pairs.parquet")
    with pytest.raises(DataError, match=f"7 of 40 pair ids come more than once, first: {rows[0]['pair_id']}"):
        read_pairs(tmp_path)


def test_gold_pairs_leave_an_even_sample():
    """45 of three classes, of which 10 are gold: the rest differ by one at most, and nothing is in both."""
    pairs = _pairs({"rain": 20, "ocean": 20, "gravel": 20})
    sample, gold = part_pairs(pairs, {pair.pair_id for pair in pairs}, 35, 10, 0, np.random.default_rng(0))
    counts = Counter(pair.label for pair in sample)
    assert (len(sample), len(gold), max(counts.values()) - min(counts.values())) == (35, 10, 1)
    assert not {pair.pair_id for pair in sample} & {pair.pair_id for pair in gold}


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "a\\b", "a\0b"])
def test_names_that_leave_a_folder(name: str):
    """They are no names of files."""
    assert not is_file_name(name)
    assert is_file_name("ünïcode, with spaces & ${x}")
