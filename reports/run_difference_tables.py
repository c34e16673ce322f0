"""The tables of a run on differences: methods minus controls, and methods against each other."""

from collections.abc import Iterator
from itertools import combinations

from adis_bench.results import Difference, MethodRecord, MetricRecord
from adis_bench.results.rounding import enough_places
from reports.data import RunData
from reports.findings import FAILING, Verdict, by_construction, difference_decimals, references, verdict
from reports.run_rows import column_of, method_row
from reports.style import tones
from reports.table_cells import p_value, rounded
from reports.table_record import Cell, Column, Row, Table

_EFFECT_PLACES = 2
SAYS = {Verdict.BETTER: "better", Verdict.WORSE: "worse", Verdict.UNCLEAR: "no difference shown", Verdict.UNKNOWN: "no interval"}
SHOWN = (
    "Better and worse are said only where the 95 % interval of the paired difference excludes 0 and, where there is one, the test does so "
    "after Holm's correction over all comparisons of the metric that have a method in them."
)


def differences(run: RunData) -> Iterator[Table]:
    """For each headline metric the methods, then the controls, minus the controls of reference."""
    against = references(run)
    for metric in run.headline:
        places = difference_decimals(metric.name, run)
        rows = []
        for method in (*run.asked, *(m for m in run.methods if m.control)):
            cells = tuple(_against_control(run, method, name, metric, places) for name in against)
            if any(cell.value for cell in cells):
                rows.append(method_row(run, method, cells))
        columns = tuple(Column(f"minus {name}", key=f"minus_{name}") for name in against)
        notes = ["Paired differences on the very same pairs.", SHOWN, *_limits(run, metric), *([FAILING] if metric.failure else [])]
        title = f"Paired differences in {metric.name}"
        yield Table(f"differences-{metric.name}", title, columns, tuple(rows), tuple(notes), "Method", "differences", column_of(metric))


def _limits(run: RunData, metric: MetricRecord) -> Iterator[str]:
    """Where a control wins whatever a method does."""
    for against in references(run):
        if said := by_construction(run, metric, against):
            yield f"{said[0].upper()}{said[1:]}."


def _against_control(run: RunData, method: MethodRecord, against: str, metric: MetricRecord, places: int) -> Cell:
    found = run.difference(method.label, against, metric.name)
    if found is None or found.value is None:
        return Cell(note="itself" if against == method.label else "not scored")
    return _difference(found, metric, places, SAYS)


def _difference(found: Difference, metric: MetricRecord, places: int, says: dict[Verdict, str]) -> Cell:
    shown = verdict(found, metric.higher_is_better)
    return rounded(
        found.value,
        enough_places(found.value, places),
        found.ci_low,
        found.ci_high,
        signed=True,
        verdict=shown.value,
        says=says[shown],
        missing="not scored",
    )


def versus(run: RunData) -> Iterator[Table]:
    """For each headline metric every two methods against each other, with test and effect sizes."""
    for metric in run.headline:
        places, coloured = difference_decimals(metric.name, run), tones(run.methods)
        rows = [
            Row(first, "plain", _versus_cells(found, metric, places), coloured[first], "", second, coloured[second])
            for first, second in combinations([m.label for m in run.asked], 2)
            if (found := run.difference(first, second, metric.name)) is not None
        ]
        pairs = metric.kind == "pair"
        columns = [Column("difference"), Column("p after Holm", key="p_holm")]
        if pairs:
            columns += [Column("d_z"), Column("share of pairs won", key="share_better")]
        notes = [
            "Paired two-way clustered t tests on the same pairs, corrected by Holm over all comparisons of the metric.",
            SHOWN,
            *(
                ["d_z: mean difference over the scatter of the pairs, above 0 where the first is better; ties count half in the share."]
                * pairs
            ),
            *([FAILING] if metric.failure else []),
        ]
        title = f"Methods against each other in {metric.name}"
        subject = column_of(metric)
        yield Table(f"versus-{metric.name}", title, tuple(columns), tuple(rows), tuple(notes), "Methods", "versus", subject)


def _versus_cells(found: Difference, metric: MetricRecord, places: int) -> tuple[Cell, ...]:
    says = SAYS | {Verdict.BETTER: f"{found.method} is better", Verdict.WORSE: f"{found.against} is better"}
    cells = [_difference(found, metric, places, says), p_value(found.p_holm, "no test")]
    if metric.kind == "pair":
        cells.append(rounded(found.d_z, _EFFECT_PLACES, found.d_z_low, found.d_z_high, signed=True, missing="not defined"))
        cells.append(rounded(found.share_better, _EFFECT_PLACES, found.share_low, found.share_high, missing="not defined"))
    return tuple(cells)
