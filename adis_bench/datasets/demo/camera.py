"""The view: image coordinates of the pixels, and where soft edges and windows lie in them."""

from dataclasses import dataclass, replace

import numpy as np

from adis_bench.datasets.demo.layout import Layout
from adis_bench.datasets.demo.texture import Grid

Window = tuple[slice, slice]
"""Rows and columns of a part of the picture."""


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees, in the layout's image coordinates.

    Attributes:
        u: x of every column, 0 left to 1 right, [1, W].
        v: y of every row, 0 top to 1 bottom, [H, 1].
        pixel: side of a pixel.
        horizon: y of the horizon.
        light: +1 if the light comes from the right, -1 from the left.
    """

    u: Grid
    v: Grid
    pixel: float
    horizon: float
    light: float

    def rows(self, rows: slice) -> "View":
        """The same view with only some rows."""
        return replace(self, v=self.v[rows])

    def edge(self, distance: Grid) -> Grid:
        """Share of a pixel inside a shape, from the signed distance to its edge (negative inside)."""
        return np.clip(0.5 - distance / self.pixel, 0.0, 1.0)

    def nearness(self, y: float) -> float:
        """0 at the horizon, 1 at the bottom edge."""
        return (y - self.horizon) / (1 - self.horizon)

    def window(self, x: tuple[float, float], y: tuple[float, float]) -> Window:
        """The pixels between two columns and two rows; empty where the camera does not see them."""
        return _inside(self.v, *y), _inside(self.u, *x)


def view(layout: Layout, side: int) -> View:
    """The view of a layout on ``side`` x ``side`` pixels."""
    centres = (np.arange(side) + 0.5) / side
    return View(
        u=(0.5 + (centres - 0.5) / layout.zoom + layout.pan)[None, :],
        v=(0.5 + (centres - 0.5) / layout.zoom)[:, None],
        pixel=1.0 / (side * layout.zoom),
        horizon=layout.horizon,
        light=1.0 if layout.sun_x > 0.5 else -1.0,
    )


def _inside(coordinates: Grid, low: float, high: float) -> slice:
    inside = np.flatnonzero((coordinates.ravel() >= low) & (coordinates.ravel() <= high))
    return slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else slice(0, 0)
