"""What ``run --json`` and ``score --json`` say of results."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from adis_bench.results.records import Results

_PROMISED = ("method", "against", "metric", "value", "ci_low", "ci_high")
"""What ``--json`` says of a difference; ``results.json`` holds tests and effect sizes as well."""


def summary(results: Results) -> Mapping[str, Any]:
    """The object that ``run --json`` and ``score --json`` print; others rely on its names."""
    return {
        "run": results.run,
        "report": results.report,
        "protocol": results.protocol,
        "dataset": {"name": results.dataset.name, "digest": results.dataset.digest},
        "pairs": {"n": results.pairs.n, "digest": results.pairs.digest},
        "scores": [asdict(score) for score in results.scores],
        "differences": [{name: getattr(difference, name) for name in _PROMISED} for difference in results.differences],
        "warnings": list(results.warnings),
    }
