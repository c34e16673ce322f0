"""The plain long CSV: what counts, what is rejected and why, and one clear line for files of other kinds."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.csv_table import read_table
from adis_bench.study.long_csv import read_long_csv
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import MEANING, REASONS, Rejection

HEADER = "item_id,worker_id,method,rank\n"
GOOD = "i1,w1,a,1\ni1,w1,b,2\ni1,w1,c,3\n"


def _write(folder: Path, text: str) -> Path:
    path = folder / "answers.csv"
    path.write_bytes(text.encode())
    return path


def _read(folder: Path, text: str) -> tuple[Rankings, tuple[Rejection, ...]]:
    return read_long_csv(read_table(_write(folder, text)))


def _counts(path: Path, **options) -> dict[str, int]:
    rankings, rejected = read_long_csv(read_table(path), **options)
    # Whatever is rejected, the good ranking of w1 stays as it is.
    assert rankings.workers[0] == "w1"
    assert rankings.ranks[0].tolist() == [1, 2, 3]
    return {rejection.reason: rejection.count for rejection in rejected}


def test_rows_become_rankings(tmp_path: Path):
    """In any order of rows and columns, with other columns, a byte order mark, CRLF, spaces, and headers in any case."""
    text = '\ufeffRank,note, METHOD ,worker_id, "Item_ID"\r\n'
    text += "2,x,b,w2,i1\r\n\r\n1,,a,w2,i1\r\n 2, ,a,w1,i2\r\n1,,b,w1,i2\r\n2,,b,w1,i1\r\n1,,a,w1,i1\r\n"
    rankings, rejected = _read(tmp_path, text)
    assert (rankings.methods, rankings.items, rankings.workers) == (("a", "b"), ("i1", "i2"), ("w1", "w2"))
    assert [rankings.item.tolist(), rankings.worker.tolist()] == [[0, 0, 1], [0, 1, 0]]
    assert rankings.ranks.tolist() == [[1, 2], [1, 2], [2, 1]]
    assert rankings.points.tolist() == [[2, 1], [2, 1], [1, 2]]
    assert rejected == ()


@pytest.mark.parametrize("given", [(1, 1, 3, 4), (1, 1, 2, 3), (1.5, 1.5, 3, 4), (2, 2, 3, 4)])
def test_equal_ranks_share_their_places(tmp_path: Path, given: tuple[float, ...]):
    """However ties are numbered, the two share places 1 and 2."""
    rows = "".join(f"i,w,{method},{rank}\n" for method, rank in zip("abcd", given, strict=True))
    rankings, rejected = _read(tmp_path, HEADER + rows)
    assert rankings.ranks.tolist() == [[1.5, 1.5, 3, 4]]
    assert rejected == ()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("i2,w2,a,1\ni2,w2,b,2\n", {"incomplete": 1}),
        (GOOD.replace("w1", "w2") + "i1,w2,a,1\n", {"duplicate": 1}),
        (GOOD.replace("w1", "w2") * 2, {"duplicate": 1}),
        ("i1,w2,a,0\ni1,w2,b,2\ni1,w2,c,3\n", {"rank_out_of_range": 1}),
        ("i1,w2,a,4\ni1,w2,b,2\ni1,w2,c,3\n", {"rank_out_of_range": 1}),
        ("i1,w2,a,-1\ni1,w2,b,2\ni1,w2,c,3\n", {"rank_out_of_range": 1}),
        ("i1,w2,a,best\ni1,w2,b,2\ni1,w2,c,3\n", {"not_a_number": 1}),
        ("i1,w2,a,nan\ni1,w2,b,2\ni1,w2,c,3\n", {"not_a_number": 1}),
        ("i1,w2,a,1_0\ni1,w2,b,2\ni1,w2,c,3\n", {"not_a_number": 1}),
        ("i1,w2,a,1.2\ni1,w2,b,2\ni1,w2,c,3\n", {"not_a_rank": 1}),
        ("i1,w2,a,\ni1,w2,b,2\ni1,w2,c,3\n", {"missing_cell": 1}),
        ("i1,w2,,1\ni1,w2,b,2\ni1,w2,c,3\n", {"missing_cell": 1}),
        ("i1,w2,a,1,\ni1,w2,b,2\ni1,w2,c,3\n", {"extra_cell": 1}),
        (",w2,a,1\ni1,,b,2\n", {"missing_cell": 2}),
        ("i2,w2,a,0\ni2,w2,b,x\ni3,w2,a,1\n", {"not_a_number": 1, "incomplete": 1}),
    ],
)
def test_faults_are_counted(tmp_path: Path, rows: str, expected: dict[str, int]):
    """Each faulty answer counts once, under its first reason, and spoils no other."""
    assert _counts(_write(tmp_path, HEADER + GOOD + rows)) == expected


def test_copies_of_a_ranking_count_once(tmp_path: Path):
    """A file put behind itself gives the same rankings, its copies are counted; what contradicts itself, or is there in part, is out."""
    odd = "i1,w3,a,1\ni1,w3,b,2\n" + GOOD.replace("w1", "w4").replace("c,3", "c,9")
    once = HEADER + GOOD + GOOD.replace("w1", "w2") + odd
    first, rejected = _read(tmp_path, once)
    for n, more in ((1, once), (1, "\ufeff" + once), (2, once * 2), (1, once[len(HEADER) :])):
        rankings, again = _read(tmp_path, once + more)
        assert (rankings.workers, rankings.ranks.tolist()) == (("w1", "w2"), first.ranks.tolist()), more
        counts = {rejection.reason: rejection.count for rejection in again}
        assert counts == {**{rejection.reason: rejection.count for rejection in rejected}, "duplicate": 2 * n}, more
    path = _write(tmp_path, HEADER + GOOD + GOOD.replace("w1", "w2") + "i1,w2,a,1\n" + GOOD.replace("w1", "w3") * 2 + "i1,w3,a,2\n")
    assert _counts(path) == {"duplicate": 2}
    assert read_long_csv(read_table(path))[0].workers == ("w1",)


def test_ids_that_cannot_be(tmp_path: Path):
    """Ids with NUL are others than those without, and rejected as all with control characters are; long ones take little room."""
    rows = "".join(f"i{item},w2\0,{method},1\n" for item in (1, 2) for method in "abc")
    rows += (
        "i1,w\x1b[31m,a,1\n" + f"{'x' * 257},w1,a,1\n" + f"i1,{'y' * 100_000},a,1\ni1,w7,{'m' * 300},1\n" + GOOD.replace("w1", "z" * 256)
    )
    assert _counts(_write(tmp_path, HEADER + GOOD + rows)) == {"unusable_id": 6}
    path = _write(tmp_path, HEADER + "".join(f"i{number},w1,{method},1\n" for number in range(500) for method in "ab"))
    tracemalloc.start()
    path.write_text(path.read_text() + f"i1,{'z' * 1_000_000},a,1\n")
    read_long_csv(read_table(path))
    assert tracemalloc.get_traced_memory()[1] < 50e6  # with fixed widths: 2 GB
    tracemalloc.stop()


def test_ties_can_be_forbidden(tmp_path: Path):
    """With ``ties=False`` equal ranks are a fault; without, they aren't."""
    path = _write(tmp_path, HEADER + GOOD + "i1,w2,a,1\ni1,w2,b,1\ni1,w2,c,2\n")
    assert _counts(path, ties=False) == {"tie": 1}
    assert _counts(path) == {}


def test_a_cut_file_loses_its_last_ranking_only(tmp_path: Path):
    """Cut anywhere in the last ranking (of w12): w1 keeps its own, and the lost one is counted."""
    last = GOOD.replace("w1", "w12")
    whole = HEADER + GOOD + last
    # Without the last digit; a cut after it takes nothing away. The cut at the end of the file before it is no fault.
    for end in range(len(whole) - len(last) + 1, len(whole) - 1):
        counts = _counts(_write(tmp_path, whole[:end]))
        assert set(counts) <= {"missing_cell", "incomplete"}, whole[:end]
        assert sum(counts.values()) >= 1, whole[:end]


def test_methods_can_be_named(tmp_path: Path):
    """A misspelt method makes every ranking incomplete, and the error says so; naming the methods rejects just that one."""
    path = _write(tmp_path, HEADER + GOOD + "i1,w2,a,1\ni1,w2,bb,2\ni1,w2,c,3\n")
    with pytest.raises(DataError, match=r"none of 2 rankings can be used: incomplete 2 .*bb in 1.*--methods"):
        read_long_csv(read_table(path))
    assert _counts(path, methods=("a", "b", "c")) == {"unknown_method": 1}
    for methods in (("a",), ("a", "a"), ("a", "")):
        with pytest.raises(ConfigError, match="two or more different names"):
            read_long_csv(read_table(path), methods)


def test_a_stray_method_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """One row with a further method makes all other rankings incomplete: said while one is left, not where the methods are named."""
    rows = "".join(f"i{item},w,{method},{rank}\n" for item in range(5) for method, rank in (("a", 1), ("b", 2)))
    path = _write(tmp_path, HEADER + rows + "i3,w,B,3\n")
    rankings, rejected = read_long_csv(read_table(path))
    assert (len(rankings.ranks), rejected[0].reason, rejected[0].count) == (1, "incomplete", 4)
    told = capsys.readouterr().err.replace("\n", " ")
    assert "note: 4 of 5 rankings lack a method; the rarest of 3 methods: B in 1, a in 5, b in 5; if one is misspelt" in told
    rankings, rejected = read_long_csv(read_table(path), ("a", "b"))
    assert (len(rankings.ranks), rejected[0].reason) == (4, "unknown_method")
    assert capsys.readouterr().err == ""


def test_the_first_line_of_a_reason_is_told(tmp_path: Path):
    """Rejections say where to look, in lines of the file; also after a cell with a line break."""
    path = _write(tmp_path, "note," + HEADER + '"two\nlines",i1,w1,a,1\nx,i1,w1,b,2\nx,i1,w2,a,1\nx,i1,w2,b,9\nx,i1,w3,a,9\nx,i1,w3,b,1\n')
    (rejection,) = read_long_csv(read_table(path))[1]
    assert (rejection.reason, rejection.count, rejection.first_line) == ("rank_out_of_range", 2, 6)
    assert "first at line 6" in str(rejection)


def test_ids_are_text(tmp_path: Path):
    """Ids that look like formulas or numbers are kept as they are."""
    rows = "".join(f'"=1+1","@{worker}",{method},{rank}\n' for worker in ("a", "b") for rank, method in enumerate(("01", "1"), 1))
    rankings, _ = _read(tmp_path, HEADER + rows)
    assert (rankings.items, rankings.workers, rankings.methods) == (("=1+1",), ("@a", "@b"), ("01", "1"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (HEADER, "has a header, but no rows"),
        ("a,b\n1,2\n", "lacks 4 of 4 columns: item_id, worker_id, method, rank"),
        ("item_id;worker_id;method;rank\ni;w;a;1\n", "separated by commas"),
        ("item_id,worker_id,method,rank,rank\ni,w,a,1,2\n", "has 1 columns twice: rank"),
        (HEADER + "i,w,a,1\n", "has 1 method in 1 rows; a ranking"),
        (HEADER + "i,w,a,1,\ni,w,b,2,\n", r"has 0 methods in 2 rows \(2 rows don't count: extra_cell 2 .*first at line 2"),
        (HEADER + "i,w,,1\ni,w,b\n", r"has 0 methods in 2 rows \(2 rows don't count: missing_cell 2 "),
        (HEADER + 'i,w,a,1\ni,w,"b', "may be cut"),
        (HEADER + "i,w,a,1\ni,w,b,7\n", "none of 1 rankings can be used: rank_out_of_range 1"),
    ],
)
def test_other_files_are_one_clear_line(tmp_path: Path, text: str, message: str):
    """What cannot be read says so in one line."""
    with pytest.raises(DataError, match=message) as raised:
        _read(tmp_path, text)
    assert "\n" not in str(raised.value)


def test_every_reason_is_explained():
    """The closed list and its meanings go together."""
    assert set(MEANING) == set(REASONS)


def test_subset_of_rankings(tmp_path: Path):
    """``where`` keeps items and workers, and drops rows."""
    rankings, _ = _read(tmp_path, HEADER + GOOD + GOOD.replace("w1", "w2"))
    part = rankings.where(np.array([False, True]))
    assert (part.workers, part.worker.tolist(), part.ranks.tolist()) == (("w1", "w2"), [1], [[1, 2, 3]])
