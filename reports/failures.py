"""Where every method does worst: its lowest-scored pairs with picture and sound, and what it made nothing for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adis_bench.results import MethodRecord, MetricRecord, PairScore
from reports.data import RunData
from reports.examples import Example, build
from reports.findings import between, decimals, number
from reports.media import MediaFolder
from reports.style import tones

N_LOWEST = 4
"""Ours: pairs of each method; one row of the page, and enough to see whether they have something in common."""
N_REASONS = 4
"""Ours: reasons of missing scores that are told; the others are counted together."""


@dataclass(frozen=True, slots=True)
class MethodFailures:
    """A method's lowest-scored pairs.

    Attributes:
        method, tone: its label and colour.
        lowest: the worst first, each with this method's output only.
        mean: its score over all pairs, as text.
        below_chance: on which share of the pairs it is worse than `shuffled`, as a sentence; empty where that isn't known.
        ties: what to know where more pairs have the last one's score; empty where none has.
        missing: (reason, number of pairs) without a score, the most frequent first.
    """

    method: str
    tone: str
    lowest: tuple[Example, ...]
    mean: str
    below_chance: str
    ties: str
    missing: tuple[tuple[str, int], ...]

    @property
    def n_missing(self) -> int:
        """Pairs without a score."""
        return sum(n for _, n in self.missing)


@dataclass(frozen=True, slots=True)
class Failures:
    """All methods on one metric; ``metric`` is None where no headline metric that works scores single pairs."""

    metric: MetricRecord | None
    methods: tuple[MethodFailures, ...]


def find_failures(run: RunData, media: MediaFolder) -> Failures:
    """The lowest-scored pairs of each method, by the first headline metric of pairs that tells right images from wrong ones.

    Raises:
        DataError: the scores of the pairs are missing or damaged.
    """
    metric = next((m for m in run.headline if m.kind == "pair" and not m.failure), None)
    if metric is None:
        return Failures(None, ())
    pairs = {pair.pair_id: pair for pair in run.pairs}
    by_method: dict[str, list[PairScore]] = {m.label: [] for m in run.asked}
    for score in run.scores_on(metric.name):
        if score.method in by_method and score.pair_id in pairs:
            by_method[score.method].append(score)
    return Failures(metric, tuple(_of_method(run, method, metric, by_method[method.label], media) for method in run.asked))


def lowest(scores: Sequence[PairScore], n: int, seed: int, higher_is_better: bool) -> tuple[tuple[PairScore, ...], int]:
    """The ``n`` worst of a method's scores, the worst first, equal ones in a seeded order.

    Args:
        scores: those of one method on one metric; such without a value are no scores.
        n: how many.
        seed: of the order of equal ones.
        higher_is_better: the metric's direction.

    Returns:
        The worst, and how many more have the very score of the last of them.
    """
    known = sorted((s for s in scores if s.value is not None), key=lambda s: s.pair_id)
    values = np.array([s.value for s in known], np.float64) * (1 if higher_is_better else -1)
    order = np.lexsort((np.random.default_rng([seed, 0xFA11]).permutation(len(known)), values))
    worst, rest = order[:n], order[n:]
    more = int((values[rest] == values[worst[-1]]).sum()) if len(worst) else 0
    return tuple(known[place] for place in worst), more


def _of_method(run: RunData, method: MethodRecord, metric: MetricRecord, scores: Sequence[PairScore], media: MediaFolder) -> MethodFailures:
    worst, more = lowest(scores, N_LOWEST, run.results.seed, metric.higher_is_better)
    pairs = {pair.pair_id: pair for pair in run.pairs}
    few = RunData(run.folder, replace(run.results, methods=(method,)), tuple(pairs[score.pair_id] for score in worst))
    mean = run.score(method.label, metric.name)
    return MethodFailures(
        method=method.label,
        tone=tones(run.methods)[method.label],
        lowest=build(few, media, metric),
        mean=number(mean.value, decimals(metric.name, run)) if mean is not None and mean.value is not None else "",
        below_chance=_below_chance(run, method.label, metric),
        ties=f"{more} more have the last one's score; which of them stand here was drawn with the run's seed." if more else "",
        missing=_missing(scores),
    )


def _below_chance(run: RunData, method: str, metric: MetricRecord) -> str:
    found = between(run, method, "shuffled", metric.name)
    if found is None or found.share_better is None:
        return ""
    share = 100 * (1 - found.share_better)
    on = "no pair" if share == 0 else f"{share:.0f} % of its pairs" if share >= 1 else "less than 1 % of its pairs"
    return f"On {on} it scores worse than a real frame of another class, ties counting half."


def _missing(scores: Sequence[PairScore]) -> tuple[tuple[str, int], ...]:
    counts = Counter(score.reason or "not scored" for score in scores if score.value is None).most_common()
    rest = sum(n for _, n in counts[N_REASONS:])
    return (*counts[:N_REASONS], *([("other reasons", rest)] if rest else []))
