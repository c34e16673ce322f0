"""A run on a grid of pictures and sounds from elsewhere, with methods and judge trained on another dataset."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from adis_bench.cli.main import main
from adis_bench.datasets.media import read_image, write_png, write_wav
from adis_bench.datasets.out_of_domain.importer import Request, import_out_of_domain
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from adis_bench.pipeline import open_dataset, run, score
from adis_bench.results import PER_PAIR_NAME, Results
from adis_bench.selfcheck.check import check_metrics
from adis_bench.spec import Flags, RunSpec, read_spec, resolve
from tests.datasets.videos import write_video

RATE_HZ = 8000
NO_JUDGE = """\
version = 1
description = "published features only"
extractors = ["efficientnet_lite0", "efficientnet_lite0_structure"]
metrics = ["label_similarity", "fd_by_class", "fd", "structure_similarity"]
"""


@pytest.fixture(scope="module")
def cache(tiny_run: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the finished run's cache: the demo world, its judge and its model are found there."""
    folder = tmp_path_factory.mktemp("grid-cache") / "cache"
    shutil.copytree(tiny_run.cache, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADIS_BENCH_CACHE", str(folder))
        yield folder


def _media(folder: Path, framed: bool) -> tuple[Path, Path]:
    """Pictures of two classes; sounds of two that the demo world has and one that it hasn't, one of them with frames if asked for."""
    rng = np.random.default_rng(3)
    for name in ("forest_path", "street"):
        for k in range(3):
            write_png(folder / "images" / name / f"{k}.png", rng.integers(0, 256, (40, 48, 3), np.uint8))
    for name in ("rain", "ocean", "thunder"):
        for k in range(3):
            wave = rng.normal(0, 0.1, 3 * RATE_HZ).astype(np.float32)
            path = folder / "sounds" / name / f"{k}.wav"
            if framed and (name, k) == ("ocean", 0):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_video(path.with_suffix(".mkv"), 30, fps=10, wave=wave, rate_hz=RATE_HZ)
            else:
                write_wav(path, wave, RATE_HZ)
    return folder / "images", folder / "sounds"


@pytest.fixture(scope="module")
def training(tiny_run: Any) -> Dataset:
    """The demo world of the tiny preset."""
    return Dataset.open(Path(tiny_run.results.dataset.path))


def _grid(folder: Path, framed: bool = False) -> Dataset:
    images, sounds = _media(folder, framed)
    return import_out_of_domain(Request(images=images, sounds=sounds), folder / "O")


def _spec(grid: Dataset, training: Dataset | None, out: Path, **flags: Any) -> RunSpec:
    return resolve(Flags(data=grid.root, train_data=training and training.root, preset="tiny", device="cpu", out=out, **flags))


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Pictures and sounds alone."""
    return _grid(tmp_path_factory.mktemp("grid"))


@pytest.fixture(scope="module")
def finished(grid: Dataset, training: Dataset, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunSpec, Results]:
    """One run with a method that listens, one that only knows labels, and images made elsewhere."""
    base = tmp_path_factory.mktemp("grid-run")
    made = base / "made"
    exported = CliRunner().invoke(main, ["pairs", "export", "--data", str(grid.root), "--preset", "tiny", "--out", str(base / "pairs")])
    assert exported.exit_code == 0, exported.output
    readme = (base / "pairs" / "README.txt").read_text()
    assert "    adis-bench run --data DATASET --train-data D --method mine=folder:THAT_FOLDER\n" in readme
    assert "D is the dataset that the methods were trained on" in readme
    for line in (base / "pairs" / "pairs.csv").read_text().splitlines()[1:]:
        pair_id, source, *_ = line.split(",")
        write_png(made / f"{pair_id}.png", read_image(base / "pairs" / source, 64))
    spec = _spec(grid, training, base / "run", methods=("ours", "cut"), labelled=(f"made=folder:{made}",))
    outcome = run(spec, "adis-bench run")
    assert outcome.failures == ()
    return spec, outcome.results


def _values(results: Results) -> dict[tuple[str, str], float | None]:
    return {(s.method, s.metric): s.value for s in results.scores}


def test_the_grid_is_scored(finished: tuple[RunSpec, Results], grid: Dataset, training: Dataset):
    """Every method has a value of every metric; pairs come from the grid, and what was trained on is recorded."""
    _, results = finished
    assert [m.label for m in results.methods] == ["identity", "shuffled", "retrieval", "ours", "cut", "made"]
    assert all(value is not None for value in _values(results).values())
    assert results.pairs.n == 40
    assert (results.pairs.class_pairs.covered, results.pairs.class_pairs.possible) == (6, 6)
    assert results.dataset.name == "images x sounds on demo"
    assert results.dataset.n_segments == {"train": 40, "judge": 16, "test": 15}
    assert results.dataset.notes["train_data"]["digest"] == training.digest
    values = _values(results)
    assert values["made", "structure_similarity"] == pytest.approx(values["identity", "structure_similarity"]) == pytest.approx(1.0)


def test_models_and_judge_of_the_training_data_are_found(finished: tuple[RunSpec, Results], tiny_run: Any):
    """They are the very ones of a run on the training data alone."""
    _, results = finished
    digests = [{e.name: e.digest for e in r.extractors} for r in (results, tiny_run.results)]
    assert digests[0] == digests[1]
    models = [next(m for m in r.methods if m.label == "ours").provenance["model_digest"] for r in (results, tiny_run.results)]
    assert models[0] == models[1]


def test_classes_that_the_training_data_lacks_are_not_scored(finished: tuple[RunSpec, Results]):
    """Metrics of a class leave these pairs out with a reason, those of the sound score them, and a label method isn't asked."""
    spec, results = finished
    rows = pq.read_table(spec.out / PER_PAIR_NAME).to_pylist()
    of = {(r["method"], r["metric"], r["pair_id"].split("-to-")[1].split("-")[0]): r for r in rows}
    thunder = of["ours", "label_similarity", "thunder"]
    assert (thunder["value"], thunder["reason"]) == (None, "an embedding of zero norm, or no judge frame of the target's class")
    assert of["ours", "label_similarity", "rain"]["value"] is not None
    assert of["ours", "avc", "thunder"]["value"] is not None
    assert of["cut", "avc", "thunder"]["reason"] == "no output"
    cut = next(m for m in results.methods if m.label == "cut")
    n = len({r["pair_id"] for r in rows if "-to-thunder-" in r["pair_id"]})
    assert (cut.n_outputs, cut.n_missing) == (40 - n, n)
    assert cut.not_asked == f"not asked for {n} of 40 pairs, where the training data has no such target class"
    reasons = {s.metric: s.reason for s in results.scores if s.method == "cut"}
    assert reasons["avc"] == cut.not_asked


def test_what_a_reader_must_know_is_said(finished: tuple[RunSpec, Results]):
    """The pairing, the other dataset, the unknown class, the missing control and the untried judge each have a sentence."""
    said = "\n".join(finished[1].warnings)
    for words in (
        "no exact answer to a pair exists",
        "trained on another dataset (demo)",
        "does not have 1 of 3 target classes (thunder)",
        "No target sound has a frame, so there is no control `target`",
        "The judge could not be tried",
        "cut was not asked for 1",
    ):
        assert words in said


def test_shuffled_shows_training_frames_of_another_class(finished: tuple[RunSpec, Results], training: Dataset):
    """Without target frames chance is a training frame whose class is never the target's."""
    spec, _ = finished
    label_of = {read_image(p, 64).tobytes(): s.label for s in training.split("train").segments for p in s.frame_paths}
    for path in (spec.out / "outputs" / "shuffled").glob("*.png"):
        assert label_of[read_image(path).tobytes()] != path.stem.split("-to-")[1].split("-")[0]


def test_a_second_call_and_score_give_the_same(finished: tuple[RunSpec, Results], monkeypatch: pytest.MonkeyPatch):
    """The same command makes no output again, `score` loads no method, and both have the same pairs and numbers."""
    spec, results = finished
    monkeypatch.setattr("adis_bench.outputs.write_png", lambda *_: pytest.fail("made again"))
    again = [run(spec, "x").results, score(spec.out, "x")]
    for other in again:
        assert (other.pairs, other.scores, other.differences) == (results.pairs, results.scores, results.differences)
        assert [m.not_asked for m in other.methods] == [m.not_asked for m in results.methods]
    assert read_spec(spec.out) == spec


def test_the_report_tells_it_as_well(finished: tuple[RunSpec, Results]):
    """The page says where the data come from, and calls no control a floor that is none."""
    page = Path(finished[1].report).read_text()
    for words in (
        "Sounds and images come from different sources",
        "trained on another dataset",
        "2 of images, 3 of sounds",
        "identity is no floor",
        "Not asked for 1",
    ):
        assert words in page
    assert "identity is the floor" not in page
    assert f"check metrics --data {finished[1].dataset.notes['train_data']['path']}" in page


def test_sounds_with_a_frame_have_the_target(training: Dataset, cache: Path, tmp_path: Path):
    """Where some target sounds have a frame, `target` shows it, `shuffled` deals these, and the others are counted."""
    grid = _grid(tmp_path, framed=True)
    results = run(_spec(grid, training, tmp_path / "run"), "x").results
    target = next(m for m in results.methods if m.label == "target")
    n = sum(bool(path) for path in pq.read_table(tmp_path / "run" / "pairs.parquet")["target_frame_path"].to_pylist())
    assert (target.n_outputs, target.n_missing) == (n, 40 - n)
    assert target.not_asked == f"not asked for {40 - n} of 40 pairs, where the target sound has no frame"
    unchecked = [text for text in results.warnings if "could not be checked on target" in text]
    assert unchecked, results.warnings
    for text in unchecked:
        assert f"on target against shuffled: target was not asked for {40 - n} of 40 pairs, where the target sound has no frame" in text
        assert "zero norm" not in text
    frames = {read_image(p, 64).tobytes() for s in grid.segments if s.has_sound for p in s.frame_paths}
    shown = {read_image(p).tobytes() for p in (tmp_path / "run" / "outputs" / "shuffled").glob("*.png") if "-to-ocean-" not in p.name}
    assert shown == frames


def test_missing_training_data_is_told(grid: Dataset, cache: Path, tmp_path: Path):
    """The judge has nothing to train on: one line with the option; nothing is left behind. The other way round likewise."""
    with pytest.raises(DataError, match=r"has no training data, and protocol 'offline' trains its judge on such: add --train-data D"):
        run(_spec(grid, None, tmp_path / "run"), "x")
    assert not (tmp_path / "run" / "pairs.parquet").exists()
    other = _grid(tmp_path / "other")
    with pytest.raises(DataError, match="no training segments; give --train-data a dataset"):
        open_dataset(_spec(grid, other, tmp_path / "run"))


def test_published_networks_need_no_training_data(grid: Dataset, cache: Path, tmp_path: Path, tiny_run: Any):
    """A protocol without a judge scores a trained model by its path; what compares with training data has no value."""
    (tmp_path / "published.toml").write_text(NO_JUDGE)
    model = next((cache / "models").glob("ours-*"))
    flags = {"protocol": str(tmp_path / "published.toml"), "labelled": (f"mine=ours:{model}", "new=ours")}
    outcome = run(_spec(grid, None, tmp_path / "run", **flags), "x")
    assert [m.label for m in outcome.results.methods] == ["identity", "mine", "new"]
    assert [(f.label, "--train-data D gives some" in f.message) for f in outcome.failures] == [("new", True)]
    assert {s.value for s in outcome.results.scores if s.metric in ("label_similarity", "fd", "fd_by_class")} == {None}
    assert "no control `retrieval`" in "\n".join(outcome.results.warnings)


def test_a_run_without_any_score_is_an_error(grid: Dataset, cache: Path, tmp_path: Path):
    """Exit code 2 and one line, of `run` and of `score`; results and report are there to be read."""
    (tmp_path / "bare.toml").write_text(NO_JUDGE.replace(', "structure_similarity"', ""))
    flags = ["--data", grid.root, "--protocol", tmp_path / "bare.toml", "--preset", "tiny", "--device", "cpu", "--out", tmp_path / "run"]
    for command in (["run", *map(str, flags)], ["score", str(tmp_path / "run")]):
        done = CliRunner().invoke(main, command)
        last = done.stderr.splitlines()[-1]
        assert (done.exit_code, last[:59]) == (2, "adis-bench: no metric of protocol 'bare' could score any of")
        assert "first: identity, label_similarity: an embedding of zero norm, or no judge frame" in last
        assert last.endswith("or add --train-data D to compare with its frames")
        assert (tmp_path / "run" / "results.json").is_file()
        assert "not scored" in done.stdout


def test_metrics_are_not_checked_without_target_frames(grid: Dataset, training: Dataset, cache: Path, tmp_path: Path):
    """The self-check says what it lacks and where to check instead."""
    with pytest.raises(DataError, match=r"40 of 40 targets of .* have none; check them on the data that methods are trained on"):
        check_metrics(_spec(grid, training, tmp_path / "check"), 1, "x")


def test_any_dataset_can_be_evaluated_on(tiny_dataset: Callable[..., Dataset], training: Dataset, cache: Path, tmp_path: Path):
    """A dataset with training data of its own gives its test split only; the demo world keeps its exact answers."""
    own = tiny_dataset(labels=3, per_split=3)
    results = run(_spec(own, training, tmp_path / "run"), "x").results
    assert results.dataset.n_segments == {"train": 40, "judge": 16, "test": 9}
    assert [m.label for m in results.methods] == ["target", "identity", "shuffled", "retrieval"]
    demo = open_dataset(resolve(Flags(train_data=own.root, preset="tiny", device="cpu", out=tmp_path / "x")))
    assert demo.name == "demo on tiny"
    assert demo.split("train").segments == own.split("train").segments


def test_the_command_line(grid: Dataset, training: Dataset, cache: Path, tmp_path: Path):
    """`data out-of-domain` and `run --data O --train-data D` from the shell."""
    images, sounds = _media(tmp_path, framed=False)
    options = ["--images", images, "--sounds", sounds, "--out", tmp_path / "made", "--n-sounds", 6]
    made = CliRunner().invoke(main, ["data", "out-of-domain", *map(str, options)])
    assert made.exit_code == 0, made.output
    assert "pairing grid" in made.output
    assert "6 images, 6 sounds, 0 of them with a frame" in made.output
    flags = ["--data", tmp_path / "made", "--train-data", training.root, "--preset", "tiny", "--device", "cpu", "--out", tmp_path / "run"]
    done = CliRunner().invoke(main, ["run", "--json", "--protocol", "offline", *map(str, flags)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["dataset"]["name"] == "images x sounds on demo"
