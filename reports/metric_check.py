"""The page of a self-check of metrics: which ones tell right from wrong, and what they make of damaged images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.datasets.media import read_image
from adis_bench.files import write_text
from adis_bench.outputs import OutputFolder
from adis_bench.selfcheck.damage import DAMAGES
from adis_bench.selfcheck.records import PAGE_NAME, MetricCheck, Response, read_check
from reports.findings import MINUS, number
from reports.html import asset, environment
from reports.media import MediaFolder, Picture
from reports.run_tables import HEAT_STEPS
from reports.style import css_variables

_NOISE = 1e-12
SHOWN = 3
"""Images that are shown under every damage."""


@dataclass(frozen=True, slots=True)
class ResponseCell:
    """A response as text, and its step of colour: 0 (as bad as wrong) to ``HEAT_STEPS`` - 1 (no response); None without a share."""

    text: str
    title: str
    step: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A metric's row."""

    metric: MetricCheck
    right: str
    wrong: str
    between: str
    half: str
    auc: str
    interval: str
    verdict: str
    spread: str
    shift: str
    cells: tuple[ResponseCell, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """Pictures of one damage."""

    name: str
    pictures: tuple[Picture, ...]


def write_page(folder: Path) -> Path:
    """Write ``metric_check.html`` of a self-check and return its path.

    Raises:
        IncompleteRunError: there is no check in the folder.
        DataError: a file of it is damaged.
    """
    check = read_check(folder)
    path = folder / PAGE_NAME
    media = MediaFolder(folder)
    context: dict[str, Any] = {
        "check": check,
        "style": asset("report.css", before=css_variables()),
        "columns": [(response.kind, response.strength) for response in check.metrics[0].responses] if check.metrics else [],
        "lines": [_line(metric) for metric in check.metrics],
        "failing": [metric for metric in check.metrics if metric.state == "fails"],
        "damaged": _damaged(folder, media),
    }
    write_text(path, environment().get_template("metric_check.html.j2").render(context))
    media.prune()
    return path


def _line(metric: MetricCheck) -> Line:
    apart = metric.separation
    low, high = apart.ci_low, apart.ci_high
    return Line(
        metric=metric,
        right=_number(metric.values.get(metric.right)),
        wrong=_number(metric.values.get(metric.wrong)),
        between=f"{metric.right} / {metric.wrong}".replace("_", " "),
        half="" if metric.ci_low is None or metric.ci_high is None else f"± {_short((metric.ci_high - metric.ci_low) / 2)}",
        auc="–" if apart.auc is None else number(apart.auc, 3),
        interval=apart.reason if low is None or high is None else f"[{number(low, 3)}, {number(high, 3)}]",
        verdict={"fails": "fails", "unknown": "not checkable here", "works": "tells them apart"}[metric.state],
        spread="–" if metric.spread.deviation is None else _short(metric.spread.deviation),
        shift=_shift(metric),
        cells=tuple(_cell(response) for response in metric.responses),
    )


def _shift(metric: MetricCheck) -> str:
    moved = [metric.bf16_shift.get(label) for label in (metric.right, metric.wrong)]
    return " / ".join("–" if value is None else _short(value, "+.1g") for value in moved)


def _cell(response: Response) -> ResponseCell:
    if response.change is None:
        return ResponseCell("–", "not scored", None)
    span = "" if response.ci_low is None or response.ci_high is None else f", change {response.ci_low:.3g} to {response.ci_high:.3g}"
    if response.share is None:
        return ResponseCell(_short(response.change, "+.2g"), f"value {_number(response.value)}{span}; no share of the way: see above", None)
    kept = 1 - min(max(response.share, 0.0), 1.0)
    return ResponseCell(
        f"{number(100 * response.share, 0, signed=True)} %",
        f"value {_number(response.value)}{span}",
        min(int(kept * HEAT_STEPS), HEAT_STEPS - 1),
    )


def _number(value: float | None) -> str:
    return "–" if value is None else _short(value, ".4g")


def _short(value: float, form: str = ".2g") -> str:
    """A number with a true minus sign; rounding noise is 0, without a sign."""
    return "0" if abs(value) < _NOISE else format(value, form).replace("-", MINUS)


def _damaged(folder: Path, media: MediaFolder) -> Sequence[Damaged]:
    """The first images of the target, as they are and under every damage, for those who want to see what was done."""
    names = sorted(path.name for path in OutputFolder.of(folder, "target").path.glob("*.png"))[:SHOWN]
    labels = [("as it is", "target"), *((f"{damage.kind}, {damage.strength}", damage.label("target")) for damage in DAMAGES)]
    found = []
    for name, label in labels:
        paths = [OutputFolder.of(folder, label).path / image for image in names]
        found.append(Damaged(name, tuple(media.image(path, len(read_image(path))) for path in paths if path.is_file())))
    return found
