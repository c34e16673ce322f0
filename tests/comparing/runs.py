"""Runs whose scores are known, written by the product's own writers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adis_bench.results import PairScore, Results, write_results
from tests.reports.conftest import LABELS, METHODS, VALUES, results_of

N = 12


def make_run(folder: Path, moved: dict[str, float] | None = None, **changes: Any) -> Results:
    """A run of 12 pairs with 12 sources and 12 sounds; ``moved`` adds to a method's scores of every pair metric, and changes its digest."""
    moved = moved or {}
    noise = np.random.default_rng(3).normal(0, 0.05, (len(METHODS), N))
    pairs = [f"pair-{number}" for number in range(N)]
    folder.mkdir(parents=True, exist_ok=True)
    table = {"pair_id": pairs, "source_group": [f"s{n}" for n in range(N)], "target_group": [f"t{n}" for n in range(N)]}
    pq.write_table(pa.table(table), folder / "pairs.parquet")
    rows = [
        PairScore(pair, method, metric, values[place] + moved.get(method, 0.0) + float(noise[place, number]), None)
        for metric, values in VALUES.items()
        if not metric.startswith("fd")
        for place, method in enumerate(METHODS)
        for number, pair in enumerate(pairs)
    ]
    results = results_of(folder, N, LABELS)
    methods = tuple(
        replace(method, provenance={**method.provenance, "digest": "9" * 64}) if method.label in moved else method
        for method in results.methods
    )
    results = replace(results, methods=methods, **changes)
    write_results(folder, results, rows)
    return results
