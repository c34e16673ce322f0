"""Every method's colour and shape, the same in all plots: those who can't tell the colours apart go by the shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adis_bench.results import MethodRecord
from reports.style import Color, color, tones

MARKS = "osD^vPXd"
"""Shapes of points, in the order of the methods."""
DASHES: tuple[tuple[int, tuple[float, ...]], ...] = ((0, ()), (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))
"""Shapes of lines (ours): whole, dashed, dotted, both."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a method is drawn.

    Attributes:
        color: its colour.
        mark: shape of its points.
        dash: shape of its lines.
        hollow: whether its points have no filling: it is a control.
    """

    color: Color
    mark: str
    dash: tuple[int, tuple[float, ...]]
    hollow: bool

    def point(self, size: float) -> dict[str, Any]:
        """Matplotlib's options of a point of this many points (1/72 inch)."""
        shade = self.color.light
        # A diamond and a star of one size look larger than a disc.
        size *= {"D": 0.85, "d": 1.1, "P": 1.05, "X": 1.05}.get(self.mark, 1.0)
        face = "none" if self.hollow else shade
        return {
            "marker": self.mark,
            "markersize": size,
            "color": shade,
            "markerfacecolor": face,
            "markeredgewidth": 0.22 * size,
            "linestyle": "none",
        }


def looks(methods: Sequence[MethodRecord]) -> dict[str, Look]:
    """Every method's look by its label; ``methods`` in the order of all tables (``reports.style.ordered``)."""
    shades, asked = tones(methods), [m.label for m in methods if not m.control]
    place = {label: at for at, label in enumerate(asked)}
    return {
        m.label: Look(
            color(shades[m.label]),
            MARKS[place.get(m.label, 0) % len(MARKS)],
            DASHES[place.get(m.label, 0) % len(DASHES)],
            m.control,
        )
        for m in methods
    }
