"""Fréchet distance at d = 2048: ours from cached states, against Clean-FID's function from cached moments."""

import numpy as np
import pytest

from adis_bench.metrics._frechet import frechet_distance, state_of

D = 2048
# Clean-FID passes an argument that scipy 1.18 removes.
pytestmark = pytest.mark.filterwarnings("ignore:The `disp` argument:DeprecationWarning")


def features(seed: int, n: int) -> np.ndarray:
    """Rows whose deviations fall as those of network features do."""
    return np.random.default_rng(seed).standard_normal((n, D)) * np.arange(1, D + 1) ** -0.5


@pytest.fixture(scope="module", params=[5000, 500], ids=["n=5000", "n=500"])
def sets(request) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of one size: beyond d, or below."""
    return features(0, request.param), features(1, request.param) * 1.1


def test_ours(benchmark, sets):
    """Ours, one warm round after another."""
    benchmark.group = f"Fréchet distance, d = {D}, n = {len(sets[0])}"
    states = [state_of(rows) for rows in sets]
    assert benchmark.pedantic(frechet_distance, states, rounds=3, warmup_rounds=1) > 0


def test_clean_fid(benchmark, sets):
    """Clean-FID's, once (it takes a minute), and equal to ours: to 1e-6 beyond d, to its root's noise below."""
    fid = pytest.importorskip("cleanfid.fid")
    benchmark.group = f"Fréchet distance, d = {D}, n = {len(sets[0])}"
    moments = [part for rows in sets for part in (rows.mean(0), np.cov(rows, rowvar=False))]
    theirs = benchmark.pedantic(fid.frechet_distance, moments, rounds=1)
    ours = frechet_distance(*(state_of(rows) for rows in sets))
    assert ours == pytest.approx(theirs, rel=1e-6 if len(sets[0]) > D else 1e-4)
