"""Runs that are to be compared, and why they may not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, DataError
from adis_bench.results import PER_PAIR_NAME, Results, read_results
from adis_bench.statistics.records import Groups

Floats = NDArray[np.float64]
_SHOWN = 12  # digits of a digest in an error: enough to tell two apart at a glance


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
    """Read two or more runs.

    Raises:
        ConfigError: fewer than two, or one twice.
        DataError: a file of a run is missing or damaged, or they may not be compared.
    """
    resolved = [folder.expanduser().resolve() for folder in folders]
    if len(set(resolved)) < 2 or len(set(resolved)) < len(resolved):
        raise ConfigError(f"compare needs two or more different runs; {len(resolved)} given, {len(set(resolved))} different")
    runs = tuple(_open(folder, name) for folder, name in zip(resolved, _names(resolved), strict=True))
    found = obstacles(runs)
    if found:
        raise DataError(f"the runs may not stand in one table: {'; '.join(found)}")
    return runs


def obstacles(runs: Sequence[OpenRun]) -> tuple[str, ...]:
    """What keeps numbers of these runs apart, one sentence for each thing that differs, digest by digest.

    Beside dataset, pair list and protocol: extractors of the same name must be the same network (each run may have trained a judge
    of its own), and the outputs must have one size, since every score sees them at it.
    """
    asked = {
        "dataset": [run.results.dataset.digest for run in runs],
        "pair list": [run.results.pairs.digest for run in runs],
        "protocol": [run.results.protocol for run in runs],
        "resolution": [str(run.results.resolution) for run in runs],
    }
    extractors = [{extractor.name: extractor.digest for extractor in run.results.extractors} for run in runs]
    for name in sorted(set().union(*extractors)):
        asked[f"extractor {name}"] = [digests.get(name, "none") for digests in extractors]
    return tuple(
        f"{what}: " + ", ".join(f"{run.name} has {value[:_SHOWN]}" for run, value in zip(runs, values, strict=True))
        for what, values in asked.items()
        if len(set(values)) > 1
    )


def _names(folders: Sequence[Path]) -> list[str]:
    names = [folder.name for folder in folders]
    longer = [f"{folder.parent.name}/{folder.name}" if names.count(folder.name) > 1 else folder.name for folder in folders]
    return [name if longer.count(name) == 1 else str(folder) for name, folder in zip(longer, folders, strict=True)]


def _open(folder: Path, name: str) -> OpenRun:
    results = read_results(folder)
    try:
        pairs = pq.read_table(folder / "pairs.parquet", columns=["pair_id", "source_group", "target_group"])
        rows = pq.read_table(folder / PER_PAIR_NAME, columns=["pair_id", "method", "metric", "value"])
    except (OSError, pa.ArrowException, KeyError) as error:
        raise DataError(f"{folder}: pairs or scores cannot be read ({error}); write them anew with `adis-bench score {folder}`") from error
    place = {pair: number for number, pair in enumerate(pairs["pair_id"].to_pylist())}
    groups = Groups(*(np.unique(pairs[column].to_pylist(), return_inverse=True)[1] for column in ("source_group", "target_group")))
    scores: dict[tuple[str, str], Floats] = {}
    for row in rows.to_pylist():
        column = scores.setdefault((row["method"], row["metric"]), np.full(len(place), np.nan))
        if row["pair_id"] not in place:
            raise DataError(f"{folder}: scores of a pair that is not in its list, {row['pair_id']!r}; `adis-bench score {folder}` again")
        column[place[row["pair_id"]]] = np.nan if row["value"] is None else row["value"]
    return OpenRun(name, results, groups, scores)
