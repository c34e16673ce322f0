"""What a self-check of metrics found, and the one codec that writes and reads it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import DataError, IncompleteRunError
from adis_bench.files import write_json
from adis_bench.results import MetricRecord
from adis_bench.selfcheck.separation import Separation

SCHEMA_VERSION = 2
State = Literal["works", "fails", "unknown"]
CHECK_NAME = "metric_check.json"
PAGE_NAME = "metric_check.html"


@dataclass(frozen=True, slots=True)
class Response:
    """What a metric says of damaged real images.

    Attributes:
        kind: ``blur``, ``noise``, ``jpeg``, ``brightness``, or ``wrong class``.
        strength: with its unit, for people.
        value: of the damaged images, or None.
        change: ``value`` less that of the undamaged ones, or None.
        ci_low, ci_high: the paired 95 % interval of ``change``, for metrics that score single pairs; else None.
        share: ``change`` as a share of the way from the right to the wrong images: 0 is no response, 1 as bad as wrong; None
            where the metric can't tell the two, and a share of the way would be one of noise.
    """

    kind: str
    strength: str
    value: float | None
    change: float | None
    ci_low: float | None
    ci_high: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Values over other deals of the pairs, one per seed, by networks that the suite trained from that seed (published ones stay).

    Attributes:
        right: values of the right images.
        deviation: their standard deviation, or None. It says what another deal of the same test split and another judge move, and nothing
            of new photographs and recordings: the interval does.
    """

    right: tuple[float | None, ...]
    deviation: float | None


@dataclass(frozen=True, slots=True)
class MetricCheck:
    """One metric.

    Attributes:
        record: what it states, and why it fails here.
        right, wrong: labels of the images that the metric must put ahead, and of those that must be behind.
        ci_low, ci_high: 95 % interval of the right images' value.
        state: whether right and wrong are told apart, by the difference where a run has both and by the AUC; ``unknown``
            where neither has an interval.
        bf16_shift: by how much the values of right and wrong images move where the extractors compute in bf16.
    """

    record: MetricRecord
    right: str
    wrong: str
    ci_low: float | None
    ci_high: float | None
    state: State
    values: dict[str, float | None]
    separation: Separation
    responses: tuple[Response, ...]
    spread: Spread
    bf16_shift: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """``metric_check.json``, field by field."""

    schema_version: int
    dataset: str
    dataset_digest: str
    pairs_digest: str
    protocol: str
    preset: str
    seeds: tuple[int, ...]
    n_pairs: int
    created: str
    command: str
    versions: dict[str, str]
    warnings: tuple[str, ...]
    metrics: tuple[MetricCheck, ...]


_CODEC = TypeAdapter(SelfCheck)


def write_check(folder: Path, check: SelfCheck) -> None:
    """Write ``metric_check.json``, atomically."""
    write_json(folder / CHECK_NAME, _CODEC.dump_python(check, mode="json"))


def read_check(folder: Path) -> SelfCheck:
    """Read ``metric_check.json``.

    Raises:
        IncompleteRunError: there is none.
        DataError: it is damaged or of another version.
    """
    path = folder / CHECK_NAME
    if not path.is_file():
        raise IncompleteRunError(f"{folder} has no {CHECK_NAME}; make it with `adis-bench check metrics --out {folder}`")
    try:
        check = _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"{path} cannot be read ({str(error).splitlines()[0]}); run `adis-bench check metrics` again") from error
    if check.schema_version != SCHEMA_VERSION:
        raise DataError(f"{path} has schema version {check.schema_version}, not {SCHEMA_VERSION}; run `adis-bench check metrics` again")
    return check
