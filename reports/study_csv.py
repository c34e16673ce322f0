"""The tables of a study as CSV for other programs: raw numbers at full precision, a column each; what is shown is rounded elsewhere.

Shares are 0 to 1, counts whole, undefined values empty. Methods stand in the order of the page, the best first.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from io import StringIO
from typing import Any

from adis_bench.csv_cells import inert
from adis_bench.printable import printable
from adis_bench.study.rejection import MEANING
from adis_bench.study.results import MethodResult, MetricAgreement, Screening, StudyResults, WorkerRow
from reports.study_findings import best_first, no_interval, verdict, versus, why
from reports.study_people_tables import answer_counts, rule_values
from reports.study_tables import class_name, groups_of, labels, sorted_metrics

_ENDS = ("ci_low", "ci_high")
Rows = Iterable[Sequence[Any]]


def csv_texts(results: StudyResults) -> dict[str, str]:
    """Every table that applies, by the name of its file without suffix: those of ``study_tables`` and ``study_people_tables``."""
    return {name: _text(head, rows) for name, head, rows in (*_methods(results), *_models(results), *_people(results))}


def _text(head: Sequence[str], rows: Rows) -> str:
    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerows([_cell(value) for value in line] for line in (head, *rows))
    return stream.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return inert(printable(value))
    # repr: the shortest text that reads back as the very same number.
    return "" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _methods(results: StudyResults) -> Iterator[tuple[str, Sequence[str], Rows]]:
    order, k, found = labels(results), len(results.methods), versus(results)
    ranks = [f"rank_{place}" for place in range(1, k + 1)]
    reason = no_interval(results)
    points = ([*_points(one, reason), *one.rank_counts] for one in best_first(results.methods))
    yield "mean_points", ("method", "mean_points", *_ENDS, "reason", *ranks), points
    if results.differences:
        head = ("method", "against", "difference", *_ENDS, "p", "p_holm", "share_above", "shown", "reason")
        pairs = (
            [
                *(one.method, one.against, one.value, one.ci_low, one.ci_high, one.p, one.p_holm, one.share_better, verdict(one).value),
                reason if one.ci_low is None else "",
            ]
            for one in results.differences
        )
        yield "differences", head, pairs
        both = [pair for first in order for second in order if (pair := found.get((first, second)))]
        yield "wins", ("method", "against", "share_above"), ((one.method, one.against, one.share_better) for one in both)
    if results.classes:
        head_of_classes = ("class", "name", "n_items", "n_rankings", "method", "mean_points", *_ENDS, "reason")
        rows = (
            [one.label, class_name(results, one), one.n_items, one.n_rankings, *_points(by[label], why(one.reason) or reason)]
            for one in results.classes
            for by in ({method.method: method for method in one.methods},)
            for label in order
            if label in by
        )
        yield "classes", head_of_classes, rows


def _points(one: MethodResult, reason: str) -> tuple[Any, ...]:
    return one.method, one.mean_points, one.ci_low, one.ci_high, reason if one.ci_low is None else ""


def _models(results: StudyResults) -> Iterator[tuple[str, Sequence[str], Rows]]:
    order, post_hoc = labels(results), results.post_hoc
    place = {method.method: row for row, method in enumerate(results.methods)}
    if post_hoc.nemenyi:
        rows = ((label, post_hoc.mean_ranks[place[label]], groups_of(post_hoc.groups, label)) for label in order)
        yield "mean_ranks", ("method", "mean_rank", "groups"), rows
        for name, matrix in (("nemenyi", post_hoc.nemenyi), ("conover", post_hoc.conover)):
            pairs = [(first, second) for first in order for second in order if first != second]
            yield name, ("method", "against", "p"), [(*pair, matrix[place[pair[0]]][place[pair[1]]]) for pair in pairs]
    by_method = {one.method: one for one in results.plackett_luce.strengths}
    if by_method:
        reason = why(results.plackett_luce.reason)
        kept = (by_method[label] for label in order if label in by_method)
        yield (
            "strengths",
            ("method", "worth", "log_worth", *_ENDS, "reason"),
            ([one.method, one.worth, one.log_worth, one.ci_low, one.ci_high, reason if one.ci_low is None else ""] for one in kept),
        )
    if results.bootstrap.n_replicates:
        head = ("method", *(f"share_place_{n}" for n in range(1, len(order) + 1)))
        yield "places", head, ((label, *results.bootstrap.places[place[label]]) for label in order)
    if results.metrics:
        yield "metrics", [one.name for one in fields(MetricAgreement)], map(astuple, sorted_metrics(results.metrics))


def _people(results: StudyResults) -> Iterator[tuple[str, Sequence[str], Rows]]:
    yield "agreement", ("measure", "value", *_ENDS, "p", "degrees_of_freedom", "n_workers", "n_repeats", "reason"), _agreement(results)
    if results.screening is not None:
        yield from _screening(results, results.screening)
    rejected = [(one.reason, one.count, one.first_line or None, MEANING[one.reason]) for one in results.rejected]
    if counts := answer_counts(results):
        lines = {f"rejected: {one.reason}": one.first_line or None for one in results.rejected}
        yield "counts", ("answers", "count", "first_line"), [(name, n, lines.get(name)) for name, n in counts.items()]
    elif rejected:
        yield "rejected", ("reason", "count", "first_line", "meaning"), rejected


def _agreement(results: StudyResults) -> Iterator[Sequence[Any]]:
    def row(measure: str, value: float | None, reason: str, more: Mapping[str, Any] | None = None) -> Sequence[Any]:
        beside = {"ci_low": None, "ci_high": None, "p": None, "degrees_of_freedom": None, "n_workers": None, "n_repeats": None}
        return [measure, value, *(beside | dict(more or {})).values(), why(reason) if value is None else ""]

    tested = {"p": results.friedman_p, "degrees_of_freedom": len(results.methods) - 1}
    reason = results.undefined.get("friedman", "")
    yield row("friedman_statistic", results.friedman_statistic, reason, tested if results.friedman_statistic is not None else None)
    yield row("kendall_w", results.kendall_w, reason)
    yield row("krippendorff_alpha", results.krippendorff_alpha, results.undefined.get("krippendorff_alpha", ""))
    if own := results.self_agreement:
        n = {"n_workers": own.n_workers, "n_repeats": own.n_items}
        yield row("self_agreement_kendall", own.kendall, own.reason, {"ci_low": own.ci_low, "ci_high": own.ci_high, **n})
        yield row("self_agreement_same_order", own.same_order, own.reason, n)


def _screening(results: StudyResults, screening: Screening) -> Iterator[tuple[str, Sequence[str], Rows]]:
    rules = ((name, value, sum(name in one.failed for one in screening.workers)) for name, value in rule_values(screening.rules).items())
    yield "screening_rules", ("rule", "threshold", "n_workers_left_out"), rules
    before = {method.method: method for method in screening.before}
    head = ["method", *(f"{name}_{when}" for when in ("before", "after") for name in ("mean_points", *_ENDS)), "change"]
    rows = (
        [new.method, old.mean_points, old.ci_low, old.ci_high, new.mean_points, new.ci_low, new.ci_high, new.mean_points - old.mean_points]
        for new in best_first(results.methods)
        if (old := before.get(new.method))
    )
    yield "before_after", head, rows
    workers = ((asdict(one) | {"failed": "; ".join(one.failed)}).values() for one in screening.workers)
    yield "workers", [one.name for one in fields(WorkerRow)], map(list, workers)
