"""Whether metrics order methods as people do: made-up runs whose answer is known, and scipy's correlations."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import kendalltau, rankdata, spearmanr

from adis_bench.errors import DataError, IncompleteRunError
from adis_bench.results import (
    SCHEMA_VERSION,
    ClassPairs,
    DatasetRecord,
    MetricRecord,
    PairScore,
    PairsRecord,
    Results,
    Score,
    write_results,
)
from adis_bench.study.designs import Design
from adis_bench.study.metric_agreement import metric_agreement
from adis_bench.study.rankings import Rankings
from adis_bench.study.simulate import simulate

METHODS = ("ours", "cut", "munit", "adain")


def _run(
    folder: Path, scores: Mapping[str, np.ndarray], lower: tuple[str, ...] = (), sets: Mapping[str, list[float | None]] | None = None
) -> Path:
    """A run with pairs p0 ... and these scores per pair (NaN: not scored); its scores of methods are their means."""
    n = len(next(iter(scores.values())))
    sets = sets or {}
    metrics = [
        MetricRecord(name, "", "", "", name not in lower, None, "", None, "set" if name in sets else "pair") for name in (*scores, *sets)
    ]
    values = {
        name: [float(np.nanmean(column)) if np.isfinite(column).any() else None for column in table.T] for name, table in scores.items()
    }
    found = [
        Score(method, name, value, None, None, n, 0, None if value is not None else "its weights are missing")
        for name, row in {**values, **sets}.items()
        for method, value in zip(METHODS, row, strict=True)
    ]
    pairs = [
        PairScore(
            f"p{i}", method, name, None if np.isnan(table[i, j]) else float(table[i, j]), "missing" if np.isnan(table[i, j]) else None
        )
        for name, table in scores.items()
        for i in range(n)
        for j, method in enumerate(METHODS)
    ]
    dataset = DatasetRecord("made-up", "", "a" * 64, {}, "recorded", {}, {}, {}, {})
    counts = PairsRecord(n, "b" * 64, n, n, ClassPairs(1, 1))
    texts = str(folder), "", "offline", 1, "c" * 64, "demo", 0, 64, "", "", "cpu", "float32", 1, {}, None, None
    write_results(folder, Results(SCHEMA_VERSION, *texts, dataset, counts, (), (), tuple(metrics), tuple(found), (), (), (), {}), pairs)
    groups = {
        "pair_id": [f"p{i}" for i in range(n)],
        "source_group": [f"s{i // 2}" for i in range(n)],
        "target_group": [f"t{i}" for i in range(n)],
    }
    pq.write_table(pa.table(groups), folder / "pairs.parquet")
    return folder


@pytest.fixture(scope="module")
def people() -> Rankings:
    """Sixty items ranked by 15 workers, with clear strengths."""
    return simulate(Design(60, 15, 15), (1.0, 0.4, -0.2, -1.2), 0, methods=METHODS).answers.rankings


IDS = {f"i{number + 1}": f"p{number}" for number in range(60)}


def _mean_points(rankings: Rankings) -> np.ndarray:
    return np.array([rankings.points[rankings.item == item].mean(axis=0) for item in range(len(rankings.items))])


def test_per_item_equals_scipy(tmp_path: Path, people: Rankings):
    """Mean of scipy's correlations over the items, whatever the metric's ties and holes; n counts those with an order."""
    rng = np.random.default_rng(1)
    rough = rng.integers(0, 2, (60, 4)).astype(float)
    holes = np.where(rng.random((60, 4)) < 0.3, np.nan, rng.random((60, 4)))
    found = {metric.metric: metric for metric in metric_agreement(people, IDS, _run(tmp_path, {"rough": rough, "holes": holes}))}
    points = _mean_points(people)
    for name, table in (("rough", rough), ("holes", holes)):
        kept = [(a[np.isfinite(b)], b[np.isfinite(b)]) for a, b in zip(points, table, strict=True)]
        kept = [(a, b) for a, b in kept if np.unique(a).size > 1 and np.unique(b).size > 1]
        assert found[name].n_items == len(kept) < 60
        assert found[name].kendall == pytest.approx(np.mean([kendalltau(a, b).statistic for a, b in kept]))
        assert found[name].spearman == pytest.approx(np.mean([spearmanr(a, b).statistic for a, b in kept]))
        assert found[name].kendall_low < found[name].kendall < found[name].kendall_high
        assert found[name].kendall_high - found[name].kendall_low < 0.6


def test_per_method_equals_scipy(tmp_path: Path, people: Rankings):
    """Scores of the run against mean points of whole methods; sets have only these, and say why."""
    table = np.random.default_rng(2).random((60, 4))
    first, second = metric_agreement(people, IDS, _run(tmp_path, {"pairs": table}, sets={"sets": [3.0, 9.0, 2.0, 2.0]}))
    points = people.points.mean(axis=0)
    for metric, scores in ((first, table.mean(axis=0)), (second, [3.0, 9, 2, 2])):
        assert metric.n_methods == 4
        assert metric.method_kendall == pytest.approx(kendalltau(points, scores).statistic)
        assert metric.method_spearman == pytest.approx(spearmanr(points, scores).statistic)
        assert metric.method_kendall_low <= metric.method_kendall <= metric.method_kendall_high
    assert (second.n_items, second.kendall, second.kendall_low) == (0, None, None)
    assert "no" in second.reason
    # Random scores of four alike methods: their order is anybody's guess, and the interval knows.
    assert first.method_kendall_high - first.method_kendall_low >= 1


def test_a_perfect_metric_and_its_opposite(tmp_path: Path, people: Rankings):
    """What people say is 1, its reverse -1; turned round again where lower is better."""
    points = _mean_points(people)
    run = _run(tmp_path, {"same": points, "reverse": -points, "loss": 5 - points}, lower=("loss",))
    same, reverse, loss = metric_agreement(people, IDS, run)
    for metric, value in ((same, 1), (reverse, -1), (loss, 1)):
        assert metric.kendall == metric.spearman == metric.method_kendall == metric.method_spearman == pytest.approx(value)
        assert metric.kendall_low == metric.kendall_high == pytest.approx(value)
        assert metric.method_kendall_low == metric.method_kendall_high == pytest.approx(value)
    assert [metric.higher_is_better for metric in (same, reverse, loss)] == [True, True, False]


def test_a_method_that_is_always_last(tmp_path: Path, people: Rankings):
    """It has no interval of its own, since its points never move; the correlation over methods has one all the same."""
    ranks = np.column_stack([rankdata(people.ranks[:, :3], axis=1), np.full(len(people.ranks), 4.0)])
    (metric,) = metric_agreement(replace(people, ranks=ranks), IDS, _run(tmp_path, {"same": _mean_points(people)}))
    assert metric.method_kendall == pytest.approx(1)
    assert -1 <= metric.method_kendall_low <= metric.method_kendall_high <= 1


def test_better_metrics_agree_more(tmp_path: Path, people: Rankings):
    """The more noise, the less agreement; intervals tell a good one from noise."""
    rng = np.random.default_rng(3)
    points = _mean_points(people)
    tables = {f"noise {sd}": points + sd * rng.normal(size=points.shape) for sd in (0.3, 1.0)} | {"noise": rng.normal(size=points.shape)}
    good, fair, noise = metric_agreement(people, IDS, _run(tmp_path, tables))
    assert good.kendall_low > fair.kendall > fair.kendall_low > noise.kendall_high
    assert noise.kendall_low < 0 < noise.kendall_high


def test_intervals_hold_the_expected_agreement(tmp_path: Path):
    """150 samples of 40 unrelated items, two to a photograph: about 95 % of the intervals hold 0."""
    rng = np.random.default_rng(4)
    held = 0
    rankings = simulate(Design(40, 2, 2), (0.0, 0.0, 0.0, 0.0), 0, methods=METHODS).answers.rankings
    tables = {f"m{number}": np.repeat(rng.normal(size=(20, 4)), 2, axis=0) for number in range(150)}
    # Both items of a photograph get the same ranks too, so that only 20 are independent.
    twin = rankings.item % 2 == 1
    ranks = rankings.ranks.copy()
    ranks[twin] = ranks[np.flatnonzero(twin) - 2]
    for metric in metric_agreement(replace(rankings, ranks=ranks), IDS, _run(tmp_path, tables)):
        held += metric.kendall_low <= 0 <= metric.kendall_high
    assert 0.88 <= held / 150 <= 0.99


def test_what_is_not_there_has_a_reason(tmp_path: Path, people: Rankings):
    """A metric without scores; fewer than three methods; metrics that are all level."""
    nothing, level = np.full((60, 4), np.nan), np.ones((60, 4))
    two = np.where([True, True, False, False], np.random.default_rng(0).random((60, 4)), np.nan)
    run = _run(tmp_path, {"nothing": nothing, "level": level, "two": two})
    unscored, flat, few = metric_agreement(people, IDS, run)
    assert (unscored.n_items, unscored.kendall, unscored.n_methods, unscored.method_kendall) == (0, None, 0, None)
    assert unscored.reason == "its weights are missing"
    assert unscored.method_reason.endswith("it takes 3: its weights are missing")
    assert (flat.n_items, flat.kendall, flat.n_methods, flat.method_kendall) == (0, None, 4, None)
    assert "none of 60 items" in flat.reason
    assert "same score" in flat.method_reason
    assert few.n_items > 0
    assert (few.n_methods, few.method_kendall) == (2, None)
    assert few.method_reason.startswith("no correlation: 2 of 4 methods")


def test_one_worker_has_no_interval_over_methods(tmp_path: Path):
    """The correlation is there, and why its interval isn't."""
    rankings = simulate(Design(10, 1, 1), (1.0, 0.4, -0.2, -1.2), 0, methods=METHODS).answers.rankings
    (metric,) = metric_agreement(rankings, IDS, _run(tmp_path, {"m": np.random.default_rng(0).random((10, 4))}))
    assert metric.method_kendall is not None
    assert metric.method_kendall_low is None
    assert metric.method_reason == "no interval: all rankings share one worker"


def test_items_of_another_run(tmp_path: Path, people: Rankings):
    """Some strange items are left out; none but strange ones, no run or a damaged one are errors of one line."""
    run = _run(tmp_path / "run", {"m": np.random.default_rng(0).random((60, 4))})
    (metric,) = metric_agreement(people, {item: pair for item, pair in IDS.items() if pair != "p7"}, run)
    assert metric.n_items == 59
    with pytest.raises(DataError, match="none of the 60 items"):
        metric_agreement(people, {}, run)
    with pytest.raises(IncompleteRunError):
        metric_agreement(people, IDS, tmp_path)
    (run / "scores" / "per_pair.parquet").write_bytes(b"damaged")
    with pytest.raises(DataError, match="cannot be read"):
        metric_agreement(people, IDS, run)
