"""The human study of a run, for the run's report: found, held against the run, and told in short."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.errors import DataError
from adis_bench.printable import printable
from adis_bench.study.results import StudyResults
from adis_bench.study.results_file import STUDY_RESULTS_NAME, read_study_results
from reports import study_figures, study_findings, study_tables
from reports.data import RunData
from reports.drawing import Drawing
from reports.table_record import Table
from reports.wording import some

PLACES = ("study", "study/report")
"""Where a run's own study is looked for, below its folder."""


@dataclass(frozen=True, slots=True)
class HumanStudy:
    """A study's results as the run's report tells them.

    Attributes:
        results: all of its statistics.
        answer: whom people prefer.
        warnings: what must be known before a number is quoted.
        metrics: which metrics order outputs as people do, in words; empty where that wasn't computed.
        points: plot of the mean points.
        agreement: plot of the metrics' agreement with people; None where there is none.
        table: mean points.
        doubt: why it can't be known that the study is about this run; empty where it is.
    """

    results: StudyResults
    answer: study_findings.Answer
    warnings: tuple[str, ...]
    metrics: str
    points: Drawing
    agreement: Drawing | None
    table: Table
    doubt: str


@dataclass(frozen=True, slots=True)
class StudyFound:
    """What there is of a study: the study, or why one that was found isn't shown, or neither."""

    study: HumanStudy | None = None
    problem: str = ""


def find_study(run: RunData, asked_for: Path | None = None) -> StudyFound:
    """The study of a run: that of a folder that was asked for, else one in ``RUN/study``.

    Args:
        run: the run.
        asked_for: a folder with ``study_results.json``, as `adis-bench study report --out` writes it; or one whose ``report`` is that.

    Raises:
        DataError: the folder that was asked for has no results, or they are about another run.
    """
    if asked_for is not None:
        folder = next((path for path in (asked_for, asked_for / "report") if (path / STUDY_RESULTS_NAME).is_file()), asked_for)
        return StudyFound(_about(run, read_study_results(folder), folder))
    own = next((run.folder / place for place in PLACES if (run.folder / place / STUDY_RESULTS_NAME).is_file()), None)
    if own is None:
        return StudyFound()
    try:
        return StudyFound(_about(run, read_study_results(own), own))
    except DataError as error:
        # A page can be written without it; the reader is told.
        return StudyFound(problem=str(error).replace(str(run.folder), "RUN"))


def _about(run: RunData, results: StudyResults, folder: Path) -> HumanStudy:
    name, here = printable(str(folder / STUDY_RESULTS_NAME)), {method.label for method in run.methods}
    strange = [printable(method.method) for method in results.methods if method.method not in here]
    if strange:
        raise DataError(f"{name} is about another run: {some(strange, 'of its methods')} not in this one; give this run's study")
    facts = results.study.get("run") or {}
    ours = {"dataset": run.results.dataset.digest, "pairs": run.results.pairs.digest}
    if other := [what for what, digest in ours.items() if facts.get(what, digest) != digest]:
        raise DataError(f"{name} is about another run: its {' and '.join(other)} have another digest; give this run's study")
    made = {method.label: method.provenance.get("digest") for method in run.methods}
    outputs = facts.get("outputs", {})
    if trained := [label for label, digest in outputs.items() if made.get(label, digest) != digest]:
        raise DataError(f"{name} is about another run: {some(trained, 'methods')} had other outputs there; give this run's study")
    return HumanStudy(
        results=results,
        answer=study_findings.answer(results),
        warnings=study_findings.warnings(results),
        metrics=study_findings.metric_answer(results.metrics) if results.metrics else "",
        points=study_figures.mean_points(results),
        agreement=study_figures.metrics(results),
        table=study_tables.mean_points(results),
        doubt=_doubt(results, facts, ours),
    )


def _doubt(results: StudyResults, facts: Mapping[str, Any], ours: Mapping[str, str]) -> str:
    """What of a study that fits couldn't be compared with the run, in a sentence; empty where all was."""
    if not ours.keys() <= facts.keys():
        return "The study's results don't say which run's outputs people saw; its methods are named as here."
    unknown = [method.method for method in results.methods if method.method not in facts.get("outputs", {})]
    if unknown:
        return (
            f"The study is about these pairs, but its results don't say what made the outputs of {some(unknown, 'methods')}: people may "
            "have seen those of another training."
        )
    return ""
