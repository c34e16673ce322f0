"""Mechanical Turk's result CSV: its forms of answers, what is rejected and why, and that nothing is dropped silently."""

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adis_bench.errors import DataError
from adis_bench.study.answer_fields import unpack
from adis_bench.study.answers import Answers
from adis_bench.study.csv_table import read_table
from adis_bench.study.mturk_csv import read_result_csv
from adis_bench.study.records import SLOTS, Key, KeyItem, Plan, ScreeningRules, Study, StudyItem, Texts
from adis_bench.study.result_csv import Assignment, write_result_csv

METHODS = ("ours", "cut", "cyclegan")
ITEMS = {
    "i1": KeyItem("rank", "p1", "rain", ("cut", "ours", "cyclegan")),
    "i2": KeyItem("rank", "p2", "ocean", ("ours", "cyclegan", "cut")),
    "i3": KeyItem("gold", "p3", "rain", ("target", "ours", "shuffled"), better="A", worse="C"),
    "i4": KeyItem("repeat", "p1", "rain", ("cyclegan", "cut", "ours"), repeats="i1"),
}
KEY = Key(METHODS, {"rain": "Rain", "ocean": "Ocean"}, ITEMS, "5eed" * 16, "")
START = datetime(2024, 5, 1, 12, tzinfo=UTC)


def _study(items: tuple[str, ...] = tuple(ITEMS), ties: bool = True, k: int = 3) -> Study:
    pages = tuple(
        StudyItem(name, "media/s.png", "media/a.wav", "media/g.png", tuple(f"media/{s}.png" for s in SLOTS[:k])) for name in items
    )
    plan = Plan("each", 2, 2, 1, 1, 2, 4, 0.5, 0.5, 0)
    return Study("s", k, ties, plan, ScreeningRules(), Texts("title", "question", "do", "agree"), pages)


STUDY = _study()


def _row(item: str = "i1", worker: str = "w1", ranks: str = "123", **other: str) -> dict[str, str]:
    answers = {f"Answer.rank_{slot}": rank.strip() for slot, rank in zip("ABC", ranks, strict=True)}
    return {"Input.item_id": item, "WorkerId": worker, "AssignmentStatus": "Submitted", **answers, **other}


def _write(folder: Path, rows: list[dict[str, str]], header: tuple[str, ...] = ()) -> Path:
    columns = header or tuple(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "result.csv"
    path.write_bytes(text.getvalue().encode())
    return path


def _read(folder: Path, *rows: dict[str, str], ties: bool = True) -> Answers:
    return read_result_csv(read_table(_write(folder, list(rows))), STUDY, KEY, ties)


def _counts(answers: Answers) -> dict[str, int]:
    return {rejection.reason: rejection.count for rejection in answers.rejected}


def test_places_become_methods(tmp_path: Path):
    """Ranks by place turn into ranks by method, gold answers, and the second ranking of a repeated item."""
    answers = _read(
        tmp_path,
        _row("i2", "w1", "123", **{"Answer.comment": "'tis fine", "Answer.seconds": "12.5"}),
        _row("i1", "w1", "231", WorkTimeInSeconds="40"),
        _row("i3", "w1", "123"),
        _row("i3", "w2", "321"),
        _row("i4", "w1", "312"),
    )
    rankings = answers.rankings
    assert (rankings.methods, rankings.items, rankings.labels) == (METHODS, ("i1", "i2"), ("rain", "ocean"))
    # i1: cut 2, ours 3, cyclegan 1; i2: ours 1, cyclegan 2, cut 3.
    assert rankings.ranks.tolist() == [[3, 2, 1], [1, 3, 2]]
    assert answers.slot_ranks is not None
    assert answers.slot_ranks.tolist() == [[2, 3, 1], [1, 2, 3]]
    assert rankings.seconds is not None
    assert rankings.seconds.tolist() == [40, 12.5]
    assert [(gold.worker, gold.item, gold.passed) for gold in answers.gold] == [("w1", "i3", True), ("w2", "i3", False)]
    # i4: cyclegan 3, cut 1, ours 2.
    assert [(repeat.worker, repeat.item, repeat.ranks) for repeat in answers.repeats] == [("w1", "i1", (2, 1, 3))]
    assert [(comment.item, comment.text) for comment in answers.comments] == [("i2", "'tis fine")]
    assert answers.rejected == ()


def _dotted(ranks: str) -> dict[str, str]:
    return {f"Answer.rank_{s}.{label}": str(label == rank).lower() for s, rank in zip("ABC", ranks, strict=True) for label in "123"}


def _nested(ranks: str) -> dict[str, str]:
    return {f"Answer.ranks.rank_{slot}": rank for slot, rank in zip("ABC", ranks, strict=True)}


def _json(ranks: str) -> dict[str, str]:
    return {"Answer.taskAnswers": json.dumps([{f"rank_{slot}": rank for slot, rank in zip("ABC", ranks, strict=True)}])}


def _json_marks(ranks: str) -> dict[str, str]:
    marks = {f"rank_{slot}": {label: label == rank for label in "123"} for slot, rank in zip("ABC", ranks, strict=True)}
    return {"Answer.taskAnswers": json.dumps([{**marks, "seconds": 7, "item_id": "i1"}])}


def _json_numbers(ranks: str) -> dict[str, str]:
    return {"Answer.taskAnswers": json.dumps([{"ranks": {f"rank_{slot}": int(rank) for slot, rank in zip("ABC", ranks, strict=True)}}])}


@pytest.mark.parametrize("form", [_dotted, _nested, _json, _json_marks, _json_numbers])
def test_all_forms_of_answers(tmp_path: Path, form: Callable[[str], dict[str, str]]):
    """Plain, dotted and JSON answers say the same."""
    answers = _read(tmp_path, {"WorkerId": "w1", "Input.item_id": "i1", **form("231")})
    assert answers.rankings.ranks.tolist() == [[3, 2, 1]]
    assert answers.rejected == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (_row("i9"), "unknown_item"),
        (_row(""), "missing_cell"),
        (_row(worker=" "), "missing_cell"),
        (_row(worker="w\0"), "unusable_id"),
        (_row(worker="w" * 257), "unusable_id"),
        (_row(AssignmentStatus="Rejected"), "rejected_by_requester"),
        (_row(Reject="too fast"), "rejected_by_requester"),
        (_row(AssignmentStatus="Returned"), "not_submitted"),
        (_row(**{"Answer.item_id": "i2"}), "item_mismatch"),
        (_row(ranks="   "), "missing_answer"),
        (_row(ranks="1 3"), "incomplete"),
        (_row(ranks="124"), "rank_out_of_range"),
        (_row(ranks="012"), "rank_out_of_range"),
        (_row(ranks="12x"), "not_a_number"),
        (_row(ranks="12٣"), "not_a_number"),
        (_row(**{"Answer.rank_A": "1.2"}), "not_a_rank"),
        (_row(**{"Answer.rank_A": "1|2"}), "not_a_number"),
        (_row(**{"Answer.rank_A": "1\0"}), "not_a_number"),
        (_row(**{"Answer.rank_D": "1"}), "unknown_method"),
        (_row(**{"Answer.rank_A.2": "true"}), "several_ranks"),
        (_row(**{"Answer.rank_A.2": "maybe"}), "unreadable_answer"),
        (_row(**{"Answer.taskAnswers": '[{"rank_A": "1"'}), "unreadable_answer"),
        (_row(**{"Answer.taskAnswers": "[" * 100_000}), "unreadable_answer"),
        (_row(**{"Answer.taskAnswers": "3"}), "unreadable_answer"),
    ],
)
def test_faults_are_counted(tmp_path: Path, row: dict[str, str], reason: str):
    """A faulty answer counts under its reason, at its line, and spoils no other."""
    answers = _read(tmp_path, _row("i2", "w2"), row)
    assert _counts(answers) == {reason: 1}
    assert answers.rejected[0].first_line == 3
    assert answers.rankings.workers == ("w2",)


def test_ties_where_they_are_allowed(tmp_path: Path):
    """Equal ranks share their places; a study without ties, or ``ties=False``, rejects them."""
    rows = [_row("i1", "w1", "112"), _row("i2", "w1")]
    assert _read(tmp_path, *rows).rankings.ranks.tolist() == [[1.5, 1.5, 3], [1, 3, 2]]
    assert _counts(_read(tmp_path, *rows, ties=False)) == {"tie": 1}
    assert _counts(read_result_csv(read_table(_write(tmp_path, rows)), _study(ties=False), KEY)) == {"tie": 1}


def test_the_first_of_two_answers_counts(tmp_path: Path):
    """By the time of sending, in whatever zone; a faulty or rejected one doesn't stand in a good one's way."""
    at = "Wed May 01 {} 2024".format
    answers = _read(
        tmp_path,
        _row("i1", "w1", "321", SubmitTime=at("12:00:00 UTC")),
        _row("i1", "w1", "123", SubmitTime=at("04:59:59 PDT")),
        _row("i1", "w1", "213", SubmitTime="2024-05-01T13:00:00+00:00"),
        _row("i1", "w1", "1 3", SubmitTime=at("11:00:00 UTC")),
        _row("i1", "w1", "132", SubmitTime=at("10:00:00 UTC"), AssignmentStatus="Rejected"),
    )
    assert answers.slot_ranks is not None
    assert answers.slot_ranks.tolist() == [[1, 2, 3]]
    assert _counts(answers) == {"duplicate": 2, "incomplete": 1, "rejected_by_requester": 1}


def test_time_without_a_measured_one(tmp_path: Path):
    """What the page measured comes first, then MTurk's work time, then accept to submit; nonsense is unknown."""
    times = {"AcceptTime": "Wed May 01 12:00:00 UTC 2024", "SubmitTime": "Wed May 01 12:01:30 UTC 2024"}
    rows = [
        _row("i1", "w1", **times, WorkTimeInSeconds="60", **{"Answer.seconds": "5.5"}),
        _row("i1", "w2", **times, WorkTimeInSeconds="60", **{"Answer.seconds": "-1"}),
        _row("i1", "w3", **times, WorkTimeInSeconds="nan"),
        _row("i1", "w4", AcceptTime=times["SubmitTime"], SubmitTime=times["AcceptTime"]),
        _row("i1", "w5", AcceptTime="Wed Foo 01 12:00:00 XYZ 2024", SubmitTime="1"),
    ]
    seconds = _read(tmp_path, *rows).rankings.seconds
    assert seconds is not None
    assert np.array_equal(seconds, [5.5, 60, 90, np.nan, np.nan], equal_nan=True)


def test_cut_and_long_rows(tmp_path: Path):
    """A cut row and one with too many cells are counted; rows without the two cells of the requester are whole."""
    path = tmp_path / "r.csv"
    text = "\ufeffWorkerId,Input.item_id,Answer.rank_A,Answer.rank_B,Answer.rank_C,Approve,Reject\r\n"
    path.write_text(text + "w1,i1,1,2,3\r\nw2,i1,1,2,3,,,4\r\nw3,i1,1,2,3,x,\r\nw4,i1,1,2\r\n\r\n", newline="")
    answers = read_result_csv(read_table(path), STUDY, KEY)
    assert answers.rankings.workers == ("w1", "w3")
    assert _counts(answers) == {"missing_cell": 1, "extra_cell": 1}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"WorkerId,Input.item_id\nw,i1\n", "lacks 1 of 3 kinds of columns"),
        (b"WorkerId,Input.item_id,Answer.rank_A,Answer.rank_A\n", "has 1 columns twice: Answer.rank_A"),
        (b"WorkerId,Input.item_id,Answer.rank_A\n", "there are no rows"),
        (b"WorkerId,Input.item_id,Answer.rank_A\nw,i3,1\n", "incomplete 1"),
        (b'WorkerId,Input.item_id,Answer.rank_A\nw,i1,"1', "cannot be read as a CSV in UTF-8"),
        (b"WorkerId,Input.item_id,Answer.rank_A\nw,i1,\xff\n", "cannot be read as a CSV in UTF-8"),
        ("WorkerId,Input.item_id,Answer.rank_A\nw,i1,1\n".encode("utf-16"), "cannot be read as a CSV in UTF-8"),
        (b"WorkerId,Input.item_id,Answer.rank_A\nw,i1," + b"1" * 10_000_001 + b"\n", "line 2: a cell has more than 10,000,000 characters"),
        (b"WorkerId,workerid ,Input.item_id,Answer.rank_A\n", "has 1 columns twice: workerid"),
    ],
)
def test_other_files_are_one_line(tmp_path: Path, content: bytes, told: str):
    """What isn't a whole result CSV is refused in one line that says why."""
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=told) as error:
        read_result_csv(read_table(path), STUDY, KEY)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"rank_A ": "3"},
        {"rank_A\n": "3"},
        {"Rank_A": "3", " item_id": "i9", "": "x"},
        {"comment": "x" * 200_000},
        {"\ud800": "1", "\\ud800": "2"},
        {"x" * 1_000_000: "1", **{f"a{number}": "x" for number in range(5000)}},
    ],
)
def test_no_worker_spoils_the_file(tmp_path: Path, odd: dict[str, str]):
    """Fields with odd names are ignored, long comments read; every answer counts."""
    limit = csv.field_size_limit()
    ranks = {"rank_A": "1", "rank_B": "2", "rank_C": "3"}
    sent = [
        Assignment(f"a{name}", "h", "w1", name, START, START, {**ranks, **more, "own": "y"}) for name, more in (("i1", odd), ("i2", {}))
    ]
    path = tmp_path / "r.csv"
    write_result_csv(path, STUDY, sent)
    answers = read_result_csv(read_table(path), STUDY, KEY)
    assert (answers.rankings.items, answers.rejected) == (("i1", "i2"), ())
    assert csv.field_size_limit() == limit
    assert '"Answer.own"' in path.read_text()  # what all answers have is kept
    assert path.stat().st_size < 1_000_000  # long and many names are no columns


def test_no_answer_takes_all_room(tmp_path: Path):
    """JSON whose names would repeat a long one a thousand times is refused, and no other answer with it."""
    packed = json.dumps([{"x" * 100_000: dict.fromkeys(map(str, range(1000)), 1)}])
    assert _counts(_read(tmp_path, _row(), {**_row("i2"), "Answer.taskAnswers": packed})) == {"unreadable_answer": 1}


def test_no_answer_takes_all_time():
    """JSON with many fields takes time by their number, not by its square."""
    seconds = []
    for n in (20_000, 320_000):
        text = json.dumps([dict.fromkeys(map(str, range(n)), 1)])
        start = time.process_time()
        assert len(unpack([("taskAnswers", text)]) or []) == n
        seconds.append(time.process_time() - start)
    assert seconds[1] < 50 * seconds[0]  # 16 times as many; by the square it was 106 times the time


def test_headers_in_any_case(tmp_path: Path):
    """As people retype them; a field whose exact name is there too is another one."""
    path = tmp_path / "r.csv"
    header = "workerid, INPUT.Item_ID ,answer.Rank_A, Answer.rank_b ,Answer.rank_C,Answer.rank_c,assignmentstatus"
    path.write_text(header + "\nw1,i1,1,2,3,1,Submitted\nw2,i1,1,2,3,3,Rejected\n")
    answers = read_result_csv(read_table(path), STUDY, KEY)
    assert answers.slot_ranks is not None
    assert answers.slot_ranks.tolist() == [[1, 2, 3]]
    assert _counts(answers) == {"rejected_by_requester": 1}


def test_items_without_a_class(tmp_path: Path):
    """One of them takes no class away from the others."""
    key = replace(KEY, items={**ITEMS, "i2": replace(ITEMS["i2"], label="")})
    answers = read_result_csv(read_table(_write(tmp_path, [_row("i1"), _row("i2")])), STUDY, key)
    assert answers.rankings.labels == ("rain", "")


def test_a_key_of_another_study(tmp_path: Path):
    """A key that lacks items of the study can't tell what was ranked."""
    with pytest.raises(DataError, match="key.json lacks 1 of 5 items"):
        read_result_csv(read_table(_write(tmp_path, [_row()])), _study((*ITEMS, "i5")), KEY)


def _all_counted(answers: Answers) -> int:
    return len(answers.rankings.item) + len(answers.gold) + len(answers.repeats) + sum(r.count for r in answers.rejected)


CELLS = st.sampled_from(
    ["", "1", "2", "3", "4", "x", "1.5", "i1", "i3", "i9", "w1", "Rejected", "true", '[{"rank_A": 1}]', "é\u2028", "=1"]
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([*ITEMS, "i9"]), st.sampled_from(["w1", "w2", ""]), st.integers(0, 12), CELLS), max_size=12))
def test_accepted_and_rejected_are_all_rows(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[str, str, int, str]]):
    """Whatever is damaged, each row is counted once."""
    rows = [list(_row("i1", "good").values())]
    columns = [*_row(), "Answer.item_id", "Answer.rank_B.2", "Answer.taskAnswers", "SubmitTime", "Reject"]
    for item, worker, place, cell in damage:
        cells = [*_row(item, worker).values(), "", "", "", "", ""]
        cells[place : place + 1] = [cell] if place < len(cells) else [cell, cell, cell]
        rows.append(cells[: 2 + place] if cell == "x" else cells)
    rows[0] += [""] * 5
    path = tmp_path_factory.mktemp("damage") / "r.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([columns, *rows])
    answers = read_result_csv(read_table(path), STUDY, KEY)
    assert _all_counted(answers) == len(rows)
    assert "good" in answers.rankings.workers


def test_twenty_thousand_rows(tmp_path: Path):
    """20 workers on 1,000 items are read in seconds."""
    names = tuple(f"it{number}" for number in range(1000))
    key = Key(METHODS, {}, {name: KeyItem("rank", name, "rain", METHODS) for name in names}, KEY.secret, "")
    study = _study(names)
    answers = {"rank_A": "1", "rank_B": "3", "rank_C": "2", "seconds": "9.5", "comment": "fine"}
    sent = [
        Assignment(f"a{item}-{worker}", item, f"w{worker}", item, START, START + timedelta(seconds=worker), {"item_id": item, **answers})
        for item in names
        for worker in range(20)
    ]
    path = tmp_path / "r.csv"
    assert write_result_csv(path, study, sent) == 20_000
    start = time.process_time()
    read = read_result_csv(read_table(path), study, key)
    assert time.process_time() - start < 20  # about 1 s here; others' work doesn't count, and the bound is for slow machines
    assert len(read.rankings.item) == 20_000
    assert read.rejected == ()
