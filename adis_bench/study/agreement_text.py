"""What a terminal says of metrics beside people, of workers beside themselves, and of the workers who were left out."""

import re
from collections import Counter, defaultdict

from adis_bench.printable import printable
from adis_bench.study.results import MetricAgreement, SelfAgreement, StudyResults
from adis_bench.study.text_cells import aligned, best_first, count, number, within

_HEAD = re.compile(r"^no [a-z]+: ")
"""Of a reason, where the line says already what there is not."""


def metric_lines(results: StudyResults) -> list[str]:
    """A table of the metrics, those nearest to people first; why there is none; or nothing where nobody asked."""
    if results.metrics is None:
        return [f"Metrics beside people: {results.undefined['metrics']}"] if "metrics" in results.undefined else []
    rows = [["metric (tau-b with people)", "per item", "95 % interval", "items", "of methods", "95 % interval", "methods"]]
    rows += [_metric_cells(row) for row in sorted(results.metrics, key=_nearness)]
    lacking: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in results.metrics:
        for reason, value, of in ((row.reason, row.kendall, "per item"), (row.method_reason, row.method_kendall, "of methods")):
            if reason:
                lacking[f"no {'tau' if value is None else 'interval'} {of}", _HEAD.sub("", reason)].append(row.metric)
    return [*aligned(rows), *(printable(f"{', '.join(names)}: {what} ({reason})") for (what, reason), names in lacking.items())]


def _nearness(row: MetricAgreement) -> tuple[bool, float]:
    return row.kendall is None, -(row.kendall or 0.0)


def _metric_cells(row: MetricAgreement) -> list[str]:
    per_item = [number(row.kendall), within(row.kendall_low, row.kendall_high), str(row.n_items)]
    per_method = [number(row.method_kendall), within(row.method_kendall_low, row.method_kendall_high), str(row.n_methods)]
    return [printable(row.metric), *per_item, *per_method]


def self_agreement_lines(found: SelfAgreement | None) -> list[str]:
    """How far workers repeat themselves; nothing where there is no study."""
    if found is None:
        return []
    if found.kendall is None or found.same_order is None:
        return [f"Self-agreement: {found.reason}"]
    return [
        f"Self-agreement of {count(found.n_workers, 'worker')} on {count(found.n_items, 'item')} shown again: Kendall's tau-b "
        f"{found.kendall:.3f} ({found.reason or '95 % interval ' + within(found.ci_low, found.ci_high)}); "
        f"the same order in {100 * found.same_order:.1f} %"
    ]


def outcome_screening_warning(results: StudyResults) -> str:
    """What must be known where workers were left out by what they found, not by how they worked; empty where they weren't."""
    if results.screening is None or results.screening.rules.min_agreement is None:
        return ""
    return (
        f"The rule min_agreement ({results.screening.rules.min_agreement:g}) picks workers by what they found: intervals and tests are for "
        "people who agree with the others and too narrow for all people where tastes differ, and Krippendorff's alpha is too high"
    )


def screening_lines(results: StudyResults) -> list[str]:
    """How many workers failed which rule, and the mean points without and with the rules; nothing where nobody was screened."""
    screening = results.screening
    if screening is None:
        return []
    failed = [row for row in screening.workers if row.failed]
    lost = [
        f"{n_lost} of {count(n, what)}"
        for n_lost, n, what in (
            (screening.n_rankings_before - screening.n_rankings_after, screening.n_rankings_before, "ranking"),
            (screening.n_gold_lost, results.n_gold, "gold answer"),
            (screening.n_repeats_lost, results.n_repeats, "repeat"),
        )
        if n
    ]
    lines = [f"Screening: {len(failed)} of {count(len(screening.workers), 'worker')} left out, with {', '.join(lost)}"]
    if warning := outcome_screening_warning(results):
        lines.append(warning)
    counts = Counter(rule for row in failed for rule in row.failed)
    lines += [f"  {rule} ({getattr(screening.rules, rule):g}): {count}" for rule, count in sorted(counts.items())]
    if failed:
        before = {method.method: method for method in screening.before}
        rows = [["mean points", "all workers", "after screening"]]
        rows += [
            [printable(method.method), number(before[method.method].mean_points), number(method.mean_points)]
            for method in best_first(results.methods)
        ]
        lines += aligned(rows)
    return lines
