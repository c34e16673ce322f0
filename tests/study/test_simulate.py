"""Simulated studies: who ranks what, what is true of the population, and that answers are what their makers are said to be."""

import numpy as np
import pytest
from scipy.stats import norm, rankdata

from adis_bench.errors import ConfigError
from adis_bench.study.designs import Design, assign
from adis_bench.study.population import Population, expected_points, share_above
from adis_bench.study.records import ScreeningRules
from adis_bench.study.simulate import Simulated, simulate
from adis_bench.study.simulate_options import SimulateOptions
from adis_bench.study.simulated_studies import Setup, population_log_worths, simulated_studies

STRENGTHS = (0.6, 0.2, -0.1, -0.7)


@pytest.mark.parametrize("sizes", [(50, 20, 20), (1000, 20, 1), (103, 20, 7), (60, 40, 20), (3, 10, 1)])
def test_everybody_has_an_equal_share(sizes: tuple[int, int, int]):
    """Each item has its number of rankings, no worker has one twice, and loads differ by one at most."""
    n_items, n_workers, raters = sizes
    worker, item = assign(*sizes)
    assert len(set(zip(worker.tolist(), item.tolist(), strict=True))) == n_items * raters
    assert set(np.bincount(item)) == {raters}
    assert np.ptp(np.bincount(worker, minlength=n_workers)) <= 1


def test_expected_points_by_hand():
    """Two methods a standard deviation of their difference apart: the better one is above in Phi(1) of the rankings."""
    # Var of the difference: 2 (0.5^2 + 0.5^2 + 1) = 3.
    points = expected_points([3**0.5, 0.0], Population())
    np.testing.assert_allclose(points, [1 + norm.cdf(1), 2 - norm.cdf(1)], rtol=1e-12)
    # Plackett-Luce: logistic in the difference of strengths.
    np.testing.assert_allclose(share_above(np.log(3.0), Population(0, 0, "gumbel")), 0.75, rtol=1e-12)


@pytest.mark.parametrize(
    "population", [Population(), Population(0, 0, "gumbel"), Population(1.5, 0.5, "gumbel", 0.7), Population(0.3, 2.0, ties=1.5)], ids=str
)
def test_expected_points_are_those_of_many_rankings(population: Population):
    """200,000 rankings, each by a new worker on a new item: their means are the expected ones."""
    study = simulate(Design(200_000, 200_000, 1), STRENGTHS, 1, population)
    # Points of one ranking have a standard deviation of about 1.1, so means one of 0.0025.
    np.testing.assert_allclose(study.answers.rankings.points.mean(axis=0), study.mean_points, atol=0.011)
    assert study.mean_points.sum() == pytest.approx(10)


@pytest.fixture(scope="module")
def mixed() -> Simulated:
    """100 items ranked by 50 workers, a fifth of each kind, with gold and repeats; ties among those who think."""
    bad = {"random": 0.2, "straight": 0.2, "fast": 0.2, "inverted": 0.2}
    return simulate(Design(100, 50, 50, 40, 10), STRENGTHS, 3, Population(ties=0.3), bad, ("a", "b", "c", "d"))


def _rows(study: Simulated, kind: str) -> np.ndarray:
    return (np.array(study.kinds) == kind)[study.answers.rankings.worker]


def test_rankings_are_valid(mixed: Simulated):
    """Rows are mid-ranks, the ranks by place are the same numbers, and seeds decide everything."""
    rankings = mixed.answers.rankings
    np.testing.assert_array_equal(rankings.ranks, rankdata(rankings.ranks, axis=1))
    np.testing.assert_array_equal(np.sort(rankings.ranks, axis=1), np.sort(mixed.answers.slot_ranks, axis=1))
    assert rankings.methods == ("a", "b", "c", "d")
    again, other = (simulate(Design(9, 5, 5), STRENGTHS, seed).answers.rankings.ranks for seed in (0, 1))
    np.testing.assert_array_equal(simulate(Design(9, 5, 5), STRENGTHS, 0).answers.rankings.ranks, again)
    assert (again != other).any()


def test_workers_are_of_their_kinds(mixed: Simulated):
    """Ten of each kind; by their mean points, orders of places, times, gold and repeats."""
    answers, points = mixed.answers, mixed.answers.rankings.points
    assert {kind: mixed.kinds.count(kind) for kind in mixed.kinds} == dict.fromkeys(("good", "random", "straight", "fast", "inverted"), 10)
    means = {kind: points[_rows(mixed, kind)].mean(axis=0) for kind in set(mixed.kinds)}
    assert means["good"][0] - means["good"][3] > 0.7
    assert means["inverted"][3] - means["inverted"][0] > 0.7
    # Means of 1,000 rankings of standard deviation 1.1.
    assert np.abs(means["random"] - 2.5).max() < 0.15
    assert np.abs(means["straight"] - 2.5).max() < 0.15
    worker = answers.rankings.worker
    orders = [len(np.unique(answers.slot_ranks[worker == number], axis=0)) for number in range(50)]
    assert all((count == 1) == (kind == "straight") for count, kind in zip(orders, mixed.kinds, strict=True))
    assert np.median(answers.rankings.seconds[_rows(mixed, "fast")]) < 4 < np.median(answers.rankings.seconds[_rows(mixed, "random")])
    kind_of = dict(zip(answers.rankings.workers, mixed.kinds, strict=True))
    passed = {kind: np.mean([answer.passed for answer in answers.gold if kind_of[answer.worker] == kind]) for kind in kind_of.values()}
    assert passed["good"] > 0.9
    assert passed["inverted"] < 0.1
    assert abs(passed["random"] - 0.5) < 0.15
    assert len(answers.repeats) == 10 * 50


def test_places_are_balanced():
    """Each method stands about equally often at each place: a straight worker's ranks say so."""
    study = simulate(Design(400, 1, 1), STRENGTHS, 0, bad={"straight": 1.0})
    firsts = (study.answers.rankings.ranks == 1).sum(axis=0)
    np.testing.assert_array_equal(firsts, 100)


def test_impossible_studies_are_refused():
    """Sizes, strengths, names and shares that no study has."""
    for sizes in ((0, 1, 1), (5, 3, 4), (5, 3, 0), (5, 3, 1, -1), (5, 3, 1, 0, 6)):
        with pytest.raises(ConfigError):
            Design(*sizes)
    design = Design(5, 3, 1)
    for options in (
        {"strengths": [0.0]},
        {"strengths": [0.0, np.nan]},
        {"strengths": [0, 1], "methods": ("a", "a")},
        {"strengths": [0, 1], "bad": {"random": 0.6, "fast": 0.6}},
        {"strengths": [0, 1], "bad": {"good": 0.5}},
    ):
        with pytest.raises(ConfigError):
            simulate(design, seed=0, **options)
    with pytest.raises(ConfigError, match="numbers from 0"):
        Population(worker_sd=-1)


def test_studies_show_what_bad_workers_do():
    """40 % bad workers pull all means to the middle; the screening rules take most of that back."""
    setup = Setup(Design(40, 20, 20, 8, 0), STRENGTHS, bad={"random": 0.2, "inverted": 0.2})
    found = simulated_studies(setup, 30, 0)
    assert (found.n_studies, found.n_rankings, found.n_lost) == (30, 800, 0)
    best, best_screened = found.everybody.methods[0], found.screened.methods[0]
    assert best.points - best.found > 0.15
    assert abs(best_screened.points - best_screened.found) < 0.06
    caught = {kind.kind: kind.n_caught / kind.n_workers for kind in found.caught}
    assert caught["inverted"] > 0.95
    assert caught["random"] > 0.7
    assert caught["good"] < 0.05
    first_last = next(pair for pair in found.screened.pairs if (pair.method, pair.against) == ("A", "D"))
    assert first_last.found > 0.9
    assert first_last.found_wrong == 0
    assert [pair.difference > 0 for pair in found.screened.pairs] == [True] * 6


def test_a_study_of_one_worker_has_no_coverage():
    """No intervals: shares are None, not 0."""
    found = simulated_studies(Setup(Design(10, 1, 1), (1.0, 0.0)), 3, 0)
    assert found.everybody.methods[0].covered is None
    assert found.everybody.pairs[0].found is None
    assert found.everybody.methods[0].found_log_worth is None


def test_population_strengths():
    """Gumbel noise alone: the strengths themselves, centred; with spreads they are pulled together."""
    assert population_log_worths((1.0, 0.0), Population(0, 0, "gumbel")) == (0.5, -0.5)
    pulled = population_log_worths((1.0, 0.0), Population(1, 1, "gumbel"))
    # Two methods: the log odds of the share above.
    share = float(share_above(np.array(1.0), Population(1, 1, "gumbel")))
    assert pulled[0] == pytest.approx(np.log(share / (1 - share)) / 2, abs=0.01)
    assert 0.2 < pulled[0] < 0.4


@pytest.mark.parametrize(
    ("sizes", "gold_rate", "rules", "n_gold"),
    [
        ((50, 5, None), None, ScreeningRules(), 4),
        ((200, 5, None), None, ScreeningRules(), 10),
        ((200, 5, 1), None, ScreeningRules(), 20),
        ((150, 5, 1), None, ScreeningRules(), 20),
        ((150, 5, 1), None, ScreeningRules(min_gold=None), 15),
        ((20, 8, 1), None, ScreeningRules(), 2),
        ((200, 5, None), 0.0, ScreeningRules(), 0),
    ],
)
def test_known_answers_are_as_many_as_prepare_takes(
    sizes: tuple[int, int, int | None], gold_rate: float | None, rules: ScreeningRules, n_gold: int
):
    """Unless asked otherwise, four for each worker where the items allow it, and a tenth of the items where workers share them."""
    items, workers, raters = sizes
    options = SimulateOptions("", 3, "", items, workers, "each", raters, gold_rate, 0.0, 0.0, 0.0, 0.5, 0.5, rules)
    assert options.setup().design.n_gold == n_gold
    assert options.setup().rules == rules
