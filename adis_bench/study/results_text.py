"""The statistics of a study as text for a terminal."""

from adis_bench.printable import printable
from adis_bench.study.results import MethodResult, StudyResults


def as_text(results: StudyResults) -> str:
    """A table of the methods, best first, then agreement and what was rejected; every undefined value with its reason."""
    lines = [f"{results.n_rankings} rankings of {results.n_items} items by {results.n_workers} workers", "", *_table(results), ""]
    if "interval" in results.undefined:
        lines.append(results.undefined["interval"])
    else:
        lines.append("95 % intervals: they cover the sampling of workers and of items")
    lines += ["", *_agreement(results), "", *_rejected(results)]
    return "\n".join(lines)


def _table(results: StudyResults) -> list[str]:
    k = len(results.methods)
    head = ["method", "mean points", "95 % interval", *(f"rank {rank}" for rank in range(1, k + 1))]
    best_first = sorted(results.methods, key=lambda method: -method.mean_points)
    rows = [head, *(_cells(method) for method in best_first)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def _cells(method: MethodResult) -> list[str]:
    interval = "none" if method.ci_low is None or method.ci_high is None else f"{method.ci_low:.3f} to {method.ci_high:.3f}"
    counts = [str(count) if isinstance(count, int) else f"{count:.1f}" for count in method.rank_counts]
    return [printable(method.method), f"{method.mean_points:.3f}", interval, *counts]


def _agreement(results: StudyResults) -> list[str]:
    if results.friedman_statistic is None or results.friedman_p is None or results.kendall_w is None:
        lines = [f"Friedman's test over items and Kendall's W: {results.undefined['friedman']}"]
    else:
        p = "below 0.0001" if results.friedman_p < 1e-4 else f"{results.friedman_p:.4f}"
        lines = [
            f"Friedman's test over items (ranks averaged over workers first): {results.friedman_statistic:.2f} "
            f"on {len(results.methods) - 1} degrees of freedom, p {p}",
            f"Kendall's W: {results.kendall_w:.3f}, the concordance of the items, not agreement of raters",
        ]
    if results.krippendorff_alpha is None:
        return [*lines, f"Krippendorff's alpha: {results.undefined['krippendorff_alpha']}"]
    return [*lines, f"Krippendorff's alpha (ordinal): {results.krippendorff_alpha:.3f}, the agreement of the workers on an item's ranks"]


def _rejected(results: StudyResults) -> list[str]:
    if not results.rejected:
        return ["rejected: none"]
    return [f"rejected: {sum(rejection.count for rejection in results.rejected)}", *(f"  {rejection}" for rejection in results.rejected)]
