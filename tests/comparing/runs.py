"""Runs whose scores are known, written by the product's own writers; every number in them follows from the pairs' scores."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adis_bench.metrics.comparison import Compared, comparisons, corrected
from adis_bench.metrics.evaluate import pair_difference
from adis_bench.results import Difference, ExtractorRecord, MetricRecord, PairScore, Results, Score, SizeCurve, write_results
from adis_bench.results.per_pair import NO_OUTPUT
from adis_bench.results.recomputed import difference_of
from adis_bench.statistics.records import Groups
from tests.reports.conftest import LABELS, METHODS, VALUES, half_width, results_of

N = 12
PAIRS = tuple(f"pair-{number}" for number in range(N))
_GROUPS = Groups(np.arange(N), np.arange(N))


def make_run(
    folder: Path,
    moved: Mapping[str, float] | None = None,
    lost: Mapping[str, Sequence[int]] | None = None,
    kept: Sequence[str] = METHODS,
    **changes: Any,
) -> Results:
    """A run of 12 pairs with 12 sources and 12 sounds.

    Args:
        folder: to write to.
        moved: what to add to a method's values, and its digest is another one.
        lost: pairs that a method has no output for.
        kept: its methods.
        changes: fields of ``Results`` that replace what it would have.
    """
    moved, lost = moved or {}, lost or {}
    table = {"pair_id": PAIRS, "source_group": [f"s{n}" for n in range(N)], "target_group": [f"t{n}" for n in range(N)]}
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), folder / "pairs.parquet")
    results = results_of(folder, N, LABELS)
    columns = _columns(moved, lost, kept)
    scores = tuple(_score(metric, method, columns, moved, lost) for metric in results.metrics for method in kept)
    values = {(score.method, score.metric): score.value for score in scores}
    methods = (
        replace(method, n_outputs=N - len(lost.get(method.label, ())), n_missing=len(lost.get(method.label, ())))
        for method in results.methods
        if method.label in kept
    )
    results = replace(
        results,
        methods=tuple(
            replace(method, provenance={**method.provenance, "digest": "9" * 64}) if method.label in moved else method for method in methods
        ),
        extractors=(*results.extractors, ExtractorRecord("l3_audio", "sound tower of the L3 network", "3" * 64, {})),
        pairs=replace(results.pairs, n_source_groups=N, n_sound_groups=N),
        scores=scores,
        differences=tuple(
            one for metric in results.metrics for one in (_tested(metric, columns) if metric.kind == "pair" else _made(metric, values))
        ),
        class_scores=(),
        size_curves=tuple(
            SizeCurve(one.method, "fd", ((4.0, 30.0), (float(one.n), one.value)), None, "too few outputs")
            for one in scores
            if one.metric == "fd" and one.value is not None
        ),
    )
    rows = [
        PairScore(pair, method, metric, None if np.isnan(value) else float(value), _reason(number, method, value, lost))
        for (method, metric), column in columns.items()
        for number, (pair, value) in enumerate(zip(PAIRS, column, strict=True))
    ]
    write_results(folder, replace(results, **changes), rows)
    return replace(results, **changes)


def _columns(
    moved: Mapping[str, float], lost: Mapping[str, Sequence[int]], kept: Sequence[str]
) -> dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    noise = np.random.default_rng(3).normal(0, 0.05, (len(METHODS), N))
    columns = {}
    for metric, values in VALUES.items():
        for place, method in enumerate(METHODS):
            if method in kept and not metric.startswith("fd"):
                columns[method, metric] = values[place] + moved.get(method, 0.0) + noise[place]
                columns[method, metric][list(lost.get(method, ()))] = np.nan
    return columns


def _reason(number: int, method: str, value: float, lost: Mapping[str, Sequence[int]]) -> str | None:
    return None if not np.isnan(value) else NO_OUTPUT if number in lost.get(method, ()) else "no prototypes"


def _score(metric: MetricRecord, method: str, columns: Any, moved: Mapping[str, float], lost: Mapping[str, Sequence[int]]) -> Score:
    n, half = N - len(lost.get(method, ())), half_width(metric.name)
    reason = f"{N - n} of {N} outputs are missing" if n < N else None
    if metric.kind == "pair":
        value = float(np.nanmean(columns[method, metric.name])) if n else None
    else:
        value = VALUES[metric.name][METHODS.index(method)] + 100 * moved.get(method, 0.0) if n else None
    if value is None:
        return Score(method, metric.name, None, None, None, 0, N, reason)
    return Score(method, metric.name, value, value - half, value + half, n, N - n, reason)


def _tested(metric: MetricRecord, columns: Any) -> Iterator[Difference]:
    own = {method: column for (method, name), column in columns.items() if name == metric.name}
    found = {
        (one, other): pair_difference(own[one], own[other], _GROUPS, metric.higher_is_better, "no score") for one, other in comparisons(own)
    }
    yield from (difference_of(*names, metric.name, value) for names, value in corrected(found).items())


def _made(metric: MetricRecord, values: Mapping[tuple[str, str], float | None]) -> Iterator[Difference]:
    """Set metrics: intervals of a fixed width, with a p that agrees with them."""
    own = {method: value for (method, name), value in values.items() if name == metric.name and value is not None}
    half = half_width(metric.name)
    apart = {names: own[names[0]] - own[names[1]] for names in comparisons(own)}
    found = {
        names: Compared(value, value - half, value + half, N, 0, "", p=0.5 if abs(value) <= half else 0.001)
        for names, value in apart.items()
    }
    yield from (difference_of(*names, metric.name, value) for names, value in corrected(found).items())
