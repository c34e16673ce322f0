"""Noise, cells and soft edges on pixel grids: pure functions, float64, no random state.

Float64 throughout: the last bit of a sine differs between processors, and only with float64 is that
far too small to flip a pixel's rounding.
"""

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]
"""Values on pixels, [H, W] or broadcastable to it."""

_BITS = 8
_SIDE = 1 << _BITS
_LAST = _SIDE - 1
_TABLE: Grid = np.random.default_rng(20250610).random((_SIDE, _SIDE)).ravel()


def lattice(i: NDArray[np.int64], j: NDArray[np.int64]) -> Grid:
    """A fixed pseudo-random number in [0, 1) for every integer point."""
    return np.asarray(_TABLE.take(((i & _LAST) << _BITS) + (j & _LAST)))


def noise(x: Grid, y: Grid) -> Grid:
    """Smooth value noise in [0, 1] with one value per unit cell; ``x`` [1, W] and ``y`` [H, 1] are the quickest."""
    xf, yf = np.floor(x), np.floor(y)
    i, j = xf.astype(np.int64), yf.astype(np.int64)
    sx, sy = _ease(x - xf), _ease(y - yf)
    i0, i1 = (i & _LAST) << _BITS, ((i + 1) & _LAST) << _BITS
    j0, j1 = j & _LAST, (j + 1) & _LAST
    top, low = _TABLE.take(i0 + j0), _TABLE.take(i0 + j1)
    top += sx * (_TABLE.take(i1 + j0) - top)
    low += sx * (_TABLE.take(i1 + j1) - low)
    low -= top
    low *= sy
    top += low
    return top


def fractal(x: Grid, y: Grid, octaves: int = 3) -> Grid:
    """Value noise summed over ``octaves`` halvings, in [0, 1], mean about 0.5."""
    total, weight, scale = np.zeros(np.broadcast(x, y).shape), 0.0, 1.0
    for k in range(octaves):
        share = 0.5**k
        total += share * noise(x * scale + 37.0 * k, y * scale + 91.0 * k)
        weight += share
        scale *= 2.03
    return total / weight


def smoothstep(low: float, high: float, x: Grid) -> Grid:
    """0 below ``low``, 1 above ``high``, smooth in between."""
    return _ease(np.clip((x - low) / (high - low), 0.0, 1.0))


def dots(x: Grid, y: Grid, density: float, radius: float, aspect: float = 1.0) -> tuple[Grid, Grid]:
    """At most one round dot per unit cell.

    Args:
        x: coordinates in cells, across.
        y: coordinates in cells, down.
        density: share of the cells that hold a dot.
        radius: in cells, at most 0.4.
        aspect: height over width of a dot.

    Returns:
        Coverage in [0, 1] and a random number in [0, 1) per cell.
    """
    xf, yf = np.floor(x), np.floor(y)
    i, j = xf.astype(np.int64), yf.astype(np.int64)
    tall = radius * aspect
    cx = radius + (1 - 2 * radius) * lattice(i + 11, j + 5)
    cy = tall + (1 - 2 * tall) * lattice(i + 71, j + 23)
    size = radius * (0.55 + 0.45 * lattice(i + 31, j + 47))
    distance = np.sqrt((x - xf - cx) ** 2 + ((y - yf - cy) / aspect) ** 2)
    kind = lattice(i + 131, j + 77)
    shown = lattice(i, j) < density
    return np.where(shown, np.clip(1.5 * (1 - distance / size), 0.0, 1.0), 0.0), kind


def cells(x: Grid, y: Grid) -> tuple[Grid, Grid]:
    """Voronoi cells of one jittered point per unit square.

    Returns:
        Distance to the nearest border (0 at the border, about 0.5 inside) and a number in [0, 1) per cell.
    """
    xf, yf = np.floor(x), np.floor(y)
    i, j = xf.astype(np.int64), yf.astype(np.int64)
    fx, fy = x - xf, y - yf
    nearest, second = np.full(x.shape, 9.0), np.full(x.shape, 9.0)
    kind = np.zeros(x.shape)
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            px = di + 0.15 + 0.7 * lattice(i + di + 11, j + dj + 5) - fx
            py = dj + 0.15 + 0.7 * lattice(i + di + 71, j + dj + 23) - fy
            distance = px * px + py * py
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            kind = np.where(closer, lattice(i + di + 131, j + dj + 77), kind)
            nearest = np.where(closer, distance, nearest)
    return np.sqrt(second) - np.sqrt(nearest), kind


def _ease(t: Grid) -> Grid:
    return t * t * (3.0 - 2.0 * t)
