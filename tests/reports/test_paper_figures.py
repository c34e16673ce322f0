"""Scores, differences, classes and wins as figures for papers."""

from dataclasses import replace
from importlib import import_module
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from reports.data import RunData
from reports.drawing import CVPR, CVPR_WIDE, ECCV, PAGE, NotDrawn, as_svg, drawing_on, saved
from reports.lettering import width_in
from reports.matrix import DEEPEST, FAINTEST, tinted
from reports.paper_figures.catalogue import CATALOGUE, drawings, kinds_named
from reports.paper_figures.classes import draw_classes
from reports.paper_figures.differences import draw_differences
from reports.paper_figures.row_panels import fitting
from reports.paper_figures.scores import draw_scores
from reports.paper_figures.wins import draw_wins
from reports.style import GROUND, INK, METHOD_COLORS, darkened
from tests.reports.paper_runs import EIGHT, TWELVE, failing, made_run

PLOTS = ("scores", "differences", "classes", "wins", "pareto")


@pytest.mark.parametrize("medium", [PAGE, ECCV, CVPR], ids=lambda medium: medium.name)
@pytest.mark.parametrize(("methods", "classes"), [(("ours",), TWELVE[:1]), (EIGHT, TWELVE)], ids=["one", "many"])
def test_nothing_is_cut_off_and_all_can_be_read(tmp_path, medium, methods, classes):
    """Every plot is as wide as its medium, holds all that is drawn, and its letters have 6 points and more."""
    drawn, missing = drawings(made_run(tmp_path, methods, classes), kinds_named(PLOTS), medium)
    assert missing == ()
    for one in drawn:
        with drawing_on(medium):
            box = one.figure.get_tightbbox()
        width, height = one.figure.get_size_inches()
        assert width == pytest.approx(medium.width_in)
        assert (box.x0, box.y0) >= (-0.02, -0.02), one.name
        assert box.x1 <= width + 0.02, one.name
        assert box.y1 <= height + 0.02, one.name
        assert height < 2.6 * 9, one.name
        assert min(text.get_fontsize() for text in one.figure.findobj(Text) if text.get_text()) >= 6


def test_names_do_not_overlap(tmp_path):
    """Names of classes, slanted or not, and those of methods keep clear of each other."""
    for one in draw_classes(made_run(tmp_path, EIGHT, TWELVE), ECCV):
        # Numbers of pairs outlast the names.
        assert "thunder over a very w… (28)" in [label.get_text() for label in one.figure.axes[0].get_xticklabels()]
        axes = one.figure.axes[0]
        with drawing_on(ECCV):
            one.figure.draw_without_rendering()
        rows = [label.get_window_extent() for label in axes.get_yticklabels()]
        assert all(below.y1 <= above.y0 + 1 for above, below in zip(rows, rows[1:], strict=False))


def test_the_files_of_a_paper_hold_their_letters(tmp_path):
    """PDF embeds TrueType and no type 3 font; SVG has outlines in place of text; neither has a date; twice the same bytes."""
    drawn = draw_scores(made_run(tmp_path), ECCV)[0]
    pdf, svg = saved(drawn.figure, "scores", "pdf", ECCV), saved(drawn.figure, "scores", "svg", ECCV)
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"/CreationDate" not in pdf
    assert b"<text" not in svg
    assert b"<dc:date" not in svg
    again = draw_scores(made_run(tmp_path), ECCV)[0]
    assert (saved(again.figure, "scores", "pdf", ECCV), saved(again.figure, "scores", "svg", ECCV)) == (pdf, svg)


def test_scores_say_what_they_show(tmp_path):
    """The alt text has every number, the caption the pairs, the seed, the units and what the intervals hold."""
    drawn = draw_scores(made_run(tmp_path), ECCV)[0]
    assert len(drawn.figure.axes) == 5
    assert "avc: target 0.610 [0.561, 0.659]; identity" in drawn.alt
    assert "cyclegan 0.488 [0.439, 0.537]" in drawn.alt
    for said in (
        "12 pairs of demo",
        "seed 0",
        "protocol offline (version 1)",
        "not over training seeds",
        "avc in cosine",
        "Hollow: controls.",
    ):
        assert said in drawn.caption


def test_what_is_not_scored_is_said(tmp_path):
    """An empty row says so, in the plot and in words; a metric without any value has no plot; without any there is no figure."""
    run = made_run(tmp_path)
    scores = tuple(
        replace(s, value=None, reason="no prototypes") if (s.method, s.metric) == ("cut", "fd") else s for s in run.results.scores
    )
    drawn = draw_scores(RunData(tmp_path, replace(run.results, scores=scores), ()), ECCV)[0]
    assert [text.get_text() for text in drawn.figure.findobj(Text) if text.get_text() == "not scored"] == ["not scored"]
    assert "; not scored: cut." in drawn.alt
    only = tuple(s for s in run.results.scores if s.metric == "avc")
    assert len(draw_scores(RunData(tmp_path, replace(run.results, scores=only), ()), ECCV)[0].figure.axes) == 1
    with pytest.raises(NotDrawn, match="no method was scored"):
        draw_scores(RunData(tmp_path, replace(run.results, scores=()), ()), ECCV)


def test_failing_metrics_are_marked(tmp_path):
    """With a dagger in print and the page's sign on a page, explained in the caption; what rests on one metric leaves it out."""
    run = failing(made_run(tmp_path), "avc")
    for medium, sign in ((ECCV, "†"), (PAGE, "⚠")):
        drawn = draw_scores(run, medium)[0]
        assert drawn.figure.axes[0].get_title() == f"avc ↑ {sign}"
        assert f"Metrics marked {sign} do not tell" in drawn.caption
    assert [one.name for one in draw_classes(run, ECCV)] == ["classes-structure-similarity"]
    assert "wins-avc" not in [one.name for one in draw_wins(run, ECCV)]
    everything = failing(run, *(metric.name for metric in run.results.metrics))
    for draw in (draw_classes, draw_wins):
        with pytest.raises(NotDrawn, match="tells right images from wrong ones"):
            draw(everything, ECCV)


def test_differences_are_filled_only_where_one_is_shown(tmp_path):
    """A mark is hollow where the interval holds 0; methods against each other stand in a figure of their own."""
    drawn = draw_differences(made_run(tmp_path), ECCV)
    assert [one.name for one in drawn] == ["differences", "differences-methods"]
    points = [line for line in drawn[1].figure.axes[0].lines if len(line.get_xdata()) == 1]
    # avc: 0.61, 0.549, 0.488, each +- 0.0488: ours - cut and cut - cyclegan are 0.061, ours - cyclegan 0.122; all clear of 0.
    assert [point.get_markerfacecolor() != "white" for point in points] == [True] * 3
    close = made_run(tmp_path, ("ours", "cut"))
    near = tuple(replace(d, value=0.01, ci_low=-0.04, ci_high=0.06) if d.against == "cut" else d for d in close.results.differences)
    drawn = draw_differences(RunData(tmp_path, replace(close.results, differences=near), ()), ECCV)
    points = [line for line in drawn[1].figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert [point.get_markerfacecolor() for point in points] == ["white"]
    assert "ours no clear difference from cut (+0.010 [−0.040, +0.060])" in drawn[1].alt
    assert "structure_similarity against identity" in drawn[0].caption
    assert [one.name for one in draw_differences(made_run(tmp_path, EIGHT), ECCV)] == ["differences"]


def test_better_is_the_tinted_side(tmp_path):
    """Above 0 where more is better, below 0 where less is."""
    axes = {ax.get_title(): ax for ax in draw_differences(made_run(tmp_path), ECCV)[0].figure.axes}
    for title, ends in (("avc ↑", (0.0, axes["avc ↑"].get_xlim()[1])), ("fd ↓", (axes["fd ↓"].get_xlim()[0], 0.0))):
        band = axes[title].patches[0].get_extents().transformed(axes[title].transData.inverted())
        assert (band.x0, band.x1) == pytest.approx(ends, abs=1e-6)


def test_classes_have_the_tints_of_the_tables(tmp_path):
    """Deeper is better, in steps; a class of too few pairs is left out, and numbers of pairs stand with the names where they differ."""
    drawn = draw_classes(made_run(tmp_path), CVPR_WIDE)[0]
    texts = [text.get_text() for text in drawn.figure.axes[0].findobj(Text)]
    assert {"snow (20)", "rain (23)", "0.61", "−0.08"} <= set(texts)
    assert "target: snow 0.61, gravel 0.60" in drawn.alt
    assert "fewer than 10 pairs are left out" in drawn.caption
    run = made_run(tmp_path)
    few = tuple(replace(one, n=9) for one in run.results.class_scores)
    with pytest.raises(NotDrawn, match="no class has 10 pairs"):
        draw_classes(RunData(tmp_path, replace(run.results, class_scores=few), ()), ECCV)


def test_tints_grow_darker_and_keep_their_numbers_readable():
    """The map's lightness falls step by step, so it prints in grey; ink on the deepest has 4.5 : 1 in print and on both pages."""
    shades = [tinted(METHOD_COLORS[0], FAINTEST + (DEEPEST - FAINTEST) * step / 8, ECCV)["color"] for step in range(9)]
    light = [_luminance(to_rgb(shade)) for shade in shades]
    assert all(one > after + 0.02 for one, after in zip(light, light[1:], strict=False))
    for mode in ("light", "dark"):
        for shade in METHOD_COLORS[:2]:
            ground, over = (np.array(to_rgb(getattr(part, mode))) for part in (GROUND, shade))
            behind = _luminance(DEEPEST * over + (1 - DEEPEST) * ground)
            low, high = sorted((behind, _luminance(to_rgb(getattr(INK, mode)))))
            assert (high + 0.05) / (low + 0.05) >= 4.5


def _luminance(rgb):
    # WCAG 2.1, relative luminance.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_wins_stand_both_ways_round(tmp_path):
    """The loser's cell is what the winner's leaves of 100."""
    drawn = draw_wins(made_run(tmp_path, ("ours", "cut")), ECCV)[0]
    texts = [text.get_text() for text in drawn.figure.axes[0].texts]
    # target, retrieval, oracle, ours and cut against both controls, and back for methods; identity against shuffled; ours against cut.
    assert sorted(set(texts)) == ["20", "80"]
    assert "ours beats cut on 80 % [70, 90]" in drawn.alt
    assert "target beats identity on 80 % [70, 90];" in drawn.alt
    bare = made_run(tmp_path)
    none = tuple(replace(one, share_better=None) for one in bare.results.differences)
    with pytest.raises(NotDrawn, match="no two methods were compared pair by pair"):
        draw_wins(RunData(tmp_path, replace(bare.results, differences=none), ()), ECCV)


def _dots(axes):
    return [line for line in axes.lines if line.get_marker() == "o"]


def test_a_dot_is_of_the_share_itself(tmp_path):
    """Its own interval leaves out one half; the test of the mean difference, which can say the opposite, has no say."""
    run = made_run(tmp_path, ("ours", "cut"))
    drawn = draw_wins(run, ECCV)[0]
    # Every cell: 3 controls against 2, identity and shuffled both ways, 2 methods against 2 controls and each other both ways.
    assert len(_dots(drawn.figure.axes[0])) == 3 * 2 + 2 + 2 * (2 * 2 + 1)
    assert "A dot: the 95 % interval of that share, of each by itself, leaves out one half." in drawn.caption
    assert "no interval" not in drawn.caption

    def with_shares(**changes):
        found = tuple(
            replace(one, p_holm=0.001, **changes) if (one.method, one.against, one.metric) == ("ours", "cut", "avc") else one
            for one in run.results.differences
        )
        return draw_wins(RunData(tmp_path, replace(run.results, differences=found), ()), ECCV)[0]

    assert len(_dots(with_shares(share_better=0.55, share_low=0.45, share_high=0.65).figure.axes[0])) == 16
    unknown = with_shares(share_low=None, share_high=None)
    assert len(_dots(unknown.figure.axes[0])) == 16
    assert "1 of the 13 shares have no interval, and so no dot." in unknown.caption
    assert "ours beats cut on 80 %;" in f"{unknown.alt[:-1]};"


def test_dots_keep_clear_of_numbers(tmp_path):
    """They stand under them, in the narrowest cells too, where one beside a number would be a sign of degrees."""
    figure = draw_wins(made_run(tmp_path, ("ours", "one", "two", *EIGHT[3:7], "last")), CVPR)[0].figure
    axes = figure.axes[0]
    numbers, dots = list(axes.texts), _dots(axes)
    assert len(numbers) > 40
    assert len(dots) > 40
    # In the middle below a number: none stands beside one.
    assert {float(dot.get_xdata()[0]) for dot in dots} <= {text.get_position()[0] for text in numbers}
    with drawing_on(CVPR):
        bare, numbered, dotted = (_pixels(figure, [*numbers, *dots], seen) for seen in ([], numbers, dots))
    number, dot = ((shown != bare).any(axis=2) for shown in (numbered, dotted))
    assert number.any()
    assert dot.any()
    # A point (four pixels) of clear ground between the two at least.
    assert not any((np.roll(number, (down, across), (0, 1)) & dot).any() for down in range(-4, 5, 2) for across in range(-4, 5, 2))


def _pixels(figure, every, seen):
    for artist in every:
        artist.set_visible(artist in seen)
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=4 * 72)
    return np.asarray(Image.open(stream))


def test_names_are_cut_no_more_than_they_must_be():
    """What fits stays whole, wide letters or not; what doesn't loses its end."""
    for text in ("D_mismatched", "mmmmmmmm", "wide WWW and mmm"):
        whole = width_in([text], 7.5)
        assert fitting(text, whole + 0.01, 7.5, 1) == text
        cut = fitting(text, 0.8 * whole, 7.5, 1)
        assert cut.endswith("…")
        assert width_in([cut], 7.5) <= 0.8 * whole


def test_figures_of_a_page_can_be_made_dark(tmp_path):
    """Their letters stay text in the page's font, and all colours of the light palette go."""
    drawn, _ = drawings(made_run(tmp_path), kinds_named(PLOTS), PAGE)
    with drawing_on(PAGE):
        for one in drawn:
            dark = darkened(as_svg(one.figure, one.name))
            assert "<text" in dark
            # Colours alone are changed, all shapes stay.
            assert len(dark) == len(as_svg(one.figure, one.name))
            assert not any(shade.light in dark for shade in (*METHOD_COLORS, INK))


def test_labels_are_no_markup(tmp_path):
    """Dollars start no formula, and what is markup elsewhere is drawn as it is."""
    run = made_run(tmp_path, ('a<b>&$x_1$"',))
    with drawing_on(PAGE):
        svg = as_svg(draw_scores(run, PAGE)[0].figure, "scores")
    assert "a&lt;b&gt;&amp;$x_1$" in svg


def test_metrics_of_like_names_have_files_of_their_own(tmp_path):
    """Names of files are plain, and none is taken twice."""
    run = made_run(tmp_path)
    renamed = {"avc": "A V/C", "structure_similarity": "a_v_c"}
    parts = {
        name: tuple(replace(one, metric=renamed.get(one.metric, one.metric)) for one in getattr(run.results, name))
        for name in ("scores", "differences", "class_scores")
    }
    metrics = tuple(replace(one, name=renamed.get(one.name, one.name)) for one in run.results.metrics)
    drawn, _ = drawings(RunData(tmp_path, replace(run.results, metrics=metrics, **parts), ()), kinds_named(["classes"]), ECCV)
    assert [one.name for one in drawn] == ["classes-a-v-c", "classes-a-v-c-2"]


def test_the_catalogue_is_in_order(tmp_path):
    """Every kind has its drawing function, and is named once; a run of controls only has a reason for each kind that it lacks."""
    for kind in CATALOGUE:
        assert callable(getattr(import_module(f"reports.paper_figures.{kind.module}"), f"draw_{kind.name}"))
    assert len({kind.name for kind in CATALOGUE}) == len(CATALOGUE)
    assert [kind.name for kind in kinds_named(["wins", "scores"])] == ["scores", "wins"]
    drawn, missing = drawings(made_run(tmp_path, ()), kinds_named(PLOTS), ECCV)
    assert [one.name for one in drawn] == ["scores", "classes-avc", "classes-structure-similarity"]
    assert dict(missing) == {
        "differences": "no method was compared with a control or with another method",
        "wins": "only controls were run",
        "pareto": "no method was scored on both avc and structure_similarity",
    }
