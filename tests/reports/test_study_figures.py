"""The plots of a study: valid SVG that says what the numbers say, in colours that have a dark twin."""

import re
from xml.etree import ElementTree

import pytest

from reports import style
from reports.lettering import LABEL_COLUMNS, MOST_LINES, wrapped
from reports.study_page import DRAWN
from tests.reports.study_samples import CLASSES, HOSTILE, METHODS, bare, crowded, rich, tiny

SVG = "{http://www.w3.org/2000/svg}"


def _texts(svg):
    return [text.text for text in ElementTree.fromstring(svg[svg.index("<svg") :]).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", DRAWN)
def test_every_plot_of_a_rich_study(name):
    """Well-formed, labelled, told in words; only colours that the dark page knows; the same results give the same bytes."""
    drawing = DRAWN[name](rich())
    assert set(_texts(drawing.svg))
    known = {value.light for value in (*style.METHOD_COLORS, *style._NAMED.values())}
    colors = {found.lower() for found in re.findall(r"#[0-9a-fA-F]{6}\b", re.sub(r'(?:href|url|id)[=(]"?[^")]*', "", drawing.svg))}
    assert colors <= known
    assert len(drawing.alt) > 40
    assert DRAWN[name](rich()).svg == drawing.svg


@pytest.mark.parametrize("name", ["mean_points", "rank_shares", "strengths", "places", "critical_difference"])
def test_methods_are_named(name):
    """A row per method, and each in the words."""
    drawing = DRAWN[name](rich())
    assert set(METHODS) <= set(_texts(drawing.svg))
    assert all(method in drawing.alt for method in METHODS)


def test_words_have_the_numbers():
    """Alt texts tell the gist: the best first, with its points; who is above whom; who is left out."""
    results = rich()
    best = max(results.methods, key=lambda one: one.mean_points)
    alt = DRAWN["mean_points"](results).alt
    assert re.search(rf"best first: {best.method} {best.mean_points:.2f} \[", alt)
    assert DRAWN["wins"](results).alt.count(" above ") >= 6
    assert f"{sum(bool(row.failed) for row in results.screening.workers)} of them are left out" in DRAWN["workers"](results).alt
    assert all(label.replace("_", " ") in DRAWN["class_points"](results).alt for label in CLASSES)


def test_metrics_are_drawn_best_first():
    """The reader finds the metric to believe at the top."""
    texts = _texts(DRAWN["metrics"](rich()).svg)
    assert [text for text in texts if text in ("avc", "ssim", "fd")] == ["avc", "ssim", "fd"]


def test_nothing_is_drawn_of_what_is_not_there():
    """A bare table has no classes, metrics and workers; one ranking has no test, no places, and no intervals."""
    assert {name for name in DRAWN if DRAWN[name](bare()) is None} == {"class_points", "metrics", "workers"}
    assert {name for name in DRAWN if DRAWN[name](tiny()) is None} == {
        "class_points",
        "metrics",
        "workers",
        "critical_difference",
        "places",
    }
    assert "interval" not in DRAWN["mean_points"](tiny()).alt


def test_more_methods_than_a_study_has_are_not_drawn_as_cells():
    """Plots that grow with the square of the methods are left to tables; the others have a row each, the best first."""
    assert {name for name in DRAWN if DRAWN[name](crowded()) is None} >= {"rank_shares", "wins", "places"}
    texts = _texts(DRAWN["mean_points"](crowded()).svg)
    rows = [text for text in texts if re.fullmatch(r"m\d+", text)]
    assert len(rows) == 60
    points = {one.method: one.mean_points for one in crowded().methods}
    assert [points[label] for label in rows] == sorted(points.values(), reverse=True)


def test_twenty_six_methods_have_a_legend_that_fits():
    """The first and the last rank are named; the ruler of critical differences has a few numbers."""
    results = crowded(26)
    assert {text for text in _texts(DRAWN["rank_shares"](results).svg) if text.endswith(("st", "nd", "rd", "th"))} == {"1st", "26th"}
    ticks = [text for text in _texts(DRAWN["critical_difference"](results).svg) if text.isdigit()]
    assert ticks == ["1", "5", "10", "15", "20", "25"]


def test_groups_are_bars():
    """Methods that the test can't tell apart are told so in words."""
    alt = DRAWN["critical_difference"](bare()).alt
    assert "Not told apart: " in alt
    assert "All methods are told apart." in DRAWN["critical_difference"](bare(30, 12, (4.0, 0.0, -4.0))).alt


@pytest.mark.parametrize("name", DRAWN)
def test_hostile_labels_stay_text(name):
    """Markup in labels is text of the drawing, control characters are escapes, formulas aren't typeset."""
    drawing = DRAWN[name](rich(HOSTILE, ("<b>&", "x" * 200)))
    assert "<script" not in drawing.svg
    assert "\x1b" not in drawing.svg
    _texts(drawing.svg)


@pytest.mark.parametrize("label", ["", "ours", "x" * 64, "W" * 64, "a_long_name-with-joints of all kinds" * 2, "漢" * 40, "y" * 300])
def test_labels_are_wrapped(label):
    """Lines have a width, and there are few of them; nothing but what is too long is lost."""
    lines = wrapped(label).split("\n")
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LABEL_COLUMNS + 2
    if len(label) <= 64:
        assert "".join(lines).replace(" ", "") == label.replace(" ", "")


def test_lines_break_at_joints():
    """A name comes apart where it was put together."""
    assert wrapped("ours_without_audio-trained_on_ocean") == "ours_without_audio-\ntrained_on_ocean"
