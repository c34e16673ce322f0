"""``adis-bench study prepare`` on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.conftest import TinyRun

SMALL = ("--methods", "ours,identity", "--samples", "8", "--workers", "2")


def test_it_says_what_it_made_and_what_to_do(invoke: Callable[..., Result], tiny_run: TinyRun, tmp_path: Path):
    """Sizes, money, power, next steps; and that the consent text lacks a contact."""
    result = invoke("study", "prepare", tiny_run.folder, *SMALL, "--out", tmp_path / "study")
    assert result.exit_code == 0, result.output
    for words in ("13 items: 8 to rank, 4 with a known answer, 1 shown again", "$12.00 an hour", "$3.12", "--contact", "study serve"):
        assert words in result.output
    assert "no images may share a rank" in result.output


def test_json_is_one_object(invoke: Callable[..., Result], tiny_run: TinyRun, tmp_path: Path):
    """All options reach the study."""
    consent = tmp_path / "consent.txt"
    consent.write_text("I agree.")
    options = ("--ties", "--reading", "shared", "--seed", "5", "--reward", "0", "--consent", consent, "--title", "Sounds & <places>")
    rules = ("--min-gold", "off", "--min-seconds", "2.5", "--max-same-order", "OFF", "--min-agreement", "-0.1")
    result = invoke("study", "prepare", tiny_run.folder, *SMALL, *options, *rules, "--out", tmp_path / "study", "--json")
    found = json.loads(result.stdout)
    assert (found["n_items"], found["ties_allowed"], found["plan"]["reading"], found["plan"]["raters"]) == (10, True, "shared", 1)
    given = {"min_gold": None, "min_seconds": 2.5, "max_same_order": None, "min_agreement": -0.1}
    assert found["rules"] == {**given, "min_rankings": 5, "min_gold_items": 4}
    assert found["estimate"]["ways"] == []
    study = json.loads((tmp_path / "study" / "study.json").read_text())
    assert (study["texts"]["title"], study["texts"]["consent"], study["plan"]["seed"]) == ("Sounds & <places>", "I agree.", 5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--methods", "ours"), "must name 2 to 8 methods"),
        (("--methods", "ours,\x1b[31mcut"), "1 of 2 are not in the run, first: '\\x1b[31mcut'"),
        (("--samples", "1000"), "--samples 1000 are more than the 40 pairs"),
        (("--asset-url", "http://example.org/"), "--asset-url must be"),
        (("--consent", "no-such-file"), "--consent: no-such-file cannot be read"),
        (("--reward", "0.001"), "whole cents"),
        (("--min-gold", "2"), "--min-gold must be off or from 0 to 1"),
    ],
)
def test_errors_are_one_line(invoke: Callable[..., Result], tiny_run: TinyRun, tmp_path: Path, options: tuple[str, ...], words: str):
    """What is wrong, on stderr, with exit code 2; no folder is left."""
    result = invoke("study", "prepare", tiny_run.folder, *SMALL, *options, "--out", tmp_path / "study")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("damage", ["", "{", "{}", '{"schema_version": 1}', "[1]", "\xff"])
def test_a_damaged_estimate_is_made_anew(invoke: Callable[..., Result], tiny_run: TinyRun, tmp_path: Path, damage: str):
    """The same call says the same again."""
    command = ("study", "prepare", tiny_run.folder, *SMALL, "--out", tmp_path / "study", "--json")
    first = invoke(*command)
    assert first.exit_code == 0, first.output
    (tmp_path / "study" / "estimate.json").write_text(damage, "latin-1")
    again = invoke(*command)
    assert (again.exit_code, again.stdout) == (0, first.stdout)


def test_a_lost_key_is_told(invoke: Callable[..., Result], tiny_run: TinyRun, tmp_path: Path):
    """Of a finished study: it must be taken from a copy; nobody is told to prepare anew."""
    command = ("study", "prepare", tiny_run.folder, *SMALL, "--out", tmp_path / "study")
    assert invoke(*command).exit_code == 0
    for lose in (lambda path: path.write_bytes(b""), Path.unlink):
        lose(tmp_path / "study" / "key.json")
        result = invoke(*command)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "take key.json from a copy; without it the answers can't be read" in result.stderr


def test_a_rule_that_is_no_number(invoke: Callable[..., Result], tiny_run: TinyRun, tmp_path: Path):
    """A usage error of the option."""
    result = invoke("study", "prepare", tiny_run.folder, *SMALL, "--min-gold", "none", "--out", tmp_path / "study")
    assert result.exit_code == 2
    assert "neither a number nor off" in result.stderr
