"""Whether methods can be told apart by eyes that lack a cone."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from reports.marks import DASHES, MARKS
from reports.style import METHOD_COLORS

SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What is left of linear RGB. Source: Machado, Oliveira and Fernandes 2009, A Physiologically-based Model for Simulation of Color Vision
Deficiency, IEEE TVCG 15(6), the table of severity 1.0."""
TO_XYZ = np.array(((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041)))
"""Linear sRGB to XYZ, D65 (IEC 61966-2-1)."""
WHITE = TO_XYZ.sum(axis=1)
LEAST = 10.0
"""Ours, of CIE 1976: four times what is just noticeable (2.3; Mahy, Van Eycken and Oosterlinck 1994), since points are small."""


def _lab(color, sight):
    encoded = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(SIGHT[sight]) @ linear, 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def _distance(first, second, sight):
    return float(np.linalg.norm(_lab(first, sight) - _lab(second, sight)))


def test_the_formulas_are_right():
    """White is L* 100; red and green of one lightness are nearer to a protanope; grey stays grey to everybody."""
    assert _lab("#ffffff", "normal") == pytest.approx((100, 0, 0), abs=1e-3)
    assert _distance("#cc3311", "#448811", "deuteranopia") < 0.5 * _distance("#cc3311", "#448811", "normal")
    for sight in SIGHT:
        assert _lab("#808080", sight)[1:] == pytest.approx((0, 0), abs=0.1)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_methods_can_be_told_apart(sight, mode):
    """Neighbours differ by their colours, all by colour or shape; lines of one dash by their colours."""
    shades = [getattr(METHOD_COLORS[place % len(METHOD_COLORS)], mode) for place in range(len(MARKS))]
    for one, other in pairwise(shades[: len(METHOD_COLORS)]):
        assert _distance(one, other, sight) >= LEAST
    for one, other in combinations(range(len(MARKS)), 2):
        far = _distance(shades[one], shades[other], sight) >= LEAST
        assert far or MARKS[one] != MARKS[other]
        assert far or one % len(DASHES) != other % len(DASHES)


def test_the_methods_of_a_run_have_shapes_of_their_own():
    """As many as there are shapes, more than there are colours."""
    assert len(set(MARKS)) == len(MARKS) > len(METHOD_COLORS)
