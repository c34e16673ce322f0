"""How scores move along the steps of a sweep: rank correlations per pair, their mean, and what no effect would look like."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from adis_bench.seeding import generator
from adis_bench.statistics.rank_correlation import kendall, spearman
from adis_bench.statistics.records import LEVEL, Groups, Interval
from adis_bench.sweeps.records import Curve, StepScore, Toward, Trend
from adis_bench.sweeps.shared import Floats, Shared

N_SHUFFLES = 1000
"""Shuffles of the steps (ours): the ends of the null interval are then known to about a twentieth of its width."""
_ROWS_AT_ONCE = 50_000  # of shuffled pairs: 2.5 million signs each way at 7 steps


def curve(metric: str, toward: Toward, scores: Floats, steps: Floats, shared: Shared, seed: int) -> Curve:
    """A method's scores with everything that is said of them.

    Args:
        metric: name.
        toward: what the scores are about.
        scores: float64 [n, k]; NaN where not scored.
        steps: float64 [k], rising.
        shared: what the n pairs share.
        seed: of resamples and shuffles.
    """
    scored = np.isfinite(scores)
    n_scored = scored.sum(axis=0)
    means = np.where(scored, scores, 0.0).sum(axis=0) / np.maximum(n_scored, 1)
    intervals = shared.intervals(scores, seed)
    rhos = spearman(np.broadcast_to(steps, scores.shape), scores)
    return Curve(
        metric=metric,
        toward=toward,
        steps=tuple(
            StepScore(float(mean) if n else None, interval.low, interval.high, int(n))
            for mean, n, interval in zip(means, n_scored, intervals, strict=True)
        ),
        trend=_trend(scores, steps, rhos, shared, seed),
        scores=tuple(tuple(_known(value) for value in row) for row in scores),
        rhos=tuple(_known(rho) for rho in rhos),
    )


def _trend(scores: Floats, steps: Floats, rhos: Floats, shared: Shared, seed: int) -> Trend:
    taus = kendall(np.broadcast_to(steps, scores.shape), scores)
    defined, unscored = np.isfinite(rhos), np.isfinite(scores).sum(axis=1) < 2
    null_low, null_high, null_monotone = _null(scores, steps, shared.groups, seed)
    changes = scores[:, -1] - scores[:, 0]
    change = _mean(changes)
    moved = shared.intervals(changes[:, None], seed)[0]
    rising, falling = _monotone(scores)
    rho = _mean(rhos)
    interval, p = _correlation_interval(rhos, shared, seed)
    return Trend(
        rho=rho,
        ci_low=interval.low,
        ci_high=interval.high,
        p=p,
        tau=_mean(taus),
        n=int(defined.sum()),
        n_undefined=int((~defined & ~unscored).sum()),
        n_unscored=int(unscored.sum()),
        null_low=null_low,
        null_high=null_high,
        n_complete=int(np.isfinite(scores).all(axis=1).sum()),
        n_rising=int(rising.sum()),
        n_falling=int(falling.sum()),
        null_monotone=null_monotone,
        change=change,
        change_low=moved.low if change is not None else None,
        change_high=moved.high if change is not None else None,
        reason=interval.reason if rho is not None else "not defined: no pair's score changes along the steps",
    )


def _correlation_interval(rhos: Floats, shared: Shared, seed: int) -> tuple[Interval, float | None]:
    """The interval of the mean rho within -1 to 1, and the p of the test that it is 0."""
    found = rhos[np.isfinite(rhos)]
    if not found.size:
        return Interval(None, None, "no interval: no pair has a correlation"), None
    p = shared.p(rhos)
    interval = shared.intervals(rhos[:, None], seed)[0]
    if interval.low is None or interval.high is None:
        return interval, p
    if np.ptp(found) == 0:
        # A width of 0 would claim to know it exactly.
        return Interval(None, None, f"no interval: all {found.size} pairs have the same correlation"), p
    return Interval(max(-1.0, interval.low), min(1.0, interval.high)), p


def _null(scores: Floats, steps: Floats, groups: Groups, seed: int) -> tuple[float | None, float | None, float | None]:
    """95 % of the mean rho, and the share of monotone pairs, when nothing but chance orders the steps.

    All pairs of one target recording are shuffled alike: they may move together, and the mean of few recordings scatters more. Pairs that
    share a source only are shuffled apart: groups of all that is connected would often be one, and leave nothing to shuffle.
    """
    means: list[Floats] = []
    monotone: list[float] = []
    for shuffled in _shuffled(scores, groups, seed):
        n_shuffles, n, k = shuffled.shape
        rows = shuffled.reshape(-1, k)
        rhos = spearman(np.broadcast_to(steps, rows.shape), rows).reshape(n_shuffles, n)
        defined = np.isfinite(rhos)
        means.append(np.where(defined, rhos, 0.0).sum(axis=1) / np.maximum(defined.sum(axis=1), 1))
        if not defined.any():
            return None, None, None
        rising, falling = _monotone(rows)
        complete = int(np.isfinite(rows).all(axis=1).sum())
        monotone.append(float((rising | falling).sum()) / complete if complete else float("nan"))
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high), _mean(np.array(monotone))


def _shuffled(scores: Floats, groups: Groups, seed: int) -> Iterator[Floats]:
    """Scores with shuffled steps, float64 [shuffles, n, k] at a time."""
    rng = generator("sweep-null", seed)
    n, k = scores.shape
    numbers = np.unique(groups.sounds, return_inverse=True)[1]
    n_groups, step = int(numbers.max(initial=-1)) + 1, max(1, _ROWS_AT_ONCE // max(n, 1))
    for start in range(0, N_SHUFFLES, step):
        n_shuffles = min(step, N_SHUFFLES - start)
        orders = rng.permuted(np.tile(np.arange(k), (n_shuffles, n_groups, 1)), axis=2)
        yield np.take_along_axis(np.broadcast_to(scores, (n_shuffles, n, k)), orders[:, numbers], axis=2)


def _monotone(scores: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a row has all scores and never falls, and whether it never rises; neither where it stays the same."""
    moves = np.diff(scores, axis=1)  # NaN where either is missing, and comparisons with it are false
    rising, falling = np.all(moves >= 0, axis=1), np.all(moves <= 0, axis=1)
    return np.asarray(rising & ~falling, np.bool_), np.asarray(falling & ~rising, np.bool_)


def _mean(values: Floats) -> float | None:
    found = values[np.isfinite(values)]
    return float(found.mean()) if found.size else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
