"""Figures of sweeps, from a record with made-up numbers beside the synthetic run."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from adis_bench.datasets.media import write_png
from adis_bench.errors import DataError
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
    shown_sound,
    write_sweep,
)
from adis_bench.sweeps.sounds import wav_bytes
from adis_bench.sweeps.trends import curve
from reports.data import RunData
from reports.drawing import CVPR, CVPR_WIDE, ECCV, PAGE, Drawn, Medium, NotDrawn, as_svg, drawing_on
from reports.paper_figures.sweep_strips import draw_sweeps
from reports.paper_figures.sweep_words import fitted, thinned
from reports.style import darkened
from tests.reports.conftest import RATE_HZ, pair_rows

GAINS = (-20.0, -10.0, 0.0, 6.0)
RATES = 8000


def _steps(kind: Kind) -> tuple[Step, ...]:
    if kind == "volume":
        return tuple(Step(f"gain{gain:+g}", f"{gain:+g}" if gain else "0", gain) for gain in GAINS)
    return tuple(Step(f"w{weight:g}", f"{weight:g}", weight) for weight in (0.0, 0.5, 1.0))


def _curves(kind: Kind, n: int, slope: float) -> tuple[Curve, ...]:
    steps = np.array([step.value for step in _steps(kind)])
    place = (steps - steps[0]) / np.ptp(steps)
    rows = np.arange(n)[:, None] / 50
    groups = Groups(np.arange(n), np.arange(n))
    found = [curve("avc", "target", rows + (slope if kind == "volume" else -slope) * place, steps, groups, 0)]
    if kind == "mix":
        found.append(curve("avc", "mixed", rows + slope * place, steps, groups, 0))
        found.append(curve("avc", "difference", rows + 2 * slope * place, steps, groups, 0))
    return (*found, curve("moved", "target", rows + 0.1 + 0 * place, steps, groups, 0))


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
            label, "ours", False, "sound", "d", "swept", reading="network", warning="it heard one level", curves=_curves(kind, 6, 0.3)
        )
        for label in labels
    ]
    idle = SweptMethod("identity", "identity", True, "nothing", "d", "swept", curves=_curves(kind, 6, 0.0))
    cut = SweptMethod("cut", "cut", False, "label", "d", "not asked", "conditions on the label")
    sweep = Sweep(
        schema_version=SCHEMA_VERSION,
        kind=kind,
        request="r",
        dataset_digest="d" * 64,
        pairs_digest="e" * 64,
        swept_digest="f" * 64,
        protocol="offline",
        protocol_digest="b" * 64,
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


def test_names_of_figures_differ(run_dir: Path):
    """Labels that differ in a dot or a capital are different files."""
    make_sweep(run_dir, labels=("ours-1", "ours.1", "OURS-1"), missing=True)
    assert list(_drawn(run_dir)) == ["sweep-volume", "sweep-volume-ours-1", "sweep-volume-ours-1-1", "sweep-volume-ours-1-2"]


def test_captions_say_what_must_be_known(run_dir: Path):
    """Correlation, null, n, seed, the warning, and who was not asked."""
    make_sweep(run_dir)
    caption = _drawn(run_dir)["sweep-volume"].caption
    for words in (
        "\u03c1 1.00 over 6 pairs",
        "with shuffled steps",
        "6 pairs, seed 3",
        "it heard one level",
        "cut: not asked, conditions on",
    ):
        assert words in caption
    assert "identity, avc: \u03c1 not defined (6 of 6 pairs never move)" in caption
    assert "past its own loading" in _drawn(run_dir)["sweep-volume-ours"].caption


def test_alternative_texts_hold_the_numbers(run_dir: Path):
    """Every step's mean, and every shown pair's scores."""
    make_sweep(run_dir)
    drawn = _drawn(run_dir)
    assert "ours 0.050, 0.165, 0.281, 0.350" in drawn["sweep-volume"].alt  # mean of 0 to 0.1, and 0.3 * 10 / 26 more
    assert "0.02, 0.14, 0.25, 0.32" in drawn["sweep-volume-ours"].alt  # the second pair


@pytest.mark.parametrize("medium", [ECCV, CVPR, CVPR_WIDE, PAGE], ids=lambda medium: medium.name)
def test_sizes(run_dir: Path, medium: Medium):
    """The medium's width, letters of at least 6 points, and nothing beyond the left and right edges."""
    make_sweep(run_dir, "mix", labels=("ours", "a-method-with-a-name-that-is-as-long-as-a-label-may-be-in-a-run"))
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
    with pytest.raises(NotDrawn, match="cut: not asked, conditions on the label"):
        _drawn(run_dir)


def test_a_damaged_record_is_told(run_dir: Path):
    """One line with the command that makes it anew."""
    make_sweep(run_dir)
    (run_dir / "sweeps" / "volume.json").write_text("{")
    with pytest.raises(DataError, match="make it anew with `adis-bench sweep"):
        _drawn(run_dir)


def test_another_pair_list_is_told(run_dir: Path):
    """A sweep of an older run says so."""
    sweep = make_sweep(run_dir)
    write_sweep(run_dir, replace(sweep, pairs_digest="0" * 64))
    assert "make the sweep again" in _drawn(run_dir)["sweep-volume"].caption
    assert RATE_HZ != RATES


def test_numbers_that_do_not_fit_are_thinned():
    """0 stays; names are cut with a mark."""
    assert thinned(["\u221212", "\u22126", "0", "+6", "+12"], 0.7, 7.0) == ["\u221212", "", "0", "", "+12"]
    assert thinned(["a", "b"], 9.0, 7.0) == ["a", "b"]
    assert fitted("abcdefgh", 0.2, 7.0) == "ab\u2026"
