"""Statistics of rankings, by hand and against their parts."""

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from adis_bench.statistics.crossed import crossed_means
from adis_bench.study.aggregate import aggregate
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import Rejection
from adis_bench.study.results_text import as_text


def _rankings(ranks: list[list[float]], item: list[int], worker: list[int]) -> Rankings:
    names = tuple(f"m{number}" for number in range(len(ranks[0])))
    items, workers = (tuple(map(str, range(max(numbers) + 1))) for numbers in (item, worker))
    return Rankings(names, items, workers, np.array(item), np.array(worker), np.array(ranks, float))


def _study() -> Rankings:
    rng = np.random.default_rng(7)
    worker, item = (numbers.ravel() for numbers in np.indices((5, 12)))
    ranks = np.argsort(np.argsort(rng.normal(size=(60, 4)) + np.array([0.0, 0.4, 0.8, 1.2]))) + 1.0
    return _rankings(ranks.tolist(), item.tolist(), worker.tolist())


def test_keys_are_those_of_the_issue():
    """The object of ``--json``, key by key."""
    found = aggregate(_study(), (Rejection("tie", 2, 5),)).to_json()
    assert list(found) == [
        "n_items",
        "n_workers",
        "n_rankings",
        "rejected",
        "methods",
        "friedman",
        "kendall_w",
        "krippendorff_alpha",
    ]
    assert found["rejected"] == {"tie": 2}
    assert [list(method) for method in found["methods"]] == [["method", "mean_points", "ci_low", "ci_high", "rank_counts"]] * 4
    assert list(found["friedman"]) == ["statistic", "p"]


def test_points_and_intervals():
    """Means of k + 1 - rank, with the intervals of the crossed effects."""
    rankings = _study()
    results, means = aggregate(rankings), crossed_means(5 - rankings.ranks, rankings.worker, rankings.item)
    np.testing.assert_allclose([method.mean_points for method in results.methods], (5 - rankings.ranks).mean(axis=0))
    np.testing.assert_allclose([method.ci_low for method in results.methods], means.mean - means.half)
    np.testing.assert_allclose([method.ci_high for method in results.methods], means.mean + means.half)
    assert (results.n_items, results.n_workers, results.n_rankings) == (12, 5, 60)


def test_friedman_is_over_items():
    """Ranks are averaged over workers first, so that there are as many blocks as items."""
    rankings = _study()
    averaged = rankings.ranks.reshape(5, 12, 4).mean(axis=0).round(6)
    expected = friedmanchisquare(*averaged.T)
    results = aggregate(rankings)
    assert results.friedman_statistic == pytest.approx(expected.statistic)
    assert results.friedman_p == pytest.approx(expected.pvalue)
    assert results.kendall_w == pytest.approx(expected.statistic / 36)


def test_rank_counts_share_places():
    """Two that share places 1 and 2 have half of each, three that share 2 to 4 a third; whole counts are integers."""
    rankings = _rankings([[1.5, 1.5, 3, 4], [1, 3, 3, 3], [1, 2, 3, 4]], [0, 1, 2], [0, 1, 2])
    counts = [method.rank_counts for method in aggregate(rankings).methods]
    assert counts[0] == (2.5, 0.5, 0, 0)
    assert counts[1] == pytest.approx((0.5, 0.5 + 1 / 3 + 1, 1 / 3, 1 / 3))
    assert [sum(of_method) for of_method in counts] == pytest.approx([3] * 4)
    assert sum(of_method[3] for of_method in counts) == pytest.approx(3)
    whole = aggregate(_study()).methods[0].rank_counts
    assert all(isinstance(count, int) for count in whole)


def test_undefined_values_have_reasons():
    """One rating per item has no alpha, one worker no intervals, all ties no test: null, and the text says why."""
    shared = aggregate(_rankings([[1, 2], [2, 1], [1, 2], [1, 2]], [0, 1, 2, 3], [0, 0, 1, 1]))
    assert shared.krippendorff_alpha is None
    assert shared.methods[0].ci_low is not None
    alone = aggregate(_rankings([[1.5, 1.5], [1.5, 1.5]], [0, 1], [0, 0]))
    record = alone.to_json()
    assert record["friedman"] == {"statistic": None, "p": None}
    assert (record["kendall_w"], record["methods"][0]["ci_low"], record["methods"][0]["ci_high"]) == (None, None, None)
    text = as_text(alone)
    for reason in ("all rankings share one worker", "all methods are tied in every item", "no item has rankings of two workers"):
        assert reason in text


def test_alpha_is_over_items_and_methods():
    """Two workers, one item, opposite orders of two methods: the worst there is."""
    results = aggregate(_rankings([[1, 2], [2, 1]], [0, 0], [0, 1]))
    # Units (1, 2) and (2, 1): n(1) = n(2) = 2, d = (4 - 2)^2 = 4; observed 4 pairs * 4 = 16, expected 2 * 4 * 4 = 32; 1 - 3 * 16 / 32.
    assert results.krippendorff_alpha == pytest.approx(-0.5)


def test_intervals_end_where_points_do():
    """Four points are the most there is."""
    worker, item = (numbers.ravel() for numbers in np.indices((4, 3)))
    ranks = [[1, 2, 3, 4]] * 11 + [[2, 1, 3, 4]]
    first, *_, last = aggregate(_rankings(ranks, item.tolist(), worker.tolist())).methods
    assert first.mean_points < first.ci_high == 4.0
    assert (last.ci_low, last.ci_high) == (1.0, 1.0)
