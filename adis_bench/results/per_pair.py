"""``scores/per_pair.parquet``: read with care, and held against ``results.json``, whose means it must give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isclose, isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from adis_bench.results.codec import PER_PAIR_COLUMNS
from adis_bench.results.numbers import Score
from adis_bench.results.records import MethodRecord

NO_OUTPUT = "no output"
"""The reason that stands where a method has made nothing for a pair; all other reasons are a metric's."""
CLOSE = 1e-6
"""Ours: relative, and absolute below 1; far above float64's rounding of a mean, and far below any interval here."""


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """What the file holds.

    Attributes:
        values: by (method, metric) and pair; None where not scored.
        without_output: by method, the pairs that it has made nothing for.
        faults: everything that is wrong with the file itself, a phrase each.
    """

    values: Mapping[tuple[str, str], Mapping[str, float | None]]
    without_output: Mapping[str, frozenset[str]]
    faults: tuple[str, ...]


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file.

    Raises:
        ValueError: it cannot be read, or lacks a column; the message is a phrase.
    """
    if path.exists() and not path.is_file():
        raise ValueError(f"{path.name} is no regular file")  # a pipe would be waited for, a folder read as many files
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise ValueError(f"{path.name} cannot be read ({type(error).__name__})") from error
    if lacking := [name for name in columns if name not in table.column_names]:
        raise ValueError(f"{path.name} lacks the column{'s' if len(lacking) > 1 else ''} {' and '.join(lacking)}")
    rows: list[dict[str, Any]] = table.select(list(columns)).to_pylist()
    return rows


def read_pair_scores(path: Path) -> PairScores:
    """Read the file; its faults are returned, not raised."""
    try:
        rows = read_rows(path, PER_PAIR_COLUMNS)
    except ValueError as error:
        return PairScores({}, {}, (str(error),))
    values: dict[tuple[str, str], dict[str, float | None]] = {}
    without: dict[str, set[str]] = {}
    faults: list[str] = []
    for number, row in enumerate(rows):
        if fault := _fault(row):
            faults.append(f"{path.name}, row {number}: {fault}")
            continue
        column = values.setdefault((row["method"], row["metric"]), {})
        if row["pair_id"] in column:
            faults.append(f"{path.name}, row {number}: {row['method']} has {row['metric']} for pair {row['pair_id']} twice")
        column[row["pair_id"]] = row["value"]
        if row["reason"] == NO_OUTPUT:
            without.setdefault(row["method"], set()).add(row["pair_id"])
    return PairScores(values, {method: frozenset(pairs) for method, pairs in without.items()}, tuple(faults))


def _fault(row: Mapping[str, Any]) -> str:
    for name in ("pair_id", "method", "metric"):
        if not isinstance(row[name], str):
            return f"{name} is {row[name]!r}, no text"
    value, reason = row["value"], row["reason"]
    if value is not None and (not isinstance(value, float) or not isfinite(value)):
        return f"{row['method']} has {value!r} on {row['metric']} for pair {row['pair_id']}, no finite number"
    if value is None and not (isinstance(reason, str) and reason):
        return f"{row['method']} has no {row['metric']} for pair {row['pair_id']}, and no reason"
    return ""


def disagreements(
    scores: Sequence[tuple[int, Score]], pair_metrics: frozenset[str], n_pairs: int, found: PairScores
) -> Iterator[tuple[int, str]]:
    """Where the pairs' values give another mean, or are others in number, than ``results.json`` says.

    Args:
        scores: with their places in the file.
        pair_metrics: the metrics that score pairs.
        n_pairs: of the run.
        found: the pairs' values.

    Yields:
        The place of a score, and a phrase.
    """
    for place, score in scores:
        if score.metric not in pair_metrics:
            continue
        column = found.values.get((score.method, score.metric))
        if column is None:
            if score.value is not None:
                yield place, f"{score.method} has {score.metric} {score.value:.6g}, and no pair has one"
            continue
        there = [value for value in column.values() if value is not None]
        # Each divided first: a sum of numbers near the largest ones would overflow.
        mean = fsum(value / len(there) for value in there)
        if len(column) != n_pairs:
            yield place, f"{score.method} has {score.metric} for {len(column)} of {n_pairs} pairs, scored or not"
        elif len(there) != score.n:
            yield place, f"{score.method} has {score.metric} from {score.n} pairs, and {len(there)} have one"
        elif there and not (score.value is not None and near(score.value, mean)):
            yield place, f"{score.method} has {score.metric} {score.value!r}, and the mean of its pairs is {mean:.6g}"


def near(one: float, other: float) -> bool:
    """Whether two values agree up to rounding."""
    return isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)


def present(method: MethodRecord, pairs: Sequence[str], found: PairScores) -> frozenset[str] | None:
    """The pairs that a method had an output for when the run was scored; None where that can't be known.

    Not asked of the folder of outputs: what lies there may have come or gone since the scores were made.

    Args:
        method: its record, which counts the outputs.
        pairs: the run's.
        found: the pairs' values, with the reasons of those that are missing.
    """
    if not method.n_missing:
        return frozenset(pairs)
    if not method.n_outputs:
        return frozenset()
    there = frozenset(pairs) - found.without_output.get(method.label, frozenset())
    # A protocol without any metric of pairs has no rows to tell by.
    return there if len(there) == method.n_outputs else None
