"""The ground and the course of every class: colours [3, B, W] in [0, 1] on the rows below the horizon."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adis_bench.datasets.demo.geometry import Geometry
from adis_bench.datasets.demo.style import Look, rgb
from adis_bench.datasets.demo.texture import Grid, cells, dots, fractal, noise, smoothstep

Picture = np.ndarray[tuple[int, int, int], np.dtype[np.float64]]
"""Colours in [0, 1], [3, H, W]."""


@dataclass(frozen=True, slots=True)
class Terrain:
    """What the painters of ground and course work from.

    Attributes:
        scene: the geometry.
        look: the colours.
        intensity: the style's, 0 to 1.
        x, y: ground coordinates, shifted by the layout's own offset, [B, W] and [B, 1].
        base: the plain ground colour, [3, B, 1].
        fine: 1 where texture is large enough to show, 0 at the horizon, [B, 1].
    """

    scene: Geometry
    look: Look
    intensity: float
    x: Grid
    y: Grid
    base: Picture
    fine: Grid


def terrain(scene: Geometry, colours: Look, intensity: float, ground_seed: int) -> Terrain:
    """Prepare the painters' input."""
    x = scene.x + 3.7 * (ground_seed & 63)
    y = scene.y + 5.3 * (ground_seed >> 6)
    base = mix(colours.ground_far, colours.ground_near, scene.near[None])
    return Terrain(scene, colours, intensity, x, y, base, smoothstep(0.02, 0.45, scene.near))


def mix(first: Grid, second: Grid, share: Grid | float) -> Picture:
    """``first`` where ``share`` is 0, ``second`` where it is 1."""
    step = second - first
    if step.ndim == 3 and step.shape[1:] == np.shape(share):
        step *= share
        step += first
        return step
    return first + share * step


def _shaded(base: Grid, amount: Grid) -> Picture:
    return base * (1.0 + amount)


def _snow(t: Terrain) -> tuple[Picture, Picture]:
    drifts = fractal(t.x * 1.3, t.y * 2.6, 2) - 0.5
    ground = _shaded(t.base, 0.16 * drifts * (0.4 + t.scene.near))
    bare = smoothstep(0.50, 0.62, fractal(t.x * 4.0, t.y * 5.0, 2) + 0.10 - 0.42 * t.intensity) * t.fine
    ground = mix(ground, rgb("#8c8a68"), 0.75 * bare)
    steps, _ = dots(t.scene.across * 1.0 + 7.0, t.y * 5.0, 0.95, 0.34, 0.8)
    course = mix(t.look.course, rgb("#7c93b4"), 0.75 * steps * t.fine)
    return ground, course


def _gravel(t: Terrain) -> tuple[Picture, Picture]:
    border, kind = cells(t.x * 10.5, t.y * 9.5)
    stone = smoothstep(0.04, 0.20, border) * smoothstep(0.05, 0.25, t.intensity + 0.50 - kind * 0.6)
    shade = 0.62 + 0.62 * kind
    strength = (0.62 + 0.38 * t.intensity) * t.fine
    ground = t.base * (1.0 + strength * (stone * shade + (1 - stone) * 0.52 - 1.0))
    small, tone = cells(t.x * 17.0, t.y * 15.0)
    pebbles = smoothstep(0.02, 0.2, small) * (0.78 + 0.34 * tone) + (1 - smoothstep(0.02, 0.2, small)) * 0.66
    course = t.look.course * (1.0 + strength * (pebbles - 1.0))
    return ground, course


def _dirt(t: Terrain) -> tuple[Picture, Picture]:
    clods = fractal(t.x * 5.0, t.y * 7.0, 3) - 0.5
    ground = _shaded(t.base, (0.5 + 0.5 * t.intensity) * 0.9 * clods * t.fine)
    border, _ = cells(t.x * 3.2, t.y * 3.2)
    cracks = (1 - smoothstep(0.02, 0.10, border)) * t.fine
    ground = _shaded(ground, -(0.15 + 0.40 * t.intensity) * cracks)
    ruts = np.exp(-(((np.abs(t.scene.across) - 0.5) / 0.16) ** 2))
    course = _shaded(t.look.course, -0.30 * ruts + 0.35 * clods * t.fine)
    return ground, course


def _rain(t: Terrain) -> tuple[Picture, Picture]:
    grass = fractal(t.x * 6.0, t.y * 4.0, 2) - 0.5
    ground = _shaded(t.base, 0.35 * grass * t.fine)
    puddle = smoothstep(0.56, 0.60, fractal(t.x * 1.6, t.y * 3.2, 2) - 0.06 + 0.14 * t.intensity)
    sheen = mix(t.look.sky_low, t.look.sky_top, t.scene.near[None] * 0.5)
    ground = mix(ground, sheen, 0.8 * puddle * t.fine)
    rings, kind = dots(t.x * 5.0, t.y * 6.0, 0.3 + 0.5 * t.intensity, 0.36, 0.7)
    ring = 4.0 * rings * np.clip(1 - rings, 0, 1) * smoothstep(0.1, 0.3, rings)
    course = mix(t.look.course, sheen, 0.55 * (1 - np.abs(t.scene.across)))
    course = _shaded(course, (0.15 + 0.35 * t.intensity) * ring * t.fine * (0.5 + kind))
    return ground, course


def _birds(t: Terrain) -> tuple[Picture, Picture]:
    blades = noise(t.x * 16.0, t.y * 5.0) - 0.5
    ground = _shaded(t.base, 0.42 * blades * t.fine + 0.18 * (noise(t.x * 1.2, t.y * 2.0) - 0.5))
    flower, kind = dots(t.x * 6.5, t.y * 6.5, 0.10 + 0.55 * t.intensity, 0.30)
    petals = np.where(kind < 0.35, rgb("#ff6fa8"), np.where(kind < 0.7, rgb("#fff27a"), rgb("#ffffff")))
    ground = mix(ground, petals, flower * t.fine)
    grain = noise(t.x * 12.0, t.y * 12.0) - 0.5
    return ground, _shaded(t.look.course, 0.12 * grain * t.fine)


def _ocean(t: Terrain) -> tuple[Picture, Picture]:
    bend = 1.1 * fractal(t.x * 0.9, t.y * 0.7, 2)
    swell = np.sin(t.y * 15.0 + 7.0 * bend)
    ground = _shaded(t.base, (0.10 + 0.16 * t.intensity) * swell * (0.35 + 0.65 * t.fine))
    crest = smoothstep(0.86 - 0.30 * t.intensity, 1.0, swell) * smoothstep(
        0.66 - 0.34 * t.intensity, 0.8, fractal(t.x * 5.0, t.y * 9.0, 2) + 0.12
    )
    ground = mix(ground, rgb("#ffffff"), (0.35 + 0.65 * t.intensity) * crest * (0.25 + 0.75 * t.fine))
    glitter = np.exp(-(((t.scene.view.u - 0.5 - 0.34 * t.scene.view.light) / 0.10) ** 2)) * smoothstep(
        0.55, 0.8, noise(t.x * 9.0, t.y * 14.0)
    )
    ground = mix(ground, t.look.sun, 0.5 * glitter * (1.1 - t.scene.near))
    course = _shaded(t.look.course, 0.10 * (fractal(t.x * 6.0, t.y * 9.0, 2) - 0.5))
    return ground, mix(course, t.look.ground_near, 0.35 * np.abs(t.scene.across) ** 3)


def _stream(t: Terrain) -> tuple[Picture, Picture]:
    moss = fractal(t.x * 4.5, t.y * 4.5, 3) - 0.5
    ground = _shaded(t.base, 0.85 * moss * t.fine)
    fern, tone = dots(t.x * 7.0, t.y * 7.0, 0.55, 0.36, 0.7)
    ground = mix(ground, rgb("#86bc5c"), (0.25 + 0.4 * tone) * fern * t.fine)
    flow = fractal(t.scene.across * 2.2 + 0.6 * noise(t.x * 2.0, t.y * 3.0), t.y * 2.6, 2)
    course = _shaded(t.look.course, 0.5 * (flow - 0.5))
    foam = smoothstep(0.66 - 0.20 * t.intensity, 0.78 - 0.12 * t.intensity, flow)
    return ground, mix(course, rgb("#ffffff"), (0.5 + 0.45 * t.intensity) * foam)


def _speech(t: Terrain) -> tuple[Picture, Picture]:
    return _tiles(t, t.base, 4.0, 0.40), _tiles(t, t.look.course, 7.0, 0.26)


def _tiles(t: Terrain, base: Grid, scale: float, depth: float) -> Picture:
    """Paving in staggered rows."""
    row = np.floor(t.y * scale)
    column = t.x * scale * 0.6 + 0.5 * (row % 2)
    fx, fy = column - np.floor(column), t.y * scale - row
    joint = np.minimum(np.minimum(fx, 1 - fx) / 0.6, np.minimum(fy, 1 - fy))
    tone = noise(np.floor(column) * 7.3 + 0.5, row * 5.1 + 0.5) - 0.5
    return _shaded(base, (0.34 * tone - depth * (1 - smoothstep(0.03, 0.12, joint))) * t.fine)


PAINTERS: dict[str, Callable[[Terrain], tuple[Picture, Picture]]] = {
    "crunching_snow": _snow,
    "gravel": _gravel,
    "dirt": _dirt,
    "rain": _rain,
    "birds_chirping": _birds,
    "ocean": _ocean,
    "stream": _stream,
    "human_speech": _speech,
}
"""Ground and course of every class."""
