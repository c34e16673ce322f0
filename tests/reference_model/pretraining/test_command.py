"""``adis-bench pretrain``."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.datasets.records import Dataset
from reference_model import store
from reference_model.pretraining import encoders, probe
from tests.reference_model.commands.conftest import PRESET


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """One whose pretraining takes a second."""
    path = tmp_path / "seconds.toml"
    path.write_text(PRESET + "pretrain_steps = 5\n")
    return path


def call(data: Dataset, preset: Path, *arguments: object) -> Result:
    """Run ``adis-bench pretrain`` with the subcommand first among the arguments."""
    name, *rest = arguments
    told = ["pretrain", name, "--data", data.root, "--preset", preset, "--device", "cpu", *rest]
    return CliRunner().invoke(main, [str(argument) for argument in told])


@pytest.mark.parametrize("idea", ["wav2clip", "selavi"])
def test_the_encoder_goes_where_runs_look(idea: str, world: Dataset, preset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --out it lies in the cache, its quality and the command that uses it are told, and a second call trains nothing."""
    first = call(world, preset, idea)
    assert first.exit_code == 0, first.stderr
    lines = first.stdout.splitlines()
    assert lines[0].startswith("encoder: ")
    told = store.read_provenance(Path(lines[0].removeprefix("encoder: ")))
    assert told["settings"]["steps"] == 5
    assert lines[1].startswith("  8 segments held out: the right image is number ")
    assert "(by chance 4.5), normalised mutual information with the labels " in lines[1]
    assert lines[2] == f"  adis-bench run --methods ours:{idea} --data {world.root} --preset {preset}"
    monkeypatch.setattr(encoders, "learn", lambda pupil: pytest.fail("trained again"))
    assert call(world, preset, idea).stdout.splitlines() == ["already pretrained" + lines[0].removeprefix("encoder"), *lines[1:]]


def test_what_runs_would_not_find_is_named_by_its_folder(world: Dataset, preset: Path, tmp_path: Path) -> None:
    """With --out, or with settings of its own, the preset's lines that use it are told."""
    out = tmp_path / "ears"
    made = call(world, preset, "selavi", "--out", out, "--heads", 2, "--clusters", 4, "--marginals", "gaussian", "--steps", 3)
    assert made.exit_code == 0, made.stderr
    assert made.stdout.splitlines()[-1] == f'  a preset with [methods."ours:selavi"] audio_weights = "{out}", and --methods ours:selavi'
    settings = store.read_provenance(out)["settings"]
    assert [settings[name] for name in ("heads", "clusters", "marginals", "steps")] == [2, 4, "gaussian", 3]
    assert "audio_weights = " in call(world, preset, "wav2clip", "--steps", 3).stdout


def test_encoders_are_probed(listening: Dataset, preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random, pretrained and of a trained model, in one table, as JSON, and as CSV."""
    monkeypatch.setattr(probe, "N_DRAWS", 3)
    model = CliRunner().invoke(
        main, ["train", "--data", str(listening.root), "--preset", str(preset), "--device", "cpu", "--out", str(tmp_path / "model")]
    )
    assert model.exit_code == 0, model.stderr
    assert call(listening, preset, "wav2clip", "--out", tmp_path / "ears").exit_code == 0
    named = ["--encoder=chance=random", f"--encoder=ears={tmp_path / 'ears'}", f"--encoder=model={tmp_path / 'model'}"]
    asked = ("probe", *named, "--noise", "babble:0")
    shown = call(listening, preset, *asked, "--out", tmp_path / "probe")
    assert shown.exit_code == 0, shown.stderr
    assert "model - ears" in shown.stdout
    answer = json.loads(call(listening, preset, *asked, "--json").stdout)
    assert answer["encoders"] == {"chance": "random", "ears": str(tmp_path / "ears"), "model": str(tmp_path / "model")}
    assert len(answer["lines"]) == 3 * 6  # shots, three encoders and three differences
    with (tmp_path / "probe" / "probe.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["value"]) for row in rows] == [line["value"] for line in answer["lines"]]


def test_without_names_both_ideas_are_pretrained_and_probed(listening: Dataset, preset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a random encoder; the demo model's only on the demo world."""
    monkeypatch.setattr(probe, "N_DRAWS", 2)
    answer = json.loads(call(listening, preset, "probe", "--noise", "clean", "--json").stdout)
    assert list(answer["encoders"]) == ["random", "wav2clip", "selavi"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["wav2clip", "--steps", 0], "Invalid value for '--steps'"),
        (["selavi", "--marginals", "gumbel"], "'gumbel' is not one of 'equal', 'gaussian'"),
        (["wav2clip", "--judge-split", 0.2], "has a judge split of its own"),
        (["probe", "--encoder", "mine"], "--encoder 'mine' is not NAME=random or NAME=PATH"),
        (["probe", "--encoder", "mine=nowhere"], "no folder nowhere; make one with `adis-bench pretrain`"),
        (["probe", "--encoder", "a=random", "--encoder", "a=random"], "two encoders are called 'a'"),
        (["probe", "--noise", "pink"], "--noise 'pink' is not clean, white:DB"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(world: Dataset, preset: Path, arguments: list[object], message: str) -> None:
    """Exit code 2, and nothing on stdout."""
    result = call(world, preset, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
