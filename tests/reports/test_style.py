"""The palette."""

import pytest

from reports import style


def _luminance(color: str) -> float:
    # WCAG 2.1, relative luminance.
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_formula_is_right():
    """Black on white is 21 : 1, the definition's upper end."""
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_can_be_seen_on_their_ground(mode):
    """Marks reach 3 : 1 and text 4.5 : 1 on page and panel, in both modes."""
    grounds = [getattr(style.GROUND, mode), getattr(style.PANEL, mode)]
    for ground in grounds:
        for color in (*style.METHOD_COLORS, style.CONTROL_COLOR):
            assert _contrast(getattr(color, mode), ground) >= 3
        for color in (style.INK, style.MUTED, style.GOOD, style.BAD):
            assert _contrast(getattr(color, mode), ground) >= 4.5


def test_a_drawing_is_recoloured_for_dark_ground():
    """Every colour of the light palette becomes its dark one; others and plain text stay."""
    light, dark = style.METHOD_COLORS[0].light, style.METHOD_COLORS[0].dark
    assert style.darkened(f'<g fill="{light}" id="#x"/><a href="#123456"/>') == f'<g fill="{dark}" id="#x"/><a href="#123456"/>'


def test_light_colours_are_distinct():
    """Recolouring by value is exact only if no two parts share a light colour."""
    every = [
        *style.METHOD_COLORS,
        style.CONTROL_COLOR,
        style.INK,
        style.MUTED,
        style.LINE,
        style.GROUND,
        style.PANEL,
        style.GOOD,
        style.BAD,
    ]
    assert len({color.light for color in every}) == len(every)
