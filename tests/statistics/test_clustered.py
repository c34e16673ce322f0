"""Two-way clustered intervals: hand-computed variances, and coverage of Fréchet distances by simulation."""

from dataclasses import dataclass

import numpy as np
import pytest

from adis_bench.metrics._frechet import Moments, Rows, State, frechet_distance, influence
from adis_bench.statistics.clustered import clustered_interval, student_t, two_way_variance
from adis_bench.statistics.records import Groups


def test_variance_by_hand():
    """Four pairs over two sources and three sounds, summed by hand."""
    moved = np.array([1.0, 2.0, -4.0, 1.0])
    groups = Groups(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]))
    by_source, by_sound, together = two_way_variance(moved, groups)
    # Sources: (1 + 2)^2 + (-4 + 1)^2 = 18; sounds: 1 + (2 - 4)^2 + 1 = 6; each pair: 1 + 4 + 16 + 1 = 22.
    assert (by_source, by_sound) == (18.0, 6.0)
    # 18 + 6 - 22 = 2 would be less than one way alone, and than what the pairs scatter by themselves.
    assert together == 22.0


def test_variance_scales_by_the_groups_of_a_stratum():
    """With strata each part is scaled by g / (g - 1): two groups in both here."""
    moved = np.array([1.0, -1.0, 3.0, -3.0])
    groups = Groups(np.arange(4), np.arange(4))
    # (1 + 1 + 9 + 9) * 2 / 1, the same by source, by sound and by both: 40 + 40 - 40.
    assert two_way_variance(moved, groups, np.array([0, 0, 1, 1])) == pytest.approx((40.0, 40.0, 40.0))


def test_interval_of_a_mean_is_students():
    """For a mean of independent pairs it is the textbook's t interval."""
    values = np.array([1.0, 2.0, 4.0, 5.0, 8.0])
    interval = clustered_interval(4.0, (values - 4.0) / 5, Groups(np.arange(5), np.arange(5)), np.zeros(5, int))
    # Variance (9 + 4 + 0 + 1 + 16) / 4 = 7.5; t(4) = 2.776445.
    half = 2.776445 * (7.5 / 5) ** 0.5
    assert (interval.low, interval.high) == pytest.approx((4 - half, 4 + half), rel=1e-6)


def test_student_t_is_the_tables():
    """Two-sided 95 % points as in every table."""
    assert [round(student_t(k), 3) for k in (1, 4, 29)] == [12.706, 2.776, 2.045]


def test_a_class_of_one_recording_gives_a_reason():
    """A class whose outputs all rest on one sound group hides its scatter: no interval, and the reason counts such classes."""
    labels = np.array([0, 0, 0, 1, 1, 1])
    interval = clustered_interval(1.0, np.array([1.0, 0, -1, 1, 0, -1]), Groups(np.arange(6), np.array([0, 1, 2, 5, 5, 5])), labels)
    assert interval.low is None
    assert interval.reason == "no interval: 1 of 2 classes rest on one sound group"


def test_unused_pairs_are_left_out():
    """Pairs without an influence value change nothing."""
    moved, groups = np.array([0.5, -1.0, 0.5]), Groups(np.arange(3), np.arange(3))
    with_nan = clustered_interval(
        2.0, np.append(moved, np.nan), Groups(np.append(groups.sources, 7), np.append(groups.sounds, 7)), np.zeros(4, int)
    )
    assert with_nan == clustered_interval(2.0, moved, groups, np.zeros(3, int))


@dataclass(frozen=True)
class World:
    """Outputs from a Gaussian of known mean and deviations, in two-way groups.

    Each output has variance ``scales^2``, of which the shares belong to its source and to its sound group.
    """

    n: int
    n_sources: int
    n_sounds: int
    scales: np.ndarray
    shift: np.ndarray
    shares: tuple[float, float] = (0.0, 0.0)

    def draw(self, generator: np.random.Generator) -> tuple[np.ndarray, Groups]:
        """One sample of outputs, with its groups."""
        groups = Groups(np.resize(generator.permutation(self.n_sources), self.n), np.resize(generator.permutation(self.n_sounds), self.n))
        d = self.scales.size
        noise = (
            self.shares[0] ** 0.5 * generator.standard_normal((self.n_sources, d))[groups.sources]
            + self.shares[1] ** 0.5 * generator.standard_normal((self.n_sounds, d))[groups.sounds]
            + (1 - sum(self.shares)) ** 0.5 * generator.standard_normal((self.n, d))
        )
        return noise * self.scales + self.shift, groups


def simulate(world: World, reference: State, simulations: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances of fresh samples to the reference, and the half widths of their intervals."""
    generator = np.random.default_rng(world.n)
    values, halves = [], []
    for _ in range(simulations):
        outputs, groups = world.draw(generator)
        value = frechet_distance(Rows(outputs), reference)
        interval = clustered_interval(value, influence(outputs, reference), groups, np.zeros(world.n, int))
        values.append(value)
        halves.append((interval.high - interval.low) / 2)
    return np.array(values), np.array(halves)


def standard_gaussian(d: int) -> Moments:
    """The standard Gaussian itself, not a sample of it: mean 0, covariance 1."""
    return Moments(2, np.zeros(d), np.eye(d))


def falling(d: int, scale: float) -> np.ndarray:
    """Deviations that fall as those of network features do."""
    return scale * np.arange(1, d + 1) ** -0.5


def known_distance(world: World) -> float:
    """The populations' distance to the standard Gaussian: covariances commute, so |m|^2 + sum (s - 1)^2."""
    return float((world.shift**2).sum() + ((world.scales - 1) ** 2).sum())


def test_covers_the_known_distance_where_n_is_large():
    """With n >> d the bias is small: 100 intervals around samples of 400 in 4 dimensions hold the known distance 89 to 100 times."""
    world = World(400, 400, 400, np.array([1.5, 1.2, 1.0, 0.7]), np.full(4, 0.5))
    values, halves = simulate(world, standard_gaussian(4), 100)
    assert 0.89 <= np.mean(abs(values - known_distance(world)) < halves) <= 1.0
    # An interval that covers because it is far too wide would be no success.
    assert halves.mean() < 1.25 * 1.97 * values.std()


def test_covers_the_expectation_at_this_n_below_d():
    """With n < d the interval is about the expected value at this n, which lies far above the populations' distance."""
    world = World(30, 30, 30, falling(128, 1.1), np.zeros(128))
    reference = Rows(np.random.default_rng(1).standard_normal((200, 128)) * falling(128, 1.0))
    values, halves = simulate(world, reference, 100)
    assert 0.89 <= np.mean(abs(values - values.mean()) < halves) <= 1.0
    assert values.min() > 10 * 0.1**2 * (falling(128, 1.0) ** 2).sum()


@pytest.mark.slow
@pytest.mark.parametrize("d", [4, 8, 16])
def test_coverage_of_known_distances(d):
    """400 simulations, n = 1000: 95 % intervals hold the value expected at this n, and the known distance while d is small."""
    generator = np.random.default_rng(d)
    world = World(1000, 1000, 1000, generator.uniform(0.6, 1.6, d), generator.uniform(-0.6, 0.6, d))
    values, halves = simulate(world, standard_gaussian(d), 400)
    assert 0.92 <= np.mean(abs(values - values.mean()) < halves) <= 0.98
    # The bias grows as d^2 / n: at d = 16 it is over half a half width, and 88 % hold the populations' distance.
    if d <= 8:
        assert 0.92 <= np.mean(abs(values - known_distance(world)) < halves) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "n_sources", "n_sounds", "shares"),
    [(30, 30, 30, (0.0, 0.0)), (30, 15, 10, (0.0, 0.0)), (30, 15, 10, (0.4, 0.4)), (30, 15, 5, (0.1, 0.6)), (240, 60, 60, (0.4, 0.4))],
)
def test_coverage_of_the_expectation_below_d(n, n_sources, n_sounds, shares):
    """300 simulations in 256 dimensions, two-way groups: the interval holds the expected value at this n in 92 to 99.5 %."""
    world = World(n, n_sources, n_sounds, falling(256, 1.0), falling(256, 0.3), shares)
    reference = Rows(np.random.default_rng(1).standard_normal((300, 256)) * falling(256, 1.0))
    values, halves = simulate(world, reference, 300)
    assert 0.92 <= np.mean(abs(values - values.mean()) < halves) <= 0.995
