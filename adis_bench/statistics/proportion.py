"""The interval of a proportion."""

from statistics import NormalDist

from adis_bench.statistics.records import LEVEL, Interval


def wilson(successes: float, n: float) -> Interval:
    """Wilson's score interval: inside [0, 1], and of positive width at 0 and 1, where a bootstrap has none.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22:209; recommended by Brown, Cai, DasGupta 2001, Stat. Sci. 16:101.

    Args:
        successes: 0 to n; a fraction of n where n counts groups and not trials.
        n: number of independent trials; a fraction where it is an effective number.

    >>> wilson(5, 10).low, wilson(5, 10).high
    (0.2365930905125641, 0.7634069094874359)
    """
    if n < 1:
        return Interval(None, None, "no interval: no trials")
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes in {n} trials")
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return Interval(max(0.0, centre - half), min(1.0, centre + half))
