"""What a ``results.json`` must mean beyond its form: names that are known, counts that add up, intervals around their values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import fsum
from typing import Any, TypeVar

from adis_bench.results.comparison_faults import comparison_faults
from adis_bench.results.difference_faults import difference_faults
from adis_bench.results.faults import Fault, interval_faults
from adis_bench.results.json_text import shown
from adis_bench.results.numbers import ClassScore, Difference, Score, SizeCurve
from adis_bench.results.per_pair import near
from adis_bench.results.records import DatasetRecord, ExtractorRecord, MethodRecord, MetricRecord, PairsRecord

DIGEST = re.compile(r"[0-9a-f]{64}")
Entry = TypeVar("Entry")
Listed = Sequence[tuple[int, Entry]]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The records of a file that can be read, each with its place in its list.

    Attributes:
        names: of ``methods``, ``metrics`` and ``extractors``, those of unreadable records, too.
        scored: method and metric of every score, likewise.
        compared: method, against and metric of every difference, likewise.
    """

    dataset: DatasetRecord | None
    pairs: PairsRecord | None
    methods: Listed[MethodRecord]
    extractors: Listed[ExtractorRecord]
    metrics: Listed[MetricRecord]
    scores: Listed[Score]
    differences: Listed[Difference]
    class_scores: Listed[ClassScore]
    size_curves: Listed[SizeCurve]
    names: Mapping[str, frozenset[str]]
    scored: frozenset[tuple[str, str]]
    compared: frozenset[tuple[str, str, str]]
    seconds: Any
    created: Any


def misreadings(parts: Parts) -> Iterator[Fault]:
    """Every place whose content can't be what it says, and why, as a phrase."""
    yield from _head(parts)
    yield from _repeated(parts)
    yield from _unknown(parts)
    yield from _methods(parts)
    yield from _extractors(parts)
    yield from _metrics(parts)
    yield from _scores(parts)
    scores, metrics = {(s.method, s.metric): s for _, s in parts.scores}, {m.name: m for _, m in parts.metrics}
    yield from difference_faults(parts.differences, scores, metrics)
    # Which comparisons there must be is known where all methods are.
    if len(parts.methods) == len(parts.names["methods"]):
        yield from comparison_faults(parts.differences, parts.compared, [m for _, m in parts.methods], parts.names["metrics"])
    yield from _class_scores(parts)
    yield from _size_curves(parts)


def _head(parts: Parts) -> Iterator[Fault]:
    if isinstance(parts.created, str) and not _is_utc(parts.created):
        yield ("created",), f"is no time in UTC as ISO 8601 writes it: {shown(parts.created)}"
    for name, value in parts.seconds.items() if isinstance(parts.seconds, dict) else ():
        if isinstance(value, float | int) and value < 0:
            yield ("seconds", name), f"is below 0: {shown(value)}"
    pairs = parts.pairs
    if pairs is None:
        return
    if pairs.class_pairs.covered > min(pairs.class_pairs.possible, pairs.n):
        yield ("pairs", "class_pairs", "covered"), f"is {pairs.class_pairs.covered} of {pairs.class_pairs.possible}, from {pairs.n} pairs"
    for name in ("n_source_groups", "n_sound_groups"):
        if not min(1, pairs.n) <= getattr(pairs, name) <= pairs.n:
            yield ("pairs", name), f"is {getattr(pairs, name)}, of {pairs.n} pairs"


def _is_utc(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() == timedelta(0)
    except (ValueError, OverflowError):
        return False


def _repeated(parts: Parts) -> Iterator[Fault]:
    """Nothing is said twice."""
    keys: Sequence[tuple[str, Listed[Any], tuple[str, ...]]] = (
        ("methods", parts.methods, ("label",)),
        ("extractors", parts.extractors, ("name",)),
        ("metrics", parts.metrics, ("name",)),
        ("scores", parts.scores, ("method", "metric")),
        ("differences", parts.differences, ("method", "against", "metric")),
        ("class_scores", parts.class_scores, ("method", "metric", "label")),
        ("size_curves", parts.size_curves, ("method", "metric")),
    )
    for what, entries, names in keys:
        first: dict[tuple[str, ...], int] = {}
        for place, entry in entries:
            key = tuple(getattr(entry, name) for name in names)
            if first.setdefault(key, place) != place:
                yield (what, place), f"{' '.join(map(shown, key))} is at {what}[{first[key]}] already"


def _unknown(parts: Parts) -> Iterator[Fault]:
    """Every name is one that the file explains."""
    methods, metrics, extractors = (parts.names[what] for what in ("methods", "metrics", "extractors"))
    asked: Sequence[tuple[str, Listed[Any], Mapping[str, AbstractSet[str | None]]]] = (
        ("metrics", parts.metrics, {"image_extractor": extractors, "audio_extractor": {*extractors, None}}),
        ("scores", parts.scores, {"method": methods, "metric": metrics}),
        ("differences", parts.differences, {"method": methods, "against": methods, "metric": metrics}),
        ("class_scores", parts.class_scores, {"method": methods, "metric": metrics, **_labels(parts)}),
        ("size_curves", parts.size_curves, {"method": methods, "metric": metrics}),
    )
    for what, entries, fields in asked:
        for place, entry in entries:
            for name, names in fields.items():
                if getattr(entry, name) not in names:
                    yield (what, place, name), f"{shown(getattr(entry, name))} is not in the file"


def _labels(parts: Parts) -> Mapping[str, frozenset[str]]:
    return {} if parts.dataset is None else {"label": frozenset(parts.dataset.displays)}


def _methods(parts: Parts) -> Iterator[Fault]:
    for place, method in parts.methods:
        if parts.pairs is not None and method.n_outputs + method.n_missing != parts.pairs.n:
            yield (
                ("methods", place, "n_missing"),
                f"{method.n_outputs} outputs and {method.n_missing} missing are not {parts.pairs.n} pairs",
            )
        if method.not_asked and not method.n_missing:
            yield ("methods", place, "not_asked"), "is given, and no output is missing"


def _extractors(parts: Parts) -> Iterator[Fault]:
    for place, extractor in parts.extractors:
        if not DIGEST.fullmatch(extractor.digest):
            yield ("extractors", place, "digest"), f"is no sha256: {shown(extractor.digest)}"


def _metrics(parts: Parts) -> Iterator[Fault]:
    for place, metric in parts.metrics:
        if metric.lowest is not None and metric.highest is not None and metric.lowest >= metric.highest:
            yield ("metrics", place, "highest"), f"is {metric.highest:g}, not above the lowest value, {metric.lowest:g}"
        if metric.n_reference is not None and metric.n_reference[1] > metric.n_reference[0]:
            yield ("metrics", place, "n_reference"), f"has {metric.n_reference[1]} frames in a class, of {metric.n_reference[0]} in all"


def _scores(parts: Parts) -> Iterator[Fault]:
    metrics, methods = {m.name: m for _, m in parts.metrics}, {m.label: m for _, m in parts.methods}
    for place, score in parts.scores:
        where = ("scores", place)
        yield from interval_faults(where, score.value, "value", score.ci_low, score.ci_high, ("ci_low", "ci_high"))
        yield from _score_counts(parts.pairs, where, score, methods.get(score.method))
        if score.value is None and not score.reason:
            yield (*where, "reason"), "is missing, and there is no value"
        if score.value is not None and (metric := metrics.get(score.metric)) is not None:
            yield from _range((*where, "value"), score.value, metric)
    for method in methods:
        lacking = [metric for metric in metrics if (method, metric) not in parts.scored]
        if lacking:
            yield ("scores",), f"has nothing of {shown(method)} on {', '.join(map(shown, lacking))}"


def _range(where: tuple[str | int, ...], value: float, metric: MetricRecord) -> Iterator[Fault]:
    for end, sign in ((metric.lowest, -1), (metric.highest, 1)):
        if end is not None and sign * (value - end) > 0 and not near(value, end):
            yield where, f"{value:g} is beyond the metric's range, which ends at {end:g}"


def _score_counts(pairs: PairsRecord | None, where: tuple[str | int, ...], score: Score, method: MethodRecord | None) -> Iterator[Fault]:
    if pairs is not None and score.n + score.n_missing != pairs.n:
        yield (*where, "n_missing"), f"{score.n} scored and {score.n_missing} missing are not {pairs.n} pairs"
    if method is not None and score.n > method.n_outputs:
        yield (*where, "n"), f"is {score.n}, and the method has {method.n_outputs} outputs"
    if (score.value is None) != (score.n == 0):
        yield (*where, "n"), f"is {score.n}, and the value is {shown(score.value)}"


def _class_scores(parts: Parts) -> Iterator[Fault]:
    """Classes add up to the whole: in number, and for metrics of pairs in value."""
    scores = {(score.method, score.metric): score for _, score in parts.scores}
    pair_metrics = {metric.name for _, metric in parts.metrics if metric.kind == "pair"}
    by_key: dict[tuple[str, str], list[tuple[int, ClassScore]]] = {}
    for place, one in parts.class_scores:
        by_key.setdefault((one.method, one.metric), []).append((place, one))
        if one.value is not None and not one.n:
            yield ("class_scores", place, "n"), f"is 0, and the value is {one.value:g}"
    for key, entries in by_key.items():
        whole, n = scores.get(key), sum(one.n for _, one in entries)
        if whole is None:
            continue
        where, what = ("class_scores", entries[0][0]), " ".join(map(shown, key))
        if n != whole.n:
            yield where, f"the classes of {what} have {n} pairs, and its score rests on {whole.n}"
        elif key[1] in pair_metrics and whole.value is not None and n:
            mean = fsum(one.value * (one.n / n) for _, one in entries if one.value is not None)
            if not near(mean, whole.value):
                yield where, f"the classes of {what} have the mean {mean:.6g}, and its score is {whole.value:.6g}"


def _size_curves(parts: Parts) -> Iterator[Fault]:
    scores = {(score.method, score.metric): score for _, score in parts.scores}
    for place, curve in parts.size_curves:
        where = ("size_curves", place)
        in_order = all(one[0] < other[0] for one, other in pairwise(curve.points))
        if not in_order:
            yield (*where, "points"), "are not in the order of their numbers of outputs"
        if curve.extrapolated is None and not curve.reason:
            yield (*where, "reason"), "is missing, and there is no extrapolated value"
        score = scores.get((curve.method, curve.metric))
        if score is None or score.value is None:
            continue
        if not curve.points:
            yield (*where, "points"), "are none, and the score is one of them"
        elif in_order:
            n, value = curve.points[-1]
            if n != score.n or not near(value, score.value):
                yield (*where, "points"), f"end at {value:.6g} from {n:g} outputs, and the score is {score.value:.6g} from {score.n}"
