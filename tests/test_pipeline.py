"""The main path: everything is written, found again, and a failure of one part loses nothing of the others."""

import errno
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from adis_bench import contenders, pipeline
from adis_bench.contenders import has_exact_answers
from adis_bench.datasets.media import Images, read_image, write_png
from adis_bench.datasets.pairs import pairs_digest, read_pairs
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import AdisBenchError, ConfigError, DataError, IncompleteRunError
from adis_bench.methods.controls import Identity
from adis_bench.pipeline import open_dataset, run, score
from adis_bench.results import PER_PAIR_NAME, Results, read_results
from adis_bench.spec import Flags, RunSpec, read_spec, resolve

LABELS = ["target", "identity", "shuffled", "retrieval", "oracle", "ours"]


@pytest.fixture
def cache(tiny_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished run's cache: its judge, dataset and embeddings are found."""
    folder = tmp_path / "cache"
    shutil.copytree(tiny_run.cache, folder)
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(folder))
    return folder


@pytest.fixture
def copied(tiny_run: Any, cache: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be changed."""
    folder = tmp_path / "run"
    shutil.copytree(tiny_run.folder, folder)
    return folder


def _numbers(results: Results) -> tuple[Any, ...]:
    return results.pairs, results.scores, results.differences, results.class_scores


def _spec(out: Path, **flags: Any) -> RunSpec:
    return resolve(Flags(preset="tiny", device="cpu", out=out, **flags))


def test_a_run_writes_everything(tiny_run: Any):
    """All methods have an output for every pair, a score of every metric with an interval, and a report."""
    results: Results = tiny_run.results
    assert [method.label for method in results.methods] == LABELS
    assert [method.control for method in results.methods] == [True] * 5 + [False]
    assert results.pairs.n == 40
    dataset = Dataset.open(Path(results.dataset.path))
    pairs = read_pairs(tiny_run.folder / "pairs.parquet", dataset)
    assert pairs_digest(pairs) == results.pairs.digest
    for label in LABELS:
        for pair in pairs:
            assert read_image(tiny_run.folder / "outputs" / label / f"{pair.pair_id}.png").shape == (64, 64, 3)
    assert {(s.method, s.metric) for s in results.scores} == {(label, m.name) for label in LABELS for m in results.metrics}
    assert {m.name for m in results.metrics} >= {"avc", "label_similarity", "fd_by_class", "fd", "structure_similarity", "oracle_distance"}
    assert [s for s in results.scores if s.value is None or s.n + s.n_missing != 40] == []
    assert {(d.method, d.against) for d in results.differences} >= {(label, "identity") for label in LABELS if label != "identity"}
    assert Path(results.report).is_file()
    assert read_results(tiny_run.folder) == results


def test_controls_have_their_known_scores(tiny_run: Any):
    """The source itself keeps its whole structure, the exact answer is at no distance, and the target fits best."""
    value = {(s.method, s.metric): s.value for s in tiny_run.results.scores}
    assert value["identity", "structure_similarity"] == pytest.approx(1.0)
    assert value["oracle", "oracle_distance"] == 0.0
    assert value["target", "label_similarity"] > value["shuffled", "label_similarity"]


def test_scores_per_pair(tiny_run: Any):
    """The table per pair holds every pair, method and per-pair metric once, and its means are the scores."""
    rows = pq.read_table(tiny_run.folder / PER_PAIR_NAME).to_pylist()
    names = [metric.name for metric in tiny_run.results.metrics if metric.kind == "pair"]
    assert len(rows) == len({(r["pair_id"], r["method"], r["metric"]) for r in rows}) == 40 * len(LABELS) * len(names)
    mine = [r["value"] for r in rows if (r["method"], r["metric"]) == ("ours", "oracle_distance")]
    score_of = {(s.method, s.metric): s.value for s in tiny_run.results.scores}
    assert sum(mine) / 40 == pytest.approx(score_of["ours", "oracle_distance"])


def test_the_judge_comes_before_the_methods(tiny_run: Any):
    """The judge's retrieval accuracy on test data is recorded with its interval and chance, for both towers."""
    facts = {e.name: e.facts for e in tiny_run.results.extractors}
    for name in ("l3_image", "l3_audio"):
        found = facts[name]["retrieval_accuracy_on_test"]
        assert found["ci_low"] <= found["value"] <= found["ci_high"]
        assert found["chance"] == 1 / 8


def test_the_same_command_finds_everything(copied: Path, tiny_run: Any, monkeypatch: pytest.MonkeyPatch):
    """A second run makes no output and embeds nothing, and has the same numbers."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("something was made again")

    monkeypatch.setattr("adis_bench.outputs.write_png", refuse)
    monkeypatch.setattr("adis_bench.extractors.cache.EmbeddingStore.add", refuse)
    again = run(_spec(copied, methods=("ours",)), "x")
    assert again.failures == ()
    assert _numbers(again.results) == _numbers(tiny_run.results)


def test_score_needs_no_method(copied: Path, tiny_run: Any, monkeypatch: pytest.MonkeyPatch):
    """`score` loads no method and gives the same numbers, wherever the folder has been moved."""
    (copied / "results.json").unlink()
    monkeypatch.setattr(contenders, "load", lambda *_: pytest.fail("a method was loaded"))
    results = score(copied, "adis-bench score")
    assert _numbers(results) == _numbers(tiny_run.results)
    assert results.run == str(copied)
    assert [m.provenance for m in results.methods] == [m.provenance for m in tiny_run.results.methods]


def test_missing_outputs_are_counted(copied: Path):
    """An output that is gone is counted, said, not scored as zero, and left to the methods that have it."""
    gone = sorted((copied / "outputs" / "ours").glob("*.png"))[:3]
    for path in gone:
        path.unlink()
    results = score(copied, "x")
    ours = {s.metric: s for s in results.scores if s.method == "ours"}
    assert (ours["avc"].n, ours["avc"].n_missing, ours["avc"].reason) == (37, 3, "3 of 40 outputs are missing")
    assert {s.n for s in results.scores if s.method == "identity"} == {40}
    assert any(warning.startswith("3 of 40 outputs of ours are missing") for warning in results.warnings)
    rows = pq.read_table(copied / PER_PAIR_NAME).to_pylist()
    lost = [r for r in rows if r["method"] == "ours" and r["metric"] == "avc" and r["value"] is None]
    assert {r["pair_id"] for r in lost} == {path.stem for path in gone}
    assert {r["reason"] for r in lost} == {"no output"}


def test_a_method_without_outputs_is_not_scored(copied: Path):
    """A method whose outputs are all gone is listed without scores, each with the reason."""
    shutil.rmtree(copied / "outputs" / "ours")
    results = score(copied, "x")
    ours = [s for s in results.scores if s.method == "ours"]
    assert {(s.value, s.n, s.n_missing, s.reason) for s in ours} == {(None, 0, 40, "40 of 40 outputs are missing")}
    assert len(ours) == len(results.metrics)
    assert "ours" not in {d.method for d in results.differences}


def test_damaged_output_is_named(copied: Path):
    """An output that is no image is named with its path."""
    path = sorted((copied / "outputs" / "ours").glob("*.png"))[0]
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(DataError, match=path.name):
        score(copied, "x")


class Failing(Identity):
    """Gives ten images, then fails."""

    name = "failing"
    error: Exception = DataError("the model is gone; train it again")

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Fail at the second chunk."""
        if len(pairs) < 32:
            raise self.error
        return super().stylize(pairs)

    def provenance(self) -> Mapping[str, Any]:
        """Another digest than the identity's."""
        return {"digest": "failing", "differences": []}


@pytest.mark.parametrize(("error", "raised"), [(DataError("the model is gone"), AdisBenchError), (KeyError("weights"), RuntimeError)])
def test_one_failure_loses_nothing(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, raised: type[Exception]):
    """A method that fails is named; the others are scored, what it made stays, and the error comes at the end."""
    monkeypatch.setattr(Failing, "error", error)
    real = contenders.load
    monkeypatch.setattr(contenders, "load", lambda group, name: Failing if name == "folder" else real(group, name))
    outcome = run(_spec(tmp_path / "run", labelled=("bad=folder",)), "x")
    assert [failure.label for failure in outcome.failures] == ["bad"]
    with pytest.raises(raised, match="1 of 6 methods failed, the others were scored: bad: ") as caught:
        outcome.raise_failures()
    assert caught.value.__cause__ is error
    bad = next(method for method in outcome.results.methods if method.label == "bad")
    assert (bad.n_outputs, bad.n_missing) == (32, 8)
    assert all(s.value is not None for s in outcome.results.scores if s.method == "target")
    assert any(warning.startswith("Method bad failed: ") for warning in outcome.results.warnings)


def test_full_disk(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A full folder ends the run at once with the system's error; what was written stays and the next call goes on."""
    written = []

    def write_or_fill(path: Path, image: Images) -> None:
        if len(written) == 100:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(path)
        write_png(path, image)

    with monkeypatch.context() as patch:
        patch.setattr("adis_bench.outputs.write_png", write_or_fill)
        with pytest.raises(OSError, match="No space left"):
            run(_spec(tmp_path / "run"), "x")
    assert all(read_image(path).shape == (64, 64, 3) for path in written)
    assert not (tmp_path / "run" / "results.json").exists()
    assert run(_spec(tmp_path / "run"), "x").failures == ()


def test_a_file_in_the_way(tmp_path: Path):
    """An output folder that is a file, or lies under one, is named."""
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(DataError, match="is a file; choose another folder"):
            run(_spec(out), "x")


def test_other_pairs_need_another_folder(copied: Path):
    """Another seed in the folder of a run is refused before anything is touched."""
    before = (copied / "run.json").read_bytes()
    with pytest.raises(ConfigError, match="holds a run on other pairs"):
        run(_spec(copied, seed=1), "x")
    assert (copied / "run.json").read_bytes() == before


def test_bad_method_input_shows_first(cache: Path, tmp_path: Path):
    """A folder of outputs that is not there is refused before the judge or any method is trained."""
    with pytest.raises(DataError, match="no folder"):
        run(_spec(tmp_path / "run", labelled=(f"mine=folder:{tmp_path / 'nowhere'}",)), "x")
    assert not (tmp_path / "run" / "outputs").exists()


def test_unknown_tables(cache: Path, tmp_path: Path):
    """A settings table of a preset that no extractor or method reads is refused."""
    spec = _spec(tmp_path / "run")
    with pytest.raises(ConfigError, match=r"table \[extractors.l4\]: unknown extractor 'l4'; did you mean l3"):
        run(spec.model_copy(update={"extractor_settings": {"l4": {}}}), "x")


def test_score_of_nothing(tmp_path: Path, copied: Path):
    """A folder that is no run, a run without outputs and a damaged run.json are told apart."""
    with pytest.raises(IncompleteRunError, match=r"is not a run \(run.json is missing\)"):
        score(tmp_path / "nowhere", "x")
    shutil.rmtree(copied / "outputs")
    with pytest.raises(IncompleteRunError, match="has no outputs yet"):
        score(copied, "x")
    (copied / "run.json").write_text("{")
    with pytest.raises(DataError, match="run.json cannot be read"):
        read_spec(copied)


def test_folders_of_images(copied: Path, tiny_run: Any, cache: Path, tmp_path: Path):
    """Images made elsewhere are scored under their label, with the scores of the method that made them."""
    made = tmp_path / "made"
    shutil.copytree(copied / "outputs" / "ours", made)
    outcome = run(_spec(tmp_path / "other", labelled=(f"mine=folder:{made}",)), "x")
    scores = {(s.method, s.metric): s.value for s in [*outcome.results.scores, *tiny_run.results.scores]}
    assert all(scores["mine", metric.name] == scores["ours", metric.name] for metric in outcome.results.metrics)


def test_a_judge_is_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path):
    """A dataset without a judge split gives a part of its training split; one with its own refuses --judge-split."""
    from adis_bench.datasets.demo.world import make

    whole = make(tmp_path / "world", n_train=64, n_judge=0, n_test=16)
    held = open_dataset(_spec(tmp_path / "a", data=whole.root, judge_split=0.25))
    train, judge = held.split("train"), held.split("judge")
    assert (len(train.segments), len(judge.segments)) == (48, 16)
    assert {s.audio_group for s in train.segments}.isdisjoint(s.audio_group for s in judge.segments)
    assert [s.segment_id for s in held.split("test").segments] == [s.segment_id for s in whole.split("test").segments]
    other = make(tmp_path / "other", n_train=16, n_judge=16, n_test=16)
    with pytest.raises(ConfigError, match="has a judge split of its own"):
        open_dataset(_spec(tmp_path / "b", data=other.root, judge_split=0.5))


def test_exact_answers_only_where_they_exist(tiny_dataset: Any, tiny_run: Any):
    """Only a dataset whose test segments tell layout and style has the oracle."""
    assert not has_exact_answers(tiny_dataset())
    assert has_exact_answers(Dataset.open(Path(tiny_run.results.dataset.path)))


def test_run_json_is_the_spec(tiny_run: Any):
    """`run.json` reads back as the very spec."""
    spec = _spec(tiny_run.folder, methods=("ours",))
    assert read_spec(tiny_run.folder) == spec
    assert json.loads((tiny_run.folder / pipeline.SPEC_NAME).read_text())["preset"] == "tiny"
