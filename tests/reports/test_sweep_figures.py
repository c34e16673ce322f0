"""Figures of sweeps, from a record with made-up numbers beside the synthetic run."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from adis_bench.datasets.media import write_png
from adis_bench.files import write_bytes
from adis_bench.statistics.records import Groups
from adis_bench.sweeps.records import (
    SCHEMA_VERSION,
    Curve,
    Kind,
    Step,
    Sweep,
    SweptMethod,
    SweptMetric,
    SweptPair,
    outputs_folder,
    record_path,
    shown_sound,
)
from adis_bench.sweeps.shared import Shared
from adis_bench.sweeps.sounds import wav_bytes
from adis_bench.sweeps.storing import write_sweep
from adis_bench.sweeps.trends import curve
from reports.data import RunData
from reports.drawing import CVPR, CVPR_WIDE, ECCV, PAGE, Drawn, Medium, NotDrawn, as_svg, drawing_on
from reports.findings import MINUS
from reports.marks import MARKS, looks
from reports.paper_figures.captions import INTERVALS, basis
from reports.paper_figures.sweep_strips import draw_sweeps
from reports.paper_figures.sweep_words import thinned
from reports.style import darkened
from tests.reports.conftest import RATE_HZ, SIDE, pair_rows

GAINS = (-20.0, -10.0, 0.0, 6.0)
RATES = 8000


def _steps(kind: Kind) -> tuple[Step, ...]:
    if kind == "volume":
        return tuple(Step(f"gain{gain:+g}", f"{gain:+g}".replace("-", MINUS) if gain else "0", gain) for gain in GAINS)
    return tuple(Step(f"w{weight:g}", f"{weight:g}", weight) for weight in (0.0, 0.5, 1.0))


def _curves(kind: Kind, n: int, slope: float) -> tuple[Curve, ...]:
    steps = np.array([step.value for step in _steps(kind)])
    place = (steps - steps[0]) / np.ptp(steps)
    rows = np.arange(n)[:, None] / 50
    shared = Shared(Groups(np.arange(n), np.arange(n)))
    found = [curve("avc", "target", rows + (slope if kind == "volume" else -slope) * place, steps, shared, 0)]
    if kind == "mix":
        found.append(curve("avc", "mixed", rows + slope * place, steps, shared, 0))
        found.append(curve("avc", "difference", rows + 2 * slope * place, steps, shared, 0))
    return (*found, curve("moved", "target", rows + 0.1 + 0 * place, steps, shared, 0))


def make_sweep(run_dir: Path, kind: Kind = "volume", labels: Sequence[str] = ("ours",), missing: bool = False) -> Sweep:
    """Write a sweep of six pairs, with the pictures and sounds of two of them."""
    rng = np.random.default_rng(1)
    rows = pair_rows(run_dir)[:6]
    third = "ocean" if kind == "mix" else None
    pairs = tuple(SweptPair(row["pair_id"], row["source_label"], row["target_label"], "segment" if third else None, third) for row in rows)
    shown = tuple(pair.pair_id for pair in pairs[:2])
    for label in () if missing else labels:
        for step in _steps(kind):
            for pair_id in shown:
                write_png(outputs_folder(run_dir, kind, label, step.name) / f"{pair_id}.png", rng.integers(0, 255, (64, 64, 3), np.uint8))
                sound = rng.normal(0, 0.1, 3 * RATES).astype(np.float32)
                write_bytes(shown_sound(run_dir, kind, label, step.name, pair_id), wav_bytes(sound, RATES))
    swept = [
        SweptMethod(
            label, "ours", False, "sound", "o" * 64, "swept", reading="network", warning="it heard one level", curves=_curves(kind, 6, 0.3)
        )
        for label in labels
    ]
    idle = SweptMethod("identity", "identity", True, "nothing", "i" * 64, "swept", curves=_curves(kind, 6, 0.0))
    cut = SweptMethod("cut", "cut", False, "label", "c" * 64, "not asked", "conditions on the label")
    sweep = Sweep(
        schema_version=SCHEMA_VERSION,
        kind=kind,
        request="r",
        dataset_digest="d" * 64,
        pairs_digest="e" * 64,
        swept_digest="f" * 64,
        protocol="offline",
        protocol_digest="b" * 64,
        resolution=SIDE,
        extractors={"l3_image": "2" * 64},
        created="",
        command="adis-bench sweep RUN",
        seed=3,
        device="cpu",
        precision="float32",
        threads=2,
        versions={},
        git_commit=None,
        git_dirty=None,
        steps=_steps(kind),
        pairs=pairs,
        shown=shown,
        metrics=(SweptMetric("avc", "", "cosine", True), SweptMetric("moved", "", "share", True)),
        left_out={},
        methods=(*swept, idle, cut),
        seconds=1.0,
    )
    write_sweep(run_dir, sweep)
    return sweep


def name_methods(labels: Sequence[str]) -> Callable[[dict[str, Any]], None]:
    """A change of ``results.json`` after which methods of these labels, with the model of ``ours``, stand in its place."""

    def change(results: dict[str, Any]) -> None:
        ours = next(method for method in results["methods"] if method["name"] == "ours")
        rest = [method for method in results["methods"] if method["name"] != "ours"]
        results["methods"] = [*rest, *({**ours, "label": label} for label in labels)]

    return change


def _drawn(run_dir: Path, medium: Medium = ECCV) -> dict[str, Drawn]:
    return {drawn.name: drawn for drawn in draw_sweeps(RunData.open(run_dir), medium)}


def _texts(drawn: Drawn) -> list[Text]:
    return [text for text in drawn.figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def test_no_sweep(run_dir: Path):
    """The phrase says which command makes one."""
    with pytest.raises(NotDrawn, match="no sweep was made; adis-bench sweep RUN makes it"):
        _drawn(run_dir)


def test_a_summary_and_a_strip_per_kind_and_method(run_dir: Path):
    """Methods that were not asked have no strip, and neither has the control."""
    make_sweep(run_dir)
    make_sweep(run_dir, "mix")
    assert list(_drawn(run_dir)) == ["sweep-volume", "sweep-volume-ours", "sweep-mix", "sweep-mix-ours"]


def test_names_of_figures_differ(run_dir: Path, edit_results: Callable[..., Path]):
    """Labels that differ in a dot or a capital are different files."""
    labels = ("ours-1", "ours.1", "OURS-1")
    edit_results(name_methods(labels))
    make_sweep(run_dir, labels=labels, missing=True)
    assert list(_drawn(run_dir)) == ["sweep-volume", "sweep-volume-ours-1", "sweep-volume-ours-1-2", "sweep-volume-ours-1-3"]


def test_captions_say_what_must_be_known(run_dir: Path):
    """Correlation, null, n, seed, the warning, who was not asked, and what all captions state; one line of numbers, not all."""
    make_sweep(run_dir)
    drawn = _drawn(run_dir)
    for words in (
        "Hollow: controls.",
        "of step and score, of ours: avc 1.00.",
        "steps shuffled, 95 %",
        "6 of the run's pairs, drawn by seed 3",
        "Beware, ours: it heard one level.",
        "Not asked: cut (conditions on the label).",
        "moved: mean absolute difference",
        INTERVALS,
        basis(RunData.open(run_dir)),
        "Units: avc in cosine.",
    ):
        assert words in drawn["sweep-volume"].caption
    assert "identity" not in drawn["sweep-volume"].caption
    assert "\u2020" not in drawn["sweep-volume"].caption
    for words in ("past its own loading", "it heard one level", INTERVALS, basis(RunData.open(run_dir)), "avc over all 6 pairs: 1.00"):
        assert words in drawn["sweep-volume-ours"].caption


def test_captions_of_many_methods_stay_short(run_dir: Path, edit_results: Callable[..., Path]):
    """They have one metric's correlations; the alternative text has all."""
    labels = ("one", "two", "three")
    edit_results(name_methods(labels))
    make_sweep(run_dir, labels=labels, missing=True)
    drawn = _drawn(run_dir)["sweep-volume"]
    assert "of step and score, of avc: one 1.00, two 1.00, three 1.00" in drawn.caption
    assert "alternative text" in drawn.caption
    assert drawn.caption.count("it heard one level") == 1
    assert "moved, two: 0.150 [" in drawn.alt


def test_failing_metrics_are_marked(run_dir: Path, edit_results: Callable[..., Path]):
    """With the sign of all figures of papers, which the caption explains."""
    sweep = make_sweep(run_dir)
    write_sweep(run_dir, replace(sweep, metrics=(replace(sweep.metrics[0], failure="it fails"), sweep.metrics[1])))
    edit_results(lambda results: next(m for m in results["metrics"] if m["name"] == "avc").update(failure="it fails"))
    drawn = _drawn(run_dir)["sweep-volume"]
    assert "avc \u2191 \u2020" in [text.get_text() for text in _texts(drawn)]
    assert "Metrics marked \u2020 do not tell right images from wrong ones" in drawn.caption


def test_alternative_texts_hold_the_numbers(run_dir: Path):
    """Every step's mean with its interval, every shown pair's scores, and correlations, with true minus signs."""
    make_sweep(run_dir)
    drawn = _drawn(run_dir)
    # The mean of 0 to 0.1, and 0.3 * 10 / 26 more.
    assert re.search(r"avc, ours: 0\.050 \[0\.\d{3}, 0\.\d{3}\], 0\.165 \[[^]]+\], 0\.281 \[[^]]+\], 0\.350 \[", drawn["sweep-volume"].alt)
    assert "0.020, 0.135, 0.251, 0.320" in drawn["sweep-volume-ours"].alt  # the second pair
    for figure in drawn.values():
        assert "\u03c1 1.00 over 6 pairs" in figure.alt
        assert "at gain in dB \u221220, \u221210, 0, +6" in figure.alt
        assert "-" not in figure.alt
    assert "avc, identity: 0.050 [" in drawn["sweep-volume"].alt
    assert "\u03c1 not defined (6 of 6 pairs have one score at all steps)" in drawn["sweep-volume"].alt


def test_methods_look_as_in_all_figures(run_dir: Path, edit_results: Callable[..., Path]):
    """Shape and colour are the run's, whatever the order of the record; controls are hollow discs."""
    edit_results(name_methods(("ours", "two")))
    make_sweep(run_dir, labels=("two", "ours"))
    run, drawn = RunData.open(run_dir), _drawn(run_dir)
    look = looks(run.methods)
    lines = [line for line in drawn["sweep-volume"].figure.axes[0].lines if line.get_marker() not in ("", "None", "_", "|")]
    assert [line.get_marker() for line in lines] == [look[label].mark for label in ("identity", "ours", "two")]
    assert [line.get_color() for line in lines] == [look[label].color.light for label in ("identity", "ours", "two")]
    assert [line.get_markerfacecolor() == "white" for line in lines] == [True, False, False]
    assert look["ours"].mark != look["two"].mark
    for label in ("ours", "two"):
        marks = [line for line in drawn[f"sweep-volume-{label}"].figure.axes[1].lines if line.get_marker() != "None"]
        assert [(line.get_marker(), line.get_color()) for line in marks] == [(look[label].mark, look[label].color.light)]


def test_the_second_sound_looks_like_no_method(run_dir: Path):
    """Its line has a shape of its own."""
    make_sweep(run_dir, "mix")
    marks = {line.get_marker() for line in _drawn(run_dir)["sweep-mix-ours"].figure.axes[1].lines} - {"None"}
    assert marks == {"o", "x"}
    assert "x" not in MARKS


def test_names_are_cut_where_they_do_not_fit(run_dir: Path):
    """And nowhere else."""
    sweep = make_sweep(run_dir, missing=True)
    name = "structure_similarity"
    curves = (*sweep.methods[0].curves, replace(sweep.methods[0].curves[0], metric=name))
    metrics = (*sweep.metrics, replace(sweep.metrics[0], name=name))
    write_sweep(run_dir, replace(sweep, metrics=metrics, methods=(replace(sweep.methods[0], curves=curves),)))
    for medium in (ECCV, PAGE):
        assert f"{name} \u2191" in [text.get_text() for text in _texts(_drawn(run_dir, medium)["sweep-volume"])]


@pytest.mark.parametrize("medium", [ECCV, CVPR, CVPR_WIDE, PAGE], ids=lambda medium: medium.name)
def test_sizes(run_dir: Path, edit_results: Callable[..., Path], medium: Medium):
    """The medium's width, letters of at least 6 points, and nothing beyond the left and right edges."""
    labels = ("ours", "a-method-with-a-name-that-is-as-long-as-a-label-may-be-in-a-run")
    edit_results(name_methods(labels))
    make_sweep(run_dir, "mix", labels=labels)
    for drawn in _drawn(run_dir, medium).values():
        assert drawn.figure.get_figwidth() == pytest.approx(medium.width_in)
        with drawing_on(medium):
            drawn.figure.canvas.draw()
        for text in _texts(drawn):
            assert text.get_fontsize() >= 6
            box = text.get_window_extent()
            assert box.x0 >= -1, text
            assert box.x1 <= drawn.figure.bbox.width + 1, text


def test_long_classes_keep_their_beginnings(run_dir: Path, edit_results: Callable[..., Path]):
    """Both names of a pair are cut, not the second one away."""
    make_sweep(run_dir)
    edit_results(lambda results: results["dataset"]["displays"].update(dict.fromkeys(["rain", "crunching_snow"], "rain on leaves " * 9)))
    titles = [text.get_text() for text in _texts(_drawn(run_dir, CVPR)["sweep-volume-ours"]) if "\u2192" in text.get_text()]
    assert any(title.count("rain on") == 2 for title in titles)


def test_lost_files_leave_gaps(run_dir: Path):
    """A picture that is gone is called so; a sound that is gone is left out."""
    make_sweep(run_dir, missing=True)
    texts = [text.get_text() for text in _texts(_drawn(run_dir)["sweep-volume-ours"])]
    assert texts.count("gone") == 2 * len(GAINS)


def test_columns_stand_under_each_other(run_dir: Path):
    """Points of the score's line are at the middles of the pictures."""
    make_sweep(run_dir)
    figure = _drawn(run_dir)["sweep-volume-ours"].figure
    sheet, plot = figure.axes[0], figure.axes[1]
    middles = [(image.get_extent()[0] + image.get_extent()[1]) / 2 for image in sheet.images[1 : 1 + len(GAINS)]]
    drawn_at = plot.transData.transform([(x, 0) for x in plot.lines[0].get_xdata()])[:, 0]
    assert drawn_at == pytest.approx(sheet.transData.transform([(x, 0) for x in middles])[:, 0], abs=0.5)


def test_dark_pages(run_dir: Path):
    """Hollow marks take the page's ground there."""
    make_sweep(run_dir)
    with drawing_on(PAGE):
        svg = as_svg(_drawn(run_dir, PAGE)["sweep-volume"].figure, "x")
    assert "#ffffff" in svg
    assert "#ffffff" not in darkened(svg)


def test_nobody_could_be_asked(run_dir: Path):
    """A sweep of methods that hear nothing has no figure, and the phrase says why."""
    sweep = make_sweep(run_dir)
    write_sweep(run_dir, replace(sweep, methods=sweep.methods[1:]))
    with pytest.raises(NotDrawn, match=r"volume sweep: no method .* changed sounds \(Not asked: cut \(conditions on the label\)\)"):
        _drawn(run_dir)


def test_a_damaged_record_is_told(run_dir: Path):
    """One line with the command that makes it anew."""
    make_sweep(run_dir)
    record_path(run_dir, "volume").write_text("{")
    with pytest.raises(NotDrawn, match="make it anew with `adis-bench sweep"):
        _drawn(run_dir)


def test_a_damaged_record_spoils_no_other(run_dir: Path, capsys: pytest.CaptureFixture[str]):
    """The whole one is drawn; of the other one stderr and a caption say that it isn't."""
    make_sweep(run_dir)
    make_sweep(run_dir, "mix")
    record_path(run_dir, "volume").write_text("{")
    drawn = _drawn(run_dir)
    assert list(drawn) == ["sweep-mix", "sweep-mix-ours"]
    assert "The volume sweep is not drawn: its record is damaged or of another schema." in drawn["sweep-mix"].caption
    assert "volume.json cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pairs_digest": "0" * 64}, "another pair list than"),
        ({"dataset_digest": "0" * 64, "protocol_digest": "0" * 64}, "another dataset and protocol than"),
        ({"resolution": 8}, "another resolution than"),
        ({"extractors": {"l3_image": "0" * 64}}, "another extractor l3_image than"),
        ({"extractors": {"clap": "0" * 64}}, "another extractor clap than"),
    ],
)
def test_a_sweep_of_something_else_is_not_drawn(run_dir: Path, changed: dict[str, Any], words: str):
    """Its numbers are not the run's: the phrase says what differs, and how to make it again."""
    write_sweep(run_dir, replace(make_sweep(run_dir), **changed))
    with pytest.raises(NotDrawn, match=f"volume sweep: it was made with {words} the run's; make it again with `adis-bench sweep .*volume`"):
        _drawn(run_dir)


def test_another_model_is_left_out(run_dir: Path, edit_results: Callable[..., Path]):
    """Its pictures are not the run's; the others are drawn, and the caption says why it has none."""
    edit_results(name_methods(("ours", "two")))
    sweep = make_sweep(run_dir, labels=("ours", "two"))
    write_sweep(run_dir, replace(sweep, methods=(replace(sweep.methods[0], digest="0" * 64), *sweep.methods[1:])))
    drawn = _drawn(run_dir)
    assert list(drawn) == ["sweep-volume", "sweep-volume-two"]
    assert "Left out: ours (the run has another model of that name)." in drawn["sweep-volume"].caption
    edit_results(name_methods(("ours",)))
    with pytest.raises(NotDrawn, match=r"Left out: ours \(the run has another .*\). Left out: two \(the run has no such method\)"):
        _drawn(run_dir)


def test_all_sounds_of_a_figure_share_one_scale(run_dir: Path):
    """A sound at a tenth of the level is darker; the files' own rate, which is not that of the run's sounds, makes no difference."""
    sweep = make_sweep(run_dir)
    assert RATE_HZ != RATES
    soft = 0.01 * np.random.default_rng(2).normal(0, 0.1, 3 * RATES).astype(np.float32)
    write_bytes(shown_sound(run_dir, "volume", "ours", sweep.steps[0].name, sweep.shown[0]), wav_bytes(soft, RATES))
    images = _drawn(run_dir)["sweep-volume-ours"].figure.axes[0].images
    first, *others = (np.asarray(image.get_array()).mean() for image in images[1 + len(GAINS) : 1 + 2 * len(GAINS)])
    assert first < 0.5 * min(others)


def test_numbers_that_do_not_fit_are_left_out():
    """0 stays, else the last; what stands far from others is kept wherever it is."""
    numbers = ["\u221212", "\u22126", "0", "+6", "+12"]
    assert thinned(numbers, [0, 0.14, 0.28, 0.42, 0.56], 7.0) == ["\u221212", "", "0", "", "+12"]
    assert thinned(["a", "b"], [0, 4.5], 7.0) == ["a", "b"]
    assert thinned(["0", "0.01", "0.02", "12"], [0, 0.01, 0.02, 2.0], 7.0) == ["0", "", "", "12"]
