"""Intervals of means over crossed workers and items: textbook cases by hand, and coverage by simulation."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import rankdata, t

from adis_bench.statistics.crossed import crossed_means

STRENGTHS = np.array([0.6, 0.2, -0.1, -0.7])


class Design(NamedTuple):
    """Who ranks what: int64 [n] each."""

    worker: np.ndarray
    item: np.ndarray


class Spread(NamedTuple):
    """Standard deviations of a method's utility by worker, by item and by ranking."""

    worker: float
    item: float
    rest: float = 1.0


def _crossed() -> Design:
    """20 workers rank the same 50 items."""
    return Design(np.repeat(np.arange(20), 50), np.tile(np.arange(50), 20))


def _one_rating() -> Design:
    """20 workers share 1,000 items, 50 each."""
    return Design(np.repeat(np.arange(20), 50), np.arange(1000))


def _twenty_ratings() -> Design:
    """60 items with 20 ratings each by 40 workers of 30 items."""
    item = np.repeat(np.arange(60), 20)
    return Design(np.arange(1200) % 40, item)


def _ragged() -> Design:
    """200 items with 3 ratings each; of 30 workers some do ten times as much as others."""
    rng = np.random.default_rng(5)
    chances = np.geomspace(1, 10, 30) / np.geomspace(1, 10, 30).sum()
    worker = np.concatenate([rng.choice(30, 3, replace=False, p=chances) for _ in range(200)])
    return Design(worker, np.repeat(np.arange(200), 3))


def _unequal_shares() -> Design:
    """20 workers share 1,000 items; the busiest does 17 times as much as the least busy."""
    edges = np.round(np.geomspace(1, 17, 20).cumsum() / np.geomspace(1, 17, 20).sum() * 1000)
    return Design(np.searchsorted(edges, np.arange(1000), side="right"), np.arange(1000))


def _few() -> Design:
    """5 workers rank the same 10 items."""
    return Design(np.repeat(np.arange(5), 10), np.tile(np.arange(10), 5))


DESIGNS = {"crossed": _crossed, "one rating": _one_rating, "twenty ratings": _twenty_ratings, "ragged": _ragged, "unequal": _unequal_shares}
SPREADS = {
    "typical": Spread(0.5, 0.5),
    "workers differ much": Spread(1.0, 0.3),
    "workers are alike": Spread(0.0, 0.5),
    "items are alike": Spread(0.5, 0.0),
    "all are alike": Spread(0.0, 0.0),
}


def _coverage(design: Design, spread: Spread, n_studies: int, seed: int = 0) -> float:
    """Share of the intervals (four methods in each study) that hold the expected points."""
    rng = np.random.default_rng(seed)
    k, n_workers, n_items = len(STRENGTHS), design.worker.max() + 1, design.item.max() + 1
    # Of two methods the better in a ranking of a new worker on a new item: differences are normal.
    total = np.sqrt(2 * (spread.worker**2 + spread.item**2 + spread.rest**2))
    truth = 1 + ndtr((STRENGTHS[:, None] - STRENGTHS) / total).sum(axis=1) - 0.5
    held = 0
    for start in range(0, n_studies, 100):
        shape = (min(100, n_studies - start), k)
        utility = STRENGTHS + spread.worker * rng.standard_normal((n_workers, *shape))[design.worker]
        utility = utility + spread.item * rng.standard_normal((n_items, *shape))[design.item]
        utility += spread.rest * rng.standard_normal(utility.shape)
        points = utility.argsort(axis=2).argsort(axis=2) + 1.0
        means = crossed_means(points.reshape(len(points), -1), *design)
        held += int((np.abs(means.mean - np.tile(truth, shape[0])) <= means.half).sum())
    return held / (n_studies * k)


def test_designs_are_what_they_say():
    """No worker sees an item twice, and everybody does as much as stated."""
    for make in DESIGNS.values():
        design = make()
        assert len(set(zip(*design, strict=True))) == len(design.worker)
    for design, per_worker, per_item in ((_crossed(), 50, 20), (_one_rating(), 50, 1), (_twenty_ratings(), 30, 20)):
        assert set(np.bincount(design.worker)) == {per_worker}
        assert set(np.bincount(design.item)) == {per_item}


@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_cover(name: str):
    """300 studies: 95 % within what chance and the dependence of the four methods allow."""
    assert 0.92 <= _coverage(DESIGNS[name](), SPREADS["typical"], 300) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_cover_in_many_studies(name: str, spread: str):
    """2,000 studies: 95 % within 2."""
    assert 0.93 <= _coverage(DESIGNS[name](), SPREADS[spread], 2000, seed=1) <= 0.97


@pytest.mark.parametrize("name", ["crossed", "twenty ratings"])
def test_intervals_are_not_too_wide_where_all_are_alike(name: str):
    """1,000 studies in which neither workers nor items differ: components below 0 stay so (set to 0, 97 % and more were covered)."""
    assert 0.935 <= _coverage(DESIGNS[name](), SPREADS["all are alike"], 1000) <= 0.965


@pytest.mark.parametrize("spread", SPREADS)
def test_few_workers_cover_too(spread: str):
    """1,000 studies of 5 workers and 10 items: no less than 95 %, and more where nobody differs: 4 degrees of freedom tell little."""
    assert 0.93 <= _coverage(_few(), SPREADS[spread], 1000) <= 0.985


def test_crossed_equals_the_analysis_of_variance():
    """Where everybody ranks everything the error is the two-way table's, with Satterthwaite's degrees of freedom."""
    table = np.random.default_rng(3).normal(size=(6, 1)) + np.random.default_rng(4).normal(size=(6, 9)) + np.linspace(0, 4, 9)
    row, column = table.mean(axis=1), table.mean(axis=0)
    ms_row = 9 * row.var(ddof=1)
    ms_column = 6 * column.var(ddof=1)
    ms_rest = np.square(table - row[:, None] - column + table.mean()).sum() / (5 * 8)
    worker, item = (numbers.ravel() for numbers in np.indices(table.shape))
    means = crossed_means(table.reshape(-1, 1), worker, item)
    total = ms_row + ms_column - ms_rest
    assert means.error[0] == pytest.approx((total / 54) ** 0.5)
    # The rest has n - 6 = 48 degrees here instead of the 40 of the table.
    assert means.degrees[0] == pytest.approx(total**2 / (ms_row**2 / 5 + ms_column**2 / 8 + ms_rest**2 / 48))


def test_one_rating_each_is_students_interval_of_the_workers():
    """Nobody shares an item: the t interval of the workers' means, whichever way is called worker."""
    values = np.array([1.0, 2.0, 2.0, 3.0, 6.0, 7.0])
    # Means 1.5, 2.5, 6.5: variance 7, error sqrt(7 / 3), two degrees of freedom.
    ways = np.array([0, 0, 1, 1, 2, 2]), np.arange(6)
    for worker, item in (ways, ways[::-1]):
        means = crossed_means(values[:, None], worker, item)
        assert means.error[0] == pytest.approx((7 / 3) ** 0.5)
        assert means.half[0] == pytest.approx(t.ppf(0.975, 2) * (7 / 3) ** 0.5)


def test_independent_values_have_students_interval():
    """Nobody and nothing occurs twice: the textbook's interval."""
    values = np.array([1.0, 2.0, 4.0, 5.0, 8.0])
    means = crossed_means(values[:, None], np.arange(5), np.arange(5)[::-1])
    assert means.mean[0] == 4.0
    assert means.half[0] == pytest.approx(2.776445 * (7.5 / 5) ** 0.5, rel=1e-6)


@pytest.mark.parametrize("worker", ["worker", "item"])
def test_one_group_has_no_interval(worker: str):
    """One worker, or one item, says nothing about others: no interval, and why."""
    ways = {"worker": np.arange(3), "item": np.arange(3), worker: np.zeros(3, int)}
    means = crossed_means(np.arange(3.0)[:, None], ways["worker"], ways["item"])
    assert np.isnan(means.half).all()
    assert means.mean[0] == 1.0
    assert means.reason == f"no interval: all rankings share one {worker}"


def test_order_and_columns_do_not_matter():
    """Rows in another order, and each column alone, give the same."""
    rng = np.random.default_rng(0)
    design = _ragged()
    values = rankdata(rng.normal(size=(600, 4)), axis=1)
    means, order = crossed_means(values, *design), rng.permutation(600)
    again = crossed_means(values[order], design.worker[order], design.item[order])
    np.testing.assert_allclose(again.half, means.half, rtol=1e-9)
    np.testing.assert_allclose(crossed_means(values[:, 2:3], *design).half, means.half[2:3], rtol=1e-9)


def test_no_scatter_is_no_interval():
    """A column in which everybody always says the same has a mean and no interval, least of all one of width 0; others keep theirs."""
    ways = [numbers.ravel() for numbers in np.indices((3, 4))]
    alone = crossed_means(np.ones((12, 1)), *ways)
    assert np.isnan(alone.half[0])
    assert alone.reason == "no interval: all rankings are alike, there is no scatter to judge by"
    values = np.random.default_rng(0).normal(size=12)
    both = crossed_means(np.column_stack([np.full(12, 0.1), values]), *ways)
    assert (both.mean[0], both.alike.tolist(), both.reason) == (pytest.approx(0.1), [True, False], "")
    assert np.isnan(both.half[0])
    assert both.half[1] == pytest.approx(crossed_means(values[:, None], *ways).half[0])
