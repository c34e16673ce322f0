"""Which format a file has, is told by its header."""

from pathlib import Path

import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.read import read_answers
from adis_bench.study.records import Key, Study
from tests.study.studies import make_study


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
    with pytest.raises(DataError, match="cannot be read"):
        read_answers(tmp_path / "none.csv")
