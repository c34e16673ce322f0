"""``adis-bench paper``: the steps, what a failure stops, and the page."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.errors import ConfigError
from reports.paper import METHODS, STRENGTHS, Plan, Step, make_stand_in, steps
from reports.paper_page import refuse_foreign, write_page
from reports.paper_steps import Done, as_text, do_all


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Everything small, on the demo world."""
    return Plan(tmp_path / "out", "tiny", "tiny", 1, None, None, None, "eccv", 8, 3, 0, "cpu")


def invoke(*arguments: object) -> Result:
    """Run ``adis-bench`` with arguments."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_every_figure_and_table_has_a_step(plan: Plan):
    """Figures 1 to 4 and Table 1, each by commands; only the run needs nothing else, and Table 1 trains its own."""
    planned = {step.name: step for step in steps(plan)}
    assert {"figure-1", "figure-2", "figure-3", "figure-4", "table-1", "run", "sweeps"} <= planned.keys()
    assert {name for name, step in planned.items() if not step.needs} == {"run", "table-1"}
    assert len(STRENGTHS) == len(METHODS) + 1
    assert "made up" in planned["figure-2"].note
    assert "stand in for Places and VGG-Sound" in planned["figure-4"].note


def test_commands_are_those_of_the_tool(plan: Plan):
    """Every command exists, and takes every option that it is given."""
    for step in steps(plan):
        for command in step.commands:
            words = [word for word in command[:2] if "/" not in word and not word.startswith("-")]
            told = invoke(*words, "--help")
            assert told.exit_code == 0, (command, told.output)
            options = {word for word in command if word.startswith("--")}
            shown = set(told.output.replace(",", " ").replace("/", " ").split())
            assert options <= shown, (command, options - shown)


def test_own_images_and_sounds(plan: Plan, tmp_path: Path):
    """They take the place of the stand-in, all of them; one without the other is refused."""
    own = replace(plan, images=tmp_path / "i", sounds=tmp_path / "s")
    (step,) = (step for step in steps(own) if step.name == "figure-4")
    text = "\n".join(map(as_text, step.commands))
    assert f"--images {tmp_path / 'i'} --sounds {tmp_path / 's'}" in text
    assert "--n-images" not in text
    assert "stand in" not in step.note
    with pytest.raises(ConfigError, match="go together"):
        steps(replace(plan, images=tmp_path))


@pytest.mark.parametrize("wrong", [{"column": "eecv"}, {"preset": "no"}, {"table1_preset": "no"}])
def test_slips_are_told_before_the_first_step(plan: Plan, wrong: dict[str, str]):
    """Not after the half hour that the steps before take."""
    with pytest.raises(ConfigError):
        steps(replace(plan, **wrong))


@pytest.mark.parametrize(
    ("name", "words"), [("index.html", "holds index.html of something else"), ("results.json", "is the folder of a run")]
)
def test_what_is_not_ours_is_not_replaced(tmp_path: Path, name: str, words: str):
    """Said before anything is made; a folder of an earlier call is taken up again."""
    (tmp_path / name).write_text("mine")
    told = invoke("paper", "--preset", "tiny", "--out", tmp_path)
    assert (told.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, [name])
    assert words in told.stderr
    (tmp_path / "paper.json").write_text("{}")
    if name == "index.html":
        refuse_foreign(tmp_path)


def test_the_list_says_all_that_is_done(tmp_path: Path):
    """The stand-in, which no command makes, is told; as JSON the commands are lists of words."""
    told = invoke("paper", "--preset", "tiny", "--out", tmp_path / "out", "--list")
    assert told.exit_code == 0
    assert "# before: the test split of `adis-bench data demo" in told.stdout
    assert not (tmp_path / "out").exists()
    listed = json.loads(invoke("paper", "--preset", "tiny", "--out", tmp_path / "out", "--list", "--json").stdout)
    assert listed["steps"][0]["commands"][0][:3] == ["run", "--methods", "ours,cut,cyclegan"]


def test_the_stand_in_is_of_all_classes(plan: Plan):
    """Images without classes, sounds in a folder for each of eight."""
    make_stand_in(plan)
    folder = plan.out / "generalization" / "stand-in"
    assert len(list((folder / "images").glob("*.png"))) == 40
    assert {len(list(one.glob("*.wav"))) for one in (folder / "sounds").iterdir()} == {5}
    assert len(list((folder / "sounds").iterdir())) == 8


def test_a_failure_stops_only_what_needs_it(plan: Plan):
    """The others are done; the commands of a step after its failed one are not."""
    given: list[str] = []

    def run(command: tuple[str, ...]) -> int:
        given.append(command[0])
        return 2 if command[0] == "broken" else 0

    first = Step("first", "First", "", (("broken",), ("never",)))
    second = Step("second", "Second", "", (("late",),), needs=("first",))
    third = Step("third", "Third", "", (("fine",), ("also",)))
    found = do_all((first, second, third), run)
    assert given == ["broken", "fine", "also"]
    assert [(one.worked, one.code, one.waits_for) for one in found] == [(False, 2, ()), (False, 0, ("first",)), (True, 0, ())]
    assert found[0].failed == "adis-bench broken"


def test_the_page_tells_what_was_not_made(plan: Plan):
    """Figures with captions and both files; failures with their command; nothing of a name is markup."""
    folder = plan.out / "figure-1"
    folder.mkdir(parents=True)
    figure = {"name": "figure-1a", "title": "<b>Durations</b>", "alt": "words", "caption": "of & all"}
    grid = {"name": "figure-1b", "title": "Grid", "alt": "words", "caption": "Grid: rows."}
    (folder / "figures.json").write_text(json.dumps({"figures": [figure, grid]}))
    made = Done(Step("figure-1", "Figure 1: data", "A note.", (("figures", str(plan.out)),), {"a": "b/c.html"}, pictures="figure-1"))
    lost = Done(Step("run", "The run", "", (("run",),)), 2, "adis-bench run", seconds=61.0)
    late = Done(Step("figure-3", "Figure 3", "", ()), waits_for=("run",))
    page = write_page(plan, (made, lost, late)).read_text()
    assert "1 of 3 parts were made" in page
    assert 'src="figure-1/figure-1a.svg"' in page
    assert "<figcaption>&lt;b&gt;Durations&lt;/b&gt;. of &amp; all " in page
    assert "<figcaption>Grid: rows. " in page  # no title that the caption begins with
    assert "<code>adis-bench run</code> ended with 2" in page
    assert "Not tried,</strong> since run failed" in page
    assert "adis-bench figures OUT" in page
    assert str(plan.out) not in page
    states = [step["state"] for step in json.loads((plan.out / "paper.json").read_text())["steps"]]
    assert states == ["done", "failed", "not tried"]


@pytest.mark.slow
def test_everything_is_made(tmp_path: Path):
    """One command, from nothing to the page; the same again finds all of it."""
    out = tmp_path / "paper"
    small = ("--preset", "tiny", "--table1-preset", "tiny", "--seeds", "1", "--samples", "8", "--workers", "3", "--out", str(out))

    def make() -> dict[str, Any]:
        entry = "from adis_bench.cli.main import main; main()"
        made = subprocess.run([sys.executable, "-c", entry, "paper", *small, "--json"], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        told: dict[str, Any] = json.loads(made.stdout)
        assert {step["state"] for step in told["steps"]} == {"done"}
        return told

    told = make()
    page = Path(told["page"]).read_text()
    for name in ("figure-1/figure-1a.svg", "figure-3/qualitative.svg", "study/preview.html", "table1/table1.tex"):
        assert name in page
        assert (out / name).is_file()
    assert list((out / "figure-4").glob("generalization*.pdf"))
    assert list((out / "sweeps").glob("*.pdf"))
    seconds = [sum(step["seconds"] for step in made["steps"]) for made in (told, make())]
    assert seconds[1] < seconds[0]
