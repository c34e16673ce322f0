"""What sweeps show, in words."""

from dataclasses import replace

import pytest

from adis_bench.results.verdicts import Verdict
from adis_bench.sweeps.storing import write_sweep
from reports.data import RunData
from reports.html import write_report
from reports.story_sweeps import direction, tell_sweeps
from tests.reports.test_sweep_figures import make_sweep

WARNING = "its sounds were louder than any that it was trained on"


def _swept(run_dir, **changes):
    sweep = make_sweep(run_dir)
    write_sweep(run_dir, replace(sweep, methods=tuple(replace(m, **changes) if m.reading else m for m in sweep.methods)))
    return RunData.open(run_dir)


def test_the_trend_of_a_method_is_said(run_dir):
    """Whether the score follows the gain, by how much, and what chance gives."""
    make_sweep(run_dir)
    (one,) = tell_sweeps(RunData.open(run_dir)).said
    assert one.sentence.startswith("ours: avc ")
    assert "the gain, \u03c1 " in one.sentence
    assert one.sentence.endswith("with shuffled steps.")


def test_a_run_without_sweeps_says_nothing(run_dir):
    """No section, no sentence."""
    found = tell_sweeps(RunData.open(run_dir))
    assert (found.said, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, Verdict.BETTER),
        ({"rho": -0.8, "ci_low": -0.9, "ci_high": -0.7}, Verdict.WORSE),
        ({"ci_low": -0.1}, Verdict.UNCLEAR),
        ({"p": 0.2}, Verdict.UNCLEAR),
        ({"null_high": 0.85}, Verdict.UNCLEAR),
        ({"ci_low": None, "ci_high": None}, Verdict.UNKNOWN),
        ({"rho": None}, Verdict.UNKNOWN),
    ],
)
def test_a_trend_is_called_one_only_where_all_agree(run_dir, changes, found):
    """Interval, test, and shuffled steps."""
    sweep = make_sweep(run_dir)
    trend = next(m for m in sweep.methods if m.curves).curves[0].trend
    clear = replace(trend, rho=0.8, ci_low=0.7, ci_high=0.9, p=0.001, null_low=-0.1, null_high=0.1)
    assert direction(replace(clear, **changes)) is found


def test_a_warning_stands_once_and_captions_are_folded(run_dir):
    """As a warning of the section; captions that go on after a sentence do so behind a click."""
    run = _swept(run_dir, warning=WARNING)
    assert tell_sweeps(run).warnings == (f"ours: {WARNING}.",)
    page = " ".join(write_report(run_dir).read_text(encoding="utf-8").split())
    assert page.count(WARNING) == 1
    section = page[page.index('id="sweeps"') : page.index('id="gallery"')]
    assert "ours: avc " in section
    assert section.count('<details class="caption small"><summary>How to read it</summary>') >= 1
