"""Fréchet distance at d = 2048: ours from cached states, against Clean-FID's function from cached moments, in one run."""

import time

import numpy as np
import pytest

from adis_bench.metrics import _kernel
from adis_bench.metrics._frechet import frechet_distance, influence, prepared, state_of
from adis_bench.statistics.clustered import clustered_interval
from adis_bench.statistics.records import Groups

D = 2048
# Clean-FID passes an argument that scipy 1.18 removes.
pytestmark = pytest.mark.filterwarnings("ignore:The `disp` argument:DeprecationWarning")


def features(seed: int, n: int) -> np.ndarray:
    """Rows whose deviations fall as those of network features do."""
    return (np.random.default_rng(seed).standard_normal((n, D)) * np.arange(1, D + 1) ** -0.5).astype(np.float32)


@pytest.fixture(scope="module", params=[5000, 500], ids=["n=5000", "n=500"])
def sets(request) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of one size: beyond d, or below."""
    return features(0, request.param), features(1, request.param) * np.float32(1.1)


def named(benchmark, n: int) -> None:
    """Rows of one size stand in one table."""
    benchmark.group = f"Fréchet distance, d = {D}, n = {n}"


def test_ours(benchmark, sets):
    """From the two cached states, one warm round after another."""
    named(benchmark, len(sets[0]))
    states = [state_of(rows) for rows in sets]
    assert benchmark.pedantic(frechet_distance, states, rounds=5, warmup_rounds=1) > 0


def test_ours_to_a_prepared_reference(benchmark, sets):
    """The same where the reference serves many methods."""
    named(benchmark, len(sets[0]))
    arguments = (state_of(sets[0]), prepared(state_of(sets[1])))
    assert benchmark.pedantic(frechet_distance, arguments, rounds=5, warmup_rounds=1) > 0


def test_ours_from_rows_with_an_interval(benchmark, sets):
    """From the outputs' features to value and two-way interval, the reference prepared: well under a minute."""
    n = len(sets[0])
    named(benchmark, n)
    reference = prepared(state_of(sets[1]))
    groups = Groups(np.arange(n) // 4, np.arange(n) % (n // 5))

    def scored() -> float:
        value = frechet_distance(state_of(sets[0]), reference)
        interval = clustered_interval(value, influence(sets[0], reference), groups, np.zeros(n, int))
        return interval.high - interval.low

    assert benchmark.pedantic(scored, rounds=2) > 0
    assert benchmark.disabled or benchmark.stats.stats.max < 60


def test_clean_fid(benchmark, sets):
    """Clean-FID's, once: equal to ours, to 1e-6 beyond d, to its root's noise below; ours (best of five) at least 10x faster."""
    fid = pytest.importorskip("cleanfid.fid")
    named(benchmark, len(sets[0]))
    moments = [part for rows in sets for part in (rows.mean(0, dtype=np.float64), np.cov(rows, rowvar=False, dtype=np.float64))]
    theirs = benchmark.pedantic(fid.frechet_distance, moments, rounds=1)
    states = [state_of(rows) for rows in sets]
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        ours = frechet_distance(*states)
        seconds.append(time.perf_counter() - began)
    assert ours == pytest.approx(theirs, rel=1e-6 if len(sets[0]) > D else 1e-4)
    assert benchmark.disabled or benchmark.stats.stats.min > 10 * min(seconds)


def test_kernel_distance(benchmark):
    """KID's full U-statistic of 5,000 outputs against 5,000 frames, the reference's own part made before."""
    benchmark.group = f"Kernel distance, d = {D}, n = 5000"
    outputs, frames = features(0, 5000), features(1, 5000)
    own = float(_kernel.own_means(frames).mean())

    def scored() -> float:
        return _kernel.discrepancy(_kernel.Means(_kernel.own_means(outputs), _kernel.cross_means(outputs, frames)), own)

    assert np.isfinite(benchmark.pedantic(scored, rounds=1))
