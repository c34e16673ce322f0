"""``adis-bench train``: on whose data, where the model goes, and what is refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.contenders import contenders_of
from adis_bench.datasets.records import Dataset
from adis_bench.pipeline import made_pairs, open_dataset
from adis_bench.spec import Flags, resolve
from reference_model import store, trainer
from reference_model.commands.train import GRACE_S

Train = Callable[..., Result]


def test_a_run_finds_the_model_in_the_cache(
    train: Train, preset: Path, world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --out, `adis-bench run` with the same options trains nothing, also where it has to hold data back for its judge."""
    copied = Dataset.open(shutil.copytree(world.root, tmp_path / "bare"))
    bare = copied.with_segments([s for s in copied.segments if s.split != "judge"])
    bare.save()
    result = train("--data", bare.root, "--judge-split", 0.3)
    assert result.exit_code == 0, result.stderr
    monkeypatch.setattr(trainer, "train", lambda *a: pytest.fail("trained again"))
    flags = Flags(methods=("ours",), data=bare.root, preset=str(preset), device="cpu", judge_split=0.3)
    spec = resolve(flags)
    dataset = open_dataset(spec)
    ours = contenders_of(spec, dataset, made_pairs(spec, dataset))[-1].method
    ours.fit(dataset.split("train"), tmp_path / "work")
    assert f"model: {store.find(ours.recipe(dataset.split('train')))} (" in result.stdout


def test_the_last_lines_use_the_model(train: Train, preset: Path, world: Dataset, tmp_path: Path) -> None:
    """With --out the model lies there, the commands that use it are printed whole, and a second call trains nothing."""
    out = tmp_path / "my model"
    first, second = train("--out", out), train("--out", out)
    assert (first.exit_code, second.exit_code) == (0, 0), first.stderr
    lines = first.stdout.splitlines()
    assert lines[0].startswith(f"model: {out} (")
    assert lines[0].endswith(" images/s in the last steps)")
    assert lines[1] == f"  adis-bench run --methods 'ours:{out}' --data {world.root} --preset {preset}"
    assert lines[2] == f"  adis-bench stylize --method 'ours:{out}' --image IMAGE --audio SOUND --out OUT.png"
    assert second.stdout.splitlines() == [f"already trained: {out}", *lines[1:]]
    assert not (out / trainer.CHECKPOINT_NAME).exists()


def one_line(result: Result) -> str:
    """What a user's error says."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("adis-bench: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_folder_of_another_training_is_refused(train: Train, tmp_path: Path) -> None:
    """Neither a finished model nor a checkpoint of another recipe is written over or gone on from."""
    out = tmp_path / "model"
    assert train("--out", out).exit_code == 0
    before = (out / store.WEIGHTS_NAME).read_bytes()
    assert f"{out} holds a finished model of another recipe" in one_line(train("--out", out, "--seed", 1))
    assert f"{out} holds a finished model of another recipe" in one_line(train("--out", out, "--training-precision", "bf16"))
    assert (out / store.WEIGHTS_NAME).read_bytes() == before
    started = tmp_path / "started"
    started.mkdir()
    torch.save({"recipe": "of another one", "step": 3}, started / trainer.CHECKPOINT_NAME)
    assert f"{started / trainer.CHECKPOINT_NAME} is of another recipe" in one_line(train("--out", started))
    (started / store.PROVENANCE_NAME).write_text("{}")
    assert f"{started / store.PROVENANCE_NAME} cannot be read" in one_line(train("--out", started))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "identity"], "names one method to train, such as ours; the controls are not trained"),
        (["--method", "folder"], "method 'folder' is not trained by this command"),
        (["--method", "ours:somewhere"], "--method ours:somewhere names a finished model; write --method ours"),
        (["--method", "our"], "unknown method 'our'; did you mean ours?"),
        (["--preset", "demi"], "unknown preset 'demi'; did you mean demo?"),
        (["--workers", "-1"], "Invalid value for '--workers'"),
        (["--judge-split", "0.2"], "has a judge split of its own"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(train: Train, tmp_path: Path, arguments: list[str], message: str) -> None:
    """Exit code 2, one line, no folder left behind."""
    assert message in one_line(train("--out", tmp_path / "model", *arguments))
    assert not (tmp_path / "model").exists()


def test_a_dataset_of_test_data_alone_cannot_be_trained_on(train: Train, world: Dataset, tmp_path: Path) -> None:
    """It says that there is no training data, not that a batch is too large."""
    copied = Dataset.open(shutil.copytree(world.root, tmp_path / "bare"))
    copied.split("test").save()
    said = one_line(train("--data", copied.root, "--out", tmp_path / "model"))
    assert f"{copied.root} has no training data" in said
    assert "batch" not in said
    assert not (tmp_path / "model").exists()


def test_only_the_first_process_tells_an_error(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others give torchrun the time to end them before they tell the same."""

    def ended(seconds: float) -> None:
        assert seconds == GRACE_S
        raise SystemExit(15)

    monkeypatch.setenv("RANK", "1")
    monkeypatch.setattr("time.sleep", ended)
    for arguments in (["--preset", "demi"], ["--no-such-option"]):
        result = train(*arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (15, "", "")


def test_a_run_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """`adis-bench run` under torchrun says what to do instead."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert "train in several with torchrun and `adis-bench train`" in one_line(CliRunner().invoke(main, ["run"]))
