"""Cost, pay and power of a study."""

import json
from pathlib import Path

from adis_bench.study.estimate import estimate, read_estimate
from tests.study.studies import make_study


def test_costs_of_both_ways(tmp_path: Path):
    """8 items x 20 workers at 5 cents: 160 assignments, $8; 40 % fee in one HIT ($3.20), 20 % in three ($1.60)."""
    study, _ = make_study(tmp_path, raters=20)
    found = estimate(study, 20.0)
    assert (found.n_items, found.n_rankings) == (8, 160)
    assert [(way.hit_sizes, way.cost.n_hits, way.cost.reward, way.cost.fee, way.cost.total) for way in found.ways] == [
        ((20,), 8, 8.0, 3.2, 11.2),
        ((7, 7, 6), 24, 8.0, 1.6, 9.6),
    ]
    # 5 cents in 20 s are $9 an hour; 8 items take 160 s = 0.044 h.
    assert (found.hourly_pay, found.hours_per_worker) == (9.0, 0.04)


def test_few_raters_have_one_way(tmp_path: Path):
    """Up to nine assignments of a HIT there is nothing to split."""
    study, _ = make_study(tmp_path, raters=9)
    assert [way.name for way in estimate(study, 30.0).ways] == ["one HIT per item"]


def test_power_is_that_of_the_ranked_items(tmp_path: Path):
    """Gold and repeats don't count; more items find smaller differences."""
    few, _ = make_study(tmp_path / "few", n_items=6, raters=6)
    many, _ = make_study(tmp_path / "many", n_items=40, raters=6)
    first, second = estimate(few, 30.0).power, estimate(many, 30.0).power
    assert (first.n_items, first.n_workers, first.n_methods) == (6, 6, 4)
    assert second.difference is not None
    assert first.difference is None or second.difference < first.difference


def test_the_record_is_read_back(tmp_path: Path):
    """As it was; what is damaged or of another schema counts as missing."""
    study, _ = make_study(tmp_path, raters=12)
    found = estimate(study, 30.0)
    path = tmp_path / "estimate.json"
    assert read_estimate(path) is None
    path.write_text(json.dumps(found.to_json()))
    assert read_estimate(path) == found
    for damaged in (path.read_text()[:-9], path.read_text().replace('"schema_version": 1', '"schema_version": 2')):
        path.write_text(damaged)
        assert read_estimate(path) is None


def test_the_record_is_json(tmp_path: Path):
    """It can be written as it is, and says what was assumed."""
    study, _ = make_study(tmp_path, raters=12)
    record = json.loads(json.dumps(estimate(study, 30.0).to_json(), allow_nan=False))
    assert record["ways"][1]["cost"]["total"] == estimate(study, 30.0).ways[1].cost.total
    assert any("30 s" in text for text in record["assumptions"])
    assert any("not counted" in text for text in record["assumptions"])
