"""The plots."""

from xml.etree import ElementTree

from reports import figures
from reports.data import RunData
from reports.style import METHOD_COLORS, darkened


def test_a_plot_says_its_numbers_in_words(run_dir):
    """The alt text holds every method's value and interval."""
    run = RunData.open(run_dir)
    drawing = figures.scores(run, run.headline[0])
    assert "ours 0.370 [0.321, 0.419]" in drawing.alt
    assert all(m.label in drawing.alt for m in run.methods)


def test_a_plot_is_the_same_bytes_every_time(run_dir):
    """No dates, no random ids: a report that is written again is the same."""
    run = RunData.open(run_dir)
    assert figures.scores(run, run.headline[0]).svg == figures.scores(run, run.headline[0]).svg


def test_labels_are_text_and_escaped(edit_results):
    """Labels stay text in the SVG, and no label can become markup."""

    def change(results):
        for rows in ("methods", "scores"):
            for row in results[rows]:
                key = "label" if rows == "methods" else "method"
                row[key] = "a<b>&$x_1$" if row[key] == "ours" else row[key]

    run = RunData.open(edit_results(change))
    svg = figures.scores(run, run.headline[0]).svg
    texts = ["".join(node.itertext()).strip() for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "a<b>&$x_1$" in texts


def test_the_dark_plot_differs_in_colours_only(run_dir):
    """Same shapes on dark ground, with the dark palette."""
    run = RunData.open(run_dir)
    svg = figures.differences(run, run.headline[0]).svg
    dark = darkened(svg)
    assert len(dark) == len(svg)
    assert METHOD_COLORS[0].dark in dark
    assert METHOD_COLORS[0].light not in dark


def test_a_metric_without_scores_has_no_plot(edit_results):
    """Nothing scored, nothing drawn."""

    def change(results):
        for rows in ("scores", "differences"):
            for row in results[rows]:
                row.update(value=None, ci_low=None, ci_high=None)

    run = RunData.open(edit_results(change))
    assert figures.scores(run, run.headline[0]) is None
    assert figures.differences(run, run.headline[0]) is None
