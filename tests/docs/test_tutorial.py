"""The tutorial's package, installed as anybody's: its method is run by name, and every command of the tutorial works."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.docs.written import ROOT, blocks

TUTORIAL = ROOT / "docs" / "tutorial.md"
PACKAGE = ROOT / "docs" / "tutorial" / "adis-colour-transfer"
# A package of somebody else that brings a command, as an installer leaves it.
_COMMAND = {
    "adis_colours.py": 'import click\n\n\n@click.command()\ndef command() -> None:\n    """Say hello."""\n    click.echo("hello")\n',
    "adis_colours-0.1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: adis-colours\nVersion: 0.1.0\n",
    "adis_colours-0.1.0.dist-info/entry_points.txt": "[adis_bench.commands]\ncolours = adis_colours:command\n",
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the ``pip`` and ``adis-bench`` of a virtual environment of its own, which sees the packages of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
    )
    # addsitedir reads the .pth files there as well: adis-bench itself may be one of them.
    (Path(found.stdout.strip()) / "parent.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for name, module in {"pip": "pip._internal.cli.main", "adis-bench": "adis_bench.cli.main"}.items():
        program = folder / "bin" / name
        program.write_text(f"#!{python}\nimport sys\nfrom {module} import main\nsys.exit(main())\n")
        program.chmod(0o755)
    return folder / "bin"


def _environment(programs: Path, cache: Path) -> dict[str, str]:
    # No index: what the package needs must be here already, and nothing may ask the network.
    pip = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **pip, "PATH": path, "ADIS_BENCH_CACHE": str(cache), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def installed(programs: Path, tiny_run: Any) -> dict[str, str]:
    """Environment variables under which ``adis-bench`` knows the tutorial's package and that of a command."""
    environment = _environment(programs, tiny_run.cache)
    subprocess.run(["pip", "install", "--quiet", str(PACKAGE)], env=environment, executable=str(programs / "pip"), check=True)
    site = next((programs.parent / "lib").glob("python*")) / "site-packages"
    for name, content in _COMMAND.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(content)
    return environment


def _adis_bench(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("adis-bench", path=environment["PATH"])
    return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_the_method_runs_by_name_and_keeps_its_model(installed: dict[str, str], tmp_path: Path):
    """`run --methods colour_transfer` scores it beside the controls: nearer to the exact colours than the source, which keeps its scene."""
    run = tmp_path / "run"
    done = _adis_bench(installed, "run", "--preset", "tiny", "--methods", "colour_transfer", "--out", str(run), "--json")
    assert done.returncode == 0, done.stderr
    value = {(s["method"], s["metric"]): s["value"] for s in json.loads(done.stdout)["scores"]}
    assert value["colour_transfer", "oracle_distance"] < 0.75 * value["identity", "oracle_distance"]
    assert value["colour_transfer", "structure_similarity"] > value["target", "structure_similarity"] + 0.3
    provenance = json.loads((run / "outputs" / "colour_transfer" / "manifest.json").read_text())["provenance"]
    assert provenance["settings"] == {"neighbours": 10, "map": "linear"}
    with np.load(next((run / "work").rglob("*.npz")), allow_pickle=False) as model:
        assert (model["sounds"].shape, model["colours"].shape) == ((40, 128), (40, 9))


def test_it_is_listed_with_its_package(installed: dict[str, str]):
    """`list` shows the method with the package it comes from, in the very line that the tutorial shows."""
    (line,) = [line for line in _adis_bench(installed, "list", "methods").stdout.splitlines() if "adis-colour-transfer" in line]
    assert " ".join(line.split()) in " ".join(TUTORIAL.read_text().split())


def test_a_command_of_another_package_is_listed_and_run(installed: dict[str, str]):
    """The help page names the command and its package, and the command runs."""
    assert re.search(r"^  colours +from adis-colours 0\.1\.0$", _adis_bench(installed, "--help").stdout, re.MULTILINE)
    assert _adis_bench(installed, "colours").stdout == "hello\n"


def _outline(text: str) -> list[str]:
    """The lines without their numbers and spacing: what stays the same on another machine."""
    return [re.sub(r"\s+", "", re.sub(r"[-+]?\d[\d.,]*", "0", line)) for line in text.splitlines() if line.strip()]


@pytest.mark.slow
def test_every_command_of_the_tutorial_works_and_says_what_is_shown(programs: Path, tmp_path: Path):
    """The shell blocks run in order, from an empty cache; each line of output that the tutorial shows comes, numbers aside."""
    checkout, place = tmp_path / "checkout", tmp_path / "place"
    shutil.copytree(PACKAGE, checkout / "docs" / "tutorial" / PACKAGE.name)
    environment = _environment(programs, tmp_path / "cache")
    said: list[str] = []
    place.write_text(str(checkout))
    for language, block in blocks(TUTORIAL.read_text()):
        if language == "sh":
            # One shell for all of it, as a reader has: what follows a `cd` is done there.
            script = f"{block}\npwd > {shlex.quote(str(place))}\n"
            cwd = place.read_text().strip()
            done = subprocess.run(["bash", "-ec", script], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
            said = _outline(done.stdout + done.stderr)
        elif language == "text":
            assert [line for line in _outline(block) if line not in said] == []
    assert len(list((tmp_path / "adis-tutorial" / "runs").iterdir())) == 3
    assert [path.name for path in checkout.iterdir()] == ["docs"]


def test_the_environment_is_not_the_one_that_tests_run_in(programs: Path):
    """What the tutorial installs stays out of the environment of these tests."""
    assert not programs.parent.samefile(sys.prefix)
