"""``adis-bench stylize`` from the command line, with a tiny model of random weights and the one that comes with the package."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.datasets.media import read_image, write_png, write_wav
from adis_bench.methods.protocol import MethodOptions
from baselines.cut import Cut
from reference_model import store
from reference_model.method import TrainedMethod
from reference_model.ours import Ours
from tests.reference_model.conftest import TINY

RATE = 16_000


def _save(kind: type[TrainedMethod], folder: Path) -> Path:
    method = kind(MethodOptions(resolution=32, settings=TINY))
    method.labels = ("gravel", "rain")
    inference = method._fresh_objective().inference
    facts = {"method": kind.name, "settings": method.settings.flat(), "resolution": 32, "labels": ["gravel", "rain"], "digest": "none"}
    store.save(inference, folder, facts)
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders ``ours`` and ``cut`` with models as trainings leave them."""
    base = tmp_path_factory.mktemp("models")
    _save(Ours, base / "ours")
    _save(Cut, base / "cut")
    return base


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Two photos and two sounds."""
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        write_png(tmp_path / "photos" / f"{name}.png", rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))
    for name in ("rain", "sea"):
        write_wav(tmp_path / "sounds" / f"{name}.wav", rng.uniform(-0.5, 0.5, 2 * RATE).astype(np.float32), RATE)
    return tmp_path


@pytest.fixture
def call(models: Path, media: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run ``adis-bench stylize`` in the media's folder; ``{models}`` in an argument is where the models are."""
    monkeypatch.chdir(media)

    def run(text: str) -> Result:
        return CliRunner().invoke(main, ["stylize", "--device", "cpu", *text.format(models=models).split()])

    return run


def test_one_picture(call: Callable[..., Result]) -> None:
    """The picture's path is printed; a second call refuses to replace it, and does when asked."""
    text = "--method ours:{models}/ours --image photos/a.png --audio sounds/rain.wav --out x/b.png"
    first = call(text)
    assert (first.exit_code, first.stdout) == (0, "x/b.png\n"), first.stderr
    assert read_image(Path("x/b.png")).shape == (32, 32, 3)
    made = Path("x/b.png").read_bytes()
    second = call(text)
    assert second.exit_code == 2
    assert second.stderr == "adis-bench: --out x/b.png exists; choose another name, or replace it with --overwrite\n"
    assert call(text + " --overwrite").exit_code == 0
    assert Path("x/b.png").read_bytes() == made


def test_json(call: Callable[..., Result], models: Path) -> None:
    """One object with the model's digest and one record per picture, and nothing else on stdout."""
    result = call("--method ours:{models}/ours --image photos/a.png --audio sounds/rain.wav --gain -20,0 --out s.png --size 64 --json")
    assert result.exit_code == 0, result.stderr
    weights = json.loads((models / "ours" / "provenance.json").read_text())["weights_sha256"]
    record = {"path": "s.png", "image": "photos/a.png", "audio": "sounds/rain.wav", "shape": [64, 64], "gains_db": [-20.0, 0.0]}
    assert json.loads(result.stdout) == {
        "method": f"ours:{models}/ours",
        "weights_sha256": weights,
        "outputs": [record],
        "skipped": 0,
        "failed": [],
    }
    assert result.stderr.startswith("note: this model was trained on peak-normalised sounds")


def test_a_folder_that_goes_on_gives_the_same_pictures(call: Callable[..., Result]) -> None:
    """Deleting some of the pictures and calling again gives the same bytes; how many were there is said."""
    text = "--method ours:{models}/ours --image photos --audio sounds --out out --keep-aspect --batch-size 3"
    assert call(text).stdout == "4 pictures in out\n"
    made = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert sorted(made) == ["a--rain.png", "a--sea.png", "b--rain.png", "b--sea.png"]
    for name in ("a--sea.png", "b--sea.png"):
        (Path("out") / name).unlink()
    assert call(text).stdout == "2 pictures in out (2 more were there already)\n"
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == made


def test_damaged_files_end_with_code_2(call: Callable[..., Result]) -> None:
    """The others are done, the object names the damaged file, and so does the last line."""
    Path("sounds/bad.wav").write_bytes(b"RIFF")
    result = call("--method ours:{models}/ours --image photos --audio sounds --out out --json")
    assert result.exit_code == 2
    printed = json.loads(result.stdout)
    assert (len(printed["outputs"]), [f["path"] for f in printed["failed"]]) == (4, ["sounds/bad.wav"])
    assert "adis-bench: 1 input file could not be used; all others are done" in result.stderr


def test_labels(call: Callable[..., Result]) -> None:
    """A label model takes --label, for a folder too; a wrong one suggests a near one."""
    assert call("--method cut:{models}/cut --image photos --label rain --out out").exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a--rain.png", "b--rain.png"]
    wrong = call("--method cut:{models}/cut --image photos --label rians --out out2")
    assert (wrong.exit_code, wrong.stderr) == (2, "adis-bench: unknown label 'rians'; did you mean rain?\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--method nothing --audio sounds/rain.wav", "unknown method 'nothing'"),
        ("--method identity --audio sounds/rain.wav", "'identity' is not a trained model"),
        ("--method ours:photos --audio sounds/rain.wav", "provenance.json"),
        ("--method cut:{models}/ours --label rain", "holds a model of method 'ours', not 'cut'"),
        ("--method ours:{models}/ours --audio sounds/rain.wav --gain x", "--gain 'x': expected decibels"),
        ("--method ours:{models}/ours --audio sounds/rain.wav --mix sounds/sea.wav", "names no weights"),
        ("--method ours:{models}/ours --audio sounds/rain.wav --precision half", "Invalid value for '--precision'"),
    ],
)
def test_what_does_not_fit_is_one_line(call: Callable[..., Result], text: str, message: str) -> None:
    """Exit code 2, one line, no picture."""
    result = call(f"{text} --image photos/a.png --out b.png")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("b.png").exists()


def test_the_packaged_model_hears(call: Callable[..., Result]) -> None:
    """``--method ours`` needs no training: at 64 px a low rumble and a hiss give pictures that differ plainly."""
    noise = np.random.default_rng(3).normal(size=3 * RATE)
    low = np.convolve(noise, np.ones(200) / 200, mode="same")
    write_wav(Path("sounds/low.wav"), (0.5 * low / np.abs(low).max()).astype(np.float32), RATE)
    write_wav(Path("sounds/hiss.wav"), (0.1 * noise).astype(np.float32), RATE)
    for name in ("low", "hiss"):
        result = call(f"--image photos/a.png --audio sounds/{name}.wav --out {name}.png")
        assert result.exit_code == 0, result.stderr
    one, other = read_image(Path("low.png")).astype(float), read_image(Path("hiss.png")).astype(float)
    assert one.shape == (64, 64, 3)
    assert np.abs(one - other).mean() > 5


def test_the_command_starts_light() -> None:
    """The module of the command imports neither torch nor numpy before it runs."""
    code = "import sys, reference_model.commands.stylize; sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
