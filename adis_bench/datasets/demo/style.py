"""Styles: class, intensity and a little seeded variation; and the palettes of the classes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float64]
"""RGB in [0, 1], [3, 1, 1]."""

DISPLAYS = {
    "crunching_snow": "crunching snow",
    "gravel": "gravel",
    "dirt": "dirt",
    "rain": "rain",
    "birds_chirping": "birds chirping",
    "ocean": "ocean",
    "stream": "stream",
    "human_speech": "human speech",
}
"""Machine and display form of the classes. Source: the Into the Wild categories of the paper."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a scene looks and sounds.

    Attributes:
        label: class.
        intensity: 0 to 1, audible and visible.
        warmth: small shift from blue to red, -1 to 1.
        exposure: small change of brightness, -1 to 1.
        seed: places of drops, flakes, birds and clouds.
    """

    label: str
    intensity: float
    warmth: float
    exposure: float
    seed: int

    def to_json(self) -> dict[str, Any]:
        """The style as JSON-compatible values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The style that ``to_json`` wrote."""
        return cls(**content)


def sample_style(rng: np.random.Generator, label: str) -> Style:
    """Draw a style of one class; numbers are rounded to 4 decimals so that JSON keeps them exactly."""
    intensity, warmth, exposure = float(rng.random()), *(float(v) for v in rng.uniform(-1, 1, 2))
    return Style(label, round(intensity, 4), round(warmth, 4), round(exposure, 4), int(rng.integers(0, 4096)))


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a class as ``#weak #strong``: at intensity 0 and at intensity 1."""

    sky_top: str
    sky_low: str
    sun: str
    far_ridge: str
    near_ridge: str
    ridge_light: str
    ground_far: str
    ground_near: str
    course: str
    bank: str
    crown_dark: str
    crown_light: str
    trunk: str
    stone_dark: str
    stone_light: str


@dataclass(frozen=True, slots=True)
class Look:
    """A palette mixed for one intensity; every colour [3, 1, 1]."""

    sky_top: Colour
    sky_low: Colour
    sun: Colour
    far_ridge: Colour
    near_ridge: Colour
    ridge_light: Colour
    ground_far: Colour
    ground_near: Colour
    course: Colour
    bank: Colour
    crown_dark: Colour
    crown_light: Colour
    trunk: Colour
    stone_dark: Colour
    stone_light: Colour


def rgb(code: str) -> Colour:
    """``#rrggbb`` as [3, 1, 1] in [0, 1]."""
    return np.array([int(code[k : k + 2], 16) / 255.0 for k in (1, 3, 5)])[:, None, None]


def look(style: Style) -> Look:
    """The colours of a style."""
    mixed = {}
    for field in fields(Palette):
        weak, strong = (rgb(code) for code in getattr(PALETTES[style.label], field.name).split())
        mixed[field.name] = weak + style.intensity * (strong - weak)
    return Look(**mixed)


PALETTES: Mapping[str, Palette] = {
    "crunching_snow": Palette(
        sky_top="#8fb2dc #a9bdd6",
        sky_low="#e3edf7 #eef2f8",
        sun="#fff6e0 #fffaf0",
        far_ridge="#93a9c6 #b7c6da",
        near_ridge="#6c86a8 #93abc8",
        ridge_light="#e4ecf5 #ffffff",
        ground_far="#d5e0ec #eef3f9",
        ground_near="#e6edf4 #fbfdff",
        course="#a9bcd4 #b9cbe2",
        bank="#f5f9fd #ffffff",
        crown_dark="#23434a #2c4c58",
        crown_light="#3d6664 #55787e",
        trunk="#4a3f3c #4a4246",
        stone_dark="#5d6b7c #6b7b8f",
        stone_light="#8b9aac #a5b4c6",
    ),
    "gravel": Palette(
        sky_top="#a9c3cf #9fb9c4",
        sky_low="#efece0 #e9e4d6",
        sun="#fffbe8 #fffbe8",
        far_ridge="#a9aaa6 #9b9c9a",
        near_ridge="#8a8a84 #75767a",
        ridge_light="#cfccc2 #c6c4be",
        ground_far="#bdb6a6 #a3a19c",
        ground_near="#b3a892 #8e8c88",
        course="#d3c8b2 #c4c0b6",
        bank="#8f8878 #6a6864",
        crown_dark="#4f5a3a #48523a",
        crown_light="#8c9568 #7f8a66",
        trunk="#5a5046 #4e4842",
        stone_dark="#6a6762 #55555a",
        stone_light="#bcb8ae #b4b2b0",
    ),
    "dirt": Palette(
        sky_top="#c9a77c #c08a4e",
        sky_low="#f4e0b8 #f2c988",
        sun="#fff2c4 #ffe9a8",
        far_ridge="#bf9468 #b07a4a",
        near_ridge="#9a6a42 #84502c",
        ridge_light="#dcb484 #d09658",
        ground_far="#b98658 #9c5f34",
        ground_near="#96633a #6e3a1c",
        course="#cf9c66 #b5733f",
        bank="#6f4526 #4a2412",
        crown_dark="#7c5a1e #7a3f12",
        crown_light="#d2a53c #e0902a",
        trunk="#4c3220 #3a2216",
        stone_dark="#6e4a30 #5a3420",
        stone_light="#b08458 #a06c44",
    ),
    "rain": Palette(
        sky_top="#5c6c7c #2c3743",
        sky_low="#98a6ae #63717b",
        sun="#b8c2c6 #8894a0",
        far_ridge="#74848f #4b5a66",
        near_ridge="#55666f #35444e",
        ridge_light="#8a99a2 #5f6e79",
        ground_far="#5d6f6c #43535a",
        ground_near="#4a5d55 #2c3b40",
        course="#8fa1ab #71838f",
        bank="#3c4a4a #26323a",
        crown_dark="#24382f #17262a",
        crown_light="#456052 #33484a",
        trunk="#2c2c2c #1e2226",
        stone_dark="#38434a #262f38",
        stone_light="#6d7b84 #56646e",
    ),
    "birds_chirping": Palette(
        sky_top="#5fb0ec #2f93ee",
        sky_low="#d4efff #c4ecff",
        sun="#fffde0 #fffbd0",
        far_ridge="#8cc0a0 #74bd86",
        near_ridge="#62a86c #42a04e",
        ridge_light="#b8e0a8 #a8e488",
        ground_far="#a0cf70 #86d24e",
        ground_near="#74b03e #46b422",
        course="#e2d0a0 #ecd48c",
        bank="#5c9434 #2f8c1e",
        crown_dark="#2f7a34 #1a8028",
        crown_light="#86c452 #8ce03c",
        trunk="#6e4c30 #70482a",
        stone_dark="#7a8278 #7c8678",
        stone_light="#c2c8b8 #ccd4c0",
    ),
    "ocean": Palette(
        sky_top="#6cc4f0 #3f96d8",
        sky_low="#fdf3d8 #e8f0e8",
        sun="#fff4c0 #fff4d0",
        far_ridge="#86a6c8 #5e84b0",
        near_ridge="#54789c #2f5686",
        ridge_light="#b4cce0 #8cb0d4",
        ground_far="#3fb2c8 #0f5f9c",
        ground_near="#4fd0d0 #0e7fae",
        course="#f4e2b0 #e8d29c",
        bank="#f4ffff #ffffff",
        crown_dark="#1f6a52 #14524c",
        crown_light="#4aa87c #34907c",
        trunk="#7a5a3c #664c38",
        stone_dark="#3c4c5c #28384c",
        stone_light="#8c9cac #74889c",
    ),
    "stream": Palette(
        sky_top="#a4cfc2 #8cc4ba",
        sky_low="#eaf4e4 #e0f2e8",
        sun="#fbffe8 #f6fff0",
        far_ridge="#82b2a2 #6aa698",
        near_ridge="#4a8470 #2f7260",
        ridge_light="#a4d0b4 #8cc8ac",
        ground_far="#5f9054 #467e4a",
        ground_near="#3d6a34 #22501f",
        course="#4fb4c4 #1fa8d4",
        bank="#dff2ec #f4ffff",
        crown_dark="#17462e #0d3a2a",
        crown_light="#4a8c4c #347c48",
        trunk="#43352a #362c26",
        stone_dark="#46524c #38484a",
        stone_light="#94a498 #8ca4a0",
    ),
    "human_speech": Palette(
        sky_top="#7a68ac #4c3486",
        sky_low="#ffc8a0 #ff9a70",
        sun="#fff0b8 #ffe490",
        far_ridge="#b882a8 #a0588e",
        near_ridge="#8a5886 #65336e",
        ridge_light="#e6a8b0 #e88c98",
        ground_far="#d8a494 #c87e7c",
        ground_near="#c0887c #a25e64",
        course="#f2d0a8 #f4bc84",
        bank="#8a5468 #6a3456",
        crown_dark="#5c3a5c #4a2450",
        crown_light="#c87884 #d8606c",
        trunk="#4a3040 #3a2036",
        stone_dark="#745068 #5e3a5a",
        stone_light="#c89aa0 #c88890",
    ),
}
