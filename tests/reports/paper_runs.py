"""Runs that figures are tested with: records alone, in memory, with as many methods and classes as are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adis_bench.results import ClassScore, Difference, Score
from reports.data import RunData
from tests.reports.conftest import CONTROLS, N_PAIRS, VALUES, half_width, results_of

LONG = "a-very-long-label-of-a-method-that-nobody-should-use-but-can-123"
EIGHT = ("ours", "ours:wav2clip", LONG, "cut", "cyclegan", "munit", "fastcut", "munit:pairwise")
TWELVE = (
    "snow",
    "gravel",
    "dirt",
    "rain",
    "birds",
    "ocean",
    "stream",
    "speech",
    "thunder over a very wide valley at night",
    "mud",
    "wind",
    "ice",
)


def made_run(folder: Path, methods: Sequence[str] = ("ours", "cut", "cyclegan"), classes: Sequence[str] = TWELVE[:4]) -> RunData:
    """A run of these methods with every difference, whose pair metrics have shares of wins, and 20 pairs and more in each class.

    The first method is best: a method's values lie by a tenth of the target's below those of the one before.
    """
    labels = {f"c{place}": name for place, name in enumerate(classes)}
    plain = results_of(folder, N_PAIRS, labels)
    template = plain.methods[-1]
    values = {
        metric: {**dict(zip(CONTROLS, known, strict=False)), **{label: known[0] * (1 - 0.1 * at) for at, label in enumerate(methods)}}
        for metric, known in VALUES.items()
    }
    every = [*CONTROLS, *methods]
    scores, differences, by_class = [], [], []
    for metric, of in values.items():
        half = half_width(metric)
        scores += [Score(label, metric, of[label], of[label] - half, of[label] + half, N_PAIRS, 0, None) for label in every]
        couples = [(label, against) for label in every for against in ("identity", "shuffled") if label != against]
        couples += [(first, other) for at, first in enumerate(methods) for other in methods[at + 1 :]]
        for first, other in couples:
            gap = of[first] - of[other]
            share = None if metric.startswith("fd") else 0.8 if gap > 0 else 0.2
            p = 0.001 if first in methods and abs(gap) > half else 0.5 if first in methods else None
            effects = {} if share is None else {"share_better": share, "share_low": share - 0.1, "share_high": share + 0.1}
            differences.append(Difference(first, other, metric, gap, gap - half, gap + half, p_holm=p, **effects))
        if metric in ("avc", "structure_similarity"):
            by_class += [ClassScore(m, metric, name, of[m] - 0.01 * at, 20 + at) for m in every for at, name in enumerate(labels)]
    results = replace(
        plain,
        methods=(*plain.methods[: len(CONTROLS)], *(replace(template, label=label, name="cut") for label in methods)),
        scores=tuple(scores),
        differences=tuple(differences),
        class_scores=tuple(by_class),
    )
    return RunData(folder, results, ())


def failing(run: RunData, *metrics: str) -> RunData:
    """The same run, where these metrics don't tell right images from wrong ones."""
    found = tuple(replace(m, failure="target does no better than shuffled") if m.name in metrics else m for m in run.results.metrics)
    return RunData(run.folder, replace(run.results, metrics=found), run.pairs)
