"""Sentences that captions share: what a figure rests on, and what its marks mean."""

import re
from collections.abc import Sequence

from adis_bench.results import MetricRecord, score_text
from reports.data import RunData
from reports.drawing import PAGE, Medium
from reports.table_record import FAILS
from reports.wording import listed

INTERVALS = "95 % intervals over test pairs (sources and sounds by their groups), not over training seeds."
HOLLOW = "Hollow: controls."


def basis(run: RunData) -> str:
    """The data, the number of pairs, the seed and the protocol, in a sentence."""
    made = run.results
    return (
        f"{made.pairs.n:,} pairs of {made.dataset.name}, pair list of seed {made.seed}, protocol {made.protocol} (version "
        f"{made.protocol_version}) at {made.resolution} × {made.resolution} pixels."
    )


def units(metrics: Sequence[MetricRecord]) -> str:
    """The units of metrics that have one, in a sentence; empty where none has."""
    known = [f"{metric.name} in {metric.unit}" for metric in metrics if metric.unit]
    return f"Units: {listed(known)}." if known else ""


def mark_of_failure(medium: Medium) -> str:
    """What stands beside the name of a metric that fails: a page's sign, or one that papers know and LaTeX has."""
    return "†" if medium.paper else FAILS


def failing(metrics: Sequence[MetricRecord], medium: Medium = PAGE) -> str:
    """What the mark of failing metrics means, where one of them fails."""
    return score_text.failing(mark=mark_of_failure(medium)) if any(metric.failure for metric in metrics) else ""


def sentences(*said: str) -> str:
    """One caption of those sentences that say something."""
    return " ".join(filter(None, said))


def file_name(kind: str, metric: MetricRecord) -> str:
    """A figure's name where there is one for each metric; metrics of plug-ins may be called anything."""
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', metric.name.lower()).strip('-') or 'metric'}"
