"""The smallest difference that a study finds, against theory and against studies drawn otherwise."""

import numpy as np
import pytest
from scipy.stats import nct, norm, t

from adis_bench.errors import ConfigError
from adis_bench.study.designs import Design
from adis_bench.study.population import Population
from adis_bench.study.power import smallest_difference
from adis_bench.study.simulated_studies import Setup, simulated_studies


def test_equals_the_power_of_the_t_test():
    """Two methods, one item per worker, no spreads: the t test of 400 independent differences of +1 and -1."""
    found = smallest_difference(400, 400, 1, 2, population=Population(0, 0))
    # Points differ by 1 or -1 with mean d and variance 1 - d^2; noncentral t at 80 %.
    differences = np.linspace(0.05, 0.3, 2000)
    shifts = differences * (400 / (1 - differences**2)) ** 0.5
    powers = nct.sf(t.ppf(0.975, 399), 399, shifts)
    expected = differences[np.searchsorted(powers, 0.8)]
    assert found.difference == pytest.approx(expected, abs=4 * found.error)
    assert found.error < 0.03 * expected
    assert found.share_better == pytest.approx((1 + found.difference) / 2, abs=0.005)


def test_is_found_by_four_of_five_studies():
    """Studies from the simulator, with methods this far apart, find the difference about that often."""
    found = smallest_difference(40, 12, 12, 3, seed=2)
    # The gap of strengths behind the share; the difference of two utilities has variance 2 (0.5^2 + 0.5^2 + 1) = 3.
    gap = norm.ppf(found.share_better) * 3**0.5
    checks = simulated_studies(Setup(Design(40, 12, 12), (gap / 2, 0.0, -gap / 2)), 300, 5).everybody
    pair = next(pair for pair in checks.pairs if (pair.method, pair.against) == ("A", "C"))
    assert pair.difference == pytest.approx(found.difference, rel=0.01)
    assert pair.found == pytest.approx(0.8, abs=0.09)  # four standard errors


def test_more_of_everything_finds_less():
    """Workers count most where all rank everything; the seed moves the result little, and repeats give the same."""
    few, many = smallest_difference(50, 10, 10, 4), smallest_difference(50, 40, 40, 4)
    assert many.difference < 0.7 * few.difference
    again, other = smallest_difference(50, 10, 10, 4), smallest_difference(50, 10, 10, 4, seed=1)
    assert again == few
    assert other.difference == pytest.approx(few.difference, rel=0.1)


def test_assumptions_are_in_the_record():
    """Size, spreads, seed and the number of studies."""
    found = smallest_difference(30, 6, 2, 3, 7, Population(0.2, 0.9, ties=0.5))
    assert (found.n_items, found.n_workers, found.raters, found.n_methods, found.seed) == (30, 6, 2, 3, 7)
    assert (found.worker_sd, found.item_sd, found.power) == (0.2, 0.9, 0.8)
    assert found.n_studies >= 40
    assert found.reason == ""


def test_too_small_a_study_says_so():
    """One worker has no interval; two workers can't find anything if tastes differ much."""
    alone = smallest_difference(50, 1, 1, 4)
    assert alone.difference is None
    assert alone.reason == "no interval: all rankings share one worker"
    hopeless = smallest_difference(3, 2, 2, 2)
    assert hopeless.difference is None
    assert "add workers" in hopeless.reason
    with pytest.raises(ConfigError):
        smallest_difference(50, 5, 5, 1)
    with pytest.raises(ConfigError):
        smallest_difference(50, 5, 6, 4)
