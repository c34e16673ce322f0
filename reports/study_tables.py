"""The tables of a study on its methods: points, differences, post-hoc tests, strengths, places, classes, metrics."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adis_bench.printable import printable
from adis_bench.study.results import ClassResult, MeanDifference, MethodResult, MetricAgreement, StudyResults
from reports.findings import Verdict
from reports.study_findings import best_first, no_interval, points_places, verdict, versus, why
from reports.style import label_tones
from reports.table_cells import counted, p_value, percent, rounded
from reports.table_record import Cell, Column, Raw, Row, Table

METRIC_PLACES = 2
MOST_RANKS = 8
"""Ours: with more methods the table shows first and last places only; a plot shows all, and the CSV file counts them."""
NO_INTERVAL = "interval not defined"
NOT_DEFINED = "not defined"
VERDICTS = {
    Verdict.BETTER: "the first is better",
    Verdict.WORSE: "the second is better",
    Verdict.UNCLEAR: "no difference shown",
    Verdict.UNKNOWN: "not tested",
}


def place_name(place: int) -> str:
    """``1st``, ``2nd`` ..."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def labels(results: StudyResults) -> tuple[str, ...]:
    """The methods' labels as every table and plot orders them: by mean points, the best first."""
    return tuple(method.method for method in best_first(results.methods))


def method_rows(results: StudyResults, cells: Mapping[str, tuple[Cell, ...]]) -> tuple[Row, ...]:
    """A row for each method that has cells."""
    tones = label_tones([method.method for method in results.methods])
    return tuple(Row(printable(label), "plain", cells[label], tones[label]) for label in labels(results) if label in cells)


def class_name(results: StudyResults, one: ClassResult) -> str:
    """What people call a class."""
    return printable(str(results.study.get("displays", {}).get(one.label, one.label)))


def bounded(value: float | None, low: float | None, high: float | None, places: int, reason: str = "", **more: Any) -> Cell:
    """A value with its interval, or why there is none; ``more`` are other fields of ``Cell``."""
    return rounded(value, places, low, high, missing=f"not defined: {why(reason)}" if reason else "not defined", **more)


def measured(value: float, low: float | None, high: float | None, places: int, best: bool = False) -> Cell:
    """A value that should have an interval: where there is none the cell says so."""
    cell = bounded(value, low, high, places, best=best)
    return cell if cell.interval else replace(cell, note=NO_INTERVAL)


def interval_notes(results: StudyResults, lacking: bool) -> tuple[str, ...]:
    """Why intervals are missing, where some are."""
    return (f"Intervals that are not defined: {no_interval(results)}.",) if lacking else ()


def tables(results: StudyResults) -> Iterator[Table]:
    """All of them, in the order of the page; those that don't apply are left out."""
    yield mean_points(results)
    if results.differences:
        yield differences(results)
        yield wins(results)
    if results.post_hoc.nemenyi:
        yield mean_ranks(results)
        yield from (p_values(results, name) for name in ("nemenyi", "conover"))
    if results.plackett_luce.strengths:
        yield strengths(results)
    if results.bootstrap.n_replicates:
        yield places(results)
    if results.classes:
        yield classes(results)
    if results.metrics:
        yield metrics(results.metrics)


def mean_points(results: StudyResults) -> Table:
    """Mean points with intervals, and how often each method had each rank."""
    digits, found = points_places(results), {method.method: method for method in results.methods}
    leader, against, k = best_first(results.methods)[0].method, versus(results), len(found)
    others = [against.get((leader, label)) for label in found if label != leader]
    leads = bool(others) and all(one is not None and verdict(one) is Verdict.BETTER for one in others)
    ranks = range(1, k + 1)
    cells = {
        label: (
            measured(one.mean_points, one.ci_low, one.ci_high, digits, best=leads and label == leader),
            *(_counted(one.rank_counts[rank - 1], results.n_rankings) for rank in ranks),
        )
        for label, one in found.items()
    }
    columns = (
        Column("mean points", True, key="mean_points"),
        *(_rank(rank, k) for rank in ranks),
    )
    notes = [f"Points: {k} for rank 1 to 1 for rank {k}; equal ranks share theirs. Bold: shown to be better than all others."]
    notes += [f"The CSV file counts all {k} ranks."] * (k > MOST_RANKS)
    notes += interval_notes(results, any(one.ci_low is None for one in results.methods))
    return Table(
        "mean_points", "Mean points, and how often each rank was given", columns, method_rows(results, cells), tuple(notes), "Method"
    )


def _rank(rank: int, k: int) -> Column:
    return Column(f"ranked {place_name(rank)}", key=f"rank_{rank}", file_only=k > MOST_RANKS and 1 < rank < k)


def _counted(n: float, total: int) -> Cell:
    return Cell(_count(n), says=_share(n, total), raw=Raw(n))


def _count(n: float) -> str:
    return f"{n:,}" if isinstance(n, int) else f"{n:,.1f}"


def _share(n: float, total: int) -> str:
    return f"{100 * n / total:.0f} %" if total else ""


def differences(results: StudyResults) -> Table:
    """Every two methods against each other, the better one first."""
    digits = points_places(results)
    rows = [
        Row(
            printable(one.method),
            "plain",
            (
                measured(one.value, one.ci_low, one.ci_high, digits),
                p_value(one.p, NOT_DEFINED),
                p_value(one.p_holm, NOT_DEFINED),
                percent(one.share_better),
                Cell(VERDICTS[verdict(one)], verdict=verdict(one).value),
            ),
            tone="",
            against=printable(one.against),
        )
        for one in results.differences
    ]
    columns = (
        Column("difference", unit="points"),
        Column("p"),
        Column("p after Holm", key="p_holm"),
        Column("first above second", key="share_above"),
        Column("what is shown", text=True, key="shown"),
    )
    notes = (
        "Shown is what stands after Holm's correction over all pairs (5 %); equal ranks count half in the share.",
        *interval_notes(results, any(one.ci_low is None for one in results.differences)),
    )
    return Table("differences", "Differences in mean points between every two methods", columns, tuple(rows), notes, "Methods")


def wins(results: StudyResults) -> Table:
    """How often the method of the row stands above that of the column."""
    order, found = labels(results), versus(results)
    cells = {label: tuple(_win(found.get((label, other)), label == other) for other in order) for label in order}
    columns = tuple(Column(printable(label)) for label in order)
    title = "Share of the rankings in which the method of the row stands above that of the column"
    return Table("wins", title, columns, method_rows(results, cells), ("Equal ranks count half.",), "Method")


def _win(found: MeanDifference | None, itself: bool) -> Cell:
    return percent(found.share_better) if found else Cell(says="itself" if itself else "")


def mean_ranks(results: StudyResults) -> Table:
    """Mean ranks over items, and the groups that Nemenyi's test can't tell apart."""
    post_hoc = results.post_hoc
    ranks = {method.method: rank for method, rank in zip(results.methods, post_hoc.mean_ranks, strict=True)}
    cells = {label: (rounded(rank, 2), Cell(groups_of(post_hoc.groups, label) or "alone")) for label, rank in ranks.items()}
    columns = (Column("mean rank over items", False, key="mean_rank"), Column("groups", text=True))
    found = post_hoc.critical_difference
    noted = f"Methods that share a letter don't differ by more than the critical difference, {found:.3f} (Nemenyi, 5 %)." if found else ""
    return Table("mean_ranks", "Mean ranks over items, workers averaged first", columns, method_rows(results, cells), (noted,), "Method")


def groups_of(groups: Sequence[Sequence[str]], label: str) -> str:
    """The letters of the groups that a method is in: a to z, then aa, ab ..."""
    return " ".join(_letters(place) for place, group in enumerate(groups) if label in group)


def _letters(place: int) -> str:
    above, at = divmod(place, 26)
    return (_letters(above - 1) if above else "") + chr(ord("a") + at)


def p_values(results: StudyResults, name: str) -> Table:
    """The p of every two methods in one of the post-hoc tests."""
    given = {method.method: place for place, method in enumerate(results.methods)}
    matrix = {"nemenyi": results.post_hoc.nemenyi, "conover": results.post_hoc.conover}[name]
    order = labels(results)
    cells = {
        label: tuple(Cell(says="itself") if label == other else p_value(matrix[given[label]][given[other]], NOT_DEFINED) for other in order)
        for label in order
    }
    said = {"nemenyi": "Nemenyi's test: p of every two methods", "conover": "Conover's test, corrected by Holm: p of every two methods"}
    return Table(name, said[name], tuple(Column(printable(label)) for label in order), method_rows(results, cells), (), "Method")


def strengths(results: StudyResults) -> Table:
    """The Plackett-Luce model."""
    cells = {
        one.method: (percent(one.worth), measured(one.log_worth, one.ci_low, one.ci_high, 2)) for one in results.plackett_luce.strengths
    }
    reason = results.plackett_luce.reason
    columns = (Column("ranked first", True, key="worth"), Column("log strength", True, key="log_worth"))
    notes = (
        "Ranked first: its probability among all methods in the model. Log strength: natural logarithm, 0 on average over the methods.",
        f"Ties: {why(results.plackett_luce.ties)}.",
        *((f"Intervals that are not defined: {why(reason)}.",) if reason else ()),
    )
    return Table("strengths", "Strengths in the Plackett-Luce model", columns, method_rows(results, cells), notes, "Method")


def places(results: StudyResults) -> Table:
    """How sure the order is."""
    shares = {method.method: row for method, row in zip(results.methods, results.bootstrap.places, strict=True)}
    cells = {label: tuple(map(percent, row)) for label, row in shares.items()}
    columns = tuple(Column(place_name(place), key=f"share_place_{place}") for place in range(1, len(shares) + 1))
    n, seed = results.bootstrap.n_replicates, results.bootstrap.seed
    notes = (f"{n:,} resamples of workers and of items, seed {seed}; equal means share places.",)
    return Table(
        "places", "Place by mean points over resamples of workers and items", columns, method_rows(results, cells), notes, "Method"
    )


def classes(results: StudyResults) -> Table:
    """Mean points on the items of each class."""
    digits, order = points_places(results), labels(results)
    rows = [
        Row(name, "plain", (Cell(name), *_class_cells(one, order, digits)), "", key=one.label)
        for one in results.classes
        for name in (class_name(results, one),)
    ]
    columns = (
        Column("name", text=True, file_only=True),
        Column("items", key="n_items"),
        Column("rankings", key="n_rankings"),
        *(Column(printable(label), True) for label in order),
    )
    reasons = sorted({f"{why(one.reason)}" for one in results.classes if one.reason})
    notes = [f"No intervals for some classes: {reason}." for reason in reasons]
    return Table("classes", "Mean points by class of the sound", columns, tuple(rows), tuple(notes), "Class")


def _class_cells(one: ClassResult, order: Sequence[str], digits: int) -> tuple[Cell, ...]:
    found: dict[str, MethodResult] = {method.method: method for method in one.methods}
    means = (found.get(label) for label in order)
    cells = (measured(m.mean_points, m.ci_low, m.ci_high, digits) if m else Cell(note="not ranked") for m in means)
    return (counted(one.n_items), counted(one.n_rankings), *cells)


def sorted_metrics(found: Sequence[MetricAgreement]) -> tuple[MetricAgreement, ...]:
    """By agreement per item, the best first; those without one behind, by agreement over whole methods."""
    return tuple(sorted(found, key=lambda m: (m.kendall is None, -(m.kendall or 0.0), -(m.method_kendall or -2.0), m.metric)))


def metrics(found: Sequence[MetricAgreement]) -> Table:
    """Whether the automatic metrics order methods as people do."""
    rows = [Row(printable(one.metric), "plain", _metric_cells(one), "") for one in sorted_metrics(found)]
    columns = (
        Column("items", key="n_items"),
        Column("Kendall's tau-b per item", True, key="kendall"),
        Column("Spearman's rho per item", True, key="spearman"),
        Column("methods", key="n_methods"),
        Column("Kendall's tau-b over methods", True, key="method_kendall"),
        Column("Spearman's rho over methods", True, key="method_spearman"),
    )
    notes = ("Above 0: what the metric calls better is better to people, too, whichever direction the metric has.",)
    return Table("metrics", "Automatic metrics against people", columns, tuple(rows), notes, "Metric")


def _metric_cells(m: MetricAgreement) -> tuple[Cell, ...]:
    return (
        counted(m.n_items),
        bounded(m.kendall, m.kendall_low, m.kendall_high, METRIC_PLACES, m.reason),
        bounded(m.spearman, m.spearman_low, m.spearman_high, METRIC_PLACES, m.reason),
        counted(m.n_methods),
        bounded(m.method_kendall, m.method_kendall_low, m.method_kendall_high, METRIC_PLACES, m.method_reason),
        bounded(m.method_spearman, m.method_spearman_low, m.method_spearman_high, METRIC_PLACES, m.method_reason),
    )
