"""The tables of a report as rows of ready text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adis_bench.results import MetricRecord, Score
from reports.data import RunData
from reports.findings import Comparison, best, compare, decimals, interval, number, references

HEAT_STEPS = 9
LEAST_PAIRS = 10
"""Pairs of a class below which its value is not shown: it would say more of these pairs than of the class."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One score as text.

    Attributes:
        value: empty where not scored; ``reason`` says why.
        interval: ``[low, high]``, or empty.
        note: counts that differ from the other rows'.
        best: the best value among the methods.
    """

    value: str
    interval: str = ""
    note: str = ""
    reason: str = ""
    best: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A method's cells, one per metric of the table."""

    method: str
    description: str
    control: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A method on one metric against each of the controls."""

    method: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A class mean with its step of colour, 0 (worst of the map) to ``HEAT_STEPS`` - 1 (best)."""

    value: str
    step: int
    n: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Class means of one metric: a row per method, a column per target class with its number of pairs."""

    metric: MetricRecord
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value as text."""

    name: str
    text: str


def score_rows(run: RunData, metrics: Sequence[MetricRecord]) -> tuple[Row, ...]:
    """Controls first, then methods: one cell per metric."""
    leaders = {m.name: found.method for m in metrics if (found := best(run, m)) is not None and len(run.asked) > 1}
    return tuple(
        Row(
            method.label,
            method.description,
            method.control,
            tuple(_cell(run, run.score(method.label, m.name), m, leaders.get(m.name) == method.label) for m in metrics),
        )
        for method in run.methods
    )


def _cell(run: RunData, score: Score | None, metric: MetricRecord, leads: bool) -> Cell:
    if score is None:
        return Cell("", reason="not scored")
    if score.value is None:
        return Cell("", reason=score.reason or "not scored")
    places = decimals(metric.name, run)
    shown = interval(score.ci_low, score.ci_high, places) or "no interval"
    return Cell(number(score.value, places), shown, _count_note(run, score, metric), score.reason or "", leads)


def _count_note(run: RunData, score: Score, metric: MetricRecord) -> str:
    counts = Counter(s.n for s in run.results.scores if s.metric == metric.name and s.value is not None)
    usual = max(counts, key=lambda n: (counts[n], n))
    parts = []
    if score.n_missing:
        parts.append(f"{score.n_missing} missing")
    if score.n != usual:
        # A Fréchet distance falls with n by itself: another n is another scale.
        parts.append(f"n = {score.n}, not comparable" if metric.kind == "set" else f"n = {score.n}")
    return ", ".join(parts)


def difference_rows(run: RunData, metric: MetricRecord) -> tuple[DifferenceRow, ...]:
    """Every method, then the controls, against the controls of reference (none against itself)."""
    controls = references(run)
    methods = [*run.asked, *(m for m in run.methods if m.control)]
    rows = []
    for method in methods:
        comparisons = tuple(compare(run, method.label, against, metric) for against in controls)
        if any(c.value for c in comparisons):
            rows.append(DifferenceRow(method.label, comparisons))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class VersusRow:
    """Two methods on one metric: the difference with its test and effect sizes, as text.

    Attributes:
        first, second: the methods; the difference is first minus second.
        comparison: the difference and who is ahead by its corrected test.
        p_holm: after Holm's correction; empty where there was no test.
        d_z, share: effect sizes with their intervals; empty for set metrics.
    """

    first: str
    second: str
    comparison: Comparison
    p_holm: str
    d_z: str
    share: str


def versus_rows(run: RunData, metric: MetricRecord) -> tuple[VersusRow, ...]:
    """Every two methods against each other."""
    asked = [m.label for m in run.asked]
    couples = [(first, second) for place, first in enumerate(asked) for second in asked[place + 1 :]]
    return tuple(_versus(run, metric, first, second) for first, second in couples if run.difference(first, second, metric.name))


def _versus(run: RunData, metric: MetricRecord, first: str, second: str) -> VersusRow:
    found, shown = run.difference(first, second, metric.name), compare(run, first, second, metric)
    if found is None:
        return VersusRow(first, second, shown, "", "", "")

    def effect(value: float | None, low: float | None, high: float | None) -> str:
        return "" if value is None else f"{number(value, 2)} {interval(low, high, 2)}".strip()

    p = "" if found.p_holm is None else "< 0.001" if found.p_holm < 0.001 else f"{found.p_holm:.3f}"
    d_z = effect(found.d_z, found.d_z_low, found.d_z_high)
    return VersusRow(first, second, shown, p, d_z, effect(found.share_better, found.share_low, found.share_high))


@dataclass(frozen=True, slots=True)
class SizeRow:
    """A method's values at several numbers of outputs, as text."""

    method: str
    values: tuple[str, ...]
    extrapolated: str
    reason: str


@dataclass(frozen=True, slots=True)
class SizeTable:
    """How a metric's values move with the number of outputs."""

    metric: MetricRecord
    sizes: tuple[str, ...]
    rows: tuple[SizeRow, ...]


def size_tables(run: RunData) -> tuple[SizeTable, ...]:
    """One table per metric whose value depends on the number of outputs."""
    found = []
    for metric in run.results.metrics:
        curves = {curve.method: curve for curve in run.results.size_curves if curve.metric == metric.name}
        sizes = sorted({n for curve in curves.values() for n, _ in curve.points})
        if not sizes:
            continue
        places = decimals(metric.name, run)
        rows = []
        for method in run.methods:
            if (curve := curves.get(method.label)) is not None:
                by_size = dict(curve.points)
                values = tuple(number(by_size[n], places) if n in by_size else "" for n in sizes)
                endless = "" if curve.extrapolated is None else number(curve.extrapolated, places)
                rows.append(SizeRow(method.label, values, endless, curve.reason))
        found.append(SizeTable(metric, tuple(f"{n:.0f}" for n in sizes), tuple(rows)))
    return tuple(found)


def heat_maps(run: RunData) -> tuple[HeatMap, ...]:
    """One map per headline metric that has class means."""
    return tuple(found for metric in run.headline if (found := _heat_map(run, metric)) is not None)


def _heat_map(run: RunData, metric: MetricRecord) -> HeatMap | None:
    by_place = {
        (s.method, s.label): s for s in run.results.class_scores if s.metric == metric.name and s.value is not None and s.n >= LEAST_PAIRS
    }
    if not by_place:
        return None
    values = [s.value for s in by_place.values() if s.value is not None]
    low, high = min(values), max(values)
    labels = [label for label in run.results.dataset.displays if any(place[1] == label for place in by_place)]
    places = decimals(metric.name, run)

    def cell(method: str, label: str) -> HeatCell:
        score = by_place.get((method, label))
        if score is None or score.value is None:
            return HeatCell("", 0, 0)
        share = (score.value - low) / (high - low) if high > low else 0.5
        good = share if metric.higher_is_better else 1 - share
        return HeatCell(number(score.value, min(places, 2)), min(int(good * HEAT_STEPS), HEAT_STEPS - 1), score.n)

    rows = tuple((m.label, tuple(cell(m.label, label) for label in labels)) for m in run.methods if any(p[0] == m.label for p in by_place))
    counts = tuple(max(score.n for (_, at), score in by_place.items() if at == label) for label in labels)
    return HeatMap(metric, tuple(run.results.dataset.displays[label] for label in labels), counts, rows)


def facts(raw: Mapping[str, Any], leave_out: Sequence[str] = ()) -> tuple[Fact, ...]:
    """Any JSON-compatible mapping as name and text; nested names are joined, intervals stand with their value."""
    found: list[Fact] = []
    for key, value in raw.items():
        if key in leave_out:
            continue
        name = key.replace("_", " ")
        if isinstance(value, Mapping) and not _is_interval(value):
            found += [Fact(f"{name}: {inner.name}", inner.text) for inner in facts(value)]
        else:
            found.append(Fact(name, _text(value)))
    return tuple(fact for fact in found if fact.text)


def _is_interval(value: Mapping[str, Any]) -> bool:
    return {"value", "ci_low", "ci_high"} <= value.keys()


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return _interval_text(value) if _is_interval(value) else ", ".join(f"{fact.name} {fact.text}" for fact in facts(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def _interval_text(value: Mapping[str, Any]) -> str:
    if value["value"] is None:
        return "not known"
    rest = ", ".join(f"{fact.name} {fact.text}" for fact in facts(value, ["value", "ci_low", "ci_high"]))
    shown = f"{number(value['value'], 3)} {interval(value['ci_low'], value['ci_high'], 3)}".strip()
    return f"{shown} ({rest})" if rest else shown
