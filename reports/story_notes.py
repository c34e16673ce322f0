"""What must be known of a run's metrics before its tables are read, beside what the tables say themselves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adis_bench.datasets.combined import n_sources_within
from adis_bench.results import MetricRecord
from reports.data import RunData
from reports.findings import is_pooled
from reports.wording import listed


def trust(run: RunData) -> str:
    """Whether the metrics work on these data, in a sentence or two, by the controls."""
    failing = [m.name for m in run.headline if m.failure]
    unchecked = [m.name for m in run.headline if not m.failure and is_pooled(m)]
    working = [m.name for m in run.headline if not m.failure and not is_pooled(m)]
    said = []
    if working:
        one = len(working) == 1
        said.append(f"By the controls {listed(working)} {'tells' if one else 'tell'} right images from wrong ones on these data.")
    if failing:
        said.append(
            f"{listed(failing)} {'does' if len(failing) == 1 else 'do'} not, or could not be checked: read no ranking from such numbers."
        )
    if unchecked:
        said.append(f"No control of a run is wrong to {listed(unchecked)}, so it is not checked here.")
    return " ".join(said)


def failures_of_metrics(run: RunData) -> tuple[str, ...]:
    """Why metrics fail, where the run's warnings don't say it already."""
    said = " ".join(run.results.warnings)
    return tuple(m.failure for m in run.results.metrics if m.failure and m.failure not in said)


def pooled(run: RunData, metrics: Sequence[MetricRecord]) -> Iterator[str]:
    """What those of some metrics say that are distances to all real frames, and what they don't; nothing where none is one."""
    names = [m.name for m in metrics if is_pooled(m)]
    if not names:
        return
    by_class = [m.name for m in run.results.metrics if m.kind == "set" and not is_pooled(m)]
    other = f", {' and '.join(by_class)} whether they look like the sound's class" if by_class else ""
    yield (
        f"Source images are real frames, so identity is the floor of {' and '.join(names)} (retrieval lies below it only because it "
        f"shows the very frames that are compared with): such a distance says whether images look real{other}."
        if run.train_data is None
        else f"{_elsewhere(run.train_data, ' and '.join(names))}: such a distance says whether images look like those frames{other}."
    )


def _elsewhere(train_data: Mapping[str, Any], metrics: str) -> str:
    """How source images stand to the frames of the training dataset."""
    compared_with = f"the frames that {metrics} compares with ({train_data['name']})"
    if n := n_sources_within(train_data):
        return f"{n} of the source images are among {compared_with}, so identity gains by them"
    return f"Source images are of other data than {compared_with}, so identity is no floor"
