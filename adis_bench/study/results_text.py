"""The statistics of a study as text for a terminal: the answer first, then what it rests on."""

from collections.abc import Sequence

from adis_bench.printable import printable
from adis_bench.study.agreement_text import metric_lines, screening_lines, self_agreement_lines
from adis_bench.study.results import MeanDifference, MethodResult, StudyResults
from adis_bench.study.text_cells import aligned, best_first, count, number, probability, within

_SIGNIFICANT = 0.05


def as_text(results: StudyResults) -> str:
    """Everything but the classes' ranks and the single workers; every undefined value comes with its reason."""
    parts = [
        _counts(results),
        _answer(results),
        _methods(results),
        _differences(results),
        _strengths(results),
        _agreement(results),
        _classes(results),
        metric_lines(results),
        self_agreement_lines(results.self_agreement),
        screening_lines(results),
        _rejected(results),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _counts(results: StudyResults) -> list[str]:
    """What is analysed, and how the answers that were read add up."""
    lines = [f"{count(results.n_rankings, 'ranking')} of {count(results.n_items, 'item')} by {count(results.n_workers, 'worker')}"]
    if results.n_simulated:
        lines.append(f"Made up by `adis-bench study simulate`: the answers of {count(results.n_simulated, 'worker')}; no people gave them")
    if not results.n_answers:
        return lines
    n_before = results.n_rankings if results.screening is None else results.screening.n_rankings_before
    parts = [count(n_before, "ranking")]
    if results.n_gold or results.n_repeats:
        parts += [count(results.n_gold, "gold answer"), count(results.n_repeats, "repeat")]
    n_rejected = sum(rejection.count for rejection in results.rejected if rejection.reason != "screened_worker")
    return [*lines, f"{count(results.n_answers, 'answer')} read: {', '.join(parts)}, {n_rejected} rejected"]


def _answer(results: StudyResults) -> list[str]:
    """Which method leads, by how much, and how sure that is; "best" only where the lead is shown to be more than chance."""
    first, second = best_first(results.methods)[:2]
    gap = next(row for row in results.differences if {row.method, row.against} == {first.method, second.method})
    if gap.value == 0:
        tied = [printable(method.method) for method in results.methods if method.mean_points == first.mean_points]
        return [f"Nobody is best: {', '.join(tied)} have the same mean points, {first.mean_points:.3f}"]
    shown = gap.p_holm is not None and gap.p_holm < _SIGNIFICANT
    head = f"Best: {printable(first.method)}, {first.mean_points:.3f} mean points"
    if not shown:
        head = f"Highest mean points: {printable(first.method)}, {first.mean_points:.3f}"
    lines = [f"{head} of {len(results.methods)}; {gap.value:.3f} more than {printable(second.method)}{_how_sure(gap)}"]
    if gap.p_holm is not None and not shown:
        lines.append("So it may be chance that it leads: the two are not told apart")
    if results.bootstrap.n_replicates:
        row = next(row for row, method in enumerate(results.methods) if method is first)
        share = results.bootstrap.places[row][0]
        lines.append(f"It came first in {100 * share:.1f} % of {results.bootstrap.n_replicates} resamples of workers and items")
    else:
        lines.append(f"Places in resamples: {results.undefined.get('places', 'none')}")
    return lines


def _how_sure(gap: MeanDifference) -> str:
    if gap.p_holm is None:
        return ""
    interval = "no interval" if gap.ci_low is None else f"95 % interval {within(gap.ci_low, gap.ci_high)}"
    return f" ({interval}; p {probability(gap.p_holm)} after Holm's correction)"


def _methods(results: StudyResults) -> list[str]:
    ranks = [f"rank {rank}" for rank in range(1, len(results.methods) + 1)]
    rows = [["method", "mean points", "95 % interval", *ranks], *(_method_cells(row) for row in best_first(results.methods))]
    note = results.undefined.get("interval", "95 % intervals: they cover the sampling of workers and of items")
    return [*aligned(rows), note, *([printable(some)] if (some := results.undefined.get("no_scatter")) else [])]


def _method_cells(method: MethodResult) -> list[str]:
    counts = [str(held) if isinstance(held, int) else f"{held:.1f}" for held in method.rank_counts]
    return [printable(method.method), f"{method.mean_points:.3f}", within(method.ci_low, method.ci_high), *counts]


def _differences(results: StudyResults) -> list[str]:
    rows = [["difference in mean points", "value", "95 % interval", "p", "p (Holm)", "stands above in"]]
    for row in results.differences:
        name = f"{printable(row.method)} - {printable(row.against)}"
        tests = [probability(row.p), probability(row.p_holm)]
        rows.append([name, f"{row.value:.3f}", within(row.ci_low, row.ci_high), *tests, f"{100 * row.share_better:.1f} %"])
    return aligned(rows)


def _strengths(results: StudyResults) -> list[str]:
    found = results.plackett_luce
    if not found.strengths:
        return [f"Plackett-Luce strengths: {printable(found.reason)}"]
    rows = [["Plackett-Luce strength", "first in", "log worth", "95 % interval"]]
    for row in sorted(found.strengths, key=lambda row: -row.log_worth):
        interval = within(row.ci_low, row.ci_high)
        rows.append([printable(row.method), f"{100 * row.worth:.1f} %", f"{row.log_worth:.3f}", interval])
    return [*aligned(rows), *([printable(found.reason)] if found.reason else []), f"Ties: {found.ties}"]


def _agreement(results: StudyResults) -> list[str]:
    if results.friedman_statistic is None or results.friedman_p is None or results.kendall_w is None:
        lines = [f"Friedman's test over items and Kendall's W: {results.undefined['friedman']}"]
    else:
        lines = [
            f"Friedman's test over items (ranks averaged over workers first): {results.friedman_statistic:.2f} "
            f"on {len(results.methods) - 1} degrees of freedom, p {probability(results.friedman_p)}",
            f"Kendall's W: {results.kendall_w:.3f}, the concordance of the items, not agreement of raters",
            *_post_hoc(results),
            "These tests are about new items ranked by the same workers; the intervals and differences above are about new workers too",
        ]
    if results.krippendorff_alpha is None:
        return [*lines, f"Krippendorff's alpha: {results.undefined['krippendorff_alpha']}"]
    return [*lines, f"Krippendorff's alpha (ordinal): {results.krippendorff_alpha:.3f}, the agreement of the workers on an item's ranks"]


def _post_hoc(results: StudyResults) -> list[str]:
    tests = results.post_hoc
    if tests.critical_difference is None:
        return [f"Nemenyi's and Conover's tests: {tests.reason}"]
    alike = ["{" + ", ".join(map(printable, group)) + "}" for group in tests.groups]
    text = f"not told apart: {' '.join(alike)}" if alike else "all methods differ"
    return [
        f"Nemenyi's critical difference of mean ranks: {tests.critical_difference:.3f}; {text}",
        f"Conover's test after Friedman (Holm): {_pairs_told_apart(results, tests.conover)}",
    ]


def _pairs_told_apart(results: StudyResults, p_values: Sequence[Sequence[float]]) -> str:
    k = len(results.methods)
    tails = [p_values[first][second] for first in range(k) for second in range(first)]
    return f"{sum(p < _SIGNIFICANT for p in tails)} of {len(tails)} pairs of methods differ"


def _classes(results: StudyResults) -> list[str]:
    if not results.classes:
        return []
    names = [method.method for method in results.methods]
    rows = [["mean points by class", "items", "rankings", *map(printable, names)]]
    for row in results.classes:
        points = [f"{method.mean_points:.3f}" for method in row.methods]
        rows.append([printable(row.label), number(row.n_items), number(row.n_rankings), *points])
    note = results.undefined.get("classes")
    return [*aligned(rows), *([note] if note else [])]


def _rejected(results: StudyResults) -> list[str]:
    if not results.rejected:
        return ["rejected: none"]
    return [f"rejected: {sum(rejection.count for rejection in results.rejected)}", *(f"  {rejection}" for rejection in results.rejected)]
