"""Runs that are to be compared, and why they may not be."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.results import PER_PAIR_NAME, MetricRecord, Results, read_results
from adis_bench.statistics.records import Groups

Floats = NDArray[np.float64]
_WHOLE = 64
_DIGEST = re.compile(rf"[0-9a-f]{{{_WHOLE}}}")
_SHOWN = 12  # digits of a digest in an error: enough to tell two apart at a glance, mostly


@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A scored run.

    Attributes:
        name: of its folder; with its parent's name where two folders have the same one.
        results: ``results.json``.
        groups: of its pairs.
        scores: float64 [n] by (method, metric), in the order of the pairs; NaN where a pair is not scored.
    """

    name: str
    results: Results
    groups: Groups
    scores: dict[tuple[str, str], Floats]


def open_runs(folders: Sequence[Path]) -> tuple[OpenRun, ...]:
    """Read two or more runs; the scores of all are in the order of the first one's pairs.

    Raises:
        ConfigError: fewer than two, or one twice, or a path that cannot be.
        DataError: a file of a run is missing or damaged, or they may not be compared.
    """
    try:
        resolved = [folder.expanduser().resolve() for folder in folders]
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigError(f"a run's path cannot be used ({error}); name the folders of runs") from error
    if len(set(resolved)) < 2 or len(set(resolved)) < len(resolved):
        raise ConfigError(f"compare needs two or more different runs; {len(resolved)} given, {len(set(resolved))} different")
    opened = [_Files.read(folder, name) for folder, name in zip(resolved, _names(resolved), strict=True)]
    found = obstacles({files.name: files.results for files in opened})
    if found:
        raise DataError(f"the runs may not stand in one table: {'; '.join(found)}")
    return tuple(files.in_order_of(opened[0]) for files in opened)


def obstacles(runs: Mapping[str, Results]) -> tuple[str, ...]:
    """What keeps numbers of these runs apart, one sentence for each thing that differs, digest by digest.

    Beside dataset, pair list and protocol: extractors that several runs have must be the same network (each run may have trained a
    judge of its own), the outputs must have one size, since every score sees them at it, and a metric must mean the same.
    """
    asked: dict[str, dict[str, str]] = {
        "dataset": {name: run.dataset.digest for name, run in runs.items()},
        "pair list": {name: run.pairs.digest for name, run in runs.items()},
        "protocol": {name: run.protocol for name, run in runs.items()},
        "resolution": {name: str(run.resolution) for name, run in runs.items()},
    }
    for name, run in runs.items():
        for extractor in run.extractors:
            asked.setdefault(f"extractor {extractor.name}", {})[name] = extractor.digest
        for metric in run.metrics:
            asked.setdefault(f"metric {metric.name}", {})[name] = f"{metric.kind}, {metric.unit or 'no unit'}, {_direction(metric)}"
    differing = {what: values for what, values in asked.items() if len(set(values.values())) > 1}
    found = [f"{what}: " + ", ".join(f"{name} has {value}" for name, value in _short(values).items()) for what, values in differing.items()]
    common = set.intersection(*({metric.name for metric in run.metrics} for run in runs.values()))
    return tuple(found if common else [*found, "metrics: none is in all of them"])


def _direction(metric: MetricRecord) -> str:
    return "higher is better" if metric.higher_is_better else "lower is better"


def _short(values: Mapping[str, str]) -> dict[str, str]:
    """Digests cut to what tells them apart; anything else as it is."""
    if not all(_DIGEST.fullmatch(value) for value in values.values()):
        return {name: printable(value) for name, value in values.items()}
    length = next(n for n in range(_SHOWN, _WHOLE + 1) if len({v[:n] for v in values.values()}) == len(set(values.values())))
    return {name: value[:length] for name, value in values.items()}


def _names(folders: Sequence[Path]) -> list[str]:
    names = [folder.name for folder in folders]
    longer = [f"{folder.parent.name}/{folder.name}" if names.count(folder.name) > 1 else folder.name for folder in folders]
    return [printable(name if longer.count(name) == 1 else str(folder)) for name, folder in zip(longer, folders, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class _Files:
    """What a run's files hold: its pairs with their groups, and scores by (method, metric) and pair."""

    folder: Path
    name: str
    results: Results
    groups: dict[str, tuple[str, str]]
    scores: dict[tuple[str, str], dict[str, float]]

    @classmethod
    def read(cls, folder: Path, name: str) -> "_Files":
        results = read_results(folder)
        pairs = _rows(folder, "pairs.parquet", ("pair_id", "source_group", "target_group"), str)
        groups = {row["pair_id"]: (row["source_group"], row["target_group"]) for row in pairs}
        if len(groups) != len(pairs) or len(groups) != results.pairs.n:
            raise _damaged(
                folder, f"its pair list has {len(pairs)} rows of {len(groups)} pairs, and its results are about {results.pairs.n}"
            )
        scores: dict[tuple[str, str], dict[str, float]] = {}
        rows = _rows(folder, PER_PAIR_NAME, ("pair_id", "method", "metric"), str, also="value")
        for row in rows:
            value = row["value"]
            if value is not None and (not isinstance(value, float) or not isfinite(value)):
                raise _damaged(folder, f"{row['method']} has {value!r} on {row['metric']} for pair {row['pair_id']}")
            scores.setdefault((row["method"], row["metric"]), {})[row["pair_id"]] = float("nan") if value is None else value
        n_kept = sum(map(len, scores.values()))
        if n_kept != len(rows) or any(not by_pair.keys() <= groups.keys() for by_pair in scores.values()):
            raise _damaged(folder, f"{len(rows) - n_kept} scores come twice, or are of pairs that its list lacks")
        if any(score.value is not None and not isfinite(score.value) for score in results.scores):
            raise _damaged(folder, "a score is no finite number")
        return cls(folder, name, results, groups, scores)

    def in_order_of(self, first: "_Files") -> OpenRun:
        if self.groups != first.groups:
            raise _damaged(self.folder, f"its pairs are not those of {first.name}, though the digests are equal")
        columns = {key: np.array([by_pair.get(pair, np.nan) for pair in first.groups], np.float64) for key, by_pair in self.scores.items()}
        sources, sounds = (np.unique(names, return_inverse=True)[1] for names in zip(*first.groups.values(), strict=True))
        return OpenRun(self.name, self.results, Groups(sources.astype(np.int64), sounds.astype(np.int64)), columns)


def _rows(folder: Path, name: str, columns: Sequence[str], kind: type, also: str = "") -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = pq.read_table(folder / name, columns=[*columns, *([also] if also else [])]).to_pylist()
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise _damaged(folder, f"{name} cannot be read ({type(error).__name__})") from error
    if any(not isinstance(row.get(column), kind) for row in rows for column in columns) or any(also and also not in row for row in rows):
        raise _damaged(folder, f"{name} lacks a column or a cell")
    return rows


def _damaged(folder: Path, what: str) -> DataError:
    return DataError(f"{printable(str(folder))}: {printable(what)}; write its scores anew with `adis-bench score`")
