"""Effect sizes by hand, and coverage of their intervals by simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from adis_bench.statistics.effect import paired_effect
from adis_bench.statistics.records import Groups


def alone(n: int) -> Groups:
    """Every pair with a source and a sound of its own."""
    return Groups(np.arange(n), np.arange(n))


def test_by_hand():
    """Differences 1, 2, 3, -2, 0: mean 0.8, variance (0.04 + 1.44 + 4.84 + 7.84 + 0.64) / 4 = 3.7; better in 3 and a half of 5."""
    effect = paired_effect(np.array([1.0, 2.0, 3.0, -2.0, 0.0]), alone(5))
    assert effect.d_z == pytest.approx(0.8 / 3.7**0.5, rel=1e-12)
    assert effect.share_better == 0.7
    assert effect.d_z_interval.low < effect.d_z < effect.d_z_interval.high
    assert 0 <= effect.share_interval.low < 0.7 < effect.share_interval.high <= 1


def test_turns_with_the_sign_and_not_with_the_unit():
    """The other way round d_z changes its sign and the share is what is left to 1; the metric's unit changes nothing."""
    differences = np.random.default_rng(0).standard_normal(40) + 0.3
    effect, turned, scaled = (paired_effect(sign * differences, alone(40)) for sign in (1, -1, 1000))
    assert (turned.d_z, turned.share_better) == (pytest.approx(-effect.d_z), pytest.approx(1 - effect.share_better))
    assert turned.share_interval.low == pytest.approx(1 - effect.share_interval.high)
    assert (scaled.d_z, scaled.d_z_interval.low) == (pytest.approx(effect.d_z), pytest.approx(effect.d_z_interval.low))


def test_interval_of_d_z_is_the_textbooks():
    """For 4,000 independent normal differences the half width is 1.96 sqrt(1 / n + d^2 / (2 n)), to 5 %."""
    effect = paired_effect(np.random.default_rng(0).standard_normal(4000) + 0.8, alone(4000))
    expected = 1.96 * (1 / 4000 + 0.8**2 / 8000) ** 0.5
    assert (effect.d_z_interval.high - effect.d_z_interval.low) / 2 == pytest.approx(expected, rel=0.05)


def test_all_better_is_not_certain():
    """If the first is better in all pairs the share's interval is Wilson's with the fewer groups, 12 sounds, as trials."""
    effect = paired_effect(1 + np.random.default_rng(0).random(60), Groups(np.arange(60), np.arange(60) % 12))
    assert effect.share_better == 1.0
    assert (effect.share_interval.low, effect.share_interval.high) == pytest.approx((12 / (12 + 1.959964**2), 1.0), abs=1e-6)


def test_no_scatter_has_no_d_z():
    """Differences that agree to rounding have a share and no d_z; without any scored pair there is neither; each with its reason."""
    effect = paired_effect(0.1 + np.array([0, 1e-16, 0, -1e-16]), alone(4))
    assert (effect.d_z, effect.share_better) == (None, 1.0)
    assert "do not scatter" in effect.d_z_interval.reason
    nothing = paired_effect(np.full(3, np.nan), alone(3))
    assert (nothing.d_z, nothing.share_better) == (None, None)
    assert nothing.share_interval.reason == "no effect size: no scored pairs"


def test_one_group_has_values_without_intervals():
    """All pairs from one recording: both sizes stand, without intervals, with the reason."""
    effect = paired_effect(np.array([1.0, 2.0, -1.0]), Groups(np.arange(3), np.zeros(3, int)))
    assert effect.share_better == pytest.approx(2 / 3)
    assert effect.d_z is not None
    assert "one sound group" in effect.share_interval.reason
    assert "one sound group" in effect.d_z_interval.reason


def test_unscored_pairs_are_left_out():
    """NaN pairs change nothing."""
    differences = np.array([1.0, 2.0, -1.0, 0.5])
    assert paired_effect(np.append(differences, np.nan), alone(5)) == paired_effect(differences, alone(4))


def coverage(n: int, n_sources: int, n_sounds: int, shares: tuple[float, float], shift: float) -> tuple[float, float]:
    """Of 600 simulated sets of differences, of variance 1 around ``shift``, how many intervals hold d_z and the share."""
    generator = np.random.default_rng([n, n_sources, n_sounds])
    held = np.zeros(2)
    for _ in range(600):
        groups = Groups(np.resize(generator.permutation(n_sources), n), np.resize(generator.permutation(n_sounds), n))
        differences = shift + (
            shares[0] ** 0.5 * generator.standard_normal(n_sources)[groups.sources]
            + shares[1] ** 0.5 * generator.standard_normal(n_sounds)[groups.sounds]
            + (1 - sum(shares)) ** 0.5 * generator.standard_normal(n)
        )
        effect = paired_effect(differences, groups)
        known = ((effect.d_z_interval, shift), (effect.share_interval, norm.cdf(shift)))
        held += [interval.low <= truth <= interval.high for interval, truth in known]
    return held[0] / 600, held[1] / 600


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "n_sources", "n_sounds", "shares", "shift"),
    [
        (240, 240, 240, (0.0, 0.0), 0.0),
        (240, 240, 240, (0.0, 0.0), 2.0),
        (240, 60, 60, (0.3, 0.3), 0.5),
        (240, 60, 30, (0.2, 0.2), 1.5),
        (60, 60, 60, (0.0, 0.0), 0.5),
    ],
)
def test_coverage_over_designs(n, n_sources, n_sounds, shares, shift):
    """600 simulations of each design: 95 % intervals of both sizes cover in 91 to 99 %."""
    assert all(0.91 <= held <= 0.99 for held in coverage(n, n_sources, n_sounds, shares, shift))
