"""Which automatic metric orders the methods as people do: correlations per item and per method, for every metric of a run.

Per item: the methods' mean points on the item against their scores on the item's pair, by Kendall's tau-b and Spearman's rho,
averaged over items. One item says next to nothing, the mean over hundreds does, however few the methods. Its interval is for new
items: pairs that share a photograph or a recording are dependent (``statistics/clustered.py``). The workers are taken as they are.

Per method: mean points of whole methods against the run's scores. With three to five methods there are 6 to 120 orders, so the
correlation jumps from value to value: little can be said. The interval is of a bootstrap over items and workers: deviations as in
``statistics/bootstrap.py``, scaled so that mean points scatter as their crossed intervals say. Of a metric of pairs the resampled
items move its scores too, around the run's; the score of a metric of sets stays as it is.

Signs are turned where lower is better. Source of the intervals' kinds: Deutsch, Dror, Roth 2021, TACL 9:1132 (system-level
correlations of metrics with people need intervals, and resampling of inputs is one way to them).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import DataError
from adis_bench.results import PER_PAIR_NAME, MetricRecord, Results, read_results
from adis_bench.seeding import generator
from adis_bench.statistics.clustered import clustered_interval
from adis_bench.statistics.crossed import CrossedMeans, crossed_means
from adis_bench.statistics.rank_correlation import kendall, spearman
from adis_bench.statistics.records import LEVEL, Groups, Interval
from adis_bench.study.rankings import Rankings
from adis_bench.study.results import MetricAgreement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_GROUPS = ("source_group", "target_group")
_RESAMPLES = 2000
"""Ours: the ends of an interval are quantiles of that many; of a handful of possible values more resamples choose no better."""
_FEWEST = 3
"""Methods below which a correlation over methods is 1 or -1, whatever they are."""


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """What people said of m items and k methods.

    Attributes:
        methods: k labels.
        pair_ids: m, of the run; empty where an item is none of its pairs.
        n_rankings: float64 [m], at least 1.
        points: float64 [m, k], sums over the rankings: in the order of the means, and exact, so that ties stay ties.
        by_worker: float64 [workers, k], sums of the rankings' points less their mean.
        groups: of the pairs.
        means: of the points over all rankings, with crossed errors.
    """

    methods: tuple[str, ...]
    pair_ids: tuple[str, ...]
    n_rankings: Floats
    points: Floats
    by_worker: Floats
    groups: Groups
    means: CrossedMeans


@dataclass(frozen=True, slots=True)
class _PerItem:
    """Means over items with intervals; ``reason`` why there are none."""

    n_items: int = 0
    kendall: float | None = None
    spearman: float | None = None
    kendall_interval: Interval = Interval(None, None)
    spearman_interval: Interval = Interval(None, None)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _PerMethod:
    """Of whole methods; ``reason`` why there is none, or no interval."""

    n_methods: int
    kendall: float | None = None
    spearman: float | None = None
    kendall_interval: Interval = Interval(None, None)
    spearman_interval: Interval = Interval(None, None)
    reason: str = ""


def metric_agreement(rankings: Rankings, pair_ids: Mapping[str, str], run_dir: Path) -> tuple[MetricAgreement, ...]:
    """Compare every metric of a run with people, in the run's order.

    Args:
        rankings: after screening, if there are rules; methods that the run doesn't have count as not scored.
        pair_ids: the pair of the run behind each item id; others may be in it too.
        run_dir: a scored run.

    Raises:
        IncompleteRunError: the run has no results yet.
        DataError: its files cannot be read, or no item is one of its pairs.
    """
    results = read_results(run_dir)
    people = _people(rankings, pair_ids, run_dir)
    scores = _pair_scores(run_dir, people)
    return tuple(_compare(metric, people, results, scores.get(metric.name)) for metric in results.metrics)


def _compare(metric: MetricRecord, people: _People, results: Results, scores: Floats | None) -> MetricAgreement:
    sign = 1.0 if metric.higher_is_better else -1.0
    scores = None if scores is None else sign * scores
    if metric.kind == "set":
        items = _PerItem(reason="a score of all outputs together: there is none per item")
    elif scores is None or not np.isfinite(scores).any():
        items = _PerItem(reason=_not_scored(metric, people, results) or "not scored on any of the items")
    else:
        items = _per_item(people, scores)
    found = {score.method: score.value for score in results.scores if score.metric == metric.name}
    values = np.array([np.nan if (value := found.get(method)) is None else value for method in people.methods], np.float64)
    methods = _per_method(people, sign * values, scores if metric.kind == "pair" else None, _not_scored(metric, people, results))
    return MetricAgreement(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        n_items=items.n_items,
        kendall=items.kendall,
        kendall_low=items.kendall_interval.low,
        kendall_high=items.kendall_interval.high,
        spearman=items.spearman,
        spearman_low=items.spearman_interval.low,
        spearman_high=items.spearman_interval.high,
        n_methods=methods.n_methods,
        method_kendall=methods.kendall,
        method_kendall_low=methods.kendall_interval.low,
        method_kendall_high=methods.kendall_interval.high,
        method_spearman=methods.spearman,
        method_spearman_low=methods.spearman_interval.low,
        method_spearman_high=methods.spearman_interval.high,
        reason=items.reason,
        method_reason=methods.reason,
    )


def _not_scored(metric: MetricRecord, people: _People, results: Results) -> str:
    """The run's reasons why it has no score of these methods, or an empty string."""
    named = [score.reason for score in results.scores if score.metric == metric.name and score.method in people.methods and score.reason]
    return "; ".join(dict.fromkeys(named))


def _per_item(people: _People, scores: Floats) -> _PerItem:
    taus, rhos = kendall(people.points, scores), spearman(people.points, scores)
    used = np.isfinite(taus)  # just where rho is
    if not used.any():
        return _PerItem(reason=f"on none of {len(taus)} items have both the people and the metric an order of the methods")
    of_tau, of_rho = (_interval(values, used, people.groups) for values in (taus, rhos))
    return _PerItem(int(used.sum()), float(taus[used].mean()), float(rhos[used].mean()), of_tau, of_rho, of_tau.reason)


def _interval(values: Floats, used: NDArray[np.bool_], groups: Groups) -> Interval:
    mean = float(values[used].mean())
    interval = clustered_interval(mean, (values - mean) / used.sum(), groups, np.zeros(len(values), np.int64))
    return _within(interval)


def _within(interval: Interval) -> Interval:
    """No correlation lies outside -1 ... 1, so the part of an interval that does covers nothing."""
    if interval.low is None or interval.high is None:
        return interval
    return Interval(max(interval.low, -1.0), min(interval.high, 1.0))


def _per_method(people: _People, values: Floats, scores: Floats | None, not_scored: str) -> _PerMethod:
    scored = np.isfinite(values)
    n = int(scored.sum())
    if n < _FEWEST:
        few = f"no correlation: {n} of {values.size} methods are scored, and it takes {_FEWEST}"
        return _PerMethod(n, reason=f"{few}: {not_scored}" if not_scored else few)
    points, values = people.means.mean[scored], values[scored]
    tau, rho = float(kendall(points[None], values[None])[0]), float(spearman(points[None], values[None])[0])
    if not np.isfinite(tau):
        return _PerMethod(n, reason="no correlation: all methods have the same mean points, or the same score")
    if people.means.reason:
        return _PerMethod(n, tau, rho, reason=people.means.reason)
    rng = generator("metric-agreement", len(people.points), len(people.by_worker))
    draws = _draws(len(people.points), rng)
    drawn_points = _drawn_points(people, draws, rng)[:, scored]
    drawn_values = values if scores is None else values + _moved(scores[:, scored], draws)
    drawn_values = np.broadcast_to(drawn_values, drawn_points.shape)
    of_tau, of_rho = (_quantiles(correlation(drawn_points, drawn_values)) for correlation in (kendall, spearman))
    return _PerMethod(n, tau, rho, of_tau, of_rho)


def _draws(n: int, rng: np.random.Generator) -> Floats:
    """How often more than once each of n is drawn, float64 [_RESAMPLES, n]."""
    return np.asarray(rng.multinomial(n, np.full(n, 1 / n), size=_RESAMPLES) - 1, np.float64)


def _drawn_points(people: _People, draws: Floats, rng: np.random.Generator) -> Floats:
    """Mean points over resamples, float64 [_RESAMPLES, k]: those of the items as given, those of the workers drawn here."""
    residuals = people.points - people.n_rankings[:, None] * people.means.mean
    deviations = draws @ residuals + _draws(len(people.by_worker), rng) @ people.by_worker
    spread = np.sqrt(np.square(residuals).sum(axis=0) + np.square(people.by_worker).sum(axis=0))
    # A method whose points are alike in all rankings has no interval, and does not move.
    wanted = np.nan_to_num(people.means.half) / NormalDist().inv_cdf((1 + LEVEL) / 2)
    return np.asarray(people.means.mean + deviations * np.divide(wanted, spread, out=np.zeros_like(spread), where=spread > 0), np.float64)


def _moved(scores: Floats, draws: Floats) -> Floats:
    """How far the methods' mean scores move in each resample of the items, float64 [_RESAMPLES, methods].

    The run's own score can be of more pairs than people saw, or a mean over classes: so it is moved, not replaced.
    """
    known = np.isfinite(scores)
    inside = np.where(known, scores, 0.0)
    counts = (draws + 1) @ known
    means = np.divide((draws + 1) @ inside, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    own = inside.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(counts > 0, means - own, 0.0)


def _quantiles(values: Floats) -> Interval:
    known = values[np.isfinite(values)]  # a resample in which all methods are level has no correlation
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")  # a value that occurs, not one between
    return Interval(float(low), float(high))


def _people(rankings: Rankings, pair_ids: Mapping[str, str], run_dir: Path) -> _People:
    numbers, item = np.unique(rankings.item, return_inverse=True)
    pairs = tuple(pair_ids.get(rankings.items[number], "") for number in numbers)
    sides = {row["pair_id"]: row for row in _rows(run_dir, "pairs.parquet", ("pair_id", "source_group", "target_group"))}
    known = sum(pair in sides for pair in pairs)
    if not known:
        raise DataError(f"none of the {len(pairs)} items is a pair of {run_dir}; name the run that the study was made from")
    points = np.zeros((len(pairs), len(rankings.methods)))
    np.add.at(points, item, rankings.points)
    n_rankings = np.bincount(item).astype(np.float64)
    means = crossed_means(rankings.points, rankings.worker, rankings.item)
    workers, worker = np.unique(rankings.worker, return_inverse=True)
    by_worker = np.zeros((workers.size, len(rankings.methods)))
    np.add.at(by_worker, worker, rankings.points - means.mean)
    # Items that are no pairs of the run have no scores, so whatever group they get is never used.
    groups = [np.unique([sides[pair][column] if pair in sides else "" for pair in pairs], return_inverse=True)[1] for column in _GROUPS]
    sampled = Groups(*(group.astype(np.int64) for group in groups))
    return _People(rankings.methods, pairs, n_rankings, points, by_worker, sampled, means)


def _pair_scores(run_dir: Path, people: _People) -> dict[str, Floats]:
    """The scores of the items' pairs by metric, float64 [m, k] each, NaN where there is none."""
    places: dict[str, list[int]] = {}
    for place, pair in enumerate(people.pair_ids):
        places.setdefault(pair, []).append(place)
    columns = {method: column for column, method in enumerate(people.methods)}
    shape = people.points.shape
    found: dict[str, Floats] = {}
    for row in _rows(run_dir, PER_PAIR_NAME, ("pair_id", "method", "metric", "value")):
        at, column = places.get(row["pair_id"]), columns.get(row["method"])
        if at is not None and column is not None and row["value"] is not None:
            found.setdefault(row["metric"], np.full(shape, np.nan))[at, column] = row["value"]
    return found


def _rows(run_dir: Path, name: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_table(run_dir / name, columns=list(columns)).to_pylist())
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise DataError(f"{run_dir / name} cannot be read ({error}); score the run again with `adis-bench score {run_dir}`") from error
