"""``adis-bench study simulate``: planning on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.study.studies import make_study

SMALL = ("--items", 20, "--workers", 8, "--studies", 5)


def test_text_is_readable(invoke: Callable[..., Result]):
    """Size, smallest difference, coverage of methods and pairs, and who is left out."""
    result = invoke("study", "simulate", *SMALL, "--methods", "ours,cut,\x1b[31mred")
    assert result.exit_code == 0, result.output
    assert "20 items x 8 rankings by 8 workers: 160 rankings" in result.output
    assert "smallest difference found with 80 % power" in result.output
    assert "5 simulated studies" in result.output
    assert "ours - cut" in result.output
    assert "good (false alarms)" in result.output
    assert "\x1b" not in result.output


def test_bad_workers_are_shown_before_and_after(invoke: Callable[..., Result]):
    """Two tables with the screening between them, one line per kind."""
    result = invoke("study", "simulate", *SMALL, "--bad-workers", 0.5, "--gold-rate", 0.5)
    assert result.exit_code == 0, result.output
    assert result.output.index("With all workers") < result.output.index("always the same places") < result.output.index("Without them")
    assert result.output.count("A - D") == 2


def test_the_rules_are_shown_at_work(invoke: Callable[..., Result]):
    """Also without bad workers: what the screened analysis would say; with the rules as they are asked for."""
    result = invoke("study", "simulate", *SMALL)
    assert "Workers left out by the screening rules (min_gold 0.75, min_seconds 4, max_same_order 0.8):" in result.output
    assert result.output.index("With all workers") < result.output.index("good (false alarms)") < result.output.index("Without them")
    assert result.output.count("A - D") == 2
    off = ("--min-gold", "off", "--min-seconds", "off", "--max-same-order", "off")
    assert "by the screening rules (none):" in invoke("study", "simulate", *SMALL, *off).output
    found = json.loads(invoke("study", "simulate", *SMALL, *off, "--min-agreement", 0.9, "--json").stdout)
    assert found["rules"]["min_agreement"] == 0.9
    assert found["studies"]["caught"][0]["n_caught"] > 30  # of 40
    assert found["studies"]["n_lost"] > 0
    assert found["studies"]["everybody"]["pairs"] != found["studies"]["screened"]["pairs"]


def test_one_is_one(invoke: Callable[..., Result]):
    """One item, worker and study."""
    text = invoke("study", "simulate", "--items", 1, "--workers", 1, "--studies", 1).output
    assert text.startswith("1 item x 1 ranking by 1 worker: 1 ranking\n")
    assert "\n1 simulated study; " in text


def test_json_is_one_object(invoke: Callable[..., Result]):
    """With the design, the assumptions and all rates; None where there are no intervals; seeds decide."""
    result = invoke("study", "simulate", *SMALL, "--json", "--reading", "shared", "--strengths", "1,0,-1", "--n-methods", 3, "--seed", 4)
    found = json.loads(result.stdout)
    assert found["design"] == {"n_items": 20, "n_workers": 8, "raters": 1, "n_gold": 2, "n_repeats": 1}
    assert found["strengths"] == [1, 0, -1]
    assert found["smallest_difference"]["n_methods"] == 3
    assert len(found["studies"]["everybody"]["pairs"]) == 3
    arguments = ("study", "simulate", "--json", "--items", 4, "--workers", 1, "--studies", 2)
    alone = json.loads(invoke(*arguments).stdout)
    assert alone["studies"]["everybody"]["methods"][0]["covered"] is None
    assert alone["smallest_difference"]["reason"] == "no interval: all rankings share one worker"
    assert json.loads(invoke(*arguments).stdout) == alone


@pytest.mark.parametrize("ties", [0, 0.4])
def test_a_study_goes_through_aggregate(invoke: Callable[..., Result], tmp_path: Path, ties: float):
    """The CSV is read whole: nothing is rejected, names that begin like a formula come back as they were."""
    path = tmp_path / "made-up.csv"
    result = invoke(
        "study", "simulate", *SMALL[:4], "--raters", 3, "--studies", 0, "--methods", "=good,-bad", "--ties", ties, "--out", path
    )
    assert result.exit_code == 0, result.output
    assert "simulated studies" not in result.output
    assert "'=good" in path.read_text()
    assert (
        "Made up by `adis-bench study simulate`: the answers of 8 workers; no people gave them" in invoke("study", "aggregate", path).stdout
    )
    found = json.loads(invoke("study", "aggregate", path, "--json").stdout)
    assert (found["n_items"], found["n_workers"], found["n_rankings"], found["rejected"]) == (20, 8, 60, {})
    points = {method["method"]: method["mean_points"] for method in found["methods"]}
    assert points["=good"] > points["-bad"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--strengths", "1,2"), "2 numbers for 4 methods"),
        (("--strengths", "1,2,x,4"), "takes numbers"),
        (("--strengths", "1,2,nan,4"), "finite"),
        (("--methods", "a,a"), "two or more different methods"),
        (("--bad-workers", 1.5), "--bad-workers is a share"),
        (("--raters", 9), "8 workers and 9 rankings"),
        (("--ties", -1), "numbers from 0"),
        (("--items", 100_001), "100001 is not in the range 1<=x<=100000"),
        (("--studies", 100_001), "not in the range"),
        (("--items", 100_000, "--workers", 1000), "100,000,000 rankings a study, and at most 2,000,000"),
        (("--min-gold", 7), "--min-gold must be off or from 0 to 1"),
        (("--min-agreement", "much"), "neither a number nor off"),
        (("--out", "."), "is a folder; name a file in it"),
        (("--out", "/dev/null/x.csv"), "/dev/null/x.csv cannot be written"),
    ],
)
def test_errors_are_one_line(invoke: Callable[..., Result], options: tuple[object, ...], said: str):
    """What no study can be: exit code 2 and one line."""
    result = invoke("study", "simulate", *SMALL, *options, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


def test_the_items_of_a_study_are_ranked(invoke: Callable[..., Result], tmp_path: Path):
    """Made-up workers rank the items of a prepared study, no gold and no repeats; `study aggregate` counts all of them."""
    folder, table = tmp_path / "study", tmp_path / "table.csv"
    study, key = make_study(folder, k=3, n_items=6, raters=4)
    size = ("--study", folder, "--studies", 0)
    made = invoke("study", "simulate", *size, "--strengths", "3,0,-3", "--out", table)
    assert made.exit_code == 0, made.output
    assert f"6 items x 4 rankings by {study.plan.n_workers} workers" in made.output
    read = json.loads(invoke("study", "aggregate", table, "--study", folder, "--json").stdout)
    assert (read["n_items"], read["n_rankings"], read["rejected"]) == (6, 24, {})
    points = {row["method"]: row["mean_points"] for row in read["methods"]}
    assert sorted(points, key=lambda method: -points[method]) == list(key.methods)
    assert "Made up by `adis-bench study simulate`: the answers of" in invoke("study", "aggregate", table, "--study", folder).stdout
    refused = invoke("study", "simulate", *size, "--items", 3, "--methods", "a,b")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "--methods and --items: --study decides that already" in refused.stderr
