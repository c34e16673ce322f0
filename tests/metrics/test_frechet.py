"""The Fréchet distance against Clean-FID, closed forms and finite differences."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adis_bench.metrics import _frechet
from adis_bench.metrics._frechet import Moments, Rows, frechet_distance, influence, merge, moments, prepared, state_of


def sample(seed: int, n: int, d: int) -> np.ndarray:
    """Correlated rows off the origin, of falling variance."""
    generator = np.random.default_rng(seed)
    scales = np.arange(1, d + 1) ** -0.5
    return generator.standard_normal((n, d)) * scales @ (np.eye(d) + 0.2 * generator.standard_normal((d, d))) + generator.standard_normal(d)


def clean_fid(first: np.ndarray, second: np.ndarray) -> float:
    """The value by Clean-FID's own function, with scipy's square root of a matrix."""
    fid = pytest.importorskip("cleanfid.fid")
    return float(fid.frechet_distance(first.mean(0), np.cov(first, rowvar=False), second.mean(0), np.cov(second, rowvar=False)))


# Clean-FID passes an argument that scipy 1.18 removes; why this suite has its own root.
pytestmark = pytest.mark.filterwarnings("ignore:The `disp` argument:DeprecationWarning")


@pytest.mark.parametrize(("n", "m", "d"), [(300, 500, 40), (41, 41, 40), (1000, 200, 96)])
def test_equals_clean_fid_beyond_d(n, m, d):
    """With more rows than dimensions the value is Clean-FID's to 1e-6."""
    first, second = sample(0, n, d), sample(1, m, d)
    assert frechet_distance(state_of(first), state_of(second)) == pytest.approx(clean_fid(first, second), rel=1e-6)


@pytest.mark.parametrize(("n", "m", "d"), [(20, 30, 64), (20, 300, 64), (300, 20, 64)])
def test_equals_clean_fid_below_d(n, m, d):
    """With fewer rows than dimensions it agrees as far as scipy's root of a singular matrix can (1e-5)."""
    first, second = sample(0, n, d), sample(1, m, d)
    assert frechet_distance(state_of(first), state_of(second)) == pytest.approx(clean_fid(first, second), rel=1e-5)


def test_closed_form_in_one_dimension():
    """In one dimension it is (m1 - m2)^2 + (s1 - s2)^2."""
    first, second = np.array([[0.0], [2.0], [4.0]]), np.array([[9.0], [10.0], [11.0]])
    # Means 2 and 10; variances (4 + 0 + 4) / 2 = 4 and (1 + 0 + 1) / 2 = 1: 64 + (2 - 1)^2.
    assert frechet_distance(state_of(first), state_of(second)) == pytest.approx(65.0, rel=1e-12)


def test_closed_form_below_d_parallel_and_orthogonal():
    """Two rows along one axis of five: variances meet on a common axis, and only add up on different ones."""
    along = np.zeros((2, 5))
    along[:, 0] = [3.0, -3.0]  # variance (9 + 9) / 1 = 18
    parallel, orthogonal = np.zeros((2, 5)), np.zeros((2, 5))
    parallel[:, 0] = orthogonal[:, 1] = [1.0, -1.0]  # variance 2
    # Parallel: (sqrt 18 - sqrt 2)^2 = (3 sqrt 2 - sqrt 2)^2 = 8. Orthogonal: 18 + 2.
    assert frechet_distance(state_of(along), state_of(parallel)) == pytest.approx(8.0, rel=1e-12)
    assert frechet_distance(state_of(along), state_of(orthogonal)) == pytest.approx(20.0, rel=1e-12)


@pytest.mark.parametrize(("first", "second"), [(Rows, moments), (moments, Rows), (moments, moments)])
def test_rows_and_moments_agree(first, second):
    """A set kept as rows and the same set kept as moments give one distance, to what a singular covariance allows."""
    x, y = sample(2, 60, 24), sample(3, 15, 24)

    def kept(kind, rows):
        return moments(Rows(rows)) if kind is moments else Rows(rows)

    assert frechet_distance(kept(first, x), kept(second, y)) == pytest.approx(frechet_distance(Rows(x), Rows(y)), rel=1e-6)


def test_constant_dimensions_are_no_failure():
    """A covariance that has no Cholesky factor, n > d all the same, gives the distance of what varies."""
    x = np.zeros((10, 3))
    x[:, 1] = np.arange(10)
    y = x * 2
    # Means 4.5 and 9; standard deviations s and 2 s with s^2 = 82.5 / 9.
    assert frechet_distance(state_of(x), state_of(y)) == pytest.approx(4.5**2 + 82.5 / 9, rel=1e-7)


def test_state_is_bounded():
    """Rows are kept up to d of them; beyond, mean and scatter, however many rows follow."""
    assert isinstance(state_of(sample(0, 8, 8)), Rows)
    grown = merge(state_of(sample(0, 8, 8)), state_of(sample(1, 1, 8)))
    assert isinstance(grown, Moments)
    assert (grown.n, grown.mean.shape, grown.scatter.shape) == (9, (8,), (8, 8))


def test_merge_far_from_the_origin_keeps_the_variance():
    """Where E[xx'] - mm' would have no digit left (mean 1e8, variance 1) the merged scatter is right to 1e-6."""
    x = np.random.default_rng(0).standard_normal((400, 3))
    merged = state_of(x[:40] + 1e8)
    for start in range(40, 400, 40):
        merged = merge(merged, state_of(x[start : start + 40] + 1e8))
    np.testing.assert_allclose(moments(merged).scatter, moments(Rows(x + 1e8)).scatter, rtol=1e-6, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(0, 9), min_size=3, max_size=5), st.integers(1, 12), st.randoms())
def test_merge_is_associative_and_ignores_order(seed, sizes, d, random):
    """However shards are split, ordered and bracketed, moments and distance are those of the whole."""
    generator = np.random.default_rng(seed)
    rows = generator.standard_normal((sum(sizes), d)) + generator.standard_normal(d) * 3
    shards = [state_of(part) for part in np.split(rows, np.cumsum(sizes)[:-1])]
    a, b, *rest = shards
    left, right = merge(merge(a, b), rest[0]), merge(a, merge(b, rest[0]))
    shuffled = list(shards)
    random.shuffle(shuffled)
    total, turned = shards[0], shuffled[0]
    for shard in shards[1:]:
        total = merge(total, shard)
    for shard in shuffled[1:]:
        turned = merge(turned, shard)
    whole = state_of(rows)
    for first, second in ((left, right), (total, whole), (turned, whole)):
        assert first.n == second.n
        if first.n:
            np.testing.assert_allclose(moments(first).mean, moments(second).mean, atol=1e-9)
            np.testing.assert_allclose(moments(first).scatter, moments(second).scatter, atol=1e-8)
    other = state_of(generator.standard_normal((7, d)))
    if whole.n >= 2:
        assert frechet_distance(turned, other) == pytest.approx(frechet_distance(whole, other), rel=1e-6, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(1, 12), st.floats(0, 4), st.randoms())
def test_shards_equal_the_one_shot_result_to_1e_10(seed, sizes, d, offset, random):
    """Merged in twos in any order, moments are the one-shot ones to 1e-10 of their norm, with means up to 10,000 deviations off."""
    generator = np.random.default_rng(seed)
    rows = generator.standard_normal((sum(sizes) + d + 1, d)) + 10**offset
    whole = moments(Rows(rows))
    states = [state_of(part) for part in np.split(rows, np.cumsum(sizes))]
    random.shuffle(states)
    while len(states) > 1:
        first, second = states.pop(), states.pop()
        states.insert(random.randrange(len(states) + 1), merge(first, second))
    merged = moments(states[0])
    assert merged.n == whole.n
    assert np.linalg.norm(merged.mean - whole.mean) <= 1e-10 * np.linalg.norm(whole.mean)
    assert np.linalg.norm(merged.scatter - whole.scatter) <= 1e-10 * np.linalg.norm(whole.scatter)


def test_blocks_equal_the_one_shot_result(monkeypatch):
    """Rows beyond d are taken in blocks: state and influence are those of all rows at once, to 1e-10."""
    monkeypatch.setattr(_frechet, "_MIN_BLOCK", 1)
    rows, other = sample(0, 200, 24).astype(np.float32), state_of(sample(1, 90, 24))
    blocked, blocked_influence = state_of(rows), influence(rows, other)
    monkeypatch.setattr(_frechet, "_MIN_BLOCK", 1000)
    whole = moments(Rows(rows.astype(np.float64)))
    assert np.linalg.norm(blocked.scatter - whole.scatter) <= 1e-10 * np.linalg.norm(whole.scatter)
    np.testing.assert_allclose(blocked_influence, influence(rows, other), rtol=1e-8, atol=1e-12)


def peak_bytes(work) -> int:
    """The most that numpy holds at once while this runs, beyond what was there."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_n():
    """Ten times the rows take the same memory for the state, and for the influence only the 8 bytes a row of its result, twice."""
    few, many = (np.random.default_rng(0).standard_normal((n, 64)).astype(np.float32) for n in (4_000, 40_000))
    other = prepared(state_of(few))
    assert peak_bytes(lambda: state_of(many)) < 1.02 * peak_bytes(lambda: state_of(few))
    grown = peak_bytes(lambda: influence(many, other)) - peak_bytes(lambda: influence(few, other))
    assert grown < 4 * 8 * 36_000 < many.nbytes / 4


@pytest.mark.parametrize(("n", "m"), [(15, 60), (60, 15), (60, 90), (15, 20)])
def test_prepared_changes_nothing(n, m):
    """A reference worked out beforehand gives the values it gives as a state, to the bit."""
    x, y = sample(2, n, 24), state_of(sample(3, m, 24))
    assert frechet_distance(state_of(x), prepared(y)) == frechet_distance(state_of(x), y)
    np.testing.assert_array_equal(influence(x, prepared(y)), influence(x, y))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 30), st.integers(2, 30), st.integers(1, 15))
def test_zero_to_itself_symmetric_and_positive(seed, n, m, d):
    """FD(x, x) = 0, FD(x, y) = FD(y, x) >= 0, on either side of n = d."""
    generator = np.random.default_rng(seed)
    x, y = state_of(generator.standard_normal((n, d))), state_of(generator.standard_normal((m, d)) * 2)
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-6)
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x), rel=1e-6, abs=1e-6)
    assert frechet_distance(x, y) >= 0


def test_too_few_rows_are_not_a_number():
    """One row has no covariance: the distance is NaN, not 0."""
    assert np.isnan(frechet_distance(state_of(np.ones((1, 4))), state_of(sample(0, 9, 4))))
    assert np.isnan(influence(np.ones((1, 4)), state_of(sample(0, 9, 4)))).all()


@pytest.mark.parametrize(("n", "m", "d"), [(12, 20, 30), (12, 90, 30), (60, 20, 30), (60, 90, 30)])
def test_influence_is_the_derivative_in_the_weights(n, m, d):
    """Each row's influence is the numerical derivative of the distance in its weight, whichever side is smaller."""
    x, y = sample(4, n, d), sample(5, m, d)
    centred = y - y.mean(0)

    def weighted(weights):
        mean = weights @ x
        factor = (x - mean) * np.sqrt(weights * n / (n - 1))[:, None]
        cross = np.linalg.svd(factor @ centred.T / np.sqrt(m - 1), compute_uv=False).sum()
        return ((mean - y.mean(0)) ** 2).sum() + (factor**2).sum() + (centred**2).sum() / (m - 1) - 2 * cross

    moved = influence(x, state_of(y))
    step = 1e-5
    for row in range(5):
        direction = np.full(n, -1 / n**2)
        direction[row] += 1 / n
        derivative = (weighted(1 / n + step * direction) - weighted(1 / n - step * direction)) / (2 * step)
        assert moved[row] == pytest.approx(derivative, rel=1e-4, abs=1e-6)
    assert abs(moved.sum()) < 1e-10
    np.testing.assert_allclose(influence(x, _frechet.Rows(y)), moved, rtol=1e-6, atol=1e-9)
