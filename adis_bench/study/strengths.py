"""Plackett-Luce strengths of the methods, with intervals for new workers and new items."""

from adis_bench.statistics.crossed import crossed_means
from adis_bench.statistics.plackett_luce import TIES, plackett_luce
from adis_bench.study.method_results import ends, why_none
from adis_bench.study.rankings import Rankings
from adis_bench.study.results import PlackettLuce, Strength


def strengths(rankings: Rankings) -> PlackettLuce:
    """Fit the model to all rankings as if they were independent; the intervals know that they share workers and items.

    The estimate plus n times a ranking's influence is treated as that ranking's value: the mean of these values is the
    estimate, and their crossed variance is its variance to first order.

    Args:
        rankings: at least one, of two methods or more.
    """
    fitted = plackett_luce(rankings.ranks)
    means = crossed_means(fitted.log_worth + len(rankings.ranks) * fitted.influence, rankings.worker, rankings.item)
    separated = _separated(rankings, fitted.ahead)
    low, high = fitted.log_worth - means.half, fitted.log_worth + means.half
    found = [
        Strength(
            method,
            float(fitted.worth[column]),
            float(fitted.log_worth[column]),
            *((None, None) if separated else ends(low[column], high[column])),
        )
        for column, method in enumerate(rankings.methods)
    ]
    return PlackettLuce(tuple(found), TIES, separated or why_none(means, rankings.methods))


def _separated(rankings: Rankings, ahead: tuple[int, ...]) -> str:
    if not ahead:
        return ""
    first = ", ".join(rankings.methods[column] for column in ahead)
    stands = "stands" if len(ahead) == 1 else "stand"
    return (
        f"no interval: {first} {stands} above all others in every ranking, so that no finite strengths are the most likely; "
        "each method was given half a win and half a loss against an imagined one"
    )
