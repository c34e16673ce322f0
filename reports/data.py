"""Reads a run folder: the typed records of ``adis_bench.results``, and what a report asks of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adis_bench.datasets.combined import train_data_of
from adis_bench.errors import DataError
from adis_bench.results import (
    PER_PAIR_COLUMNS,
    PER_PAIR_NAME,
    Difference,
    MethodRecord,
    MetricRecord,
    PairScore,
    Results,
    Score,
    read_results,
)
from reports.style import ordered


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of the pair list, with the media that a report shows."""

    pair_id: str
    source_label: str
    target_label: str
    source_path: Path
    target_audio_path: Path


@dataclass(frozen=True)
class RunData:
    """A run as a report sees it.

    Attributes:
        folder: absolute path of the run.
        results: ``results.json``.
        pairs: the pair list.
    """

    folder: Path
    results: Results
    pairs: tuple[PairRow, ...]

    @classmethod
    def open(cls, folder: Path) -> "RunData":
        """Read results and pair list of a run.

        Raises:
            IncompleteRunError: the run has no results yet.
            DataError: a file is damaged, of another schema, or names a file outside the run.
        """
        folder = folder.resolve()
        results = read_results(folder)
        pairs = _read_pairs(folder / "pairs.parquet")
        strange = [name for name in (*(m.label for m in results.methods), *(p.pair_id for p in pairs)) if not _is_file_name(name)]
        if strange:
            raise DataError(f"{folder}: {strange[0]!r} cannot be the name of an output; run the same `adis-bench run` again")
        return cls(folder, results, pairs)

    @cached_property
    def methods(self) -> tuple[MethodRecord, ...]:
        """Controls first, in their fixed order, then the methods as they were asked for."""
        return ordered(self.results.methods)

    @cached_property
    def asked(self) -> tuple[MethodRecord, ...]:
        """The methods without the controls."""
        return tuple(m for m in self.methods if not m.control)

    @cached_property
    def headline(self) -> tuple[MetricRecord, ...]:
        """The metrics that stand for themselves, in the protocol's order."""
        return tuple(m for m in self.results.metrics if m.beside is None)

    @cached_property
    def beside(self) -> tuple[MetricRecord, ...]:
        """The metrics that stand beside a headline metric."""
        return tuple(m for m in self.results.metrics if m.beside is not None)

    @cached_property
    def train_data(self) -> Mapping[str, Any] | None:
        """The dataset that methods and judge were trained on, where it is not the evaluated one."""
        return train_data_of(self.results.dataset.notes)

    @cached_property
    def classes(self) -> str:
        """The number of evaluated classes; of sources and of target sounds, where pictures and sounds have their own."""
        dataset = self.results.dataset
        if dataset.pairing != "grid":
            return str(len(dataset.displays) - len(dataset.not_evaluated))
        sources, targets = ({getattr(pair, side) for pair in self.pairs} for side in ("source_label", "target_label"))
        return f"{len(sources)} of images, {len(targets)} of sounds"

    @cached_property
    def _scores(self) -> dict[tuple[str, str], Score]:
        return {(s.method, s.metric): s for s in self.results.scores}

    @cached_property
    def _differences(self) -> dict[tuple[str, str, str], Difference]:
        return {(d.method, d.against, d.metric): d for d in self.results.differences}

    def score(self, method: str, metric: str) -> Score | None:
        """A method's score on a metric."""
        return self._scores.get((method, metric))

    def difference(self, method: str, against: str, metric: str) -> Difference | None:
        """A method's paired difference against a control on a metric."""
        return self._differences.get((method, against, metric))

    def output_path(self, method: str, pair_id: str) -> Path:
        """Where a method's output lies."""
        return self.folder / "outputs" / method / f"{pair_id}.png"

    def pair_scores(self, pair_ids: Iterable[str]) -> dict[tuple[str, str, str], PairScore]:
        """The scores of a few pairs, by (pair_id, method, metric).

        Raises:
            DataError: missing or damaged.
        """
        return {(score.pair_id, score.method, score.metric): score for score in self._per_pair("pair_id", pair_ids)}

    def scores_on(self, metric: str) -> tuple[PairScore, ...]:
        """The scores of all pairs and methods on one metric.

        Raises:
            DataError: missing or damaged.
        """
        return tuple(self._per_pair("metric", [metric]))

    def _per_pair(self, column: str, wanted: Iterable[str]) -> Iterator[PairScore]:
        table = _table(self.folder / PER_PAIR_NAME, list(PER_PAIR_COLUMNS))
        kept = table.filter(pc.is_in(table[column], value_set=pa.array(list(wanted), pa.string())))
        return (PairScore(**row) for row in kept.to_pylist())


def _is_file_name(name: str) -> bool:
    return Path(name).name == name and name not in ("", "..")


def _read_pairs(path: Path) -> tuple[PairRow, ...]:
    columns = ["pair_id", "source_label", "target_label", "source_path", "target_audio_path"]
    rows = _table(path, columns).to_pylist()
    return tuple(
        PairRow(r["pair_id"], r["source_label"], r["target_label"], Path(r["source_path"]), Path(r["target_audio_path"])) for r in rows
    )


def _table(path: Path, columns: list[str]) -> Any:
    try:
        return pq.read_table(path, columns=columns)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise DataError(f"{path} cannot be read ({error}); run the same `adis-bench run` again, it goes on where it was") from error
