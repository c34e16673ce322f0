"""Layouts: what stands where in a scene, independent of how it is rendered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

import numpy as np

TreeKind = Literal["conifer", "round"]
N_HARMONICS = 5
"""Sine waves that make up a ridge line."""


@dataclass(frozen=True, slots=True)
class Ridge:
    """A line of hills: ``base + amplitude * sum of sines`` above the horizon, in image heights."""

    base: float
    amplitude: float
    phases: tuple[float, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree: foot (``x``, ``foot``), ``height`` and half ``width`` of its crown, in image sides."""

    kind: TreeKind
    x: float
    foot: float
    height: float
    width: float
    lean: float


@dataclass(frozen=True, slots=True)
class Boulder:
    """A half-sunk stone: centre (``x``, ``foot``) and half width, in image sides."""

    x: float
    foot: float
    width: float


@dataclass(frozen=True, slots=True)
class Course:
    """The path or water that winds from the bottom edge to the horizon.

    Attributes:
        near, far: its x at the bottom edge and at the horizon, in image sides.
        bend, turn: how far it swings sideways, and the phase of the swing in radians.
        width: half width at the bottom edge, in image sides.
    """

    near: float
    far: float
    bend: float
    turn: float
    width: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that stays when a scene is restyled.

    Attributes:
        horizon: height of the horizon, 0 (top) to 1 (bottom).
        ridges: the far and the near ridge.
        trees: far to near.
        boulders: far to near.
        course: path or water course.
        sun_x, sun_y: where the light comes from, in image sides.
        pan, zoom: camera; pan in image sides, zoom as a factor.
        ground_seed: offset into the ground's texture.
    """

    horizon: float
    ridges: tuple[Ridge, Ridge]
    trees: tuple[Tree, ...]
    boulders: tuple[Boulder, ...]
    course: Course
    sun_x: float
    sun_y: float
    pan: float
    zoom: float
    ground_seed: int

    def to_json(self) -> dict[str, Any]:
        """The layout as JSON-compatible values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The layout that ``to_json`` wrote."""
        first, second = (Ridge(r["base"], r["amplitude"], tuple(r["phases"]), tuple(r["weights"])) for r in content["ridges"])
        parts = {
            "ridges": (first, second),
            "trees": tuple(Tree(**tree) for tree in content["trees"]),
            "boulders": tuple(Boulder(**boulder) for boulder in content["boulders"]),
            "course": Course(**content["course"]),
        }
        return cls(**{**content, **parts})


def sample_layout(rng: np.random.Generator) -> Layout:
    """Draw a layout; every number is rounded to 4 decimals so that JSON keeps it exactly."""
    horizon = _draw(rng, 0.40, 0.54)
    course = Course(
        near=_draw(rng, 0.22, 0.78),
        far=_draw(rng, 0.30, 0.70),
        bend=_draw(rng, 0.05, 0.17),
        turn=_draw(rng, 0.0, 6.2832),
        width=_draw(rng, 0.10, 0.17),
    )
    sun_x = _draw(rng, 0.08, 0.38)
    return Layout(
        horizon=horizon,
        ridges=(_ridge(rng, _draw(rng, 0.10, 0.20), _draw(rng, 0.05, 0.10)), _ridge(rng, _draw(rng, 0.02, 0.07), _draw(rng, 0.02, 0.055))),
        trees=_trees(rng, horizon, course),
        boulders=_boulders(rng, horizon),
        course=course,
        sun_x=sun_x if rng.random() < 0.5 else round(1 - sun_x, 4),
        sun_y=_draw(rng, 0.10, 0.26),
        pan=_draw(rng, -0.04, 0.04),
        zoom=_draw(rng, 0.97, 1.10),
        ground_seed=int(rng.integers(0, 4096)),
    )


def _draw(rng: np.random.Generator, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 4)


def _ridge(rng: np.random.Generator, base: float, amplitude: float) -> Ridge:
    weights = tuple(round(float(rng.uniform(0.5, 1.0)) / (k + 1), 4) for k in range(N_HARMONICS))
    return Ridge(base, amplitude, tuple(_draw(rng, 0.0, 6.2832) for _ in range(N_HARMONICS)), weights)


def _trees(rng: np.random.Generator, horizon: float, course: Course) -> tuple[Tree, ...]:
    """3 to 6 trees beside the course; the nearer, the larger."""
    trees = []
    n_trees = int(rng.integers(3, 7))
    for k in range(n_trees):
        nearness = float(rng.uniform(0.05, 0.62))
        foot = horizon + nearness * (1 - horizon)
        side = 1.0 if (k + rng.integers(0, 2)) % 2 else -1.0
        middle = course.far + (course.near - course.far) * nearness
        x = float(np.clip(middle + side * rng.uniform(0.20, 0.48), 0.03, 0.97))
        height = (0.13 + 0.62 * nearness) * float(rng.uniform(0.8, 1.15))
        kind = get_args(TreeKind)[int(rng.integers(0, 2))]
        width = height * float(rng.uniform(0.20, 0.26) if kind == "conifer" else rng.uniform(0.27, 0.36))
        trees.append(Tree(kind, *(round(v, 4) for v in (x, foot, height, width, float(rng.uniform(-0.06, 0.06))))))
    return tuple(sorted(trees, key=lambda tree: tree.foot))


def _boulders(rng: np.random.Generator, horizon: float) -> tuple[Boulder, ...]:
    boulders = []
    for _ in range(int(rng.integers(2, 5))):
        nearness = float(rng.uniform(0.15, 0.9))
        foot = horizon + nearness * (1 - horizon)
        boulders.append(Boulder(_draw(rng, 0.03, 0.97), round(foot, 4), round((0.02 + 0.07 * nearness) * float(rng.uniform(0.8, 1.2)), 4)))
    return tuple(sorted(boulders, key=lambda boulder: boulder.foot))
