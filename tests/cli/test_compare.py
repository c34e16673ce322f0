"""``adis-bench compare`` as users call it."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from adis_bench.comparing.comparison import Comparison, compare
from adis_bench.results import PER_PAIR_NAME, read_results
from reports.data import RunData
from reports.run_tables import run_tables
from tests.comparing.runs import make_run
from tests.reports.conftest import CONTROLS


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """An older run, and one in which ``ours`` lost 0.05 of everything."""
    make_run(tmp_path / "old")
    make_run(tmp_path / "new", moved={"ours": -0.05})
    return tmp_path / "old", tmp_path / "new"


def test_it_shows_both(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """The answer first, then both versions in the table, their difference with interval, effect and n, and the warnings of the runs."""
    result = invoke("compare", *runs)
    assert result.exit_code == 0
    assert result.stdout.startswith("No method is shown to lead on avc: old:ours has the highest value, 0.346 [")
    assert "│ new:ours" in result.stdout
    line = next(line for line in result.stdout.splitlines() if line.startswith("  new:ours - old:ours: "))
    assert line.startswith("  new:ours - old:ours: -0.050 [-0.050, -0.050], worse, p ")
    assert ", better on 0 % [0, 24] of pairs, n 12" in line
    assert "later run's value minus the earlier one's" in result.stdout
    assert "warning of old and new: Intervals rest on 38 sound groups" in result.stderr


def test_signs_agree_on_one_screen(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """The answer, the list and the gate give one difference with one sign, and JSON has it, too."""
    result = invoke("compare", *runs, "--fail-if", "avc:ours < -0.01")
    shown = "-0.050 [-0.050, -0.050]"
    assert f"new:ours is worse than old:ours on avc: {shown}" in result.stdout
    assert f"  new:ours - old:ours: {shown}, worse" in result.stdout
    assert f"regression: avc:ours < -0.01; the last run minus the first is {shown}, worse" in result.stderr
    found = json.loads(invoke("compare", *runs, "--json").stdout)
    one = next(d for d in found["differences"] if (d["metric"], d["method"], d["against"]) == ("avc", "new:ours", "old:ours"))
    assert one["value"] == pytest.approx(-0.05)


def test_distances_have_the_digits_of_run(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """Two figures of the smallest half width of the methods, as `adis-bench run` and every table round: 5.7 has one digit, 0.049 three."""
    row = next(line for line in invoke("compare", *runs).stdout.splitlines() if "(target)" in line)
    assert "12.5 [6.8, 18.2]" in row
    assert re.search(r"0\.[0-9]{3} \[0\.[0-9]{3}, 0\.[0-9]{3}\]", row)


def test_one_rule_of_rounding(invoke: Callable[..., Result], tmp_path: Path):
    """Terminal, page's table and run's table give one score with the same digits; a control's narrow interval adds none."""
    first = make_run(tmp_path / "a")
    halves = {("target", "avc"): 1e-4} | {(label, "avc"): 0.3 for label in (*CONTROLS[1:], "ours", "cut", "cyclegan")}
    wide = tuple(
        s if (half := halves.get((s.method, s.metric))) is None else replace(s, ci_low=s.value - half, ci_high=s.value + half)
        for s in first.scores
    )
    for name in "ab":
        make_run(tmp_path / name, scores=wide)
    shown = invoke("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "out").stdout
    value = f"{next(s.value for s in wide if (s.method, s.metric) == ('ours', 'avc')):.2f} [0.05, 0.65]"
    assert value in shown.splitlines()[1]
    assert value in next(line for line in shown.splitlines() if "│ ours" in line)
    assert f"| ours | {value}" in (tmp_path / "out" / "comparison.md").read_text()
    table = next(table for table in run_tables(RunData(tmp_path / "a", read_results(tmp_path / "a"), ())) if table.name == "scores")
    cell = next(row.cells[0] for row in table.rows if row.label == "ours")
    assert f"{cell.value} {cell.interval}" == value


def test_names_move_no_cursor(invoke: Callable[..., Result], runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch):
    """Labels and metrics come from files: escapes in them are shown, in the answer, the table, the list and what is left out."""
    evil = "\x1b]0;m\x07"

    def renamed(opened: tuple) -> Comparison:
        found = compare(opened)
        metrics = tuple(replace(m, name=evil) if m.name == "avc" else m for m in found.metrics)
        scores = {(label, evil if name == "avc" else name): s for (label, name), s in found.scores.items()}
        differences = tuple(replace(d, metric=evil) if d.metric == "avc" else d for d in found.differences)
        return replace(found, metrics=metrics, scores=scores, differences=differences, not_everywhere=(evil,))

    monkeypatch.setattr("adis_bench.comparing.comparison.compare", renamed)
    result = invoke("compare", *runs)
    assert result.exit_code == 0, result.stderr
    assert not {"\x1b", "\x07"} & set(result.stdout + result.stderr)
    shown = r"\x1b]0;m\x07"
    for words in (f"lead on {shown}: ", f" {shown} ↑", f"{shown} (higher is better)", f"not in every run: {shown}"):
        assert words in result.stdout, words


def test_a_results_file_stands_for_its_run(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """Shells complete to results.json; any other file is a user's error that says what to name."""
    old, new = runs
    assert invoke("compare", old, new / "results.json").stdout == invoke("compare", old, new).stdout
    result = invoke("compare", old, new / "pairs.parquet")
    assert result.exit_code == 2
    assert "pairs.parquet is a file; name the folder of a run" in result.stderr
    assert f"{old / 'lost'} is not there; name the folder of a run" in invoke("compare", old, old / "lost").stderr


def test_a_pair_list_that_is_no_file_is_not_read(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """A folder isn't read as a heap of files, and a pipe isn't waited for."""
    old, new = runs
    for make in (Path.mkdir, os.mkfifo):
        path = new / "pairs.parquet"
        path.unlink() if path.is_file() else path.rmdir() if path.is_dir() else None
        make(path)
        result = invoke("compare", old, new)
        assert result.exit_code == 2
        assert "pairs.parquet is no regular file; run again into a new folder" in result.stderr


def test_controls_only_have_no_list(invoke: Callable[..., Result], tmp_path: Path):
    """No empty sections, and no word on signs."""
    for name in "ab":
        make_run(tmp_path / name, kept=CONTROLS)
    shown = invoke("compare", tmp_path / "a", tmp_path / "b").stdout
    assert "comparison" not in shown
    assert "is better)" not in shown


def test_a_metric_that_fails_in_any_run_is_marked(invoke: Callable[..., Result], tmp_path: Path):
    """In the second run only, too."""
    first = make_run(tmp_path / "a")
    make_run(tmp_path / "b", metrics=tuple(replace(m, failure="It fails.") if m.name == "avc" else m for m in first.metrics))
    result = invoke("compare", tmp_path / "a", tmp_path / "b")
    assert "avc ↑ ⚠" in result.stdout
    assert "Metrics marked ⚠" in result.stdout


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("avc:ours < -0.01", 1),
        ("avc:ours<=-0.0499", 1),
        ("avc:ours < -0.06", 0),
        ("avc:cut < -0.01", 0),
        ("fd:ours > 1", 0),
        ("fd:ours < -1", 1),
        ("avc:ours > -1e0", 1),
    ],
)
def test_a_gate(invoke: Callable[..., Result], runs: tuple[Path, Path], condition: str, code: int):
    """The last run minus the first one, in the metric's unit; 1 where the condition holds, and the last line on stderr says so."""
    result = invoke("compare", *runs, "--fail-if", condition)
    assert result.exit_code == code
    last = result.stderr.splitlines()[-1]
    assert last.startswith("regression: " if code else "passed: ")


def test_what_holds_is_said_last(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """The order of the options is no matter: the last line tells a regression from every other end."""
    result = invoke("compare", *runs, "--fail-if", "avc:ours < -0.01", "--fail-if", "avc:cut < -0.01", "--json")
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["passed", "regression"]
    assert json.loads(result.stdout)["regression"] is True
    passed = invoke("compare", *runs, "--fail-if", "avc:cut < -0.01", "--json")
    assert (passed.exit_code, json.loads(passed.stdout)["regression"]) == (0, False)


def test_a_failure_looks_like_no_regression(invoke: Callable[..., Result], runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch):
    """An unexpected error has exit code 1 as well; its last line is another one, and there is no JSON."""
    monkeypatch.setattr("adis_bench.comparing.comparison.compare", lambda opened: 1 / 0)
    result = invoke("compare", *runs, "--fail-if", "avc:ours < -0.01", "--json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("adis-bench: failed: ZeroDivisionError")
    assert result.stdout == ""


def test_the_other_way_round_is_no_regression(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """The order of the runs decides what is new."""
    assert invoke("compare", runs[1], runs[0], "--fail-if", "avc:ours < -0.01").exit_code == 0


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("avc ours < 1", "is not like 'avc:ours < -0.01'"),
        ("avc:ours < nan", "is not like"),
        ("avd:ours < 1", "no metric 'avd'"),
        ("avc:theirs < 1", "no method 'theirs'"),
        ("avc:target < 1", "target is a control of new"),
        ("avc:ours < -1e999", "finite"),
    ],
)
def test_gates_that_cannot_be_asked(invoke: Callable[..., Result], runs: tuple[Path, Path], condition: str, words: str):
    """One line and 2."""
    result = invoke("compare", *runs, "--fail-if", condition)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_json_is_one_object(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """Names, differences and the judged conditions; nothing else on stdout, also where one holds."""
    result = invoke("compare", *runs, "--json", "--fail-if", "avc:ours < -0.01")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [(run["name"], run["path"]) for run in found["runs"]] == [(run.name, str(run)) for run in runs]
    assert found["conditions"][0]["holds"] is True
    assert found["conditions"][0]["value"] == pytest.approx(-0.05)
    assert found["methods"][-4] == {"label": "old:ours", "method": "ours", "control": False, "runs": ["old"], "digest": "o" * 64}


def test_runs_that_may_not_be_compared(invoke: Callable[..., Result], tmp_path: Path):
    """Exit code 2, and everything that differs, digest by digest, in the one line."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", resolution=128, protocol_digest="c" * 64)
    result = invoke("compare", tmp_path / "a", tmp_path / "b")
    assert result.exit_code == 2
    assert "protocol digest: a has bbbbbbbbbbbb, b has cccccccccccc; resolution: a has 64, b has 128" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_outputs_that_other_pairs_lack(invoke: Callable[..., Result], tmp_path: Path):
    """Equal numbers of outputs, but other ones: the distance has no difference, and the gate can't be asked."""
    make_run(tmp_path / "a", lost={"ours": [3]})
    make_run(tmp_path / "b", lost={"ours": [4]})
    shown = invoke("compare", tmp_path / "a", tmp_path / "b")
    assert "  b:ours - a:ours: not known: each lacks 1 output that the other has" in shown.stdout
    assert invoke("compare", tmp_path / "a", tmp_path / "b", "--fail-if", "fd:ours > 0").exit_code == 2


def test_scores_of_another_scoring(invoke: Callable[..., Result], tmp_path: Path):
    """Scores of pairs that don't belong to results.json are one line and 2."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"cut": 0.1})
    shutil.copy(tmp_path / "b" / PER_PAIR_NAME, tmp_path / "a" / PER_PAIR_NAME)
    result = invoke("compare", tmp_path / "a", tmp_path / "b")
    assert result.exit_code == 2
    assert "is of another scoring than results.json: cut has avc" in result.stderr


def test_a_copy_of_a_run(invoke: Callable[..., Result], tmp_path: Path):
    """Nothing differs, every method stands there once, and no gate closes."""
    make_run(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    result = invoke("compare", tmp_path / "a", tmp_path / "copy", "--fail-if", "avc:ours < 0")
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing differs between the runs")
    assert "a:" not in result.stdout.partition("╇")[2].partition("└")[0]


def test_three_runs_without_common_methods(invoke: Callable[..., Result], tmp_path: Path):
    """Each in its own row, all compared."""
    for name, method in (("a", "ours"), ("b", "cut"), ("c", "cyclegan")):
        make_run(tmp_path / name, kept=(*CONTROLS, method))
    result = invoke("compare", *(tmp_path / name for name in "abc"))
    assert result.exit_code == 0
    for text in ("a, b and c: demo", "  cut - ours: ", "  cyclegan - ours: ", "  cyclegan - cut: ", "cut is in b only."):
        assert text in result.stdout


def test_folders_of_one_name(invoke: Callable[..., Result], tmp_path: Path):
    """Their parents' names tell them apart."""
    make_run(tmp_path / "old" / "run")
    make_run(tmp_path / "new" / "run", moved={"ours": 0.1})
    assert "new/run:ours - old/run:ours: +0.100" in invoke("compare", tmp_path / "old" / "run", tmp_path / "new" / "run").stdout


def test_what_is_no_run(invoke: Callable[..., Result], tmp_path: Path):
    """A folder without results is one clear line."""
    make_run(tmp_path / "a")
    result = invoke("compare", tmp_path / "a", tmp_path)
    assert result.exit_code == 2
    assert "no results.json" in result.stderr


def test_files_beside_the_table(invoke: Callable[..., Result], runs: tuple[Path, Path], tmp_path: Path):
    """`--out` writes a page and says where, in both forms of output; the gate decides the exit code all the same."""
    result = invoke("compare", *runs, "--out", tmp_path / "out", "--fail-if", "avc:ours < -0.01")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == f"page: {tmp_path / 'out' / 'index.html'}"
    said = json.loads(invoke("compare", *runs, "--out", tmp_path / "out", "--json").stdout)
    assert said["page"] == str(tmp_path / "out" / "index.html")
    kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert kept == {name: value for name, value in said.items() if name != "page"}


def test_a_comparison_is_no_report_of_one_run(invoke: Callable[..., Result], tmp_path: Path):
    """`adis-bench report RUN --format comparison` is a user's error in one line."""
    make_run(tmp_path / "a")
    result = invoke("report", tmp_path / "a", "--format", "comparison")
    assert result.exit_code == 2
    assert "is not made of a run" in result.stderr
