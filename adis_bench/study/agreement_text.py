"""What a terminal says of metrics beside people, of workers beside themselves, and of the workers who were left out."""

from collections import Counter, defaultdict

from adis_bench.printable import printable
from adis_bench.study.results import MetricAgreement, SelfAgreement, StudyResults
from adis_bench.study.text_cells import aligned, best_first, number, within


def metric_lines(results: StudyResults) -> list[str]:
    """A table of the metrics, those nearest to people first; why there is none; or nothing where nobody asked."""
    if results.metrics is None:
        return [f"Metrics beside people: {results.undefined['metrics']}"] if "metrics" in results.undefined else []
    rows = [["metric (tau-b with people)", "per item", "95 % interval", "items", "of methods", "95 % interval", "methods"]]
    rows += [_metric_cells(row) for row in sorted(results.metrics, key=_nearness)]
    why: dict[str, list[str]] = defaultdict(list)
    for row in results.metrics:
        for reason in {row.reason, row.method_reason} - {""}:
            why[reason].append(row.metric)
    return [*aligned(rows), *(printable(f"none of {', '.join(names)}: {reason}") for reason, names in sorted(why.items()))]


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
        f"Self-agreement of {found.n_workers} workers in {found.n_items} repeats: Kendall's tau-b {found.kendall:.3f} "
        f"(95 % interval {within(found.ci_low, found.ci_high)}); the same order in {100 * found.same_order:.1f} %"
    ]


def screening_lines(results: StudyResults) -> list[str]:
    """How many workers failed which rule, and the mean points without and with the rules; nothing where nobody was screened."""
    screening = results.screening
    if screening is None:
        return []
    failed = [row for row in screening.workers if row.failed]
    head = f"Screening: {len(failed)} of {len(screening.workers)} workers left out, with "
    lines = [head + f"{screening.n_rankings_before - screening.n_rankings_after} of {screening.n_rankings_before} rankings"]
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
