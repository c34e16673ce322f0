"""From a layout to masks and coordinates on a pixel grid: the part of a picture that no style changes."""

from dataclasses import dataclass

import numpy as np

from adis_bench.datasets.demo.camera import View, view
from adis_bench.datasets.demo.layout import Course, Layout, Ridge
from adis_bench.datasets.demo.solids import Solids, boulders, shadows, trees
from adis_bench.datasets.demo.texture import Grid


@dataclass(frozen=True, slots=True)
class Geometry:
    """Masks in [0, 1] and coordinates of a scene.

    Sky and ground are kept apart, since either needs only its own rows: A rows are at or above the
    horizon, B rows at or below; the row that the horizon crosses is in both.

    Attributes:
        view: coordinates of all pixels.
        above: rows of the sky.
        below: rows of the ground.
        height: 0 at the top of the sky, 1 at the horizon, [A, 1].
        glow: light around the sun, [A, W].
        ridges: cover and lit side of the far and the near ridge, each [A, W].
        ground: share of the pixel below the horizon, [B, 1].
        near: 0 at the horizon, 1 at the bottom edge, [B, 1].
        x: coordinate on the ground plane, sideways; 1.7 units are an image's width at the bottom edge, [B, W].
        y: coordinate on the ground plane, away from the camera, [B, 1].
        course: share of the pixel that is path or water, [B, W].
        across: -1 to 1 across the course, [B, W].
        bank: 1 at the course's border, falling on both sides, [B, W].
        shadow: shadows of trees and boulders on the ground, [B, W].
        trees: trees, [H, W].
        boulders: boulders, [H, W].
    """

    view: View
    above: slice
    below: slice
    height: Grid
    glow: Grid
    ridges: tuple[tuple[Grid, Grid], tuple[Grid, Grid]]
    ground: Grid
    near: Grid
    x: Grid
    y: Grid
    course: Grid
    across: Grid
    bank: Grid
    shadow: Grid
    trees: Solids
    boulders: Solids


def geometry(layout: Layout, side: int) -> Geometry:
    """Masks and coordinates of ``layout`` on ``side`` x ``side`` pixels."""
    whole = view(layout, side)
    ground = whole.edge(layout.horizon - whole.v)
    above, below = slice(0, int((ground < 1.0).sum())), slice(int((ground == 0.0).sum()), side)
    sky, land, ground = whole.rows(above), whole.rows(below), ground[below]
    near = np.clip((land.v - layout.horizon) / (1 - layout.horizon), 0.0, 1.2)
    # 0.06 keeps the plane's far end at a finite distance.
    depth = 1.0 / (np.maximum(land.v - layout.horizon, 0.0) + 0.06)
    course, across, bank = _course(layout.course, land, near)
    return Geometry(
        view=whole,
        above=above,
        below=below,
        height=np.clip(sky.v / layout.horizon, 0.0, 1.0),
        glow=np.exp(-((sky.u - layout.sun_x) ** 2) / 0.022) * np.exp(-((sky.v - layout.sun_y) ** 2) / 0.022),
        ridges=(_ridge(layout.ridges[0], sky), _ridge(layout.ridges[1], sky)),
        ground=ground,
        near=near,
        x=(land.u - 0.5) * depth,
        y=depth * 0.6,
        course=course * ground,
        across=across,
        bank=bank * ground,
        shadow=shadows(layout, land) * ground,
        trees=trees(layout, whole),
        boulders=boulders(layout, whole),
    )


def course_line(course: Course, near: Grid) -> tuple[Grid, Grid]:
    """Middle and half width of the course, in image sides, at ``near`` (0 at the horizon, 1 at the bottom edge)."""
    swing = course.bend * np.sin(5.0 * np.sqrt(near) + course.turn) * (0.25 + 0.75 * np.sqrt(near))
    return course.far + (course.near - course.far) * near + swing, 0.012 + course.width * near**1.15


def _ridge(ridge: Ridge, sky: View) -> tuple[Grid, Grid]:
    rise, slope = np.zeros_like(sky.u), np.zeros_like(sky.u)
    for k, (phase, weight) in enumerate(zip(ridge.phases, ridge.weights, strict=True)):
        frequency = 4.1 * (1.55**k)
        rise += weight * np.sin(frequency * sky.u + phase)
        slope += weight * frequency * np.cos(frequency * sky.u + phase)
    line = sky.horizon - ridge.base - ridge.amplitude * rise
    # A flank that falls towards the light is lit; the crest more than the foot.
    lit = np.clip(0.5 - 0.16 * sky.light * slope, 0.0, 1.0) * np.clip(1.15 - (sky.v - line) / 0.22, 0.35, 1.0)
    return sky.edge(line - sky.v), lit


def _course(course: Course, land: View, near: Grid) -> tuple[Grid, Grid, Grid]:
    middle, half = course_line(course, near)
    across = (land.u - middle) / half
    outside = (np.abs(across) - 1.0) * half
    return land.edge(outside), np.clip(across, -1.0, 1.0), np.exp(-((outside / (0.006 + 0.022 * near)) ** 2))
