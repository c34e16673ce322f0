"""From a file of answers to the statistics: the one way that the commands ``study aggregate`` and ``study report`` share."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from adis_bench.errors import DataError
from adis_bench.study.aggregate import N_REPLICATES, RunScores, aggregate
from adis_bench.study.answers import Answers
from adis_bench.study.csv_table import Table
from adis_bench.study.pseudonyms import pseudonym
from adis_bench.study.read import read_answers
from adis_bench.study.records import Key, Study, open_key, open_study
from adis_bench.study.results import StudyResults


def analyse(
    table: Path | Table,
    study_dir: Path | None = None,
    run_dir: Path | None = None,
    methods: tuple[str, ...] = (),
    ties: bool = True,
    replicates: int = N_REPLICATES,
    seed: int = 0,
    screening: bool = True,
) -> StudyResults:
    """Read answers, screen the workers, make the statistics, and compare the run's metrics with them.

    Args:
        table: a result CSV of Mechanical Turk or of our server (they need the study), or a long CSV; its path, or what ``read_table``
            made of it.
        study_dir: STUDY with ``study.json`` and ``key.json``.
        run_dir: the run whose metrics are compared; by default the one the key names, as long as it is there. Without a study the
            table's item ids must be pair ids of it.
        methods: those that were compared, for a long CSV; by default all that it names, or the study's.
        ties: whether equal ranks are allowed.
        replicates: resamples for the places, 0 for none.
        seed: of the resampling.
        screening: whether the study's rules for workers are used.

    Raises:
        DataError: table, study or run cannot be read, or nothing is left to analyse.
        ConfigError: ``methods`` cannot be.
    """
    if study_dir is None:
        answers = read_answers(table, methods=methods, ties=ties)
        # A bare table says nothing of pairs: its item ids are them, or the comparison says that none is.
        run = None if run_dir is None else RunScores(run_dir, {item: item for item in answers.rankings.items})
        results = aggregate(answers, replicates=replicates, seed=seed, run=run)
        return replace(results, n_simulated=answers.rankings.n_simulated)
    study, key = open_study(study_dir), open_key(study_dir)
    if study.n_methods != len(key.methods):
        raise DataError(
            f"{study_dir} has a study of {study.n_methods} methods and a key of {len(key.methods)}; they belong to different studies"
        )
    answers = read_answers(table, study, key, methods, ties)
    results = aggregate(
        _with_pseudonyms(answers, key.secret),
        rules=study.rules if screening else None,
        replicates=replicates,
        seed=seed,
        study=_about(study, key),
        run=_run(key, run_dir),
    )
    unlabelled = {"classes": text} if (text := _unlabelled(answers)) else {}
    return replace(results, undefined={**results.undefined, **unlabelled}, n_simulated=answers.rankings.n_simulated)


def _with_pseudonyms(answers: Answers, secret: str) -> Answers:
    """Other names for the same workers, since the results name them one by one."""
    return replace(
        answers,
        rankings=replace(answers.rankings, workers=tuple(pseudonym(secret, worker) for worker in answers.rankings.workers)),
        gold=tuple(replace(answer, worker=pseudonym(secret, answer.worker)) for answer in answers.gold),
        repeats=tuple(replace(answer, worker=pseudonym(secret, answer.worker)) for answer in answers.repeats),
        comments=tuple(replace(comment, worker=pseudonym(secret, comment.worker)) for comment in answers.comments),
    )


def _unlabelled(answers: Answers) -> str:
    """What is to be said of items without a class, where others have one."""
    labels = answers.rankings.labels
    n = sum(not label for label in labels)
    return f"{n} of {len(labels)} items have no class, and are in none of the classes' rows" if n else ""


def _run(key: Key, run_dir: Path | None) -> RunScores | None:
    pairs = {item: entry.pair_id for item, entry in key.items.items()}
    if run_dir is not None:
        return RunScores(run_dir, pairs)
    return RunScores(Path(key.run), pairs, asked_for=False) if key.run else None


def _about(study: Study, key: Key) -> dict[str, Any]:
    return {
        "name": study.name,
        "plan": asdict(study.plan),
        "ties_allowed": study.ties_allowed,
        "reward": study.reward,
        "displays": dict(key.displays),
        "run": {**study.run, **({"outputs": dict(key.outputs)} if key.outputs else {})},
    }
