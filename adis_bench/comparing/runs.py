"""Runs that are to be compared, read from their folders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adis_bench.comparing.obstacles import obstacles
from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.results import PER_PAIR_NAME, RESULTS_NAME, Results, read_results
from adis_bench.results.per_pair import PairScores, disagreements, present, read_pair_scores, read_rows
from adis_bench.statistics.records import Groups

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A scored run.

    Attributes:
        name: of its folder; with its parent's name where two folders have the same one.
        folder: absolute path.
        results: ``results.json``.
        groups: of its pairs.
        scores: float64 [n] by (method, metric), in the order of the pairs; NaN where a pair is not scored.
        outputs: by method, the pairs that it had an output for when the run was scored; None where that can't be known.
    """

    name: str
    folder: Path
    results: Results
    groups: Groups
    scores: Mapping[tuple[str, str], Floats]
    outputs: Mapping[str, frozenset[str] | None]


def open_runs(folders: Sequence[Path]) -> tuple[OpenRun, ...]:
    """Read two or more runs; the scores of all are in the order of the first one's pairs.

    Raises:
        ConfigError: fewer than two, or one twice, or a path that cannot be.
        DataError: a file of a run is missing or damaged, or they may not be compared.
    """
    try:
        resolved = [_folder(folder.expanduser().resolve()) for folder in folders]
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigError(f"a run's path cannot be used ({error}); name the folders of runs") from error
    if len(set(resolved)) < 2 or len(set(resolved)) < len(resolved):
        raise ConfigError(f"compare needs two or more different runs; {len(resolved)} given, {len(set(resolved))} different")
    opened = [_Files.read(folder, name) for folder, name in zip(resolved, _names(resolved), strict=True)]
    found = obstacles({files.name: files.results for files in opened})
    if found:
        raise DataError(f"the runs may not stand in one table: {'; '.join(found)}")
    return tuple(files.in_order_of(opened[0]) for files in opened)


def _folder(path: Path) -> Path:
    """The run's folder, also where its results.json was named."""
    if path.is_dir():
        return path
    if path.is_file() and path.name == RESULTS_NAME:
        return path.parent
    what = "a file" if path.is_file() else "no folder" if path.exists() else "not there"
    raise ConfigError(f"{printable(str(path))} is {what}; name the folder of a run")


def _names(folders: Sequence[Path]) -> list[str]:
    names = [folder.name for folder in folders]
    longer = [f"{folder.parent.name}/{folder.name}" if names.count(folder.name) > 1 else folder.name for folder in folders]
    return [printable(name if longer.count(name) == 1 else str(folder)) for name, folder in zip(longer, folders, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class _Files:
    """What a run's files hold; ``groups`` are those of each pair's source and sound."""

    folder: Path
    name: str
    results: Results
    groups: dict[str, tuple[str, str]]
    scores: PairScores

    @classmethod
    def read(cls, folder: Path, name: str) -> "_Files":
        results = read_results(folder)
        groups = _groups(folder, results.pairs.n)
        scores = read_pair_scores(folder / PER_PAIR_NAME)
        if scores.faults:
            raise _damaged(folder, _first(scores.faults))
        strange = {pair for column in scores.values.values() for pair in column} - groups.keys()
        if strange:
            raise _damaged(folder, f"{len(strange)} of its pairs with scores are not in its list, first: {min(strange)}")
        pair_metrics = frozenset(metric.name for metric in results.metrics if metric.kind == "pair")
        other = [what for _, what in disagreements(list(enumerate(results.scores)), pair_metrics, len(groups), scores)]
        if other:
            raise _damaged(folder, f"{PER_PAIR_NAME} is of another scoring than results.json: {_first(other)}")
        return cls(folder, name, results, groups, scores)

    def in_order_of(self, first: "_Files") -> OpenRun:
        if self.groups != first.groups:
            raise _damaged(self.folder, f"its pairs are not those of {first.name}, though the digests are equal")
        columns = {key: self._column(by_pair, first) for key, by_pair in self.scores.values.items()}
        sources, sounds = (np.unique(names, return_inverse=True)[1] for names in zip(*first.groups.values(), strict=True))
        outputs = {method.label: present(method, tuple(self.groups), self.scores) for method in self.results.methods}
        groups = Groups(sources.astype(np.int64), sounds.astype(np.int64))
        return OpenRun(self.name, self.folder, self.results, groups, columns, outputs)

    @staticmethod
    def _column(by_pair: Mapping[str, float | None], first: "_Files") -> Floats:
        values = (by_pair.get(pair) for pair in first.groups)
        return np.array([np.nan if value is None else value for value in values], np.float64)


def _groups(folder: Path, n: int) -> dict[str, tuple[str, str]]:
    try:
        rows = read_rows(folder / "pairs.parquet", ("pair_id", "source_group", "target_group"))
    except ValueError as error:
        raise _damaged(folder, str(error), _NO_LIST) from error
    if any(not isinstance(cell, str) for row in rows for cell in row.values()):
        raise _damaged(folder, "pairs.parquet has a cell that is no text", _NO_LIST)
    groups = {row["pair_id"]: (row["source_group"], row["target_group"]) for row in rows}
    if len(groups) != len(rows) or len(groups) != n:
        raise _damaged(folder, f"its pair list has {len(rows)} rows of {len(groups)} pairs, and its results are about {n}")
    return groups


def _first(faults: Sequence[str]) -> str:
    return faults[0] if len(faults) == 1 else f"{faults[0]}, and {len(faults) - 1} more"


_SCORE = "write its scores anew with `adis-bench score`"
_NO_LIST = "run again into a new folder"  # scores can't be made without the list either


def _damaged(folder: Path, what: str, mend: str = _SCORE) -> DataError:
    return DataError(f"{printable(str(folder))}: {printable(what)}; {mend}")
