"""The wheel holds everything that a run needs, and nothing else; it works in an empty environment."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"adis_bench", "baselines", "reference_model", "reports"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built with the hatchling that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, str(ROOT)], check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that holds the wheel, and finds its dependencies where this one has them.

    Downloading torch again would take minutes. The path of the present site-packages stands behind the new
    one's own; as a plain path it brings packages, but no .pth file in it is read, so that the editable
    adis-bench of this environment stays out.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    found = scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(found), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    site = subprocess.run(
        [found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
    )
    Path(site.stdout.strip(), "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_data_files_and_no_tests(wheel: Path):
    """Every file of the packages is in, also presets, protocols and templates; no tests, caches or notes are."""
    names = {name for name in _names(wheel) if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in names} == PACKAGES
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    tracked = subprocess.run(
        ["git", "check-ignore", "--stdin"], cwd=ROOT, input="\n".join(map(str, sources)), capture_output=True, text=True, check=False
    )
    ignored = set(tracked.stdout.splitlines())
    assert names == {path.relative_to(ROOT).as_posix() for path in sources if str(path) not in ignored}
    assert {"adis_bench/presets/demo.toml", "adis_bench/protocols/offline.toml", "reports/templates/index.html.j2"} <= names


def test_the_wheel_names_every_entry_point(wheel: Path):
    """The entry points of pyproject.toml are in the wheel, group by group."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        text = archive.read(name).decode()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for group, entries in project["entry-points"].items():
        assert f"[{group}]" in text
        for name, value in entries.items():
            assert f"{name} = {value}" in text


def _run(python: Path, folder: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = python.parent / "adis-bench"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [script, *arguments], cwd=folder, env={**environment, "ADIS_BENCH_CACHE": str(cache)}, capture_output=True, text=True, check=False
    )


def test_it_runs_outside_the_checkout(python: Path, tmp_path: Path, tiny_run: Any):
    """In the new environment the installed copy lists everything, and makes a tiny run with its report."""
    where = subprocess.run(
        [python, "-c", "import adis_bench; print(adis_bench.__file__)"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(where.stdout.strip()).is_relative_to(python.parent.parent)
    listed = _run(python, tmp_path, tiny_run.cache, "list")
    assert listed.returncode == 0, listed.stderr
    assert "CANNOT BE USED" not in listed.stdout
    for name in ("ours", "cut", "cyclegan", "retrieval", "fd_by_class", "l3_audio", "html", "tiny", "offline"):
        assert f"\n  {name} " in listed.stdout
    done = _run(python, tmp_path, tiny_run.cache, "run", "--preset", "tiny", "--methods", "ours", "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert Path(printed["report"]).read_text().startswith("<!doctype html>")
    assert Path(printed["run"]).parent == tmp_path / "runs"
    mine = {(s.method, s.metric): s.value for s in tiny_run.results.scores}
    assert {(s["method"], s["metric"]): s["value"] for s in printed["scores"]} == mine
