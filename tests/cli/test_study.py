"""``adis-bench study``: rankings become statistics on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from click.testing import Result

from adis_bench.study.records import ScreeningRules
from tests.study.studies import make_study

ROWS = "item_id,worker_id,method,rank\n" + "".join(
    f"i{item},w{worker},{method},{rank}\n"
    for item in range(3)
    for worker in range(2)
    for method, rank in zip(("ours", "cut", "\x1b[31mred"), (1, 2, 3) if item + worker else (2, 1, 3), strict=True)
)


def test_json_is_one_object(invoke: Callable[..., Result], tmp_path: Path):
    """``--json`` prints the record and nothing else."""
    path = tmp_path / "answers.csv"
    path.write_text(ROWS + "i0,w9,ours,1\n")
    result = invoke("study", "aggregate", path, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["n_items"], found["n_workers"], found["n_rankings"], found["rejected"]) == (3, 2, 6, {"incomplete": 1})
    ours = next(method for method in found["methods"] if method["method"] == "ours")
    assert ours["rank_counts"] == [5, 1, 0]
    assert round(ours["mean_points"], 6) == round(17 / 6, 6)


def test_json_says_why_something_is_null(invoke: Callable[..., Result], tmp_path: Path):
    """The object has no place for reasons: they are on stderr, and nothing is there where all is known."""
    path = tmp_path / "answers.csv"
    ranks = np.random.default_rng(0).permuted(np.tile([1, 2], (30, 1)), axis=1)
    path.write_text(
        ROWS.partition("\n")[0] + "\n" + "".join(f"i{n // 3},w{n % 3},{m},{row[m]}\n" for n, row in enumerate(ranks) for m in (0, 1))
    )
    assert invoke("study", "aggregate", path, "--json").stderr == ""
    path.write_text("".join(line for line in ROWS.splitlines(keepends=True) if ",w1," not in line))
    result = invoke("study", "aggregate", path, "--json")
    assert json.loads(result.stdout)["krippendorff_alpha"] is None
    assert "krippendorff_alpha: undefined: no item has rankings of two workers\n" in result.stderr


def test_text_is_readable(invoke: Callable[..., Result], tmp_path: Path):
    """The table goes from best to worst, says what W is, and shows no control characters of the file."""
    path = tmp_path / "answers.csv"
    path.write_text(ROWS + "i0,w9,ours,1\n")
    result = invoke("study", "aggregate", path)
    assert result.exit_code == 0
    assert "6 rankings of 3 items by 2 workers" in result.output
    assert "6 rankings of 3 items by 2 workers\n7 answers read: 6 rankings, 1 rejected\n" in result.output
    assert "Highest mean points: ours, 2.833 of 3; 0.667 more than cut" in result.output
    table = result.output[result.output.index("rank 1") :]
    assert table.index("ours ") < table.index("cut ") < table.index("red ")
    assert "not agreement of raters" in result.output
    assert "incomplete 1 (a method is missing; first at line 20)" in result.output
    assert "\x1b" not in result.output


def test_options(invoke: Callable[..., Result], tmp_path: Path):
    """Ties can be rejected and methods named."""
    path = tmp_path / "answers.csv"
    path.write_text(ROWS + "i0,w9,ours,1\ni0,w9,cut,1\ni0,w9,\x1b[31mred,2\ni1,w9,ours,1\ni1,w9,cutt,2\n")
    result = invoke("study", "aggregate", path, "--json", "--no-ties", "--methods", "ours, cut,\x1b[31mred")
    assert json.loads(result.stdout)["rejected"] == {"unknown_method": 1, "tie": 1}


def test_errors_are_one_line(invoke: Callable[..., Result], tmp_path: Path):
    """A file of another kind: one line on stderr, nothing on stdout, exit code 2."""
    path = tmp_path / "answers.csv"
    path.write_text("who,what\n")
    result = invoke("study", "aggregate", path, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "lacks 4 of 4 columns" in result.stderr


def test_twenty_thousand_rankings(invoke: Callable[..., Result], tmp_path: Path):
    """1,000 items with 20 rankings each go through all statistics; how fast is in tests/benchmarks."""
    ranks = np.random.default_rng(0).permuted(np.tile(np.arange(1, 5), (20_000, 1)), axis=1)
    path = tmp_path / "answers.csv"
    rows = (f"i{n // 20},w{n % 20},m{m},{rank}\n" for n, row in enumerate(ranks.tolist()) for m, rank in enumerate(row))
    path.write_text("item_id,worker_id,method,rank\n" + "".join(rows))
    result = invoke("study", "aggregate", path, "--json")
    assert json.loads(result.stdout)["n_rankings"] == 20_000


def test_resamples_and_their_seed(invoke: Callable[..., Result], tmp_path: Path):
    """Both are options; the same seed prints the same."""
    path = tmp_path / "answers.csv"
    path.write_text(ROWS)
    first, second, other = (invoke("study", "aggregate", path, "--replicates", "40", "--seed", seed).output for seed in ("1", "1", "2"))
    assert "of 40 resamples" in first
    assert first == second != other
    assert "no resamples were asked for" in invoke("study", "aggregate", path, "--replicates", "0").output
    assert invoke("study", "aggregate", path, "--replicates", "-1").exit_code == 2


def test_study_brings_its_rules(invoke: Callable[..., Result], tmp_path: Path):
    """``--study`` screens, names methods and classes; ``--no-screening`` keeps everybody."""
    _, key = make_study(tmp_path / "study", k=3, n_items=6, n_repeats=0, rules=ScreeningRules(min_agreement=0.0))
    orders = {"w1": (1, 2, 3), "w2": (1, 3, 2), "w3": (1, 2, 3), "w4": (3, 2, 1)}
    path = tmp_path / "answers.csv"
    path.write_text(
        "item_id,worker_id,method,rank\n"
        + "".join(
            f"{item},{worker},{method},{rank}\n"
            for item, facts in key.items.items()
            if facts.kind == "rank"
            for worker, order in orders.items()
            for method, rank in zip(key.methods, order, strict=True)
        )
    )
    result = invoke("study", "aggregate", path, "--study", tmp_path / "study")
    assert result.exit_code == 0
    assert "Screening: 1 of 4 workers left out, with 6 of 24 rankings" in result.output
    assert "The rule min_agreement (0) picks workers by what they found" in result.output
    assert "mean points by class" in result.output
    assert "w4" not in result.output
    kept = invoke("study", "aggregate", path, "--study", tmp_path / "study", "--no-screening", "--json")
    assert json.loads(kept.stdout)["rejected"] == {}
    assert json.loads(kept.stdout)["n_workers"] == 4
