"""The main path of a run: dataset, pairs, judge, outputs of every method, embeddings, scores, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.assembly import Clock, RunFacts, assemble
from adis_bench.contenders import Contender, MethodFailure, contenders_of, make_outputs, saved_records
from adis_bench.datasets.combined import combined, refuse_one_sided
from adis_bench.datasets.demo import world
from adis_bench.datasets.pairs import make_pairs, pairs_digest, read_pairs, write_pairs
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.datasets.splits import hold_back
from adis_bench.environment import set_threads
from adis_bench.errors import AdisBenchError, ConfigError, DataError
from adis_bench.extractors.l3 import RetrievalAccuracy, judge_accuracy
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from adis_bench.files import cache_dir, digest_json, make_folder, write_json
from adis_bench.progress import say
from adis_bench.registry import load, plugins, unknown
from adis_bench.results import MethodRecord, Results, write_results
from adis_bench.scoring import embed, metrics_of, score_all
from adis_bench.spec import SPEC_NAME as SPEC_NAME
from adis_bench.spec import RunSpec, read_spec

PAIRS_NAME = "pairs.parquet"
REPORT = "html"
DEFAULT_JUDGE_SPLIT = 0.25
"""Share of the training split that the judge gets where a dataset has no judge split; the importer's default as well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``run`` gives back: the results of the methods that worked, and the failures of the others."""

    results: Results
    failures: tuple[MethodFailure, ...]

    def raise_failures(self) -> None:
        """Raise if a method failed: a user's error if all failures are, else a failure. Raise as well if no score has a value."""
        if not self.failures:
            refuse_unscored(self.results)
            return
        what = "; ".join(f"{failure.label}: {failure.message}" for failure in self.failures)
        others = "the others were scored" if _any_value(self.results) else "no metric could score any of the others"
        text = f"{len(self.failures)} of {len(self.results.methods)} methods failed, {others}: {what}"
        user_errors = all(isinstance(failure.error, AdisBenchError) for failure in self.failures)
        raise (AdisBenchError(text) if user_errors else RuntimeError(text)) from self.failures[0].error


def refuse_unscored(results: Results) -> None:
    """Raise if no score has a value: results and report are written, but hold no number.

    Raises:
        DataError: the first reason, and what to do where there is no training data.
    """
    if _any_value(results):
        return
    first = next((f" (first: {s.method}, {s.metric}: {s.reason})" for s in results.scores if s.reason), "")
    trained = any(results.dataset.n_segments.get(name) for name in ("train", "judge"))
    mend = "choose a --protocol with other metrics" + ("" if trained else ", or add --train-data D to compare with its frames")
    raise DataError(f"no metric of protocol {results.protocol!r} could score any of {len(results.methods)} methods{first}; {mend}")


def _any_value(results: Results) -> bool:
    return any(score.value is not None for score in results.scores)


def run(spec: RunSpec, command: str) -> Outcome:
    """Do the whole run; what an earlier call of it left is found and kept.

    Raises:
        AdisBenchError: anything that the user can mend, before or after the methods. A method that fails
            does not raise: the others go on, and the outcome names it.
    """
    make_folder(spec.out)
    threads, clock = set_threads(), Clock()
    with clock.phase("dataset"):
        dataset = open_dataset(spec)
        _refuse_untrained(spec, dataset)
        pairs = fixed_pairs(spec, dataset)
    # Bad options and unusable inputs of methods show here, before anything that takes long.
    contenders = contenders_of(spec, dataset, pairs)
    write_json(spec.out / SPEC_NAME, spec.model_dump(mode="json"))
    # The judge is frozen before any method is fitted: nothing that a method does can reach it.
    with clock.phase("judge"):
        extractors = prepared_extractors(spec, dataset)
    records, failures = _all_outputs(spec, dataset, pairs, contenders, clock)
    facts = RunFacts(spec, dataset, pairs, extractors, clock, command, threads)
    return Outcome(_scored_and_reported(facts, records, failures), failures)


def score(run_dir: Path, command: str) -> Results:
    """Score the saved outputs of a run again; no method is loaded or trained, no output is made.

    Raises:
        IncompleteRunError: there is no run, or it has no outputs yet.
        DataError: the run's dataset or a file of the run cannot be used.
    """
    threads, clock = set_threads(), Clock()
    spec = read_spec(run_dir.expanduser().resolve())
    with clock.phase("dataset"):
        dataset = open_dataset(spec)
        pairs = read_pairs(spec.out / PAIRS_NAME, dataset)
    records = saved_records(spec, dataset, pairs)
    with clock.phase("judge"):
        extractors = prepared_extractors(spec, dataset)
    return _scored_and_reported(RunFacts(spec, dataset, pairs, extractors, clock, command, threads), records, ())


def open_dataset(spec: RunSpec) -> Dataset:
    """The dataset with a judge split: the demo world (made in the cache), or the user's; training data of its own or another's.

    Raises:
        DataError: a dataset that cannot be read, or training segments without sound or without frames.
        ConfigError: a judge split is asked for where the dataset has its own.
    """
    if spec.data is None:
        recipe = {**spec.demo.model_dump(), "resolution": spec.resolution}
        dataset = world.make(cache_dir() / "datasets" / f"demo-{digest_json([world.VERSION, recipe])[:12]}", **recipe)
    else:
        dataset = Dataset.open(spec.data)
    if spec.train_data is None:
        return dataset if spec.data is None else _with_judge(dataset, spec)
    training = Dataset.open(spec.train_data)
    if not training.split("train").segments:
        raise DataError(f"{training.root} has no training segments; give --train-data a dataset that methods can be trained on")
    return combined(dataset, _with_judge(training, spec), training.digest)


def _with_judge(dataset: Dataset, spec: RunSpec) -> Dataset:
    """A dataset whose training data has both sides, with a judge split: its own, or one held back from training."""
    refuse_one_sided(dataset)
    if dataset.split("judge").segments:
        if spec.judge_split is not None:
            raise ConfigError(
                f"{dataset.root} has a judge split of its own; leave out --judge-split, or import the data again with another one"
            )
        return dataset
    if not dataset.split("train").segments:
        return dataset
    share = DEFAULT_JUDGE_SPLIT if spec.judge_split is None else spec.judge_split
    train, judge = hold_back(dataset.split("train"), share, spec.seed)
    return train.with_segments([*train.segments, *judge.segments, *dataset.split("test").segments])


def _refuse_untrained(spec: RunSpec, dataset: Dataset) -> None:
    """Without training data there is no judge to train; protocols of published networks do without."""
    if spec.judge is not None and not dataset.split("train").segments and not dataset.split("judge").segments:
        raise DataError(
            f"{dataset.root} has no training data, and protocol {spec.protocol!r} trains its judge on such: add --train-data D, "
            "the dataset that the methods were (or shall be) trained on"
        )


def fixed_pairs(spec: RunSpec, dataset: Dataset) -> tuple[Pair, ...]:
    """The run's pairs: made once, stored, and the same ones in every later call.

    Raises:
        ConfigError: the folder holds a run on other pairs.
    """
    pairs = made_pairs(spec, dataset)
    path = spec.out / PAIRS_NAME
    if path.exists():
        found, wanted = pairs_digest(read_pairs(path, dataset)), pairs_digest(pairs)
        if found != wanted:
            raise ConfigError(
                f"{spec.out} holds a run on other pairs (digest {found[:12]}, not {wanted[:12]}): "
                "another seed, number of pairs or dataset; choose another --out"
            )
    else:
        write_pairs(pairs, path)
    return pairs


def made_pairs(spec: RunSpec, dataset: Dataset) -> tuple[Pair, ...]:
    """The pairs that a spec means on a dataset."""
    pairs = make_pairs(dataset.split("test"), spec.n_pairs, spec.seed)
    if len(pairs) < spec.n_pairs:
        say(f"the test split gives {len(pairs)} different pairs, not the {spec.n_pairs} of the preset")
    return pairs


def prepared_extractors(spec: RunSpec, dataset: Dataset) -> dict[str, Extractor]:
    """The protocol's extractors by name, loaded or trained on the judge split.

    Raises:
        DataError: there is no judge split, and a judge is to be trained on it.
    """
    judge = dataset.split("judge")
    if not judge.segments and spec.judge is not None:
        _refuse_untrained(spec, dataset)
        raise DataError(f"{dataset.root} has no segments for the judge; raise --judge-split or add training data")
    kinds = {name: load("extractors", name) for name in spec.extractors}
    tables = {name: getattr(kind, "settings_table", name) for name, kind in kinds.items()}
    for table in spec.extractor_settings:
        if table not in tables.values() and not _is_another_protocols(table, kinds):
            raise ConfigError(f"preset {spec.preset!r}, table [extractors.{table}]: {unknown('extractor', table, list(tables.values()))}")
    extractors: dict[str, Extractor] = {}
    for name, kind in kinds.items():
        settings = spec.extractor_settings.get(tables[name], {})
        extractors[name] = kind(
            ExtractorOptions(resolution=spec.resolution, seed=spec.seed, device=spec.device, precision=spec.precision, settings=settings)
        )
    # Bad settings of any extractor show before the first one trains.
    for extractor in extractors.values():
        extractor.prepare(judge)
    return extractors


def _is_another_protocols(table: str, kinds: Mapping[str, Any]) -> bool:
    """Whether an extractor that this protocol doesn't use reads a preset's table: presets serve all protocols."""
    others = [plugin.name for plugin in plugins("extractors") if plugin.name not in kinds]
    # The likely ones first: some take seconds to import.
    for name in sorted(others, key=lambda name: not name.startswith(table)):
        if table in (name, getattr(load("extractors", name), "settings_table", name)):
            return True
    return False


def _all_outputs(
    spec: RunSpec, dataset: Dataset, pairs: Sequence[Pair], contenders: Sequence[Contender], clock: Clock
) -> tuple[tuple[MethodRecord, ...], tuple[MethodFailure, ...]]:
    records: list[MethodRecord] = []
    failures: list[MethodFailure] = []
    train = dataset.split("train")
    for contender in contenders:
        with clock.phase(f"method:{contender.label}"):
            record, failure = make_outputs(contender, spec, train, pairs)
        records.append(record)
        if failure is not None:
            say(f"{failure.label} failed, the others go on: {failure.message}")
            failures.append(failure)
    return tuple(records), tuple(failures)


def _scored_and_reported(facts: RunFacts, records: Sequence[MethodRecord], failures: Sequence[MethodFailure]) -> Results:
    """Embed, score, write results and report."""
    metrics = metrics_of(facts.spec, facts.dataset)
    with facts.clock.phase("embeddings"):
        embeddings = embed(facts.spec, facts.dataset, facts.pairs, facts.extractors, metrics, records)
        accuracy = _judge_accuracy(facts)
    with facts.clock.phase("scores"):
        scored = score_all(facts.spec, facts.dataset, facts.pairs, embeddings, metrics, records)
    results = assemble(facts, records, scored, accuracy, {failure.label: failure.message for failure in failures})
    write_results(facts.spec.out, results, scored.per_pair)
    load("reports", REPORT)(facts.spec.out)
    return results


def _judge_accuracy(facts: RunFacts) -> RetrievalAccuracy | None:
    """How well the protocol's judge hears on test data that it has not seen; None where it has none, or sounds have no frames."""
    if facts.spec.judge is None:
        return None
    test = facts.dataset.split("test")
    test = test.with_segments(s for s in test.segments if s.has_sound and s.has_frames and s.label not in test.not_evaluated)
    if len({segment.label for segment in test.segments}) < 2:
        say("judge: not checked on these data, since its test asks for sounds of two or more classes that have a frame of their own")
        return None
    image, audio = (facts.extractors[name] for name in facts.spec.judge)
    accuracy = judge_accuracy(image, audio, test, facts.spec.resolution)
    interval = f", 95 % interval {accuracy.ci_low:.3f} to {accuracy.ci_high:.3f}" if accuracy.ci_low is not None else ""
    share = f"{accuracy.value:.3f} of cases{interval}; chance {accuracy.chance:.3f}"
    say(f"judge: finds a test sound's own frame among {accuracy.n_choices} in {share}")
    return accuracy
