"""Krippendorff's alpha: the published example, small ones by hand, and the definition by brute force."""

from itertools import permutations

import numpy as np
import pytest

from adis_bench.statistics.krippendorff import ordinal_alpha

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability: four observers (rows), twelve units, 0 is missing.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)


def _long(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rater, unit = np.nonzero(table)
    return unit, table[rater, unit].astype(float)


def _brute_force(unit: np.ndarray, values: np.ndarray) -> float:
    """From the definition, pair by pair, without coincidences."""
    groups = [values[unit == name] for name in np.unique(unit)]
    groups = [group for group in groups if len(group) > 1]
    pooled = np.concatenate(groups)

    def distance(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = ((pooled >= low) & (pooled <= high)).sum()
        return float((between - ((pooled == low).sum() + (pooled == high).sum()) / 2) ** 2)

    observed = sum(distance(a, b) / (len(group) - 1) for group in groups for a, b in permutations(group, 2)) / len(pooled)
    expected = sum(distance(a, b) for a, b in permutations(pooled, 2)) / (len(pooled) * (len(pooled) - 1))
    return 1 - observed / expected


def test_published_example():
    """The ordinal alpha of the published data, 0.815."""
    assert ordinal_alpha(*_long(PUBLISHED)).value == pytest.approx(0.815, abs=5e-4)


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_definition(seed: int):
    """Random ratings with missing ones, mid-ranks and units of one rater."""
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, 15, 50)
    values = np.round(unit / 5 + rng.normal(size=50)) / 2
    assert ordinal_alpha(unit, values).value == pytest.approx(_brute_force(unit, values), rel=1e-10)


def test_by_hand():
    """Two units, two raters: 1 1 and 1 2."""
    # n(1) = 3, n(2) = 1, d(1, 2) = (4 - 2)^2 = 4. Observed: 2 ordered pairs * 4 = 8; expected: 2 * 3 * 1 * 4 = 24; 1 - 3 * 8 / 24.
    assert ordinal_alpha(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 1.0, 2.0])).value == pytest.approx(0.0)


def test_agreement_is_one_and_only_order_counts():
    """All agree: 1; and a monotone change of the values changes nothing."""
    unit, values = _long(PUBLISHED)
    assert ordinal_alpha(unit, unit.astype(float)).value == 1.0
    assert ordinal_alpha(unit, np.exp(values)).value == pytest.approx(ordinal_alpha(unit, values).value)


def test_undefined():
    """No unit of two raters, or one value only: none, and why."""
    alone = ordinal_alpha(np.arange(4), np.arange(4.0))
    assert alone.value is None
    assert "no item has rankings of two workers" in alone.reason
    same = ordinal_alpha(np.zeros(4, int), np.ones(4))
    assert same.value is None
    assert "the same" in same.reason
