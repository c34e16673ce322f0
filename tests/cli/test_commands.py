"""The commands on real folders: what they print, and where."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError


@pytest.fixture
def run_dir(tiny_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a finished run, whose cache is found."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tiny_run.cache))
    return Path(shutil.copytree(tiny_run.folder, tmp_path / "run"))


def _run(invoke: Callable[..., Result], run_dir: Path, *more: str) -> Result:
    return invoke("run", "--preset", "tiny", "--methods", "ours", "--device", "cpu", "--out", run_dir, *more)


def test_run_prints_one_object(invoke: Callable[..., Result], run_dir: Path, tiny_run: Any):
    """`run --json` prints one object and nothing else on stdout; warnings go to stderr."""
    result = _run(invoke, run_dir, "--json")
    assert result.exit_code == 0, result.stderr
    printed = json.loads(result.stdout)
    assert list(printed) == ["run", "report", "protocol", "dataset", "pairs", "scores", "differences", "warnings"]
    assert printed["run"] == str(run_dir)
    assert len(printed["scores"]) == len(tiny_run.results.scores)
    assert "warning: Only 40 pairs" in result.stderr


def test_run_prints_a_table(invoke: Callable[..., Result], run_dir: Path):
    """Without --json the table holds methods in order with headline metrics only, and the report's place."""
    result = _run(invoke, run_dir)
    assert result.exit_code == 0, result.stderr
    places = [result.stdout.index(name) for name in ("(target)", "(identity)", "(shuffled)", "(retrieval)", "(oracle)", " ours ")]
    assert places == sorted(places)
    assert "avc ↑" in result.stdout
    assert "fd_by_class ↓" in result.stdout
    assert "avc_raw" not in result.stdout
    assert result.stdout.endswith(f"report: {run_dir / 'report' / 'index.html'}\n")


def test_score_prints_the_same(invoke: Callable[..., Result], run_dir: Path):
    """`score --json` prints the object of the run."""
    first, second = _run(invoke, run_dir, "--json"), invoke("score", run_dir, "--json")
    assert second.exit_code == 0, second.stderr
    assert json.loads(first.stdout) == json.loads(second.stdout)


def test_report_is_written_again(invoke: Callable[..., Result], run_dir: Path):
    """`report` writes the page from saved results and prints where it is; an unknown format suggests a near one."""
    shutil.rmtree(run_dir / "report")
    result = invoke("report", run_dir)
    assert (result.exit_code, result.stdout) == (0, f"{run_dir / 'report' / 'index.html'}\n")
    assert (run_dir / "report" / "index.html").is_file()
    n_bytes = sum(path.stat().st_size for path in (run_dir / "report").rglob("*") if path.is_file())
    assert f"{n_bytes / 1e6:.1f} MB in " in result.stderr
    wrong = invoke("report", run_dir, "--format", "htm")
    assert (wrong.exit_code, wrong.stderr) == (2, "adis-bench: unknown report 'htm'; did you mean html?\n")


def test_report_takes_only_what_its_format_does(invoke: Callable[..., Result], run_dir: Path, tmp_path: Path):
    """Options that a format lacks, formats that are of no run, and studies of no run are one line each."""
    for options, says in (
        (("--format", "metric_check", "--full-size"), "the report 'metric_check' does not take --full-size"),
        (("--format", "dataset"), "the report 'dataset' is not made of a run"),
        (("--study", tmp_path), "study_results.json is missing"),
        (("--out", run_dir), "choose another folder with --out"),
    ):
        wrong = invoke("report", run_dir, *options)
        assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)
        assert says in wrong.stderr


def test_pairs_are_exported_for_the_run(invoke: Callable[..., Result], run_dir: Path, tiny_run: Any, tmp_path: Path):
    """`pairs export` gives the pairs of the run with the same options, with their media."""
    result = invoke("pairs", "export", "--preset", "tiny", "--out", tmp_path / "pairs")
    assert (result.exit_code, result.stdout) == (0, f"40 pairs: {tmp_path / 'pairs' / 'pairs.csv'}\n")
    ids = {line.partition(",")[0] for line in (tmp_path / "pairs" / "pairs.csv").read_text().splitlines()[1:]}
    assert ids == {path.stem for path in (run_dir / "outputs" / "ours").glob("*.png")}


def test_demo_data(invoke: Callable[..., Result], tmp_path: Path):
    """`data demo` makes the world and says what is in it; `data check` finds nothing wrong."""
    out = tmp_path / "world"
    result = invoke("data", "demo", "--out", out, "--train", 8, "--judge", 0, "--test", 8)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"demo: 8 classes, 8 train, 0 judge, 8 test segments, pairing recorded\ndataset: {out}\n"
    assert invoke("data", "check", out).exit_code == 0


def test_damaged_data(invoke: Callable[..., Result], tiny_dataset: Callable[..., Dataset]):
    """`data check` names the damaged file on stdout and exits with 2."""
    dataset = tiny_dataset()
    path = dataset.segments[0].frame_paths[0]
    path.write_bytes(b"no image")
    result = invoke("data", "check", dataset.root)
    assert result.exit_code == 2
    assert path.name in result.stdout
    assert result.stderr.startswith("adis-bench: 1 fault")


def test_data_folder_of_nothing(invoke: Callable[..., Result], tmp_path: Path):
    """`data folder` of a folder without classes is one line that says what was expected."""
    (tmp_path / "src").mkdir()
    result = invoke("data", "folder", tmp_path / "src", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "images" in result.stderr
    assert str(tmp_path / "src") in result.stderr


def test_data_folder_imports(invoke: Callable[..., Result], tiny_dataset: Callable[..., Dataset], tmp_path: Path):
    """`data folder` imports classes of images and sounds, and what it made can be opened."""
    dataset = tiny_dataset(labels=2, per_split=3)
    for segment in dataset.segments:
        for kind, path in (("images", segment.frame_paths[0]), ("audio", segment.audio_path)):
            target = tmp_path / "src" / kind / segment.label / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    result = invoke("data", "folder", tmp_path / "src", "--out", tmp_path / "out", "--name", "mine")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("mine: 2 classes, ")
    assert "pairing class" in result.stdout
    assert Dataset.open(tmp_path / "out").name == "mine"


def test_list_names_everything(invoke: Callable[..., Result]):
    """`list` has a line for every plug-in, preset and protocol; one kind is shown alone on request."""
    result = invoke("list")
    assert result.exit_code == 0
    for name in ("ours", "cut", "cyclegan", "folder", "avc", "l3_audio", "demo", "html", "tiny", "offline"):
        assert f"\n  {name} " in result.stdout
    assert "CANNOT BE USED" not in result.stdout
    alone = invoke("list", "presets").stdout
    assert alone.startswith("presets\n  appendix ")
    assert "methods" not in alone.splitlines()


def test_list_says_what_presets_change(invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch):
    """Under each preset stand its settings beside the release's, wrapped; what no preset decides stands once, at the end."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = invoke("list", "presets").stdout.splitlines()
    at = {name: next(i for i, line in enumerate(lines) if line.startswith(f"  {name} ")) for name in ("demo", "no_structure", "released")}
    assert lines[at["no_structure"] + 1] == "      ours: structure_weight: 0.0 (release: 0.5)"
    assert lines[at["released"] + 1] == "      ours, cut, fastcut, cyclegan: no differences"
    assert lines[at["demo"]].endswith("(default of runs without --data)")
    assert lines[at["demo"] + 1].startswith("      ours, avstyle-cyclegan: width: 16 (release: 64); ")
    assert "cut:pairwise: steps: 140 (CUT: as many as the epochs take)" in " ".join(" ".join(lines).split())
    details = [line for line in lines if line.startswith("      ")]
    assert max(map(len, details)) <= 80
    # Both readings, each once.
    assert sum("how labels" in line for line in lines) == 2
    assert any(line.startswith("  in every preset, cut, fastcut, cyclegan: how labels") for line in lines)


def test_list_names_a_preset_that_cannot_be_used(invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch):
    """A method of a preset that cannot be asked is named with its cause, and the others are told all the same."""
    from adis_bench import registry

    def broken(group: Any, name: str) -> Any:
        if name == "cut":
            raise ConfigError("method 'cut' cannot be imported: torn")
        return whole(group, name)

    whole = registry.load
    monkeypatch.setattr(registry, "load", broken)
    result = invoke("list", "presets")
    assert result.exit_code == 0
    assert "cut: CANNOT BE USED: method 'cut' cannot be imported: torn" in result.stdout
    assert "ours: structure_weight: 0.0 (release: 0.5)" in result.stdout


def test_a_run_with_a_relative_path_is_scored_from_elsewhere(
    invoke: Callable[..., Result], run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A method by a relative path is labelled by it, and the run is scored again from another working folder."""
    shutil.copytree(run_dir / "outputs" / "ours", tmp_path / "here" / "made")
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    options = ("--preset", "tiny", "--device", "cpu", "--out", run_dir, "--json")
    first = invoke("run", "--methods", "ours,folder:./made", *options)
    assert first.exit_code == 0, first.stderr
    monkeypatch.chdir(tmp_path / "there")
    second = invoke("score", run_dir, "--json")
    assert second.exit_code == 0, second.stderr
    assert json.loads(first.stdout) == json.loads(second.stdout)
    assert {score["method"] for score in json.loads(second.stdout)["scores"]} >= {"ours", "folder-made"}


def test_list_names_what_is_broken(invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch):
    """A plug-in that cannot be imported is named with its cause, and the others are listed all the same."""
    from importlib.metadata import EntryPoint

    from adis_bench import registry

    torn = EntryPoint("torn", "no_such_module:Torn", "adis_bench.methods")
    known = {"identity": registry._entries("methods")["identity"], "torn": torn}
    monkeypatch.setattr(registry, "_entries", lambda _group: known)
    result = invoke("list", "methods")
    assert result.exit_code == 0
    assert "torn      CANNOT BE USED: method 'torn' (no_such_module:Torn) cannot be imported: ModuleNotFoundError" in result.stdout
    assert "  identity  the source image unchanged" in result.stdout


def test_check_says_what_is_there(invoke: Callable[..., Result]):
    """`check` prints a line for each thing that it looks at."""
    result = invoke("check")
    assert result.exit_code == 0, result.output
    for what in ("versions", "code", "device", "cache", "weights", "protocol offline", "methods", "imports"):
        assert f"ok    {what}: " in result.stdout
