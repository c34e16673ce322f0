"""Correspondence against structure, and where names stand beside points."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

from reports.data import RunData
from reports.drawing import CVPR, ECCV, PAGE, NotDrawn
from reports.lettering import width_in
from reports.paper_figures.name_places import Obstacle, place_names
from reports.paper_figures.pareto import Point, draw_pareto, pareto_front
from tests.reports.paper_runs import EIGHT, failing, made_run


def _points(run, places):
    score = run.results.scores[0]
    return [Point(f"m{at}", replace(score, value=x), replace(score, value=y)) for at, (x, y) in enumerate(places)]


@pytest.mark.parametrize(
    ("more_is_better", "front"),
    [((True, True), ["m0", "m1", "m2"]), ((False, True), ["m0"]), ((True, False), ["m4", "m2"]), ((False, False), ["m0", "m3", "m4"])],
)
def test_the_front_is_what_nothing_beats(tmp_path, more_is_better, front):
    """By hand: (0,3) (2,2) (3,1) (0.5,1) (1,0), whichever way is better; from left to right."""
    run = made_run(tmp_path)
    metrics = [replace(run.headline[0], higher_is_better=more) for more in more_is_better]
    points = _points(run, [(0, 3), (2, 2), (3, 1), (0.5, 1), (1, 0)])
    assert [point.label for point in pareto_front(points, *metrics)] == front


def test_equal_points_are_both_on_the_front(tmp_path):
    """Neither beats the other."""
    run = made_run(tmp_path)
    points = _points(run, [(1, 1), (1, 1), (1, 0)])
    assert [point.label for point in pareto_front(points, run.headline[0], run.headline[0])] == ["m0", "m1"]


def test_the_figure_says_its_numbers(tmp_path):
    """Controls are anchors, methods have a close-up; all values with intervals, and the front, stand in words."""
    drawn = draw_pareto(made_run(tmp_path), ECCV)[0]
    assert [axes.get_title() for axes in drawn.figure.axes] == ["with the controls", "the methods alone"]
    assert "identity avc −0.080 [−0.129, −0.031], structure_similarity 1.000" in drawn.alt
    assert drawn.alt.endswith("On the front of the methods: ours.")
    named = [text.get_text() for text in drawn.figure.axes[1].texts]
    assert named == ["ours", "cut", "cyclegan"]
    alone = draw_pareto(made_run(tmp_path, ("ours",)), CVPR)[0]
    assert len(alone.figure.axes) == 1


def test_a_metric_that_fails_is_passed_over(tmp_path):
    """The first of correspondence that works; none without one, nor without structure."""
    run = made_run(tmp_path)
    assert draw_pareto(failing(run, "avc"), ECCV)[0].alt.startswith("label_similarity over structure_similarity")
    lower = draw_pareto(failing(run, "avc", "label_similarity"), ECCV)[0]
    assert lower.alt.startswith("fd_by_class over structure_similarity")
    low, high = lower.figure.axes[0].get_ylim()
    assert low > high
    with pytest.raises(NotDrawn, match="avc, label_similarity and fd_by_class do not tell right images"):
        draw_pareto(failing(run, "avc", "label_similarity", "fd_by_class"), ECCV)
    with pytest.raises(NotDrawn, match="structure_similarity does not tell right images"):
        draw_pareto(failing(run, "structure_similarity"), ECCV)
    without = tuple(metric for metric in run.results.metrics if metric.name != "structure_similarity")
    with pytest.raises(NotDrawn, match="no headline metric measures the structure"):
        draw_pareto(RunData(tmp_path, replace(run.results, metrics=without), ()), ECCV)
    unscored = tuple(replace(s, value=None) if s.method in EIGHT else s for s in run.results.scores)
    with pytest.raises(NotDrawn, match="no method was scored on both avc and structure_similarity"):
        draw_pareto(RunData(tmp_path, replace(run.results, scores=unscored), ()), ECCV)


@pytest.mark.parametrize("seed", range(5))
def test_names_cover_neither_each_other_nor_points(seed):
    """Of twelve points at random places of three inches by two."""
    rng = np.random.default_rng(seed)
    points = [(float(x), float(y)) for x, y in rng.uniform((0.3, 0.3), (2.7, 1.7), (12, 2))]
    names = [f"method {at}" for at in range(12)]
    spots = place_names(names, points, [], (0.0, 0.0, 3.0, 2.0), 6.6, ECCV)
    half = width_in(["method 11"], 6.6) / 2, 6.6 / 72 / 2
    boxes = [
        Obstacle(x + s.dx - half[0], y + s.dy - half[1], x + s.dx + half[0], y + s.dy + half[1])
        for (x, y), s in zip(points, spots, strict=True)
    ]
    assert not any(one.shared_with(other) for one, other in combinations(boxes, 2))
    assert not any(box.shared_with(Obstacle(x, y, x, y)) for box in boxes for x, y in points)
    assert all(box.left >= -0.05 and box.right <= 3.05 and box.bottom >= -0.05 and box.top <= 2.05 for box in boxes)
    assert place_names(names, points, [], (0.0, 0.0, 3.0, 2.0), 6.6, ECCV) == spots


def test_many_methods_are_named_once(tmp_path):
    """In the close-up, where there is room; a name in several lines is one text."""
    drawn = draw_pareto(_moved(made_run(tmp_path, EIGHT), {label: (0.1 + 0.04 * at, 0.2) for at, label in enumerate(EIGHT)}), PAGE)[0]
    over, close = ([text.get_text().replace("\n", "") for text in axes.texts] for axes in drawn.figure.axes)
    assert over == ["target", "identity", "shuffled", "retrieval", "oracle"]
    assert close == list(EIGHT)
    assert all(text.get_fontsize() >= 6 for text in drawn.figure.findobj(Text))


def _moved(run, places):
    """The run with methods at (structure, correspondence)."""
    axis = {"structure_similarity": 0, "avc": 1}

    def moved(score):
        if score.method not in places or score.metric not in axis:
            return score
        value = places[score.method][axis[score.metric]]
        return replace(score, value=value, ci_low=value - 0.02, ci_high=value + 0.02)

    return RunData(run.folder, replace(run.results, scores=tuple(map(moved, run.results.scores))), ())


@pytest.mark.parametrize("medium", [ECCV, CVPR], ids=lambda medium: medium.name)
def test_a_method_at_a_controls_place_has_its_name_there(tmp_path, medium):
    """It would seem to bear the control's otherwise; the control's ring lies over its mark."""
    run = made_run(tmp_path, EIGHT)
    by = {score.metric: score.value for score in run.results.scores if score.method == "shuffled"}
    places = {label: (0.1 + 0.04 * at, 0.2) for at, label in enumerate(EIGHT)}
    drawn = draw_pareto(_moved(run, {**places, "cut": (by["structure_similarity"], by["avc"])}), medium)[0]
    axes = drawn.figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["target", "identity", "shuffled", "retrieval", "oracle", "cut"]
    marks = [
        line for line in axes.lines if list(line.get_xdata()) == [by["structure_similarity"]] and list(line.get_ydata()) == [by["avc"]]
    ]
    rings = [line.get_markerfacecolor() == "none" for line in sorted(marks, key=lambda line: line.get_zorder())]
    assert rings == [False, True]


def test_names_stand_clear_of_the_intervals_of_their_own_point():
    """A cross of two intervals leaves its four corners free."""
    cross = [Obstacle(1.4, 1.0, 1.6, 1.0), Obstacle(1.5, 0.9, 1.5, 1.1)]
    spot = place_names(["a long name"], [(1.5, 1.0)], cross, (0.0, 0.0, 3.0, 2.0), 6.6, ECCV)[0]
    wide, tall = width_in(["a long name"], 6.6), 1.25 * 6.6 / 72
    box = Obstacle(1.5 + spot.dx - wide / 2, 1.0 + spot.dy - tall / 2, 1.5 + spot.dx + wide / 2, 1.0 + spot.dy + tall / 2)
    assert not any(box.shared_with(bar) for bar in cross)
    assert not spot.far
