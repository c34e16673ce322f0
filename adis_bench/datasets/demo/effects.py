"""What a class adds to a scene: clouds, mist, flakes, streaks, birds and people."""

import numpy as np

from adis_bench.datasets.demo.camera import Window
from adis_bench.datasets.demo.geometry import Geometry, course_line
from adis_bench.datasets.demo.ground import Picture, mix
from adis_bench.datasets.demo.layout import Layout
from adis_bench.datasets.demo.style import Look, Style, rgb
from adis_bench.datasets.demo.texture import Grid, dots, fractal, smoothstep

_CLOUDS = {"birds_chirping": 0.50, "ocean": 0.40, "rain": 0.75, "gravel": 0.30, "human_speech": 0.50, "crunching_snow": 0.25}
"""How solid the clouds of a class are."""
_MIST = {"crunching_snow": 0.35, "rain": 0.55, "stream": 0.50, "dirt": 0.45, "gravel": 0.15}
"""How strong the mist above the horizon is at full intensity."""
_CLOTHES = ("#e8483c", "#2f6fd0", "#f4c430", "#2fa86c", "#f2f0ea", "#8c3fb0", "#f07818")


def clouds(sky: Picture, scene: Geometry, look: Look, style: Style) -> Picture:
    """Soft banks of clouds; dark ones in rain."""
    solid = _CLOUDS.get(style.label, 0.0)
    if not solid:
        return sky
    shift = 0.37 * (style.seed & 15)
    puffs = fractal(scene.view.u * 3.2 + shift, scene.view.v[scene.above] * 8.0, 3)
    cover = smoothstep(0.48, 0.70, puffs) * (1 - 0.75 * scene.height)
    colour = {"rain": look.sky_top * 0.72, "human_speech": look.ridge_light}.get(style.label, rgb("#ffffff"))
    return mix(sky, colour, solid * cover)


def mist(picture: Picture, scene: Geometry, look: Look, style: Style, horizon: float) -> Picture:
    """Haze that lies around the horizon."""
    strength = _MIST.get(style.label, 0.0) * (0.35 + 0.65 * style.intensity)
    return mix(picture, look.sky_low, strength * np.exp(-(((scene.view.v - horizon) / 0.10) ** 2)))


def overlay(picture: Picture, scene: Geometry, layout: Layout, style: Style) -> Picture:
    """What is in front of the scene."""
    if style.label == "crunching_snow":
        return _flakes(picture, scene, style)
    if style.label == "rain":
        return _streaks(picture, scene, style)
    if style.label == "birds_chirping":
        return _birds(picture, scene, style)
    if style.label == "human_speech":
        return _people(picture, scene, layout, style)
    return picture


def _flakes(picture: Picture, scene: Geometry, style: Style) -> Picture:
    for k, scale in enumerate((11.0, 19.0)):
        x, y = scene.view.u * scale + 7.1 * style.seed, scene.view.v * scale + 3.3 * style.seed + 40.0 * k
        flake, _ = dots(x, y, 0.04 + 0.42 * style.intensity, 0.17 if k == 0 else 0.22)
        picture = mix(picture, rgb("#ffffff"), 0.92 * flake)
    return picture


def _streaks(picture: Picture, scene: Geometry, style: Style) -> Picture:
    for k, scale in enumerate((17.0, 27.0)):
        x = (scene.view.u + 0.22 * scene.view.v) * scale + 7.1 * style.seed + 31.0 * k
        y = scene.view.v * scale * 0.16 + 0.61 * np.floor(x)
        streak, _ = dots(x, y, 0.10 + 0.55 * style.intensity, 0.13, 3.0)
        picture = mix(picture, rgb("#d4e2ec"), (0.40 + 0.25 * style.intensity) * streak)
    return picture


def _stamp(picture: Picture, window: Window, colour: Grid, cover: Grid) -> None:
    part = picture[:, window[0], window[1]]
    part += cover * (colour - part)


def _birds(picture: Picture, scene: Geometry, style: Style) -> Picture:
    """A flock of wings against the sky."""
    rng = np.random.default_rng(style.seed)
    for _ in range(1 + round(6 * style.intensity)):
        x, y, span, lift = (float(rng.uniform(*limits)) for limits in ((0.08, 0.92), (0.07, 0.32), (0.050, 0.085), (0.7, 1.0)))
        window = scene.view.window((x - 1.2 * span, x + 1.2 * span), (y - 1.2 * span, y + 1.2 * span))
        du, dv = (scene.view.u[:, window[1]] - x) / span, (scene.view.v[window[0]] - y) / span
        wing = dv + lift * (np.abs(du) - 0.75 * np.abs(du) ** 2 * 1.1) * 1.5
        cover = np.clip((0.24 - 0.14 * np.abs(du) - np.abs(wing)) / 0.10, 0, 1) * np.clip((1.0 - np.abs(du)) / 0.12, 0, 1)
        _stamp(picture, window, rgb("#1c2a44"), cover)
    return picture


def _people(picture: Picture, scene: Geometry, layout: Layout, style: Style) -> Picture:
    """Walkers on the course, far to near; the course's own middle is where they stand."""
    rng = np.random.default_rng(style.seed)
    count = 2 + round(5 * style.intensity)
    for k in range(count):
        near = 0.12 + 0.62 * (k + float(rng.uniform(0.2, 0.8))) / count
        middle, half = course_line(layout.course, np.asarray(near))
        x = float(middle + half * rng.uniform(-0.7, 0.7))
        foot = layout.horizon + near * (1 - layout.horizon)
        _person(picture, scene, x, foot, 0.05 + 0.22 * near, _CLOTHES[int(rng.integers(0, len(_CLOTHES)))])
    return picture


def _person(picture: Picture, scene: Geometry, x: float, foot: float, height: float, clothes: str) -> None:
    window = scene.view.window((x - 0.6 * height, x + 0.6 * height), (foot - 1.1 * height, foot + 0.1 * height))
    du, rise = (scene.view.u[:, window[1]] - x) / height, (foot - scene.view.v[window[0]]) / height
    soft = 0.02
    legs = np.clip((0.045 - np.abs(np.abs(du) - 0.055)) / soft, 0, 1) * np.clip(rise / soft, 0, 1) * (rise < 0.45)
    body = np.clip((1 - np.sqrt((du / (0.17 - 0.06 * (rise - 0.3))) ** 2 + ((rise - 0.60) / 0.24) ** 2)) / 0.15, 0, 1)
    head = np.clip((1 - np.sqrt((du / 0.085) ** 2 + ((rise - 0.91) / 0.095) ** 2)) / 0.2, 0, 1)
    for colour, cover in (("#2c2038", legs), (clothes, body), ("#f0c09a", head)):
        _stamp(picture, window, rgb(colour), cover)
