"""Trees and boulders as masks, laid over each other from far to near, and their shadows."""

from dataclasses import dataclass, fields

import numpy as np

from adis_bench.datasets.demo.camera import View, Window
from adis_bench.datasets.demo.layout import Boulder, Layout, Tree
from adis_bench.datasets.demo.texture import Grid


@dataclass(frozen=True, slots=True)
class Solids:
    """Trees or boulders; all [H, W], or broadcastable to the window that they are laid into.

    Attributes:
        cover: share of the pixel that is crown or stone.
        stem: share of the pixel that is trunk.
        lit: 0 (away from the light) to 1 (towards it).
        top: 0 (underside) to 1 (upper side): where snow or moss would lie.
        near: 0 (far away) to 1 (near).
    """

    cover: Grid
    stem: Grid
    lit: Grid
    top: Grid
    near: Grid

    def lay(self, window: Window, solid: "Solids") -> None:
        """Lay one more, nearer solid over what is there, in place."""
        cover = np.maximum(solid.cover, solid.stem)
        self.stem[window] = self.stem[window] * (1 - cover) + solid.stem * (1 - solid.cover)
        self.cover[window] = self.cover[window] * (1 - cover) + solid.cover
        for grid, value in ((self.lit, solid.lit), (self.top, solid.top), (self.near, solid.near)):
            grid[window] += cover * (value - grid[window])


def trees(layout: Layout, view: View) -> Solids:
    """All trees of a layout."""
    solids = _nothing(view)
    for tree in layout.trees:
        window = view.window((tree.x - tree.width * 1.5, tree.x + tree.width * 1.5), (tree.foot - tree.height * 1.05, tree.foot + 0.02))
        du = view.u[:, window[1]] - tree.x - tree.lean * (tree.foot - view.v[window[0]])
        rise = (tree.foot - view.v[window[0]]) / tree.height
        distance, top = (_conifer if tree.kind == "conifer" else _round)(tree, du, rise)
        trunk = np.abs(du) - tree.width * (0.10 + 0.05 * np.clip(0.2 - rise, 0, 1))
        stem = view.edge(trunk) * view.edge(-rise * tree.height) * (rise < 0.5)
        lit = np.clip(0.5 + 0.55 * view.light * du / tree.width + 0.35 * (rise - 0.55), 0.0, 1.0)
        solids.lay(window, Solids(view.edge(distance), stem, lit, top, np.asarray(view.nearness(tree.foot))))
    return solids


def boulders(layout: Layout, view: View) -> Solids:
    """All boulders of a layout."""
    solids = _nothing(view)
    for boulder in layout.boulders:
        tall = boulder.width * 0.85
        window = view.window(
            (boulder.x - 1.2 * boulder.width, boulder.x + 1.2 * boulder.width), (boulder.foot - 1.2 * tall, boulder.foot + 0.5 * tall)
        )
        du, dv = (view.u[:, window[1]] - boulder.x) / boulder.width, (boulder.foot - view.v[window[0]]) / tall
        angle = np.arctan2(dv, du)
        lobes = 1.0 + 0.09 * np.sin(3.0 * angle + 50.0 * boulder.x) + 0.04 * np.sin(7.0 * angle + 90.0 * boulder.foot)
        radius = np.sqrt(du**2 + dv**2) / lobes
        cover = view.edge(np.maximum((radius - 1.0) * tall, (-0.25 - dv) * tall))
        lit = np.clip(0.5 + 0.45 * view.light * du + 0.3 * dv, 0.0, 1.0)
        top = np.clip(0.1 + 0.9 * dv, 0.0, 1.0)
        solids.lay(window, Solids(cover, np.zeros_like(cover), lit, top, np.asarray(view.nearness(boulder.foot))))
    return solids


def shadows(layout: Layout, view: View) -> Grid:
    """Flat shadows on the ground, away from the light, [H, W] in [0, 1]."""
    shadow = np.zeros((view.v.size, view.u.size))
    for tree in layout.trees:
        _shadow(shadow, tree, tree.width * 0.9, tree.height * 0.55, view)
    for boulder in layout.boulders:
        _shadow(shadow, boulder, boulder.width, boulder.width, view)
    return shadow


def _shadow(shadow: Grid, solid: Tree | Boulder, width: float, reach: float, view: View) -> None:
    middle = solid.x - view.light * reach * 0.45
    across, tall = width * 0.5 + reach * 0.45, 0.10 * reach + 0.06 * width + 0.004
    window = view.window((middle - across, middle + across), (solid.foot - tall, solid.foot + tall))
    distance = ((view.u[:, window[1]] - middle) / across) ** 2 + ((view.v[window[0]] - solid.foot) / tall) ** 2
    shadow[window] = np.maximum(shadow[window], np.clip(1.6 * (1 - distance), 0.0, 1.0))


def _nothing(view: View) -> Solids:
    return Solids(*(np.zeros((view.v.size, view.u.size)) for _ in fields(Solids)))


def _conifer(tree: Tree, du: Grid, rise: Grid) -> tuple[Grid, Grid]:
    """Four skirts that widen downwards: signed distance and upper side."""
    down = np.clip((1.0 - rise) / 0.86, 0.0, 1.0)
    skirt = down * 4.0 - np.floor(down * 4.0)
    half = tree.width * (0.62 * down + 0.38 * skirt * (0.35 + 0.65 * down))
    outside = np.maximum(np.abs(du) - half, (0.14 - rise) * tree.height)
    return np.maximum(outside, (rise - 1.0) * tree.height), 1.0 - skirt


def _round(tree: Tree, du: Grid, rise: Grid) -> tuple[Grid, Grid]:
    """A lobed crown above a trunk: signed distance and upper side."""
    dv = (rise - 0.64) * tree.height
    tall = tree.height * 0.36
    angle = np.arctan2(dv, du)
    lobes = 1.0 + 0.07 * np.sin(5.0 * angle + 40.0 * tree.x) + 0.05 * np.sin(9.0 * angle + 70.0 * tree.foot)
    radius = np.sqrt((du / tree.width) ** 2 + (dv / tall) ** 2)
    return (radius - lobes) * min(tree.width, tall), np.clip(0.5 + 0.5 * dv / tall, 0.0, 1.0)
