"""The tables of a run on what its numbers rest on: metrics that work, judges that work, outputs that are there."""

from collections.abc import Iterator, Mapping
from typing import Any

from adis_bench.results import MethodRecord, MetricRecord
from adis_bench.results.rounding import places_of
from reports.data import RunData
from reports.findings import MINUS
from reports.run_rows import column_of, decimals_of, method_row
from reports.table_cells import counted, rounded
from reports.table_record import Cell, Column, Raw, Row, Table


def tables(run: RunData) -> Iterator[Table]:
    """All of them; those that have nothing to show are left out."""
    yield metrics(run)
    judged = [(e.name, facts) for e in run.results.extractors if (facts := _retrieval(e.facts)) is not None]
    if judged:
        yield judge(judged)
    yield counts(run)


def metrics(run: RunData) -> Table:
    """A row for each metric: what it makes of the control that is right and of the one that is wrong."""
    rows = tuple(Row(metric.name, "plain", _check(run, metric), "", metric.description) for metric in run.results.metrics)
    columns = (
        Column("a right control", key="right"),
        Column("a wrong control", key="wrong"),
        Column("right minus wrong", key="difference"),
        Column("tells right from wrong", text=True, key="tells_right_from_wrong"),
        Column("lowest", key="lowest"),
        Column("highest", key="highest"),
        Column("needs", key="n_needed"),
    )
    notes = (
        "Digits are those of each metric's own scores; lowest and highest are the ends of its range.",
        "Needs: pairs or outputs below which a value says more of their number than of them.",
    )
    return Table("metrics", "Whether the metrics tell right images from wrong ones here", columns, rows, notes, "Metric", "metrics")


def _check(run: RunData, metric: MetricRecord) -> tuple[Cell, ...]:
    right, wrong = metric.checked_by
    places = decimals_of(run, metric)
    found = run.difference(right, wrong, metric.name) if wrong else None
    cells = [_control(run, label, metric, places) for label in (right, wrong)]
    between = Cell(note="not measured")
    if found is not None:
        between = rounded(found.value, places, found.ci_low, found.ci_high, signed=True, missing="not measured")
    ends = (_plain(metric.lowest), _plain(metric.highest), Cell() if metric.n_needed is None else counted(metric.n_needed))
    return (*cells, between, _says(metric), *ends)


def _says(metric: MetricRecord) -> Cell:
    if metric.failure:
        return Cell("no", note=metric.failure)
    return Cell("yes") if metric.checked_by[1] else Cell("not checked", note="no control of a run is wrong to it")


def _plain(end: float | None) -> Cell:
    return Cell(note="none") if end is None else Cell(f"{end:g}".replace("-", MINUS), raw=Raw(end))


def _control(run: RunData, label: str, metric: MetricRecord, places: int) -> Cell:
    score = run.score(label, metric.name) if label else None
    if score is None or score.value is None:
        return Cell(note=(score.reason if score else None) or ("not scored" if label else "none"))
    return rounded(score.value, places, score.ci_low, score.ci_high, note=label)


def _retrieval(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a judge says of the test sounds whose own frame it finds; None where it says nothing, or nothing of that form."""
    found = next((facts[name] for name in ("retrieval_accuracy_on_test", "retrieval_accuracy") if name in facts), None)
    numbers = ("value", "ci_low", "ci_high", "chance")
    fits = isinstance(found, Mapping) and all(isinstance(found.get(name), (int, float, type(None))) for name in numbers)
    return found if fits else None


def judge(judged: list[tuple[str, Mapping[str, Any]]]) -> Table:
    """How often each judge network finds a sound's own frame among others, beside guessing."""
    places = places_of((facts["value"] for _, facts in judged), ((facts.get("ci_low"), facts.get("ci_high")) for _, facts in judged))
    rows = tuple(
        Row(
            name,
            "plain",
            (
                rounded(facts["value"], places, facts.get("ci_low"), facts.get("ci_high"), missing="not known"),
                rounded(facts.get("chance"), places, missing="not known"),
            ),
            "",
        )
        for name, facts in judged
    )
    columns = (Column("retrieval accuracy", True, key="retrieval_accuracy"), Column("by guessing", key="chance"))
    notes = ("Share of the test sounds whose own frame the judge finds; its interval must lie above guessing.",)
    return Table("judge", "How well the judge networks find a sound's own frame", columns, rows, notes, "Network", "judge")


def counts(run: RunData) -> Table:
    """Outputs that are there and that are missing, and the pairs that each metric could score."""
    rows = tuple(method_row(run, method, _counts(run, method)) for method in run.methods)
    of_metrics = (Column(metric.name, key=f"n_{metric.name}", description=column_of(metric).description) for metric in run.results.metrics)
    columns = (Column("outputs", key="n_outputs"), Column("missing", key="n_missing"), *of_metrics)
    notes = (f"The pair list has {run.results.pairs.n:,} pairs. Under each metric: the outputs that its score rests on.",)
    return Table("counts", "Outputs, and how many of them each metric scored", columns, rows, notes, "Method", "counts")


def _counts(run: RunData, method: MethodRecord) -> tuple[Cell, ...]:
    cells = []
    for metric in run.results.metrics:
        score = run.score(method.label, metric.name)
        if score is None:
            cells.append(Cell(note="not scored"))
        else:
            cells.append(counted(score.n, note=(score.reason or "not scored") if score.value is None else ""))
    return (counted(method.n_outputs), counted(method.n_missing, note=method.not_asked if method.n_missing else ""), *cells)
