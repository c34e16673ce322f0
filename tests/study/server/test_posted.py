"""Nothing that a browser sends is believed."""

from pathlib import Path
from urllib.parse import quote

import pytest

from adis_bench.study.records import Study
from adis_bench.study.server.posted import Refused, check_answer, read_form
from tests.study.studies import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Three methods, no ties."""
    return make_study(tmp_path_factory.mktemp("posted"), k=3, n_items=2)[0]


def fields(study: Study, **changed: str) -> dict[str, str]:
    """A good answer with changes."""
    good = {"item_id": study.items[0].item_id, "rank_A": "2", "rank_B": "1", "rank_C": "3", "seconds": "7.25", "plays": "2"}
    return {**good, **changed}


def test_a_good_answer(study: Study):
    """Its fields are kept as text; those of nobody are left out."""
    posted = check_answer(study, fields(study, comment="a\r\nb", method="ours", rank_D="1"))
    assert posted.item_id == study.items[0].item_id
    assert posted.answers == {**fields(study), "comment": "a\nb"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("rank_A", value) for value in ("", "0", "4", "-1", "1.0", "one", "1e0", " 1", "٢", "2" * 5000, "1")),
        *(("seconds", value) for value in ("", "nan", "inf", "-1", "1e400", "9" * 12, "1_0", "0x1", "１")),
        *(("plays", value) for value in ("", "-1", "1.5", "999999999", "many")),
        *(("item_id", value) for value in ("", "it-nothing", "../key.json")),
        ("comment", "x" * 501),
    ],
)
def test_bad_answers(study: Study, name: str, value: str):
    """Each is refused, with words for people."""
    with pytest.raises(Refused, match=r"[a-z]+ .*[a-z]"):
        check_answer(study, fields(study, **{name: value}))


def test_ties_where_they_are_allowed(tmp_path: Path):
    """Any whole ranks then, also all the same."""
    tied = make_study(tmp_path, k=3, n_items=2, ties=True)[0]
    assert check_answer(tied, fields(tied, rank_A="1", rank_C="1")).answers["rank_C"] == "1"


def test_comments_hold_no_control_characters(study: Study):
    """PostgreSQL keeps no NUL; line ends count once, as on the page."""
    comment = "\x00\x1b[31m" + "\r\n" * 400
    assert check_answer(study, fields(study, comment=comment)).answers["comment"] == "  [31m" + "\n" * 400
    turned = "a\x85b\u2028c\u2029d\u202ee\u2066f\u200fg\x9bh\tü \U0001f600"
    assert check_answer(study, fields(study, comment=turned)).answers["comment"] == "a b c d e f g h\tü \U0001f600"


@pytest.mark.parametrize("body", [b"\xff", b"a=%ff", b"a=1&a=2", b"&".join(b"a%d=" % i for i in range(100)), "ä=1".encode()])
def test_bodies_that_are_no_form(body: bytes):
    """Not UTF-8, a field twice, too many of them."""
    with pytest.raises(Refused):
        read_form(body)


def test_forms_in_utf8():
    """What browsers send is read back."""
    assert read_form(f"comment={quote('schön & =gut')}&x=".encode()) == {"comment": "schön & =gut", "x": ""}
