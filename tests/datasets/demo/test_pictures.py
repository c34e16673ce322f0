"""What the pictures of the demo world promise."""

import hashlib
import itertools
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from adis_bench.datasets.demo.layout import Layout, sample_layout
from adis_bench.datasets.demo.render import render
from adis_bench.datasets.demo.style import DISPLAYS, Style, sample_style
from adis_bench.datasets.demo.texture import cells, dots, lattice, noise

LABELS = tuple(DISPLAYS)
SIDE = 64


def a_layout(k: int) -> dict:
    """Layout number ``k``."""
    return sample_layout(np.random.default_rng([11, k])).to_json()


def a_style(label: str, k: int = 0, **changes: float) -> dict:
    """Style number ``k`` of a class, with some values replaced."""
    return {**sample_style(np.random.default_rng([12, LABELS.index(label), k]), label).to_json(), **changes}


def edges(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Where brightness changes, whichever way; ranks, so that a style's contrast does not count."""
    grey = picture.astype(float).mean(axis=2)
    strength = np.hypot(np.gradient(grey, axis=0), np.gradient(grey, axis=1)).ravel()
    return np.argsort(np.argsort(strength)).astype(float)


def colours(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean and spread of red, green and blue in the upper and the lower half."""
    upper, lower = picture[: SIDE // 2], picture[SIDE // 2 :]
    return np.concatenate([upper.mean((0, 1)), lower.mean((0, 1)), upper.std((0, 1)), lower.std((0, 1))]) / 255


def ground_texture(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Grey spectrum of the lowest rows in four bands, and horizontal against vertical change."""
    grey = picture[38:].astype(float).mean(axis=2)
    power = np.abs(np.fft.fft2(grey - grey.mean())) ** 2
    frequency = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None, :])
    bands = [power[(frequency >= low) & (frequency < high)].mean() for low, high in ((0.02, 0.08), (0.08, 0.16), (0.16, 0.3), (0.3, 0.7))]
    steps = np.abs(np.diff(grey, axis=1)).mean() / np.abs(np.diff(grey, axis=0)).mean()
    return np.log(np.array([*bands, steps]))


def nearest_centroid_accuracy(train: NDArray[np.float64], test: NDArray[np.float64]) -> float:
    """Share of ``test`` [classes, n, d] that lies nearest to its own class's mean of ``train``."""
    flat = train.reshape(-1, train.shape[-1])
    mean, spread = flat.mean(axis=0), flat.std(axis=0)
    centroids = ((train - mean) / spread).mean(axis=1)
    distance = (((test - mean) / spread)[:, :, None] - centroids) ** 2
    return float((distance.sum(axis=-1).argmin(axis=-1) == np.arange(len(train))[:, None]).mean())


@pytest.fixture(scope="module")
def gallery() -> NDArray[np.uint8]:
    """Twelve layouts, each in one style of every class: uint8 [classes, layouts, side, side, 3]."""
    return np.stack([[render(a_layout(k), a_style(label, k), SIDE) for k in range(12)] for label in LABELS])


def test_layout_and_style_survive_json() -> None:
    """Layout and style come back from JSON as the very same values."""
    layout, style = sample_layout(np.random.default_rng(1)), sample_style(np.random.default_rng(2), "rain")
    assert Layout.from_json(json.loads(json.dumps(layout.to_json()))) == layout
    assert Style.from_json(json.loads(json.dumps(style.to_json()))) == style


@pytest.mark.parametrize("resolution", [64, 100, 256])
def test_shape_and_determinism(resolution: int) -> None:
    """A picture has the asked resolution and is the same every time."""
    first, second = (render(a_layout(3), a_style("ocean"), resolution) for _ in range(2))
    assert first.shape == (resolution, resolution, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("label", LABELS)
def test_resolutions_show_the_same_scene(label: str) -> None:
    """The picture at 64 pixels is the one at 256 pixels, averaged, up to antialiasing."""
    small, large = (render(a_layout(4), a_style(label), side).astype(float) for side in (64, 256))
    averaged = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - averaged).mean() < 3.0


def test_layout_is_recognised_across_styles(gallery: NDArray[np.uint8]) -> None:
    """Edges find the same layout among twelve, from every style to every other."""
    maps = np.array([[edges(picture) for picture in row] for row in gallery])
    for first, second in itertools.permutations(range(len(LABELS)), 2):
        n = len(maps[first])
        correlation = np.corrcoef(maps[first], maps[second])[:n, n:]
        found = (correlation.argmax(axis=1) == np.arange(n)).mean()
        assert found >= 0.8, (LABELS[first], LABELS[second])


@pytest.mark.parametrize("label", LABELS)
def test_horizon_stays_where_the_layout_has_it(label: str) -> None:
    """Moving only the horizon moves the ground: rows outside the moved band keep their kind."""
    bare = {**a_layout(5), "trees": [], "boulders": [], "zoom": 1.0, "pan": 0.0}
    high, low = ({**bare, "horizon": value} for value in (0.40, 0.54))
    difference = np.abs(render(high, a_style(label, intensity=0.5), 100).astype(float) - render(low, a_style(label, intensity=0.5), 100))
    rows = difference.mean(axis=(1, 2))
    # Rows 40 to 54 are ground in one and hills in the other.
    assert rows[41:53].mean() > 2 * rows[:8].mean()
    assert rows[41:53].mean() > 8.0


@pytest.mark.parametrize("label", LABELS)
def test_course_is_visible(label: str) -> None:
    """The path or water differs from the ground beside it in every style, weak and strong."""
    course = {"near": 0.5, "far": 0.5, "bend": 0.0, "turn": 0.0, "width": 0.15}
    bare = {**a_layout(6), "trees": [], "boulders": [], "zoom": 1.0, "pan": 0.0, "course": course}
    for intensity in (0.0, 1.0):
        # At intensity 1 people stand on the course: the lowest rows are free of them.
        low = render(bare, a_style(label, intensity=intensity), 100)[85:].astype(float)
        inside, outside = low[:, 42:58].mean(axis=(0, 1)), np.concatenate([low[:, :25], low[:, 75:]], axis=1).mean(axis=(0, 1))
        assert np.abs(inside - outside).max() > 20.0, intensity


def test_styles_differ_in_colour_and_in_texture(gallery: NDArray[np.uint8]) -> None:
    """Nearest class means tell the styles apart by colour nearly always, by grey ground texture mostly."""
    by_colour = np.array([[colours(picture) for picture in row] for row in gallery])
    by_texture = np.array([[ground_texture(picture) for picture in row] for row in gallery])
    assert nearest_centroid_accuracy(by_colour[:, ::2], by_colour[:, 1::2]) >= 0.95
    # Chance is 1/8.
    assert nearest_centroid_accuracy(by_texture[:, ::2], by_texture[:, 1::2]) >= 0.6


@pytest.mark.parametrize("label", LABELS)
def test_intensity_is_visible_and_monotone(label: str) -> None:
    """The picture moves away from the weak one, further with every step of intensity."""
    pictures = [render(a_layout(7), a_style(label, intensity=i), SIDE).astype(float) for i in (0.0, 0.25, 0.5, 0.75, 1.0)]
    distances = [np.abs(picture - pictures[0]).mean() for picture in pictures]
    assert distances == sorted(distances)
    assert distances[-1] > 8.0


def test_intensity_shows_in_the_words_of_the_class() -> None:
    """More snow is whiter, more rain darker, more birdsong greener, a stronger sea deeper."""

    def mean(label: str, intensity: float) -> NDArray[np.float64]:
        return np.mean([render(a_layout(k), a_style(label, intensity=intensity), SIDE).mean((0, 1)) for k in range(4)], axis=0)

    assert mean("crunching_snow", 1).min() > mean("crunching_snow", 0).min() + 5
    assert mean("rain", 1).mean() < mean("rain", 0).mean() - 10
    red, green, blue = mean("birds_chirping", 1) - mean("birds_chirping", 0)
    assert green > red
    assert green > blue
    assert mean("ocean", 1).mean() < mean("ocean", 0).mean() - 5


def test_seeded_variation_is_small_beside_the_class(gallery: NDArray[np.uint8]) -> None:
    """Two styles of one class and intensity are much nearer than styles of two classes."""
    layout = a_layout(8)
    same = [
        np.abs(render(layout, a_style(x, 1, intensity=0.5), SIDE).astype(float) - render(layout, a_style(x, 2, intensity=0.5), SIDE)).mean()
        for x in LABELS
    ]
    pictures = [render(layout, a_style(x, 1, intensity=0.5), SIDE).astype(float) for x in LABELS]
    other = [np.abs(a - b).mean() for a, b in itertools.combinations(pictures, 2)]
    assert max(same) < 0.75 * min(other)
    assert np.mean(same) < 0.25 * np.mean(other)


def test_noise_is_smooth_and_passes_through_its_lattice() -> None:
    """Value noise equals its lattice at integers and the mean of two neighbours between them."""
    whole = noise(np.arange(5.0)[None, :], np.array([[3.0]]))
    half = noise(np.arange(4.0)[None, :] + 0.5, np.array([[3.0]]))
    np.testing.assert_allclose(half, (whole[:, 1:] + whole[:, :-1]) / 2)
    assert whole.min() >= 0
    assert whole.max() < 1


def test_dots_follow_their_density() -> None:
    """No dots at density 0; the share of cells with a dot follows the density."""
    x, y = np.arange(0.0, 60, 0.1)[None, :], np.arange(0.0, 60, 0.1)[:, None]
    assert dots(x, y, 0.0, 0.3)[0].max() == 0
    covered = [dots(x, y, density, 0.3)[0].reshape(60, 10, 60, 10).max(axis=(1, 3)) > 0 for density in (0.25, 0.5, 1.0)]
    np.testing.assert_allclose([c.mean() for c in covered], [0.25, 0.5, 1.0], atol=0.04)


def test_cells_agree_with_brute_force() -> None:
    """Borders and numbers of the cells equal those from the distances to all points of the neighbourhood."""
    x, y = np.meshgrid(np.linspace(5, 8, 23), np.linspace(5, 8, 19))
    border, kind = cells(x, y)
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(2, 12), np.arange(2, 12)))
    across, down = i + 0.15 + 0.7 * lattice(i + 11, j + 5), j + 0.15 + 0.7 * lattice(i + 71, j + 23)
    distance = np.hypot(x[..., None] - across, y[..., None] - down)
    two = np.sort(distance, axis=-1)[..., :2]
    np.testing.assert_array_equal(kind, lattice(i + 131, j + 77)[distance.argmin(axis=-1)])
    np.testing.assert_allclose(border, two[..., 1] - two[..., 0], atol=1e-12)


def test_pixels_are_frozen() -> None:
    """The pixels of version 1: models were trained on them; who changes them must raise ``world.VERSION``."""
    pictures = [render(a_layout(k), a_style(label, k), SIDE).tobytes() for k, label in enumerate(LABELS)]
    assert hashlib.sha256(b"".join(pictures)).hexdigest() == "f626a5ec6b10aebe3f4c557dd953113c05f4bc4efdfc4e11cde535536f170a3a"
