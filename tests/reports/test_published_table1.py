"""The published Table 1: its numbers, and where they may stand."""

from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.results import ExtractorRecord
from reports import published_table1
from reports.table1_scores import LABELS, VARIANTS
from reports.table_record import Column
from tests.reports.table1_runs import table1_results


def _results(protocol="paper", kind="into_the_wild", preset="released", verified=True, present=94):
    made = table1_results(Path("/nowhere"))
    extractors = (*made.extractors, ExtractorRecord("openl3_image", "", "3" * 64, {"verified": verified}))
    dataset = replace(
        made.dataset, name="wild", recipe={"kind": kind}, notes={"availability": {"listed": 94, "present": present, "hours": 1.5}}
    )
    return replace(made, protocol=protocol, preset=preset, dataset=dataset, extractors=extractors)


def test_the_numbers_are_the_papers():
    """Appendix, Table 1 (protocol.md, section 0, item 2), digit by digit."""
    found = published_table1.published()
    assert [(c.name, c.metric, c.higher_is_better) for c in found.columns] == [
        ("AVC", "openl3_avc", True),
        ("FID", "fid", False),
        ("CLIP", "clip_similarity", True),
    ]
    assert found.values == {
        "scratch": ("0.820", "34.139", "0.238"),
        "selavi": ("0.822", "32.882", "0.242"),
        "wav2clip": ("0.831", "30.334", "0.246"),
    }
    assert list(found.values) == [variant.key for variant in VARIANTS]


def test_nothing_stands_in_the_way_where_protocol_and_dataset_are_the_papers():
    """Then the numbers may stand in one table."""
    assert published_table1.obstacles(_results()) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"protocol": "offline"}, "The protocol is offline, not paper"),
        ({"protocol": "extended"}, "The protocol is extended, not paper"),
        ({"kind": "folder"}, "The dataset is wild, not the paper's Into the Wild"),
        ({"present": 93}, "Only 93 of the 94 videos of Into the Wild are in the dataset (1.5 h)"),
        ({"verified": False}, "openl3_image are UNVERIFIED"),
    ],
)
def test_one_difference_keeps_them_apart(change, words):
    """Another protocol, another dataset, a part of it or unverified weights, each said by itself."""
    (reason,) = published_table1.obstacles(_results(**change))
    assert words in reason


def test_a_name_proves_nothing():
    """A folder that somebody calls like the paper's dataset is not the paper's dataset."""
    dataset = _results(kind="folder").dataset
    assert not published_table1.is_into_the_wild(replace(dataset, name="into_the_wild"))
    assert published_table1.is_into_the_wild(replace(dataset, recipe={"kind": "into_the_wild"}))


def test_another_budget_is_a_remark():
    """It keeps nothing apart, but it is said; what the publication leaves open is said in any case."""
    assert [len(published_table1.remarks(_results(preset=preset))) for preset in ("released", "appendix", "small")] == [1, 1, 2]
    assert "The preset is small" in published_table1.remarks(_results(preset="small"))[0]


def test_beside_a_run_they_stand_under_their_own_metrics():
    """In whatever order the run has its columns; where the paper has no number, nothing stands."""
    columns = (Column("fid", False), Column("structure_similarity", True), Column("openl3_avc", True))
    rows = published_table1.rows_beside(LABELS, columns, dict.fromkeys(LABELS, "m0"))
    assert [[cell.value for cell in row.cells] for row in rows] == [
        ["34.139", "", "0.820"],
        ["32.882", "", "0.822"],
        ["30.334", "", "0.831"],
    ]
    assert {row.kind for row in rows} == {"published"}


def test_by_themselves_they_say_why():
    """The reasons are the notes of their own table."""
    table = published_table1.own_table(LABELS, ("another protocol",))
    assert table.notes == ("another protocol",)
    assert "not comparable" in table.title
    assert [column.head for column in table.columns] == ["AVC ↑", "FID ↓", "CLIP ↑"]
