"""``adis-bench study``: rankings become statistics on the command line."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from click.testing import Result

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


def test_text_is_readable(invoke: Callable[..., Result], tmp_path: Path):
    """The table goes from best to worst, says what W is, and shows no control characters of the file."""
    path = tmp_path / "answers.csv"
    path.write_text(ROWS + "i0,w9,ours,1\n")
    result = invoke("study", "aggregate", path)
    assert result.exit_code == 0
    assert "6 rankings of 3 items by 2 workers" in result.output
    assert result.output.index("ours ") < result.output.index("cut ") < result.output.index("red ")
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
    """1,000 items with 20 rankings each take seconds; the bound leaves room for a busy machine."""
    ranks = np.random.default_rng(0).permuted(np.tile(np.arange(1, 5), (20_000, 1)), axis=1)
    path = tmp_path / "answers.csv"
    rows = (f"i{n // 20},w{n % 20},m{m},{rank}\n" for n, row in enumerate(ranks.tolist()) for m, rank in enumerate(row))
    path.write_text("item_id,worker_id,method,rank\n" + "".join(rows))
    started = time.perf_counter()
    result = invoke("study", "aggregate", path, "--json")
    assert json.loads(result.stdout)["n_rankings"] == 20_000
    assert time.perf_counter() - started < 15
