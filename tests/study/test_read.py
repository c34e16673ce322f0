"""Which format a file has, is told by its header."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file
from adis_bench.study.csv_table import read_table
from adis_bench.study.read import read_answers
from adis_bench.study.records import Key, Study
from tests.study.studies import make_study

HEADER = "item_id,worker_id,method,rank\n"


@pytest.fixture
def made(tmp_path: Path) -> tuple[Study, Key]:
    """Three methods on six items, one gold item, one repeat."""
    return make_study(tmp_path / "s", k=3)


def _long(path: Path, *rankings: tuple[str, str, tuple[str, ...]]) -> Path:
    """Each (item, worker, methods from best to worst)."""
    rows = [f"{item},{worker},{method},{place + 1}" for item, worker, methods in rankings for place, method in enumerate(methods)]
    path.write_text("\n".join(["item_id,worker_id,method,rank", *rows]) + "\n")
    return path


def _of_kind(key: Key, kind: str) -> list[str]:
    return [item_id for item_id, facts in key.items.items() if facts.kind == kind]


def test_a_long_table_alone(tmp_path: Path):
    """Without a study it stands for itself."""
    path = _long(tmp_path / "a.csv", ("i1", "w1", ("a", "b")), ("i2", "w1", ("b", "a")), ("i3", "w1", ("a", "c")))
    answers = read_answers(path, methods=("a", "b"))
    assert answers.rankings.ranks.tolist() == [[1, 2], [2, 1]]
    assert (answers.slot_ranks, answers.rankings.labels) == (None, ())
    assert [rejection.reason for rejection in answers.rejected] == ["unknown_method"]


def test_a_long_table_of_a_study(tmp_path: Path, made: tuple[Study, Key]):
    """Items by id or by pair id, with their classes; repeats are sorted out; items with a known answer and unknown ones are rejected."""
    study, key = made
    first, second = _of_kind(key, "rank")[:2]
    (again,), (gold,) = _of_kind(key, "repeat"), _of_kind(key, "gold")
    path = _long(
        tmp_path / "a.csv",
        (first, "w1", ("ours", "cut", "cyclegan")),
        (key.items[second].pair_id, "w1", ("cut", "ours", "cyclegan")),
        (again, "w1", ("cyclegan", "cut", "ours")),
        (gold, "w1", ("ours", "cut", "cyclegan")),
        ("elsewhere", "w1", ("ours", "cut", "cyclegan")),
        (key.items[first].pair_id, "w2", ("ours", "cut", "cyclegan")),
        (first, "w2", ("ours", "cut", "cyclegan")),
    )
    answers = read_answers(path, study, key)
    rankings = answers.rankings
    found = {rankings.items[item]: ranks for item, ranks in zip(rankings.item, rankings.ranks.tolist(), strict=True)}
    assert found == {first: [1, 2, 3], second: [2, 1, 3]}
    assert dict(zip(rankings.items, rankings.labels, strict=True)) == {first: "ocean", second: "rain"}
    assert [(repeat.worker, repeat.item, repeat.ranks) for repeat in answers.repeats] == [("w1", first, (3, 2, 1))]
    assert {rejection.reason: rejection.count for rejection in answers.rejected} == {"unknown_item": 2, "duplicate": 1}
    unlabelled = replace(key, items={**key.items, first: replace(key.items[first], label="")})
    labels = read_answers(path, study, unlabelled).rankings.labels
    assert labels == tuple({first: "", second: "rain"}[item] for item in rankings.items)
    with pytest.raises(ConfigError, match="which compares ours, cut, cyclegan; leave it out"):
        read_answers(path, study, key, methods=("ours", "cut"))


def test_nothing_but_repeats(tmp_path: Path, made: tuple[Study, Key]):
    """A table without any ranking to be analysed is refused."""
    study, key = made
    path = _long(tmp_path / "a.csv", (_of_kind(key, "repeat")[0], "w1", ("ours", "cut", "cyclegan")))
    with pytest.raises(DataError, match="repeated items only"):
        read_answers(path, study, key)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\n1,2\n", "neither a result CSV .* nor a long one"),
        ("", "neither a result CSV"),
        ("item_id\tworker_id\tmethod\trank\n", "neither a result CSV"),
    ],
)
def test_other_files(tmp_path: Path, made: tuple[Study, Key], content: str, told: str):
    """One line that names both formats."""
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=told):
        read_answers(path, *made)


def test_a_result_without_its_study(tmp_path: Path):
    """Places on a page are no methods."""
    path = tmp_path / "a.csv"
    path.write_text("WorkerId,Input.item_id,Answer.rank_A\nw,i,1\n")
    with pytest.raises(DataError, match="give --study STUDY"):
        read_answers(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, r"a\.csv is not there; check the path"),
        (HEADER.encode("utf-16"), "it has the byte 0xff, so it is in another encoding; save it anew as a CSV in UTF-8"),
        (HEADER.encode() + b"i1,w1,a,1\ni1,w1,\xe9,2\n", "a CSV in UTF-8: it has the byte 0xe9, so"),
        (HEADER.encode() + b'i1,w1,"a,1\n', r"line 2: unexpected end of data\); it may be cut"),
        (
            HEADER.encode() + b"i" * 10_000_001 + b",w1,a,1\n",
            "line 2: a cell has more than 10,000,000 characters, or a quotation mark is miss",
        ),
    ],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes | None, told: str):
    """Missing files, other encodings and cut files each have their own remedy, in one line."""
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=told) as raised:
        read_answers(path)
    assert "\n" not in str(raised.value)
    with pytest.raises(DataError, match="is a folder; name the CSV in it"):
        read_answers(tmp_path)


def test_files_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Reading stops at a bound."""
    monkeypatch.setattr("adis_bench.study.csv_table._MOST_BYTES", 3 << 20)
    with pytest.raises(DataError, match="has more than 3 MiB"):
        read_answers(Path("/dev/zero"))


def test_pipes(tmp_path: Path):
    """A pipe can be read once only; its digest is that of what was analysed."""
    path = _long(tmp_path / "a.csv", ("i1", "w1", ("a", "b")), ("i2", "w1", ("b", "a")))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        pool.submit(pipe.write_bytes, path.read_bytes())
        table = read_table(pipe)
    assert table.digest == digest_file(path)
    assert len(read_answers(table).rankings.ranks) == len(read_answers(path).rankings.ranks) == 2
