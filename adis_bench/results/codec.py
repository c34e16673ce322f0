"""The one codec that writes and reads the records of a finished run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import DataError, IncompleteRunError
from adis_bench.files import atomic_path, write_json
from adis_bench.printable import printable
from adis_bench.results.json_text import content_of, in_words, not_finite, parsed
from adis_bench.results.numbers import PairScore
from adis_bench.results.records import Results

SCHEMA_VERSION = 2
RESULTS_NAME = "results.json"
PER_PAIR_NAME = "scores/per_pair.parquet"
REPORT_NAME = "report/index.html"


CODEC = TypeAdapter(Results)
"""Reads and writes all fields; ``adis_bench.results.schema`` is made from it."""
PER_PAIR_COLUMNS = ("pair_id", "method", "metric", "value", "reason")
_PER_PAIR_SCHEMA = pa.schema([(name, pa.float64() if name == "value" else pa.string()) for name in PER_PAIR_COLUMNS])


def write_results(run_dir: Path, results: Results, per_pair: Sequence[PairScore]) -> None:
    """Write ``scores/per_pair.parquet``, then ``results.json``, each atomically."""
    table = pa.Table.from_pylist([asdict(row) for row in per_pair], schema=_PER_PAIR_SCHEMA)
    with atomic_path(run_dir / PER_PAIR_NAME) as path:
        pq.write_table(table, path)
    write_json(run_dir / RESULTS_NAME, CODEC.dump_python(results, mode="json"))


def read_results(run_dir: Path) -> Results:
    """Read ``results.json``.

    Raises:
        IncompleteRunError: the run has no results yet.
        DataError: the file is damaged, of another schema, or holds a number that isn't finite, a score twice, or a label or a metric's name
            that could be none.
    """
    path = run_dir / RESULTS_NAME
    if not path.is_file():
        raise IncompleteRunError(f"{run_dir} has no {RESULTS_NAME}; make it with `adis-bench score {run_dir}`")
    remedy = f"write it anew with `adis-bench score {run_dir}`"
    try:
        content = content_of(path)
        raw = parsed(content)
        if isinstance(raw, dict) and (version := raw.get("schema_version")) != SCHEMA_VERSION and isinstance(version, int | float):
            raise DataError(f"{path} has schema version {version}, not {SCHEMA_VERSION}; run `adis-bench score {run_dir}` again")
        if broken := next(not_finite(raw), None):
            raise DataError(f"{path}: {broken} is no finite number; {remedy}")
        results = CODEC.validate_json(content)
    except ValidationError as error:
        raise DataError(f"{path} cannot be read ({in_words(error)}); {remedy}") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}); {remedy}") from error
    if twice := [key for key, n in Counter((score.method, score.metric) for score in results.scores).items() if n > 1]:
        raise DataError(f"{path}: {printable(' on '.join(twice[0]))} is scored twice; {remedy}")
    return results
