"""Coverage in 2,000 simulated studies of each kind: mean points, differences and Plackett-Luce strengths, in one go."""

import pytest

from adis_bench.study.designs import Design
from adis_bench.study.population import Population
from adis_bench.study.records import ScreeningRules
from adis_bench.study.simulated_studies import Checks, Setup, simulated_studies

STRENGTHS = (0.6, 0.2, -0.1, -0.7)
DESIGNS = {
    "crossed": Design(50, 20, 20),  # 20 workers rank the same 50 items
    "one rating": Design(1000, 20, 1),  # 20 workers share 1,000 items, 50 each
    "twenty ratings": Design(60, 40, 20),  # 60 items with 20 ratings each, of 40 workers
}
POPULATIONS = {
    "thurstone": Population(),
    "all alike": Population(0.0, 0.0),
    "only workers differ": Population(0.5, 0.0),
    "only items differ": Population(0.0, 0.5),
    "plackett-luce": Population(0.0, 0.0, "gumbel"),
    "gumbel, tastes": Population(0.5, 0.5, "gumbel"),
}


def _rates(checks: Checks) -> dict[str, float]:
    """Mean coverage over methods, over pairs, and of the strengths."""
    return {
        "points": sum(method.covered for method in checks.methods) / 4,
        "differences": sum(pair.covered for pair in checks.pairs) / 6,
        "log worths": sum(method.covered_log_worth for method in checks.methods) / 4,
    }


@pytest.mark.slow
@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover_in_many_studies(design: str, population: str):
    """95 % within 2 for each of the three, and strengths that are right on average; workers and items may differ or not."""
    checks = simulated_studies(Setup(DESIGNS[design], STRENGTHS, POPULATIONS[population]), 2000, 1).everybody
    rates = _rates(checks)
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates
    for method in checks.methods:
        assert method.found == pytest.approx(method.points, abs=0.015)
        assert method.found_log_worth == pytest.approx(method.log_worth, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("population", ["thurstone", "all alike"])
@pytest.mark.parametrize("design", [Design(10, 5, 5), Design(50, 5, 5), Design(300, 5, 1), Design(100, 3, 3)], ids=str)
def test_intervals_of_few_workers(design: Design, population: str):
    """3 or 5 workers: wider than they need be where these don't differ, as docs/study.md says, and little too narrow where they do."""
    rates = _rates(simulated_studies(Setup(design, STRENGTHS, POPULATIONS[population]), 1000, 1).everybody)
    assert all(0.925 <= rate <= 0.985 for rate in rates.values()), rates


@pytest.mark.slow
@pytest.mark.parametrize("design", [Design(50, 20, 20, 8), Design(1000, 20, 1, 160)], ids=["crossed", "one rating"])
def test_standard_screening_leaves_coverage_as_it_is(design: Design):
    """95 % within 2 after the standard rules too, where workers differ as much as chance does and all of them are good."""
    rates = _rates(simulated_studies(Setup(design, STRENGTHS, Population(1.0, 0.5)), 2000, 1).screened)
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


def test_screening_by_the_outcome_breaks_coverage():
    """60 studies where tastes differ: the standard rules leave coverage as it is, agreement with the others as a rule does not."""
    design, population = Design(50, 20, 20, 8), Population(1.0, 0.5)
    standard, by_outcome = (
        simulated_studies(Setup(design, STRENGTHS, population, rules=rules), 60, 0)
        for rules in (ScreeningRules(), ScreeningRules(min_agreement=0.0))
    )
    assert standard.everybody == by_outcome.everybody
    before, after = _rates(standard.everybody), _rates(standard.screened)
    assert all(abs(after[name] - before[name]) < 0.02 for name in before), (before, after)
    assert _rates(by_outcome.screened)["points"] < before["points"] - 0.05


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover(design: str):
    """60 studies: nothing is grossly wrong."""
    rates = _rates(simulated_studies(Setup(DESIGNS[design], STRENGTHS), 60, 0).everybody)
    assert all(rate >= 0.87 for rate in rates.values()), rates
