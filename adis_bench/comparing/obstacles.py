"""Why numbers of runs may not stand in one table."""

import re
from collections.abc import Mapping

from adis_bench.printable import printable
from adis_bench.results import MetricRecord, Results

_WHOLE = 64
_DIGEST = re.compile(rf"[0-9a-f]{{{_WHOLE}}}")
_SHOWN = 12  # digits of a digest in an error: enough to tell two apart at a glance, mostly


def obstacles(runs: Mapping[str, Results]) -> tuple[str, ...]:
    """What keeps numbers of these runs apart, one phrase for each thing that differs, with what every run has.

    Beside dataset, pair list and protocol: extractors that several runs have must be the same network (each run may have trained a
    judge of its own), the outputs must have one size, since every score sees them at it, and a metric must mean the same.
    """
    asked: dict[str, dict[str, str]] = {
        "dataset": {name: run.dataset.digest for name, run in runs.items()},
        "pair list": {name: run.pairs.digest for name, run in runs.items()},
        "protocol": {name: f"{run.protocol} version {run.protocol_version}" for name, run in runs.items()},
        "protocol digest": {name: run.protocol_digest for name, run in runs.items()},
        "resolution": {name: str(run.resolution) for name, run in runs.items()},
    }
    for name, run in runs.items():
        for extractor in run.extractors:
            asked.setdefault(f"extractor {extractor.name}", {})[name] = extractor.digest
        for metric in run.metrics:
            asked.setdefault(f"metric {metric.name}", {})[name] = f"{metric.kind}, {metric.unit or 'no unit'}, {_direction(metric)}"
    differing = {what: values for what, values in asked.items() if len(set(values.values())) > 1}
    found = [
        f"{printable(what)}: " + ", ".join(f"{name} has {value}" for name, value in _short(values).items())
        for what, values in differing.items()
    ]
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
