"""The classes of a study as tinted cells, like the classes of a run."""

from dataclasses import dataclass

from adis_bench.study.results import ClassResult, StudyResults
from reports.findings import number
from reports.study_tables import class_name, labels

STEPS = 8
"""The deepest of the tints h0 to h8."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A class: its cells are (text, tint), in the order of the methods."""

    label: str
    n_items: int
    cells: tuple[tuple[str, int], ...]


def class_heat(results: StudyResults) -> tuple[HeatRow, ...]:
    """Mean points by class, tinted from 1 (none) to k (deepest); empty where items have no classes."""
    order, k = labels(results), len(results.methods)
    return tuple(HeatRow(class_name(results, one), one.n_items, _cells(one, order, k)) for one in results.classes)


def _cells(one: ClassResult, order: tuple[str, ...], k: int) -> tuple[tuple[str, int], ...]:
    points = {method.method: method.mean_points for method in one.methods}
    tints = {label: round(STEPS * (mean - 1) / max(1, k - 1)) for label, mean in points.items()}
    return tuple((number(points[label], 2), tints[label]) if label in points else ("", 0) for label in order)
