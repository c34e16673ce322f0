"""The gallery's data as they stand in the page: columns of a JSON object, compact and safe inside a ``<script>``."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any

from markupsafe import Markup

from adis_bench.results import MetricRecord, PairScore
from reports.data import PairRow, RunData
from reports.findings import decimals
from reports.gallery_media import SOURCE_CELL, Level
from reports.style import tones

_DIGITS = 4  # significant digits of a score: two more than a pair's score is good for, and enough that sorting rarely ties
_MOST_PLACES = 3  # of one pair's score: thousands of pairs make a mean that deserves more, one pair doesn't


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair with its media as addresses relative to the page.

    Attributes:
        pair: of the pair list.
        strip: source and outputs side by side.
        full: the same without loss at the run's resolution; empty without it.
        gaps: places in the strip whose picture is missing, with the reason.
        sound: place in the list of sounds; -1 where the sound is missing.
    """

    pair: PairRow
    strip: str
    full: str
    gaps: Mapping[int, str]
    sound: int


@dataclass(frozen=True, slots=True)
class ShownSound:
    """A sound's addresses relative to the page, its length in seconds and the upper end of its spectrogram in Hz."""

    url: str
    spectrogram: str
    seconds: float
    highest_hz: float


def pair_metrics(run: RunData) -> tuple[MetricRecord, ...]:
    """The metrics that score pairs, those that stand for themselves first."""
    return tuple(m for m in (*run.headline, *run.beside) if m.kind == "pair")


class Scores:
    """Scores of pairs, and why there is none."""

    def __init__(self, run: RunData, pairs: Iterable[PairRow]) -> None:
        self._run = run
        self._by_key: dict[tuple[str, str, str], PairScore] = run.pair_scores(p.pair_id for p in pairs)
        self._fractions = {key[2] for key, score in self._by_key.items() if score.value is not None and score.value % 1}

    def digits(self, metric: str) -> int:
        """Digits behind the point: those of the metric's means, but three at most, and none where all scores are whole numbers."""
        return min(_MOST_PLACES, decimals(metric, self._run)) if metric in self._fractions else 0

    def value(self, pair_id: str, method: str, metric: str) -> float | None:
        """The score, or None."""
        found = self._by_key.get((pair_id, method, metric))
        return found.value if found and found.value is not None and isfinite(found.value) else None

    def reason(self, pair_id: str, method: str, metric: str) -> str:
        """Why there is no score."""
        found = self._by_key.get((pair_id, method, metric))
        return (found.reason if found else None) or "not scored"


def to_json(run: RunData, pairs: Sequence[ShownPair], sounds: Sequence[ShownSound], level: Level, scores: Scores) -> Markup:
    """All of the gallery as JSON.

    Numbers stand for classes, reasons and sounds. ``scores[metric][method]`` has a number or null for each pair, in the order of
    the pairs; ``why[metric][method]`` the reason by place of the pair, only where it is null. ``gaps`` is
    ``{pair: {cell: reason}}``.

    Args:
        run: the run.
        pairs: what is shown, in the order of the pair list.
        sounds: that they refer to.
        level: of the strips.
        scores: of these pairs.
    """
    displays = run.results.dataset.displays
    classes = sorted({label for p in pairs for label in (p.pair.source_label, p.pair.target_label)}, key=lambda c: displays.get(c, c))
    class_place = {label: place for place, label in enumerate(classes)}
    reasons = _Places()
    metrics, tone = pair_metrics(run), tones(run.methods)
    values, why = _columns(run, pairs, metrics, scores, reasons)
    content: dict[str, Any] = {
        "side": level.side,
        "resolution": run.results.resolution,
        "total": len(run.pairs),
        "methods": [{"label": m.label, "tone": tone[m.label], "control": m.control} for m in run.methods],
        "metrics": [_metric(m, scores.digits(m.name)) for m in metrics],
        "classes": [displays.get(label, label) for label in classes],
        "ids": [p.pair.pair_id for p in pairs],
        "sources": [class_place[p.pair.source_label] for p in pairs],
        "targets": [class_place[p.pair.target_label] for p in pairs],
        "strips": [p.strip for p in pairs],
        "full": [p.full for p in pairs] if any(p.full for p in pairs) else [],
        "sound": [p.sound for p in pairs],
        "sounds": [[s.url, s.spectrogram, round(s.seconds, 2), round(s.highest_hz)] for s in sounds],
        "gaps": {str(place): {str(cell): reasons.of(why) for cell, why in p.gaps.items()} for place, p in enumerate(pairs) if p.gaps},
        "scores": values,
        "why": why,
        "sourceCell": SOURCE_CELL,
    }
    content["reasons"] = reasons.names
    return script_safe(content)


def script_safe(content: Any) -> Markup:
    """JSON that may stand inside ``<script>``: no ``<`` in it, so neither an end tag nor a comment begins there."""
    return Markup(json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"))


class _Places:
    """Texts that recur, each told once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def of(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    @property
    def names(self) -> list[str]:
        return list(self._places)


def _metric(metric: MetricRecord, digits: int) -> dict[str, Any]:
    return {
        "name": metric.name,
        "unit": metric.unit,
        "higher": metric.higher_is_better,
        "digits": digits,
        "failure": metric.failure,
        "about": metric.description,
    }


def _columns(
    run: RunData, pairs: Sequence[ShownPair], metrics: Sequence[MetricRecord], scores: Scores, reasons: _Places
) -> tuple[list[list[list[float | None]]], list[list[dict[str, int]]]]:
    values: list[list[list[float | None]]] = []
    why: list[list[dict[str, int]]] = []
    for metric in metrics:
        digits = scores.digits(metric.name)
        columns = [[scores.value(p.pair.pair_id, m.label, metric.name) for p in pairs] for m in run.methods]
        values.append([[None if value is None else _rounded(value, digits) for value in column] for column in columns])
        why.append(
            [
                {
                    str(place): reasons.of(scores.reason(pairs[place].pair.pair_id, m.label, metric.name))
                    for place, value in enumerate(column)
                    if value is None
                }
                for m, column in zip(run.methods, columns, strict=True)
            ]
        )
    return values, why


def _rounded(value: float, shown_digits: int) -> float:
    """To 4 significant digits, or as many as are shown, if more."""
    if value == 0:
        return 0.0
    return round(value, max(shown_digits, _DIGITS - 1 - floor(log10(abs(value)))))
