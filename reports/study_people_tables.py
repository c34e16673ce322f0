"""The tables of a study on its people: agreement, screening rules, what they changed, workers, and what was left out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from adis_bench.printable import printable
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import MEANING
from adis_bench.study.results import Screening, StudyResults, WorkerRow
from reports.findings import number
from reports.study_findings import points_places
from reports.study_tables import bounded, measured, method_rows
from reports.table_cells import counted, percent, rounded
from reports.table_record import Cell, Column, Raw, Row, Table
from reports.wording import p_text

RULES = {
    "min_gold": "passed too few items with a known answer",
    "min_seconds": "was too fast",
    "max_same_order": "gave one order of the places too often",
    "min_agreement": "disagreed with the others",
    "min_rankings": "ranked too few",
}
"""Why a worker is left out, by the rule."""


def tables(results: StudyResults) -> Iterator[Table]:
    """All of them, in the order of the page; those that don't apply are left out."""
    yield agreement(results)
    if results.screening is not None:
        yield rules(results.screening)
        yield before_after(results, results.screening)
        yield workers(results.screening)
    if answer_counts(results):
        yield counts(results)
    elif results.rejected:
        yield rejected(results)


def chosen_by_agreement(results: StudyResults) -> str:
    """What must stand beside every measure of agreement where workers were chosen by it; empty where they weren't."""
    on = results.screening is not None and results.screening.rules.min_agreement is not None
    return "conditional on the rule min_agreement, not for people at large" if on else ""


def agreement(results: StudyResults) -> Table:
    """Friedman's test, concordance, and agreement of workers with each other and with themselves."""
    reason, alpha_reason = (results.undefined.get(name, "") for name in ("friedman", "krippendorff_alpha"))
    p = p_text(results.friedman_p) if results.friedman_p is not None else ""
    degrees = len(results.methods) - 1
    friedman = bounded(results.friedman_statistic, None, None, 2, reason)
    if results.friedman_statistic is not None:
        friedman = replace(friedman, says=f"{degrees} degree{'s' if degrees > 1 else ''} of freedom, {p}")
    tested = {"p": results.friedman_p, "degrees_of_freedom": degrees} if results.friedman_statistic is not None else {}
    w, alpha = bounded(results.kendall_w, None, None, 3, reason), bounded(results.krippendorff_alpha, None, None, 3, alpha_reason)
    said = "agreement of workers on the ranks of an item (ordinal): 1 in full, 0 as by chance"
    rows = (
        _measure("friedman_statistic", "Friedman's test", friedman, "do the items order the methods alike, more than by chance?", tested),
        _measure("kendall_w", "Kendall's W", w, "concordance of the items, 0 to 1; not agreement of raters", {}),
        _measure("krippendorff_alpha", "Krippendorff's alpha", alpha, said, {}),
        *_self(results),
    )
    notes = (f"All of them are {conditional}.",) if (conditional := chosen_by_agreement(results)) else ()
    columns = (Column("value"), *(Column(name, file_only=True) for name in _MORE), Column("what it says", text=True, key="meaning"))
    return Table("agreement", "Concordance and agreement", columns, rows, notes, "Measure")


_MORE = ("p", "degrees_of_freedom", "n_repeats", "n_workers")


def _measure(key: str, name: str, value: Cell, says: str, more: Mapping[str, float | None]) -> Row:
    """A measure, with the numbers around it that only files have."""
    around = (Cell(raw=Raw(more.get(name))) for name in _MORE)
    return Row(name, "plain", (value, *around, Cell(says)), "", key=key)


def _self(results: StudyResults) -> Iterator[Row]:
    own = results.self_agreement
    if own is None:
        return
    said = f"two rankings of one item by one worker; {own.n_items:,} repeats, {own.n_workers:,} workers"
    same = percent(own.same_order, 0) if own.same_order is not None else bounded(None, None, None, 2, own.reason)
    tau = bounded(own.kendall, own.ci_low, own.ci_high, 2, own.reason)
    n = {"n_repeats": own.n_items, "n_workers": own.n_workers}
    yield _measure("self_agreement_kendall", "Self-agreement, tau-b", tau, said, n)
    yield _measure("self_agreement_same_order", "Self-agreement, same order", same, "share of the repeats with the very same ranks", n)


def rule_values(rules: ScreeningRules) -> dict[str, float | None]:
    """The bound of each rule by its name; None for those that are off."""
    return {
        "min_gold": rules.min_gold,
        "min_seconds": rules.min_seconds,
        "max_same_order": rules.max_same_order,
        "min_agreement": rules.min_agreement,
    }


def rules(screening: Screening) -> Table:
    """The rules as the study file has them, and whom each left out."""
    r = screening.rules
    said = {
        "min_gold": f"at least {100 * (r.min_gold or 0):.0f} % of the items with a known answer passed",
        "min_seconds": f"at least {r.min_seconds or 0:g} s on an item (median)",
        "max_same_order": f"at most {100 * (r.max_same_order or 0):.0f} % of the rankings with one order of the places on the page",
        "min_agreement": f"mean Kendall's tau-b with the others of at least {number(r.min_agreement or 0, 2)}",
    }
    rows = []
    for name, value in rule_values(r).items():
        words = said[name]
        n_out = sum(name in row.failed for row in screening.workers)
        cells = (Cell(), Cell(), Cell("off")) if value is None else (counted(n_out), Cell(f"{value:g}", raw=Raw(value)), Cell(words))
        rows.append(Row(name, "plain", cells, ""))
    notes = (
        f"Fixed before the answers came. Known answers count from {r.min_gold_items} on, order and agreement from {r.min_rankings} "
        "rankings on: less is too little to tell.",
        "A worker can fail several rules.",
    )
    columns = (
        Column("workers left out", key="n_workers_left_out"),
        Column("threshold", file_only=True),
        Column("to stay, a worker needs", text=True, key="needs"),
    )
    return Table("screening_rules", "Screening rules, and how many workers each left out", columns, tuple(rows), notes, "Rule")


def before_after(results: StudyResults, screening: Screening) -> Table:
    """Mean points with everybody, and with those who stay."""
    digits = points_places(results)
    before = {method.method: method for method in screening.before}
    cells = {}
    for after in results.methods:
        old = before.get(after.method)
        cells[after.method] = (
            measured(old.mean_points, old.ci_low, old.ci_high, digits) if old else Cell(),
            measured(after.mean_points, after.ci_low, after.ci_high, digits),
            rounded(after.mean_points - old.mean_points, digits, signed=True) if old else Cell(),
        )
    columns = (Column("everybody", True, key="before"), Column("after screening", True, key="after"), Column("change"))
    n_out = sum(bool(row.failed) for row in screening.workers)
    notes = (
        f"{screening.n_rankings_before:,} rankings by {len(screening.workers):,} workers before, "
        f"{screening.n_rankings_after:,} by {len(screening.workers) - n_out:,} after.",
    )
    return Table("before_after", "Mean points before and after screening", columns, method_rows(results, cells), notes, "Method")


def workers(screening: Screening) -> Table:
    """Every worker, by pseudonym."""
    rows = [Row(printable(row.worker), "plain", _worker(row), "") for row in screening.workers]
    columns = (
        Column("rankings", key="n_rankings"),
        Column("known answers", key="n_gold"),
        Column("passed", key="gold_passed"),
        Column("median time", unit="s", key="median_seconds"),
        Column("one order", key="same_order"),
        Column("tau-b with the others", key="agreement"),
        Column("rules", text=True, key="failed", file_only=True),
        Column("left out, because the worker", text=True, key="outcome"),
    )
    notes = ("Names are pseudonyms: keyed hashes, whose key stays with the study.",)
    return Table("workers", "Workers", columns, tuple(rows), notes, "Worker")


def _worker(row: WorkerRow) -> tuple[Cell, ...]:
    return (
        counted(row.n_rankings),
        counted(row.n_gold),
        counted(row.gold_passed) if row.n_gold else Cell(note="none seen"),
        rounded(row.median_seconds, 1, missing="not known"),
        percent(row.same_order, 0) if row.same_order is not None else Cell(note="not known"),
        rounded(row.agreement, 2, missing="not defined"),
        Cell("; ".join(row.failed)),
        Cell("; ".join(RULES.get(name, name) for name in row.failed) or "stays"),
    )


def answer_counts(results: StudyResults) -> dict[str, int]:
    """What became of the answers that were read, the sum last; empty where all were analysed, or nobody knows how many there were.

    ``unaccounted`` is in it only if the parts don't add up.
    """
    if results.n_answers in (0, results.n_rankings):
        return {}
    parts = {"analysed": results.n_rankings}
    parts |= {name: n for name, n in (("gold", results.n_gold), ("repeats", results.n_repeats)) if n}
    parts |= {f"rejected: {one.reason}": one.count for one in results.rejected}
    missing = results.n_answers - sum(parts.values())
    return parts | ({"unaccounted": missing} if missing else {}) | {"read": results.n_answers}


def counts(results: StudyResults) -> Table:
    """The answers that were read as a sum."""
    found = answer_counts(results)
    said = {
        "analysed": "rankings, which all numbers above rest on",
        "gold": "to items with a known answer; they serve the screening",
        "repeats": "to items shown again; they serve the self-agreement",
        "unaccounted": "answers that none of the lines above counts: please report this",
        "read": f"the sum: {' + '.join(f'{n:,}' for name, n in found.items() if name != 'read')}",
    } | {f"rejected: {one.reason}": MEANING[one.reason] for one in results.rejected}
    lines = {f"rejected: {one.reason}": counted(one.first_line) for one in results.rejected if one.first_line}
    rows = [Row(name, "plain", (counted(n), lines.get(name, Cell()), Cell(said[name])), "") for name, n in found.items()]
    columns = (Column("count"), Column("first at line", key="first_line"), Column("meaning", text=True))
    return Table("counts", "What became of the answers", columns, tuple(rows), (), "Answers")


def rejected(results: StudyResults) -> Table:
    """What was left out, by reason."""
    rows = []
    for one in results.rejected:
        cells = (counted(one.count), counted(one.first_line) if one.first_line else Cell(), Cell(MEANING[one.reason]))
        rows.append(Row(one.reason, "plain", cells, ""))
    columns = (Column("rankings", key="count"), Column("first at line", key="first_line"), Column("meaning", text=True))
    return Table("rejected", "Rankings that are not counted, by reason", columns, tuple(rows), (), "Reason")
