"""Headline scores as figures: with the controls, and without them where these stretch the axes."""

from dataclasses import replace

import pytest

from reports.data import RunData
from reports.drawing import CVPR, CVPR_WIDE, ECCV, PAGE
from reports.paper_figures.scores import draw_scores
from tests.reports.conftest import CONTROLS
from tests.reports.paper_runs import made_run


def _narrowed(run, factor, metrics=("avc",)):
    """The same run, with intervals of these metrics so many times as long."""

    def near(value, end):
        return value + factor * (end - value)

    scores = tuple(
        replace(s, ci_low=near(s.value, s.ci_low), ci_high=near(s.value, s.ci_high)) if s.metric in metrics else s
        for s in run.results.scores
    )
    return RunData(run.folder, replace(run.results, scores=scores), ())


@pytest.mark.parametrize("medium", [PAGE, ECCV, CVPR, CVPR_WIDE], ids=lambda medium: medium.name)
def test_every_interval_can_be_seen(tmp_path, medium):
    """Where an axis that shows the controls makes intervals shorter than marks, another figure has the methods on axes of their own."""
    both = draw_scores(_narrowed(made_run(tmp_path), 0.2), medium)
    assert [one.name for one in both] == ["scores", "scores-methods"]
    figure = both[1].figure
    figure.canvas.draw()
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["ours", "cut", "cyclegan"]
    intervals = [line for line in axes.lines if len(line.get_xdata()) == 2]
    marks = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert len(intervals) == len(marks) == 3
    for line, mark in zip(intervals, marks, strict=True):
        low, high = (axes.transData.transform((end, 0))[0] for end in line.get_xdata())
        assert high - low > 1.2 * mark.get_markersize() * figure.dpi / 72


def test_long_intervals_need_no_second_figure(tmp_path):
    """Nor does a run without controls, or without intervals, or with controls alone."""
    run = made_run(tmp_path)
    short = _narrowed(run, 0.2)
    bare = tuple(s for s in short.results.scores if s.method not in CONTROLS)
    no_controls = replace(short.results, scores=bare, methods=tuple(m for m in short.results.methods if not m.control))
    no_intervals = tuple(replace(s, ci_low=None, ci_high=None) for s in short.results.scores)
    for one in (
        run,
        RunData(tmp_path, no_controls, ()),
        RunData(tmp_path, replace(short.results, scores=no_intervals), ()),
        _narrowed(made_run(tmp_path, ()), 0.2),
    ):
        assert [drawn.name for drawn in draw_scores(one, ECCV)] == ["scores"]
        assert "marks hide" not in draw_scores(one, ECCV)[0].caption


def test_both_figures_say_what_they_show(tmp_path):
    """The first points to the second, which names no control; a metric on which no method was scored has no plot there."""
    run = _narrowed(made_run(tmp_path), 0.2)
    scores = tuple(
        replace(s, value=None, ci_low=None, ci_high=None, reason="no prototypes") if s.metric == "fd" and s.method not in CONTROLS else s
        for s in run.results.scores
    )
    every, alone = draw_scores(RunData(tmp_path, replace(run.results, scores=scores), ()), ECCV)
    assert "Where marks hide intervals, the methods alone have a figure with axes of their own." in every.caption
    assert alone.alt.startswith("Headline scores of 3 methods without the controls, with 95 % intervals. avc: ours 0.61")
    assert not any(control in alone.alt for control in ("target ", "identity", "shuffled", "oracle "))
    assert "Hollow" not in alone.caption
    assert "Methods whose intervals overlap may still differ" in alone.caption
    assert "not scored: ours, cut, cyclegan" in every.alt
    assert [axes.get_title() for axes in every.figure.axes if axes.get_title().startswith("fd ")] == ["fd ↓"]
    assert not [axes.get_title() for axes in alone.figure.axes if axes.get_title().startswith("fd ")]
    assert "not scored" not in alone.alt
