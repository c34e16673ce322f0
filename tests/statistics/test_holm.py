"""Holm's correction against hand-computed families."""

import numpy as np
import pytest

from adis_bench.statistics.holm import holm


def test_by_hand():
    """Four tests: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04 raised to the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_never_above_one_and_keeps_the_order():
    """Adjusted values stop at 1, never fall below the raw ones, and rank as they do."""
    raw = [0.9, 0.5, 0.7, 0.001]
    assert holm(raw) == pytest.approx([1.0, 1.0, 1.0, 0.004])


def test_one_test_is_left_as_it_is():
    """A family of one needs no correction, and an empty one has none."""
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_missing_tests_do_not_count():
    """None stays None and leaves the others' correction alone."""
    assert holm([0.02, None, 0.03]) == [0.04, None, 0.04]


def test_family_wise_error():
    """Among 2,000 families of 10 true null hypotheses at most 6 % reject any at 0.05, where uncorrected 40 % would."""
    p_values = np.random.default_rng(0).random((2000, 10))
    assert np.mean([min(holm(list(family))) < 0.05 for family in p_values]) < 0.06
    assert np.mean(p_values.min(axis=1) < 0.05) > 0.35
