"""Table 1 in numbers: every variant's trainings together, and the variants against each other, from one run's results."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from adis_bench.results import Difference, MetricRecord, Results, Score
from adis_bench.spec import MethodSpec
from adis_bench.statistics.seeds import MIN_SEEDS, SeedMean, pair_error, seed_mean
from reports.published_table1 import PROTOCOL, published

NAME = "table1"
"""Of the table's files."""
RUN_NAME = "run"
"""The run's folder, beside them."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A row of Table 1.

    Attributes:
        key: what this code and ``--json`` call it.
        method: its plug-in.
        label: what the table calls it.
        short: what a difference calls it.
    """

    key: str
    method: str
    label: str
    short: str

    def training(self, seed: int) -> str:
        """The label of one training in the run."""
        return f"{self.key}-{seed}"


VARIANTS = (
    Variant("scratch", "ours", "Ours (from scratch)", "scratch"),
    Variant("selavi", "ours:selavi", "+ SeLaVi", "SeLaVi"),
    Variant("wav2clip", "ours:wav2clip", "+ Wav2CLIP", "Wav2CLIP"),
)
LABELS = {variant.key: variant.label for variant in VARIANTS}


def trainings(n_seeds: int) -> tuple[MethodSpec, ...]:
    """The methods of the run: all variants of the first seed, then of the next, so that an interrupted run has whole seeds."""
    return tuple(
        MethodSpec(label=variant.training(seed), name=variant.method, seed=seed) for seed in range(n_seeds) for variant in VARIANTS
    )


@dataclass(frozen=True, slots=True)
class VariantScore:
    """A variant on one metric.

    Attributes:
        variant, metric: which.
        values: (seed, value) of the trainings that count.
        missing: (seed, reason) of those that don't.
        together: their mean, spread and interval.
    """

    variant: str
    metric: str
    values: tuple[tuple[int, float], ...]
    missing: tuple[tuple[int, str], ...]
    together: SeedMean


@dataclass(frozen=True, slots=True)
class VariantDifference:
    """One variant minus another on one metric, over the seeds that both have."""

    variant: str
    against: str
    metric: str
    values: tuple[tuple[int, float], ...]
    together: SeedMean


@dataclass(frozen=True)
class Table1Scores:
    """What a run says of Table 1.

    Attributes:
        results: the run's.
        seeds: of the trainings that were asked for.
    """

    results: Results
    seeds: tuple[int, ...]

    @classmethod
    def of(cls, results: Results) -> "Table1Scores":
        """The table of a run that was made for it: its methods' labels name the seeds."""
        labels = {method.label for method in results.methods}
        # No run has more trainings than methods.
        seeds = (seed for seed in range(len(labels)) if any(variant.training(seed) in labels for variant in VARIANTS))
        return cls(results, tuple(seeds))

    @cached_property
    def metrics(self) -> tuple[MetricRecord, ...]:
        """The headline metrics in the protocol's order; those of the published table first, where the protocol has them."""
        first = [column.metric for column in published().columns] if self.results.protocol == PROTOCOL else []
        headline = [metric for metric in self.results.metrics if metric.beside is None]
        return tuple(sorted(headline, key=lambda metric: first.index(metric.name) if metric.name in first else len(first)))

    @cached_property
    def scores(self) -> dict[tuple[str, str], VariantScore]:
        """(variant, metric) -> its trainings together."""
        return {(variant.key, metric.name): self._score(variant, metric.name) for metric in self.metrics for variant in VARIANTS}

    @cached_property
    def differences(self) -> dict[tuple[str, str, str], VariantDifference]:
        """(variant, against, metric) -> paired difference, each later variant minus each earlier one."""
        found = [self._difference(later, earlier, metric.name) for metric in self.metrics for earlier, later in combinations(VARIANTS, 2)]
        return {(one.variant, one.against, one.metric): one for one in found}

    @cached_property
    def best(self) -> dict[str, str]:
        """Metric -> the variant shown to be better than all others; no entry where none is.

        It takes three trainings or more, and a paired interval against *each* other variant that excludes 0. A claim that needs
        every one of several tests needs no correction for their number (intersection-union test; Berger 1982, Technometrics 24:295).
        """
        leaders = ((metric, self._leader(metric)) for metric in self.metrics)
        return {metric.name: leader for metric, leader in leaders if leader}

    @property
    def degrees(self) -> int:
        """Degrees of freedom over pairs."""
        return max(1, min(self.results.pairs.n_source_groups, self.results.pairs.n_sound_groups) - 1)

    @cached_property
    def _by_training(self) -> dict[tuple[str, str], Score]:
        return {(score.method, score.metric): score for score in self.results.scores}

    @cached_property
    def _by_couple(self) -> dict[tuple[str, str, str], Difference]:
        return {(one.method, one.against, one.metric): one for one in self.results.differences}

    def single(self, label: str, metric: str) -> Score | None:
        """The score of one training or control."""
        return self._by_training.get((label, metric))

    def _score(self, variant: Variant, metric: str) -> VariantScore:
        values, errors, missing = [], [], []
        for seed in self.seeds:
            score = self.single(variant.training(seed), metric)
            if reason := self._why_not(score):
                missing.append((seed, reason))
            elif score is not None and score.value is not None:
                values.append((seed, score.value))
                errors.append(pair_error(score.value, score.ci_low, score.ci_high, self.degrees))
        return VariantScore(variant.key, metric, tuple(values), tuple(missing), _together(values, errors, self.degrees))

    def _why_not(self, score: Score | None) -> str:
        """Why a training takes no part in the mean; empty where it does."""
        if score is None or score.value is None:
            return (score.reason if score else None) or "not scored"
        # Who lacks the hard pairs would win by it, and a Fréchet distance falls with n by itself.
        most = max(one.n for one in self._trained(score.metric))
        return f"rests on {score.n} pairs, not {most}" if score.n < most else ""

    def _trained(self, metric: str) -> list[Score]:
        labels = [variant.training(seed) for variant in VARIANTS for seed in self.seeds]
        return [score for label in labels if (score := self.single(label, metric)) is not None and score.value is not None]

    def _difference(self, variant: Variant, against: Variant, metric: str) -> VariantDifference:
        counted = [{seed for seed, _ in self.scores[one.key, metric].values} for one in (variant, against)]
        values, errors = [], []
        for seed in sorted(counted[0] & counted[1]):
            found = self._paired(variant.training(seed), against.training(seed), metric)
            if found is not None:
                values.append((seed, found[0]))
                errors.append(found[1])
        return VariantDifference(variant.key, against.key, metric, tuple(values), _together(values, errors, self.degrees))

    def _paired(self, first: str, second: str, metric: str) -> tuple[float, float] | None:
        """The first training minus the second on the same pairs, with its standard error; a run holds it one way round."""
        for names, sign in (((first, second), 1.0), ((second, first), -1.0)):
            found = self._by_couple.get((*names, metric))
            if found is not None and found.value is not None:
                return sign * found.value, pair_error(found.value, found.ci_low, found.ci_high, self.degrees)
        return None

    def _leader(self, metric: MetricRecord) -> str | None:
        sign = 1 if metric.higher_is_better else -1
        means = {variant.key: self.scores[variant.key, metric.name].together.mean for variant in VARIANTS}
        known = {key: sign * mean for key, mean in means.items() if mean is not None}
        if len(known) < len(VARIANTS) or metric.failure:
            return None
        first = max(known, key=lambda key: known[key])
        ahead = all(self._is_ahead(first, other, metric) for other in known if other != first)
        return first if ahead else None

    def _is_ahead(self, first: str, other: str, metric: MetricRecord) -> bool:
        found = self.differences.get((first, other, metric.name))
        sign = 1 if found else -1
        together = (found or self.differences[other, first, metric.name]).together
        if together.mean is None or together.n < MIN_SEEDS or not together.leaves_out_zero():
            return False
        return (sign * together.mean > 0) == metric.higher_is_better


def _together(values: Sequence[tuple[int, float]], errors: Sequence[float], degrees: int) -> SeedMean:
    return seed_mean(np.array([value for _, value in values], np.float64), np.array(errors, np.float64), degrees)
