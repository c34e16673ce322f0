"""Where names stand beside points so that they can be read: ours, greedy, the same every time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin

from reports.drawing import Medium
from reports.lettering import width_in

_ANGLES = (0, 180, 90, 270, 45, 135, 315, 225, 20, 160, 340, 200, 70, 110, 290, 250)
"""Degrees, the best first: right and left are read most easily."""
_RINGS = (0.0, 0.08, 0.18, 0.32, 0.5, 0.7)
"""Inches (on a page) beyond the nearest place."""
_LEADER_FROM_IN = 0.15
"""From here on a line leads from the name to its point."""
_LINE_SHARE = 1.25
"""Height of a line of text in its size."""
MARK_IN = 0.055
"""Half of a mark's side, on a page."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A box in inches that a name shouldn't cover."""

    left: float
    bottom: float
    right: float
    top: float

    def shared_with(self, other: "Obstacle") -> float:
        """Area of the overlap; boxes without area count as if they had a little."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(0.0, across + 0.01) * max(0.0, down + 0.01) if across >= 0 and down >= 0 else 0.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Middle of a name, in inches from its point, and whether it needs a line to it."""

    dx: float
    dy: float
    far: bool


def place_names(
    names: Sequence[str],
    points: Sequence[tuple[float, float]],
    bars: Sequence[Obstacle],
    bounds: tuple[float, float, float, float],
    size_pt: float,
    medium: Medium,
) -> list[Spot]:
    """Find a place for each name.

    Args:
        names: in lines already.
        points: what they name, in inches.
        bars: what else should stay visible, in inches.
        bounds: left, bottom, right, top of the axes, in inches; names stay inside.
        size_pt: size of the letters in points.
        medium: where the figure will stand.

    Returns:
        A spot for each name: the first that costs least, crowded points first.
    """
    mark = MARK_IN * medium.scale
    marks = [Obstacle(x - mark, y - mark, x + mark, y + mark) for x, y in points]
    boxes = [_size(name, size_pt) for name in names]
    # Who has the nearest neighbours has the fewest places to go.
    order = sorted(range(len(names)), key=lambda at: (_nearest(points, at), at))
    taken: list[Obstacle] = []
    found: dict[int, Spot] = {}
    for at in order:
        spot = min(_spots(boxes[at], mark, medium.scale), key=lambda one: _cost(one, points[at], boxes[at], (taken, marks, bars), bounds))
        found[at] = Spot(*spot[:2], far=spot[2] >= _LEADER_FROM_IN * medium.scale)
        taken.append(_box(points[at], boxes[at], spot))
    return [found[at] for at in range(len(names))]


def _size(name: str, size_pt: float) -> tuple[float, float]:
    return width_in([name], size_pt), _LINE_SHARE * size_pt / 72 * (name.count("\n") + 1)


def _nearest(points: Sequence[tuple[float, float]], at: int) -> float:
    x, y = points[at]
    return min((hypot(x - a, y - b) for place, (a, b) in enumerate(points) if place != at), default=0.0)


def _spots(box: tuple[float, float], mark: float, scale: float) -> Iterator[tuple[float, float, float]]:
    """Offsets of a name's middle, and how far it is beyond the nearest place."""
    for ring in _RINGS:
        for angle in _ANGLES:
            across, up = cos(radians(angle)), sin(radians(angle))
            # Around a box: slanted names stand beside both intervals of their point, which a circle would lead across.
            longer = max(abs(across), abs(up))
            across, up = across / longer, up / longer
            reach = mark + 0.02 * scale + ring * scale
            yield across * (box[0] / 2 + reach), up * (box[1] / 2 + reach), ring * scale


def _box(point: tuple[float, float], size: tuple[float, float], spot: tuple[float, float, float]) -> Obstacle:
    x, y = point[0] + spot[0], point[1] + spot[1]
    return Obstacle(x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)


def _cost(
    spot: tuple[float, float, float],
    point: tuple[float, float],
    size: tuple[float, float],
    obstacles: tuple[Sequence[Obstacle], Sequence[Obstacle], Sequence[Obstacle]],
    bounds: tuple[float, float, float, float],
) -> float:
    """Other names are worst to cover, then points, then intervals; a name far from its point costs a little."""
    box, (names, marks, bars) = _box(point, size, spot), obstacles
    outside = max(0.0, bounds[0] - box.left, bounds[1] - box.bottom, box.right - bounds[2], box.top - bounds[3])
    covered = 50 * sum(map(box.shared_with, names)) + 20 * sum(map(box.shared_with, marks)) + 10 * sum(map(box.shared_with, bars))
    return covered + 10 * outside + 0.1 * spot[2]
