"""``adis-bench table1`` from end to end, with a method that trains in no time and counts its trainings."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from adis_bench import contenders
from adis_bench.cli.main import main
from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import WeightsError
from adis_bench.files import write_text
from adis_bench.methods.protocol import MethodOptions
from adis_bench.pipeline import open_dataset
from adis_bench.results import read_results
from adis_bench.spec import Flags, MethodSpec
from reference_model import store
from reports.table1 import table1_spec
from reports.table1_training import jobs_for, train_side_by_side

FILES = ("table1.html", "table1.md", "table1.tex", "table1.csv", "table1.json")


class Workshop:
    """Where the made-up models lie, and what was trained."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trained = folder, list[str]()
        self.errors: dict[str, BaseException] = {}

    def method(self, plugin: str) -> Callable[[MethodOptions], Any]:
        """A class in the place of a variant's."""
        return lambda options: Tinted(self, plugin, options)


class Tinted:
    """The source with a colour of its variant and seed; a model is a file, and what lies there is not trained again."""

    name, description, citation, conditions_on = "ours", "a tint", "", "sound"

    def __init__(self, workshop: Workshop, plugin: str, options: MethodOptions) -> None:
        self.workshop, self.options = workshop, options
        self.model = f"{plugin.replace(':', '-')}-{options.seed}"

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Find the model or make it, unless this one is told to break."""
        path = self.workshop.folder / self.model
        if path.exists():
            return
        if self.model in self.workshop.errors:
            raise self.workshop.errors[self.model]
        self.workshop.trained.append(self.model)
        write_text(path, self.model)

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Half of the source, half of the tint."""
        tint = np.random.default_rng([len(self.model), self.options.seed]).integers(0, 255, 3, dtype=np.uint8)
        for pair in pairs:
            yield (read_image(pair.source_path, self.options.resolution) // 2 + tint // 2).astype(np.uint8)

    def provenance(self) -> dict[str, Any]:
        """The model's name is its digest."""
        return {"digest": self.model, "differences": [], "audio_init": f"{self.model.rpartition('-')[0]}'s own"}


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_run: Any) -> Workshop:
    """Variants of the made-up method in the place of ``ours``; dataset and judge from the shared cache."""
    made, load = Workshop(tmp_path / "models"), contenders.load
    monkeypatch.setattr(contenders, "load", lambda group, name: made.method(name) if name.startswith("ours") else load(group, name))
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(shutil.copytree(tiny_run.cache, tmp_path / "cache")))
    return made


@pytest.fixture
def table1(workshop: Workshop, tmp_path: Path) -> Callable[..., Result]:
    """The command on a few pairs of the tiny preset: ``table1("--seeds", 2)``."""
    preset = tmp_path / "few.toml"
    write_text(preset, 'extends = "tiny"\ndescription = "fewer pairs, to save time"\nn_pairs = 12\n')

    def run(*arguments: object) -> Result:
        # Made-up methods exist in this process only.
        fixed = ["table1", "--preset", preset, "--protocol", "offline", "--device", "cpu", "--jobs", 1, "--out", tmp_path / "out"]
        return CliRunner().invoke(main, [str(argument) for argument in (*fixed, *arguments)])

    return run


def test_it_writes_every_format_and_prints_one_object(table1, workshop, tmp_path):
    """Every training once, the run beside the table, three different rows, and nothing else on stdout."""
    result = table1("--seeds", 2, "--json")
    assert result.exit_code == 0, result.stderr
    assert workshop.trained == ["ours-0", "ours-selavi-0", "ours-wav2clip-0", "ours-1", "ours-selavi-1", "ours-wav2clip-1"]
    assert all((tmp_path / "out" / name).is_file() for name in FILES)
    printed = json.loads(result.stdout)
    assert printed["protocol"] == "offline"
    avc = {row["variant"]: row for row in printed["rows"] if row["metric"] == "avc"}
    assert len({row["mean"] for row in avc.values()}) == 3
    assert {(row["sd"], row["ci_low"], row["ci_high"], row["n_seeds"]) for row in avc.values()} == {(None, None, None, 2)}
    assert "warning: Only 12 pairs" in result.stderr
    scores = {(s.method, s.metric): s.value for s in read_results(tmp_path / "out" / "run").scores}
    assert avc["selavi"]["mean"] == pytest.approx((scores["selavi-0", "avc"] + scores["selavi-1", "avc"]) / 2)


def test_it_goes_on_after_an_interruption_and_with_more_seeds(table1, workshop, tmp_path):
    """Ctrl-C in the second variant: the first is not trained again; a third seed adds three trainings, and an interval."""
    workshop.errors["ours-selavi-0"] = KeyboardInterrupt()
    assert table1("--seeds", 2).exit_code == 130
    assert workshop.trained == ["ours-0"]
    workshop.errors.clear()
    assert table1("--seeds", 2).exit_code == 0
    assert len(workshop.trained) == len(set(workshop.trained)) == 6
    result = table1("--seeds", 3, "--json")
    assert result.exit_code == 0, result.stderr
    assert len(workshop.trained) == len(set(workshop.trained)) == 9
    rows = json.loads(result.stdout)["rows"]
    assert all(row["n_seeds"] == 3 and row["ci_low"] <= row["mean"] <= row["ci_high"] for row in rows if row["mean"] is not None)
    assert table1("--seeds", 3).exit_code == 0
    assert len(workshop.trained) == 9


def test_a_failed_training_leaves_a_table(table1, workshop, tmp_path):
    """The other trainings are in it, the failure is told, and the exit code is that of `run`."""
    workshop.errors["ours-selavi-1"] = WeightsError("the weights of SeLaVi are damaged")
    result = table1("--seeds", 2)
    assert result.exit_code == 2
    assert "1 of 11 methods failed" in result.stderr
    assert "+ SeLaVi: seed 1 is missing" in (tmp_path / "out" / "table1.html").read_text()
    assert "1 of 2 seeds" in result.stdout


def test_it_prints_the_table(table1, tmp_path):
    """Controls in parentheses first, then the variants; what stands under it, and where the files are."""
    result = table1("--seeds", 1)
    assert result.exit_code == 0, result.stderr
    places = [result.stdout.index(name) for name in ("(target)", "(oracle)", "Ours (from scratch)", "+ SeLaVi", "+ Wav2CLIP")]
    assert places == sorted(places)
    assert "- The published numbers stand apart, in the files: The protocol is offline" in result.stdout
    assert result.stdout.endswith(f"table: {tmp_path / 'out' / 'table1.html'} (and .md, .tex, .csv, .json)\n")


@pytest.mark.parametrize("n", [0, 21])
def test_the_number_of_seeds_has_bounds(table1, n):
    """1 to 20; anything else is a user's error in one line."""
    result = table1("--seeds", n)
    assert result.exit_code == 2
    assert "1<=x<=20" in result.stderr


def test_it_is_one_process(table1, monkeypatch):
    """Under torchrun it says what to do instead."""
    monkeypatch.setenv("WORLD_SIZE", "8")
    result = table1()
    assert result.exit_code == 2
    assert "--training-seed 1` first" in result.stderr


def test_a_preset_that_would_not_start_from_scratch_is_refused(table1, tmp_path):
    """The row says from scratch; pretrained weights belong into the variants' own tables."""
    preset = tmp_path / "started.toml"
    write_text(preset, 'extends = "tiny"\ndescription = "started"\n[methods.ours]\naudio_init = "selavi"\n')
    result = table1("--preset", preset)
    assert result.exit_code == 2
    assert "audio_init = 'selavi' would be no training from scratch" in result.stderr


@pytest.mark.slow
def test_trainings_side_by_side_are_those_that_the_run_finds(tmp_path, monkeypatch, tiny_run):
    """Each in a process of its own; what fails there is left to the run, and what has outputs is not started."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(shutil.copytree(tiny_run.cache, tmp_path / "cache")))
    flags = Flags(preset="tiny", device="cpu", out=tmp_path / "out", protocol="offline")
    spec = table1_spec(flags, 1)
    broken = MethodSpec(label="broken", name="ours", variant="nowhere")
    spec = spec.model_copy(update={"methods": (*spec.methods[:2], broken)})
    train_side_by_side(spec, 2)
    train = open_dataset(spec).split("train")
    for wanted in spec.methods[:2]:
        method = contenders.load("methods", wanted.name)(contenders.method_options(spec, wanted))
        method.prepare(train)
        assert store.find(method.recipe(train)) is not None
    assert "nowhere" in (spec.out / "work" / "broken" / "training.log").read_text()
    for label in ("scratch-0", "selavi-0", "broken"):
        write_text(spec.out / "outputs" / label / "manifest.json", "{}")
    monkeypatch.setattr("subprocess.Popen", lambda *given, **more: pytest.fail("started again"))
    train_side_by_side(spec, 2)


def test_one_training_per_core_unless_there_is_a_gpu():
    """Never more than there are trainings."""
    spec = table1_spec(Flags(preset="tiny", device="cpu", protocol="offline"), 1)
    assert 1 <= jobs_for(spec) <= 3
    assert jobs_for(spec.model_copy(update={"device": "cuda"})) == 1
