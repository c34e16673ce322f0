"""Percentiles among others of other classes."""

import numpy as np
import pytest

from adis_bench.metrics import _cosine, _rank
from adis_bench.metrics._rank import percentile_among_others


def unit(rows: list[list[float]]) -> np.ndarray:
    """Unit rows."""
    return _cosine.unit(np.array(rows))


def test_shares_by_hand():
    """Own cosine 0.6 beats 0 and -1 and loses to 0.8: two of three; an equal one counts half; those of one's own class don't count."""
    row, own = unit([[1, 0]]), unit([[0.6, 0.8]])
    others = unit([[0, 1], [-1, 0], [0.8, 0.6], [1, 0]])
    labels, other_labels = np.array([0]), np.array([1, 1, 1, 0])
    assert percentile_among_others(row, own, others, labels, other_labels) == pytest.approx([2 / 3])
    tied = np.concatenate([others, own])
    assert percentile_among_others(row, own, tied, labels, np.array([1, 1, 1, 0, 1])) == pytest.approx([2.5 / 4])


def test_what_cannot_be_said_is_not_a_number():
    """No direction, or no other class: NaN for that row alone; others without direction are left out."""
    rows = _cosine.unit(np.array([[1.0, 0], [0, 0], [0, 1]]))
    others = _cosine.unit(np.array([[0.0, 1], [0, 0]]))
    got = percentile_among_others(rows, rows, others, np.array([0, 0, 1]), np.array([1, 0]))
    assert got[0] == 1.0
    assert np.isnan(got[1:]).all()


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch):
    """The same shares however many rows are compared at a time."""
    rng = np.random.default_rng(0)
    units, own, others = (_cosine.unit(rng.standard_normal((n, 5))) for n in (23, 23, 40))
    labels, other_labels = rng.integers(3, size=23), rng.integers(3, size=40)
    whole = percentile_among_others(units, own, others, labels, other_labels)
    monkeypatch.setattr(_rank, "_ROWS", 4)
    assert np.array_equal(percentile_among_others(units, own, others, labels, other_labels), whole)


def test_unrelated_rows_are_at_chance():
    """Without any relation half of the others are beaten: 0.5 within five standard errors."""
    rng = np.random.default_rng(1)
    units, own, others = (_cosine.unit(rng.standard_normal((400, 16))) for _ in range(3))
    labels = np.zeros(400, int)
    got = percentile_among_others(units, own, others, labels, labels + 1)
    assert abs(got.mean() - 0.5) < 5 * got.std() / 20
