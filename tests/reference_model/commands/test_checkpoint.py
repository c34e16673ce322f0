"""``adis-bench checkpoint`` on files of the release's form."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.files import digest_file
from reference_model import store
from tests.reference_model.test_released import made_up


def invoke(*arguments: object) -> Result:
    """Run ``adis-bench checkpoint``."""
    return CliRunner().invoke(main, ["checkpoint", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The release's files with made-up weights."""
    folder = tmp_path_factory.mktemp("release")
    paths = {kind: folder / f"latest_net_{kind}.pth" for kind in ("G", "Audio", "D")}
    for kind, path in paths.items():
        torch.save(made_up(kind), path)
    return paths


@pytest.fixture(scope="module")
def imported(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A model, and what its import printed."""
    out = tmp_path_factory.mktemp("models") / "the model"
    return out, invoke("import", files["Audio"], files["D"], files["G"], "--out", out)


def test_import_prints_what_to_do_next(files: dict[str, Path], imported: tuple[Path, Result]) -> None:
    """Files with their digests, the model, and commands that can be pasted (a blank in the path is quoted)."""
    out, result = imported
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        f"G      latest_net_G.pth  sha256 {digest_file(files['G'])}",
        f"Audio  latest_net_Audio.pth  sha256 {digest_file(files['Audio'])}",
        "The others are whole, but only training needs them: they are not kept.",
        f"model: {out} (23,795,267 parameters, 256 px); use it with",
        f"  adis-bench run --methods 'ours:{out}' --preset released --data DATASET",
        f"  adis-bench stylize --method 'ours:{out}' --image IMAGE --audio SOUND --out PICTURE.png",
    ]


def test_show_tells_what_a_model_is(files: dict[str, Path], imported: tuple[Path, Result]) -> None:
    """Method, settings beside the release, sizes and digests, each on its line."""
    out, _ = imported
    told = store.read_provenance(out)
    result = invoke("show", out)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "method      ours",
        "settings    the release's",
        "resolution  256 px",
        "parameters  23,795,267",
        f"model       {told['digest']}",
        f"weights     sha256 {digest_file(out / store.WEIGHTS_NAME)}",
        f"from G      latest_net_G.pth, sha256 {digest_file(files['G'])}",
        f"from Audio  latest_net_Audio.pth, sha256 {digest_file(files['Audio'])}",
    ]


def test_show_names_settings_that_differ(imported: tuple[Path, Result], tmp_path: Path) -> None:
    """A model with another padding is told apart from the release's."""
    out, _ = imported
    told = json.loads((out / store.PROVENANCE_NAME).read_text())
    told["settings"]["audio_padding"] = 3
    (tmp_path / store.PROVENANCE_NAME).write_text(json.dumps(told))
    (tmp_path / store.WEIGHTS_NAME).write_bytes((out / store.WEIGHTS_NAME).read_bytes())
    assert "settings    audio_padding: 3 (release: 1)" in invoke("show", tmp_path).stdout.splitlines()


def test_show_refuses_damaged_weights(imported: tuple[Path, Result], tmp_path: Path) -> None:
    """Weights that are not those of the provenance are not shown as if they were."""
    out, _ = imported
    (tmp_path / store.PROVENANCE_NAME).write_bytes((out / store.PROVENANCE_NAME).read_bytes())
    (tmp_path / store.WEIGHTS_NAME).write_bytes(b"something else")
    result = invoke("show", tmp_path)
    assert result.exit_code == 2
    assert "has digest" in result.stderr


def test_show_without_a_model(tmp_path: Path) -> None:
    """An empty folder gives one line, not a traceback."""
    result = invoke("show", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"adis-bench: {tmp_path / store.PROVENANCE_NAME} cannot be read (FileNotFoundError")
    assert len(result.stderr.splitlines()) == 1


def test_import_names_what_is_wrong_in_one_line(files: dict[str, Path], tmp_path: Path) -> None:
    """One of the two files is not enough; nothing is written."""
    result = invoke("import", files["G"], "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert result.stderr == "adis-bench: no file for Audio: a model takes G and Audio (latest_net_G.pth and latest_net_Audio.pth)\n"
    assert not (tmp_path / "model").exists()
