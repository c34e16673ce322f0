"""What holds for every file of the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("adis_bench", "baselines", "reference_model", "reports")
MAX_LINES = 400


def _sources(*folders: str) -> list[Path]:
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found, f"no sources under {folders}"
    return found


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def _packages_of(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


def test_files_are_short():
    """No Python file is longer than 400 lines."""
    long = {
        str(path.relative_to(ROOT)): n for path in _sources(*PACKAGES, "tests") if (n := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_the_core_imports_no_plugin():
    """adis_bench reaches reference_model, baselines and reports by entry point only, as third parties are reached."""
    wrong = {str(path): found for path in _sources("adis_bench") if (found := _packages_of(path) & set(PACKAGES[1:]))}
    assert wrong == {}


def test_packages_depend_one_way():
    """reference_model and reports import no other plug-in package; baselines may import reference_model; cli lends its options only."""
    allowed = {"reference_model": {"reference_model"}, "reports": {"reports"}, "baselines": {"baselines", "reference_model"}}
    for package, may in allowed.items():
        for path in _sources(package):
            assert _packages_of(path) & set(PACKAGES[1:]) <= may, path
    outside_cli = [path for path in _sources(*PACKAGES) if "cli" not in path.parts]
    used = {name for path in outside_cli for name in _imports(path) if name.startswith("adis_bench.cli")}
    assert {name for name in used if not name.startswith("adis_bench.cli.options")} == set()


def test_the_command_line_starts_light():
    """No module of the command line imports what is heavy when it is imported itself."""
    heavy = {"torch", "torchvision", "numpy", "pyarrow", "scipy", "matplotlib", "pydantic", "soundfile", "PIL"}
    light = {
        "adis_bench",
        "adis_bench.cli",
        "adis_bench.errors",
        "adis_bench.registry",
        "adis_bench.cli.groups",
        "adis_bench.cli.options",
        "adis_bench.cli.data.told",
        "adis_bench.cli.data.video_options",
        "adis_bench.cli.study.analysis",
        "adis_bench.cli.study.screening_options",
        "adis_bench.sweeps.defaults",
    }
    for path in _sources("adis_bench/cli"):
        if path.name == "output.py":
            continue  # imported inside the commands
        top = ast.Module([node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)], [])
        names = {alias.name for node in top.body if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in top.body if isinstance(node, ast.ImportFrom) and node.module}
        assert not {name.partition(".")[0] for name in names} & heavy, path
        assert {name for name in names if name.startswith("adis_bench")} <= light, path


def test_no_paths_of_a_machine():
    """No tracked text file holds a home folder or a work folder of the machine that it was written on."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: there are no tracked files to look at")
    pattern = re.compile(rb"/(?:wo[r]k|ho[m]e|Us[e]rs|ro[o]t)/\w")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()) and pattern.search(content):
            found.append(name)
    assert found == []
