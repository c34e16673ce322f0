"""The self-check of metrics that belongs to a run, for the run's report: found beside it, and told in short."""

from dataclasses import dataclass
from pathlib import Path

from adis_bench.errors import DataError, IncompleteRunError
from adis_bench.selfcheck.records import CHECK_NAME, PAGE_NAME, MetricCheck, Response, SelfCheck, read_check
from reports.data import RunData
from reports.table_cells import rounded
from reports.table_record import Cell, Column, Row, Table

_KINDS = ("blur", "noise", "jpeg", "brightness")
_STATES = {"works": "yes", "fails": "no", "unknown": "not checkable here"}


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """A self-check on the run's data and protocol.

    Attributes:
        page: of its page, from the folder that holds the run.
        n_pairs, n_deals: that it rests on.
        failing: names of metrics that are not shown to tell right images from wrong ones.
        table: a row for each metric.
    """

    page: str
    n_pairs: int
    n_deals: int
    failing: tuple[str, ...]
    table: Table


def find_check(run: RunData) -> CheckSummary | None:
    """The newest self-check of the run's training data, protocol and preset that lies in the run's folder or beside it.

    `adis-bench check metrics` writes into ``check-...`` beside the runs, if it isn't told otherwise.
    """
    paths = [path for folder in (run.folder, run.folder.parent) for path in sorted(folder.glob(f"*/{CHECK_NAME}"))]
    found = [(check, path) for path in paths if (check := _fitting(run, path))]
    if not found:
        return None
    check, path = max(found, key=lambda one: one[0].created)
    return _summary(check, path)


def _fitting(run: RunData, path: Path) -> SelfCheck | None:
    try:
        check = read_check(path.parent)
    except (IncompleteRunError, DataError):
        return None  # another run's, or one of an older version: as good as none
    data = run.results.dataset.digest if run.train_data is None else run.train_data.get("digest")
    made = (check.dataset_digest, check.protocol, check.preset)
    return check if made == (data, run.results.protocol, run.results.preset) else None


def _summary(check: SelfCheck, path: Path) -> CheckSummary:
    kinds = [kind for kind in _KINDS if any(r.kind == kind for m in check.metrics for r in m.responses)]
    columns = (
        Column("AUC, right against wrong", True, key="auc"),
        Column("tells them apart", text=True, key="state"),
        *(Column(f"strongest {kind}", key=kind) for kind in kinds),
    )
    rows = tuple(
        Row(metric.record.name, "plain", (_auc(metric), Cell(_STATES[metric.state]), *(_response(metric, kind) for kind in kinds)), "")
        for metric in check.metrics
    )
    notes = (
        "AUC: the chance that a right image scores better than a wrong one; 0.5 is guessing.",
        "Damages: how far the strongest one moves real images from right (0 %) towards wrong (100 %). A metric of style should hardly "
        "notice them; a distance to real frames should.",
    )
    return CheckSummary(
        page=(path.parent / PAGE_NAME).relative_to(path.parent.parent).as_posix(),
        n_pairs=check.n_pairs,
        n_deals=len(check.seeds),
        failing=tuple(metric.record.name for metric in check.metrics if metric.state != "works"),
        table=Table("metric-check", "Metrics on right, wrong and damaged images", columns, rows, notes, "Metric"),
    )


def _auc(metric: MetricCheck) -> Cell:
    apart = metric.separation
    return rounded(apart.auc, 3, apart.ci_low, apart.ci_high, missing=apart.reason or "not measured")


def _response(metric: MetricCheck, kind: str) -> Cell:
    found: Response | None = next((r for r in reversed(metric.responses) if r.kind == kind), None)
    if found is None or found.share is None:
        return Cell(note="no share of the way" if found is not None and found.change is not None else "not scored")
    return rounded(100 * found.share, 0, signed=True, note=f"%, {found.strength}")
