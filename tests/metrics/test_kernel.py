"""KID's kernel statistics against torch-fidelity, torchmetrics, Clean-FID, the definition, and leaving one out."""

import numpy as np
import pytest
import torch

from adis_bench.metrics import _kernel


def sample(seed: int, n: int, d: int = 12) -> np.ndarray:
    """Non-negative skewed rows, as Inception's are."""
    return np.random.default_rng(seed).gamma(1.0, 0.5, (n, d)).astype(np.float32)


def means(x: np.ndarray, y: np.ndarray) -> _kernel.Means:
    """The row means of the first set."""
    return _kernel.Means(_kernel.own_means(x), _kernel.cross_means(x, y))


def mmd2(x: np.ndarray, y: np.ndarray) -> float:
    """The value of two sets."""
    return _kernel.discrepancy(means(x, y), float(_kernel.own_means(y).mean()))


def test_by_hand_in_one_dimension():
    """Rows 0 and 1 against 1 and 2, kernel (xy + 1)^3 by hand."""
    x, y = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    # k(0, 1) = 1; k(1, 2) = 27; across: k(0, 1) = 1, k(0, 2) = 1, k(1, 1) = 8, k(1, 2) = 27: mean 37 / 4.
    assert mmd2(x, y) == pytest.approx(1 + 27 - 2 * 37 / 4, rel=1e-15)


def test_is_torch_fidelity_with_one_block_of_everything():
    """Torch-fidelity's estimate on a single subset of all rows is ours."""
    kid = pytest.importorskip("torch_fidelity.metric_kid")
    x, y = sample(0, 70).astype(np.float64), sample(1, 70).astype(np.float64) * 1.2
    theirs = kid.kid_features_to_metric(torch.from_numpy(x), torch.from_numpy(y), kid_subsets=1, kid_subset_size=70, verbose=False)
    assert mmd2(x, y) == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-10)


def test_is_torchmetrics_with_one_block_of_everything():
    """So is torchmetrics's."""
    kid = pytest.importorskip("torchmetrics.image.kid")
    x, y = sample(0, 70).astype(np.float64), sample(1, 70).astype(np.float64) * 1.2
    theirs = kid.poly_mmd(torch.from_numpy(x), torch.from_numpy(y), degree=3, gamma=None, coef=1.0)
    assert mmd2(x, y) == pytest.approx(float(theirs), rel=1e-10)


def test_blocks_tend_to_it():
    """The mean of 4,000 random blocks of Clean-FID's, each of 20 rows, lies within four of its standard errors (under 2 %) of ours."""
    fid = pytest.importorskip("cleanfid.fid")
    x, y = sample(0, 60).astype(np.float64), sample(1, 60).astype(np.float64) * 2
    np.random.seed(0)  # noqa: NPY002 - Clean-FID draws from the global state
    blocks = [fid.kernel_distance(y, x, num_subsets=100, max_subset_size=20) for _ in range(40)]
    error = np.std(blocks, ddof=1) / 40**0.5
    assert abs(np.mean(blocks) - mmd2(x, y)) < 4 * error
    assert error < 0.02 * mmd2(x, y)


def test_blocks_of_rows_change_nothing(monkeypatch):
    """Whether rows are taken in blocks of 7 or all at once, means are the same to rounding."""
    x, y = sample(0, 40), sample(1, 33)
    whole = means(x, y)
    monkeypatch.setattr(_kernel, "_BLOCK", 7)
    parts = means(x, y)
    np.testing.assert_allclose(parts.own, whole.own, rtol=1e-13)
    np.testing.assert_allclose(parts.cross, whole.cross, rtol=1e-13)


def test_unbiased_where_sets_are_alike():
    """Over 300 draws of 10 rows from the reference's own distribution the mean lies within three standard errors of 0."""
    generator = np.random.default_rng(0)
    values = [mmd2(*generator.gamma(1.0, 0.5, (2, 10, 6))) for _ in range(300)]
    assert abs(np.mean(values)) < 3 * np.std(values) / 300**0.5
    assert min(values) < 0


def test_influence_is_leaving_one_out():
    """The influence sums to zero and is what the value loses without the row, to 1 in n."""
    x, y = sample(0, 200), sample(1, 150) * 1.3
    moved = _kernel.influence(means(x, y))
    assert abs(moved.sum()) < 1e-12
    without = np.array([mmd2(np.delete(x, row, axis=0), y) for row in range(20)])
    np.testing.assert_allclose(mmd2(x, y) - without, moved[:20], rtol=0.02, atol=0.02 * abs(moved).max())
