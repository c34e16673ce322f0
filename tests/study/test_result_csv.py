"""The result CSV that we write: the site's columns, cells that stay text, and everything read back as it was."""

import csv
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.csv_cells import inert, plain
from adis_bench.study.fees import cost, fee, hit_sizes
from adis_bench.study.read import read_answers
from adis_bench.study.result_csv import COLUMNS, Assignment, write_result_csv
from adis_bench.study.times import read_time, time_text
from tests.study.studies import make_study

ACCEPTED = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


def test_the_columns_of_the_requester_site(tmp_path: Path):
    """27 columns in their order, then Input.* as in the batch, Answer.*, Approve and Reject."""
    study, _ = make_study(tmp_path / "s", asset_url="https://example.org/s/")
    item = study.items[0]
    fields = {"item_id": item.item_id, "rank_A": "1", "seconds": "3.5", "extra": "+1"}
    submitted = ACCEPTED + timedelta(seconds=75)
    sent = Assignment("a1", "h1", "w1", item.item_id, ACCEPTED, submitted, fields, feedback="-5", more={"Keywords": "k"})
    path = tmp_path / "r.csv"
    assert write_result_csv(path, study, [sent]) == 1
    with path.open(newline="", encoding="utf-8") as stream:
        header, row = csv.reader(stream)
    assert len(COLUMNS) == 27
    assert tuple(header[:27]) == COLUMNS
    assert header[27:34] == [
        f"Input.{name}"
        for name in ("item_id", "source_url", "sound_url", "spectrogram_url", *("image_A_url", "image_B_url", "image_C_url"))
    ]
    assert header[35:] == [
        *(f"Answer.{n}" for n in ("item_id", "rank_A", "rank_B", "rank_C", "rank_D", "seconds", "plays", "comment", "extra")),
        "Approve",
        "Reject",
    ]
    cells = dict(zip(header, row, strict=True))
    assert cells["Input.sound_url"] == f"https://example.org/s/{item.sound}"
    assert (cells["AcceptTime"], cells["WorkTimeInSeconds"]) == ("Wed May 01 12:00:00 UTC 2024", "75")
    assert (cells["Reward"], cells["Keywords"], cells["RequesterAnnotation"]) == ("$0.05", "k", item.item_id)
    assert (cells["Answer.extra"], cells["RequesterFeedback"]) == ("'+1", "'-5")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_cells_are_inert_and_exact(text: str):
    """No cell begins like a formula, and every text comes back."""
    assert not inert(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain(inert(text)) == text


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "'=x", "a\rb\r\nc\nd", '"quoted", and\x00more', "  spaces  ", "\ud800 half", "日本 🎧", "\tx"]
)
def test_comments_survive_the_file(tmp_path: Path, text: str):
    """Whatever a worker writes, it spoils no row and is read as it was (without spaces around it)."""
    study, key = make_study(tmp_path / "s")
    ranked = [item.item_id for item in study.items if key.items[item.item_id].kind == "rank"][:2]
    ranks = {f"rank_{slot}": str(place + 1) for place, slot in enumerate(study.slots)}
    sent = [Assignment(f"a{name}", "h", "=w", name, ACCEPTED, ACCEPTED, {**ranks, "comment": text}) for name in ranked]
    path = tmp_path / "r.csv"
    write_result_csv(path, study, sent)
    answers = read_answers(path, study, key)
    assert answers.rankings.workers == ("=w",)
    expected = text.encode("utf-8", "backslashreplace").decode().strip()
    assert [comment.text for comment in answers.comments] == [expected] * 2
    assert answers.rejected == ()


def test_answers_are_private(tmp_path: Path):
    """Nobody else on the machine reads what people wrote, whatever the file was before."""
    study, _ = make_study(tmp_path / "study")
    path = tmp_path / "results.csv"
    path.touch(mode=0o644)
    write_result_csv(path, study, [])
    assert path.stat().st_mode & 0o077 == 0


def test_times():
    """Written in UTC, read in the zones of the site; other text is no time."""
    west = datetime(2024, 1, 2, 23, 4, 5, tzinfo=timezone(timedelta(hours=-8)))
    assert time_text(west) == "Wed Jan 03 07:04:05 UTC 2024"
    assert read_time("Tue Jan 02 23:04:05 PST 2024") == read_time(time_text(west)) == west
    assert read_time("2024-01-03T07:04:05") == west
    assert time_text(None) == ""
    for text in ("", "Tue Foo 02 23:04:05 PST 2024", "Tue Jan 32 23:04:05 PST 2024", "Tue Jan 02 23:04:05 XYZ 2024", "tomorrow"):
        assert read_time(text) is None


def test_fees():
    """20 % up to nine assignments, 40 % from ten on, a cent at least; the paper's study both ways."""
    assert (fee(1.0, 9), fee(1.0, 10), fee(0.02, 10), fee(0.03, 20)) == (0.2, 0.4, 0.01, 0.012)
    # 1,000 items, 20 assignments each, 5 cents: 1,000 dollars for workers.
    whole = cost(0.05, hit_sizes(20, at_most_nine=False) * 1000)
    split = cost(0.05, hit_sizes(20, at_most_nine=True) * 1000)
    assert (whole.n_hits, whole.n_assignments, whole.reward, whole.fee, whole.total) == (1000, 20_000, 1000, 400, 1400)
    assert (split.n_hits, split.n_assignments, split.reward, split.fee, split.total) == (3000, 20_000, 1000, 200, 1200)
    assert hit_sizes(9, at_most_nine=True) == (9,)
    assert hit_sizes(10, at_most_nine=True) == (5, 5)
