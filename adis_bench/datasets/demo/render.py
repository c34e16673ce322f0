"""Pictures: a layout rendered in a style."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.demo.effects import clouds, mist, overlay
from adis_bench.datasets.demo.geometry import Geometry, geometry
from adis_bench.datasets.demo.ground import PAINTERS, Picture, mix, terrain
from adis_bench.datasets.demo.layout import Layout
from adis_bench.datasets.demo.style import Look, Style, look, rgb
from adis_bench.datasets.demo.texture import Grid, fractal, smoothstep

_OVERSAMPLING = 2
"""Rendered at this multiple and averaged; edges of shapes are soft by themselves."""


def render(layout: Mapping[str, Any], style: Mapping[str, Any], resolution: int) -> NDArray[np.uint8]:
    """Render a layout in a style.

    Args:
        layout: ``Segment.details["layout"]``.
        style: ``Segment.details["style"]``.
        resolution: side in pixels.

    Returns:
        uint8 [resolution, resolution, 3].
    """
    picture = paint(Layout.from_json(layout), Style.from_json(style), resolution * _OVERSAMPLING)
    shape = (3, resolution, _OVERSAMPLING, resolution, _OVERSAMPLING)
    mean = picture.reshape(shape).sum(axis=(2, 4)) / _OVERSAMPLING**2
    # Rounded first: a last bit that differs between processors must not decide a pixel.
    levels = np.floor(np.round(255.0 * np.clip(mean, 0.0, 1.0), 6) + 0.5)
    return np.ascontiguousarray(levels.astype(np.uint8).transpose(1, 2, 0))


def paint(layout: Layout, style: Style, side: int) -> Picture:
    """The picture at ``side`` x ``side``, float64 [3, side, side] in about [0, 1], back to front."""
    scene, colours = geometry(layout, side), look(style)
    picture = np.empty((3, side, side))
    picture[:, scene.above] = _ridges(_sky(scene, colours, style), scene, colours, style)
    behind = picture[:, scene.below.start : scene.above.stop].copy()
    picture[:, scene.below] = _ground(scene, colours, style, layout.ground_seed)
    horizon = slice(scene.below.start, scene.above.stop)
    picture[:, horizon] = mix(behind, picture[:, horizon], scene.ground[: behind.shape[1]])
    picture = mist(picture, scene, colours, style, layout.horizon)
    picture = _stones(picture, scene, colours, style)
    picture = _trees(picture, scene, colours, style)
    picture = overlay(picture, scene, layout, style)
    tint = 1.0 + 0.025 * style.warmth * np.array([1.0, 0.0, -1.0])[:, None, None] + 0.03 * style.exposure
    return picture * tint


def _sky(scene: Geometry, colours: Look, style: Style) -> Picture:
    sky = mix(colours.sky_top, colours.sky_low, scene.height**1.3)
    sky = clouds(sky, scene, colours, style)
    return mix(sky, colours.sun, np.clip(1.25 * scene.glow, 0.0, 1.0))


def _ridges(picture: Picture, scene: Geometry, colours: Look, style: Style) -> Picture:
    for k, (dark, (cover, lit)) in enumerate(zip((colours.far_ridge, colours.near_ridge), scene.ridges, strict=True)):
        rough = fractal(scene.view.u * (16.0 + 8.0 * k), scene.view.v[scene.above] * 22.0, 2) - 0.5
        share = np.clip(0.85 * lit + 0.5 * rough, 0.0, 1.0) * (0.75 if k == 0 else 0.6)
        if style.label == "crunching_snow":
            share = np.clip(share + (0.10 + 0.35 * style.intensity) * smoothstep(0.25, 0.75, lit + 0.9 * rough), 0.0, 1.0)
        picture = mix(picture, mix(dark, colours.ridge_light, share), cover)
    return picture


def _ground(scene: Geometry, colours: Look, style: Style, ground_seed: int) -> Picture:
    land = terrain(scene, colours, style.intensity, ground_seed)
    ground, course = PAINTERS[style.label](land)
    ground = mix(ground, course, scene.course)
    ground = mix(ground, colours.bank, 0.6 * scene.bank)
    # Water hardly takes a shadow.
    return ground * (1.0 - (0.22 if style.label == "ocean" else 0.38) * scene.shadow)


def _stones(picture: Picture, scene: Geometry, colours: Look, style: Style) -> Picture:
    stones = scene.boulders
    stone = mix(colours.stone_dark, colours.stone_light, stones.lit)
    return mix(picture, _capped(stone, stones.top, style), stones.cover)


def _trees(picture: Picture, scene: Geometry, colours: Look, style: Style) -> Picture:
    trees = scene.trees
    leaves = fractal(scene.view.u * 34.0, scene.view.v * 34.0, 2) - 0.5
    crown = mix(colours.crown_dark, colours.crown_light, np.clip(trees.lit + 0.9 * leaves, 0.0, 1.0))
    crown = _capped(crown, trees.top + 0.3 * leaves, style)
    picture = mix(picture, colours.trunk, trees.stem)
    return mix(picture, mix(crown, colours.sky_low, 0.22 * np.clip(1 - 2.5 * trees.near, 0, 1)), trees.cover)


def _capped(solid: Picture, top: Grid, style: Style) -> Picture:
    """Snow, or moss, on upper sides."""
    if style.label == "crunching_snow":
        return mix(solid, rgb("#f8fbff"), 0.95 * smoothstep(0.75 - 0.5 * style.intensity, 0.95 - 0.5 * style.intensity, top))
    if style.label == "stream":
        return mix(solid, rgb("#5c9440"), 0.35 * smoothstep(0.55, 0.8, top))
    return solid
