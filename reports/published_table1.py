"""The published Table 1, and when its numbers may stand in one table with a run's."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from adis_bench.results import DatasetRecord, Results
from reports.table_record import Cell, Column, Raw, Row, Table

PROTOCOL = "paper"
INTO_THE_WILD = "into_the_wild"
BUDGETS = ("released", "appendix")
"""Presets with the published budget: that of the paper's code, and that of its appendix where they differ."""


@dataclass(frozen=True, slots=True)
class PublishedColumn:
    """A column of the published table, and the metric that measures the same thing here."""

    name: str
    metric: str
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class Published:
    """The published table, digits as they were printed.

    Attributes:
        source: where it stands.
        dataset: what it was measured on.
        columns: its metrics.
        values: variant -> a value per column.
    """

    source: str
    dataset: str
    columns: tuple[PublishedColumn, ...]
    values: Mapping[str, tuple[str, ...]]


@cache
def published() -> Published:
    """The table of ``published_table1.toml``."""
    raw = tomllib.loads((files("reports") / "published_table1.toml").read_text(encoding="utf-8"))
    columns = tuple(PublishedColumn(**column) for column in raw["columns"])
    return Published(raw["source"], raw["dataset"], columns, {row["variant"]: tuple(row["values"]) for row in raw["rows"]})


def is_into_the_wild(dataset: DatasetRecord) -> bool:
    """Whether a dataset is the paper's Into the Wild: its importer stamped ``kind = "into_the_wild"`` into the recipe.

    The name proves nothing, it is that of a folder. An importer must stamp this only on a dataset of the videos that the paper
    lists, cut as the paper cut them.
    """
    return dataset.recipe.get("kind") == INTO_THE_WILD


def obstacles(results: Results) -> tuple[str, ...]:
    """Why the published numbers can't stand in one table with a run's; empty where they can."""
    found = []
    if results.protocol != PROTOCOL:
        found.append(
            f"The protocol is {results.protocol}, not {PROTOCOL}: other networks measure other things on other scales, "
            "even under similar names."
        )
    if not is_into_the_wild(results.dataset):
        found.append(f"The dataset is {results.dataset.name}, not the paper's {published().dataset}.")
    elif (there := results.dataset.notes.get("availability")) and there["present"] < there["listed"]:
        found.append(
            f"Only {there['present']} of the {there['listed']} videos of {published().dataset} are in the dataset ({there['hours']} h)."
        )
    if doubtful := [e.name for e in results.extractors if e.facts.get("verified") is False]:
        found.append(f"The weights of {', '.join(doubtful)} are UNVERIFIED: they may be other networks than the published ones.")
    starts = [str(method.provenance.get("audio_init", "")) for method in results.methods]
    if other := [text for text in dict.fromkeys(starts) if "UNVERIFIED" in text or "pretraining by" in text]:
        found.append(f"Initial weights are not known to be the published ones: {'; '.join(other)}.")
    return tuple(found)


def remarks(results: Results) -> tuple[str, ...]:
    """What differs from the published numbers even where protocol and dataset are the same, as far as it is known."""
    found = []
    if results.preset not in BUDGETS:
        found.append(f"The preset is {results.preset}: the published models were trained with the budget of {' or '.join(BUDGETS)}.")
    found.append(
        "The published table has neither intervals nor a number of trainings, and no list of test pairs, version of OpenL3 or prompt for "
        "CLIP was released with it."
    )
    return tuple(found)


def _printed(value: str) -> Cell:
    """A number with the digits that were printed."""
    return Cell(value, raw=Raw(float(value)))


def rows_beside(labels: Mapping[str, str], columns: tuple[Column, ...], tones: Mapping[str, str]) -> tuple[Row, ...]:
    """The published rows for a table of these columns, empty where the paper has no such number."""
    table = published()
    places = {column.metric: place for place, column in enumerate(table.columns)}

    def cells(values: tuple[str, ...]) -> tuple[Cell, ...]:
        return tuple(_printed(values[places[column.name]]) if column.name in places else Cell() for column in columns)

    return tuple(Row(labels[variant], "published", cells(values), tones[variant], table.source) for variant, values in table.values.items())


def own_table(labels: Mapping[str, str], reasons: tuple[str, ...]) -> Table:
    """The published table by itself, with the reasons why it stands apart as its notes."""
    table = published()
    columns = tuple(Column(column.name, column.higher_is_better) for column in table.columns)
    rows = tuple(
        Row(labels[variant], "published", tuple(map(_printed, values)), description=table.source)
        for variant, values in table.values.items()
    )
    title = f"Published on {table.dataset}, not comparable with the numbers measured here ({table.source})"
    return Table("table1-published", title, columns, rows, reasons)
