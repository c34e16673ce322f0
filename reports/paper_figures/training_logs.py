"""The logs of a run's trainings: where they lie, and their losses."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path

from adis_bench.errors import AdisBenchError
from adis_bench.files import cache_dir
from adis_bench.results import MethodRecord
from adis_bench.spec import read_spec
from reports.data import RunData

LOG_NAME = "losses.csv"
"""What the trainer writes beside a model (docs/training.md); any method may, in its working folder."""
NOT_LOSSES = frozenset(
    {"step", "learning_rate", "learning_rate_D", "images_per_s", "waiting", "share_of_peak", "flop_per_step", "peak_memory_gib"}
)
"""Columns that are no losses (docs/training.md)."""
_MOST_ROWS = 1_000_000
"""Ours: a log of more rows is no log of a training."""


@dataclass(frozen=True, slots=True)
class Log:
    """The losses of one training.

    Attributes:
        label: of the method.
        losses: (step, value) of each loss in the order of its rows, by the loss's name.
    """

    label: str
    losses: dict[str, tuple[tuple[float, float], ...]]


def find_logs(run: RunData) -> tuple[tuple[Log, ...], tuple[tuple[str, str], ...]]:
    """The logs that are there, and (label, reason) of the methods that have none."""
    found, missing = [], []
    given = _given_models(run)
    for method in run.asked:
        logs = (log for folder in _folders(run, method, given) if (log := _read(folder / LOG_NAME, method.label)) is not None)
        log = next(logs, None)
        if log is None:
            missing.append((method.label, _why(method)))
        else:
            found.append(log)
    return tuple(found), tuple(missing)


def _given_models(run: RunData) -> dict[str, Path]:
    """Folders of the models that methods were given, by label."""
    try:
        spec = read_spec(run.folder)
    except AdisBenchError:  # a run without its spec can still be drawn
        return {}
    return {method.label: Path(method.variant).expanduser() for method in spec.methods if method.variant}


def _folders(run: RunData, method: MethodRecord, given: dict[str, Path]) -> Iterator[Path]:
    """Where a method's log may lie: its working folder, then beside its model."""
    yield run.folder / "work" / method.label
    models = [given[method.label]] if method.label in given else []
    digest = str(method.provenance.get("model_digest", ""))
    # Names of the cache end so; nothing else of the text may reach the pattern.
    if len(digest) == 64 and digest.isalnum():
        models += sorted((cache_dir() / "models").glob(f"*-{digest[:16]}"))
    yield from (folder for folder in models if _is_model(folder, method))


def _is_model(folder: Path, method: MethodRecord) -> bool:
    """Whether a folder holds the very model that made the outputs, not one that was trained there since."""
    weights = method.provenance.get("weights_sha256")
    try:
        return bool(weights) and json.loads((folder / "provenance.json").read_bytes())["weights_sha256"] == weights
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def _why(method: MethodRecord) -> str:
    # Facts of a run stand only with models that were scored before they were packed.
    if "scores" in method.provenance and "packaged_digest" in method.provenance:
        return "came trained with the package"
    if method.provenance.get("imported_from"):
        return "was imported"
    return (
        f"no {LOG_NAME} beside its model or in its working folder"
        if method.provenance.get("weights_sha256")
        else "trains nothing that is logged"
    )


def _read(path: Path, label: str) -> Log | None:
    """A log; None where there is none with losses."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(islice(csv.DictReader(stream), _MOST_ROWS))
    except (OSError, ValueError, csv.Error):
        return None
    names = [name for name in (rows[0] if rows else {}) if name and name not in NOT_LOSSES]
    losses = {name: tuple(_points(rows, name)) for name in names}
    losses = {name: points for name, points in losses.items() if points}
    return Log(label, losses) if losses else None


def _points(rows: Sequence[dict[str, str]], name: str) -> Iterator[tuple[float, float]]:
    """(step, value) of the rows that have both."""
    for row in rows:
        try:
            step, value = float(row["step"]), float(row[name])
        except (KeyError, TypeError, ValueError):  # unknown cells are empty
            continue
        if isfinite(step) and isfinite(value):
            yield step, value
