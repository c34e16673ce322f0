"""The record of a study's statistics: what ``study_results.json`` holds and everything that is shown comes from."""

from dataclasses import dataclass, field
from typing import Any

from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What people say of one method.

    Attributes:
        method: its label.
        mean_points: mean over all rankings, 1 (always last) to k (always first).
        ci_low, ci_high: 95 % interval for new workers and new items; None with a reason in ``StudyResults.undefined``, under
            "interval" where no method has one and under "no_scatter" where others have.
        rank_counts: how often it had rank 1 ... k; methods that share places share their counts, so that each sums to n_rankings.
    """

    method: str
    mean_points: float
    ci_low: float | None
    ci_high: float | None
    rank_counts: tuple[int | float, ...]


@dataclass(frozen=True, slots=True)
class ClassResult:
    """The methods on the items of one class; ``reason`` why some or all have no interval."""

    label: str
    n_items: int
    n_rankings: int
    methods: tuple[MethodResult, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Mean points of ``method`` minus those of ``against``, in the same rankings.

    Attributes:
        value: difference in points.
        ci_low, ci_high: 95 % interval for new workers and items; None where there is none.
        p, p_holm: of the t test that belongs to the interval (of a sign test where all rankings are alike), and after Holm's
            correction over all pairs of methods.
        share_better: share of the rankings in which ``method`` stands above, ties counting half.
    """

    method: str
    against: str
    value: float
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_holm: float | None
    share_better: float


@dataclass(frozen=True, slots=True)
class PostHoc:
    """Which methods differ by their mean ranks over items (workers averaged first); all in the order of the methods.

    Attributes:
        mean_ranks: 1 is best.
        critical_difference: of Nemenyi's test at 5 %; None with a reason.
        groups: maximal groups of methods, best first, whose mean ranks lie within the critical difference.
        nemenyi: p of each pair of methods, 1 on the diagonal.
        conover: likewise, by Conover's test after Friedman, Holm-corrected.
        reason: why there is none.
    """

    mean_ranks: tuple[float, ...]
    critical_difference: float | None
    groups: tuple[tuple[str, ...], ...]
    nemenyi: tuple[tuple[float, ...], ...]
    conover: tuple[tuple[float, ...], ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Strength:
    """A method in the Plackett-Luce model.

    Attributes:
        worth: probability that it is ranked first among all; worths sum to 1.
        log_worth: natural logarithm of the worth, centred on 0 over the methods.
        ci_low, ci_high: 95 % interval of ``log_worth`` for new workers and items; None where there is none.
    """

    method: str
    worth: float
    log_worth: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class PlackettLuce:
    """Strengths, in the order of the methods; ``ties`` says how equal ranks were counted, ``reason`` why some or all have no interval."""

    strengths: tuple[Strength, ...]
    ties: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How often each method had each place by mean points, over resamples of workers and of items.

    Attributes:
        n_replicates, seed: of the resampling; none where ``n_replicates`` is 0.
        places: for each method the share of replicates in which it came 1st ... kth; equal means share places.
    """

    n_replicates: int
    seed: int
    places: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class SelfAgreement:
    """Workers who ranked an item twice; None with a reason where nobody did.

    Attributes:
        n_workers, n_items: with at least one repeat; repeated rankings.
        same_order: share of repeats with the very same ranks.
        kendall: mean Kendall's tau-b between the two rankings; ci_low, ci_high: 95 % interval for new workers and new items.
    """

    n_workers: int
    n_items: int
    same_order: float | None
    kendall: float | None
    ci_low: float | None
    ci_high: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker under the screening rules; None where a rule can't be asked.

    Attributes:
        worker: pseudonym.
        n_rankings: of items that are analysed.
        gold_passed, n_gold: known answers.
        median_seconds: time on an item.
        same_order: largest share of rankings with one order of the places on the page.
        agreement: mean Kendall's tau-b with the mean ranks of all others on the same items.
        failed: names of the fields of ``ScreeningRules`` that leave this worker out; empty for those who stay.
    """

    worker: str
    n_rankings: int
    gold_passed: int
    n_gold: int
    median_seconds: float | None
    same_order: float | None
    agreement: float | None
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Screening:
    """Who was left out by rules that stood before the answers came, and what that changed.

    Attributes:
        rules: as in the study file.
        workers: all of them, in the order of their pseudonyms.
        n_rankings_before, n_rankings_after: analysed rankings without and with the rules.
        n_gold_lost, n_repeats_lost: answers of the workers who were left out that are not among those rankings.
        before: the methods' results without the rules; those with them are the main ones.
    """

    rules: ScreeningRules
    workers: tuple[WorkerRow, ...]
    n_rankings_before: int
    n_rankings_after: int
    before: tuple[MethodResult, ...]
    n_gold_lost: int = 0
    n_repeats_lost: int = 0


@dataclass(frozen=True, slots=True)
class MetricAgreement:
    """Whether an automatic metric orders the methods as people do; above 0 where better by the metric is better to people.

    Attributes:
        n_items: items on which both have something to order.
        kendall, kendall_low, kendall_high: mean Kendall's tau-b per item, with its 95 % interval; None where undefined.
        spearman, spearman_low, spearman_high: likewise, Spearman's rho.
        n_methods: methods that the metric scored.
        method_kendall, method_spearman: between scores and mean points of whole methods; their 95 % intervals follow.
        reason: why there is nothing per item (a metric of sets, say); method_reason: nor per method.
    """

    metric: str
    higher_is_better: bool
    n_items: int
    kendall: float | None
    kendall_low: float | None
    kendall_high: float | None
    spearman: float | None
    spearman_low: float | None
    spearman_high: float | None
    n_methods: int
    method_kendall: float | None
    method_kendall_low: float | None
    method_kendall_high: float | None
    method_spearman: float | None
    method_spearman_low: float | None
    method_spearman_high: float | None
    reason: str = ""
    method_reason: str = ""


@dataclass(frozen=True, slots=True)
class StudyResults:
    """Statistics of rankings.

    Attributes:
        n_items, n_workers, n_rankings: what was counted, without the rejected.
        rejected: what was left out, by reason.
        methods: in the order of the rankings' methods.
        friedman_statistic, friedman_p: over items, ranks averaged over workers first; None where undefined.
        kendall_w: concordance of the items (not agreement of raters), 0 to 1; None where undefined.
        krippendorff_alpha: agreement of the workers, ordinal; None where undefined.
        undefined: why a value is None: "interval", "friedman" (with W), "krippendorff_alpha", "places", "metrics", "no_scatter"
            (single means and differences without an interval, by name) or "classes" (items that are in none) -> reason.
        classes: by label; empty where items have none.
        differences: every pair of methods once, the better one first.
        post_hoc, plackett_luce, bootstrap: see there.
        self_agreement, screening: None where there is no study.
        metrics: None where there is no run; one per metric of the run.
        study: the study's name and plan as it says them, empty for a bare table.
        n_answers: all answers that were read: the rankings before screening, the gold and repeated ones, and the rejected (of any kind,
            ``screened_worker`` aside).
        n_gold, n_repeats: good answers to items with a known answer and to items shown again, before screening; 0 for a bare table.
        n_simulated: how many of the workers ``study simulate`` made up, before screening.
    """

    n_items: int
    n_workers: int
    n_rankings: int
    rejected: tuple[Rejection, ...]
    methods: tuple[MethodResult, ...]
    friedman_statistic: float | None
    friedman_p: float | None
    kendall_w: float | None
    krippendorff_alpha: float | None
    undefined: dict[str, str]
    post_hoc: PostHoc
    plackett_luce: PlackettLuce
    bootstrap: Bootstrap
    differences: tuple[MeanDifference, ...]
    classes: tuple[ClassResult, ...] = ()
    self_agreement: SelfAgreement | None = None
    screening: Screening | None = None
    metrics: tuple[MetricAgreement, ...] | None = None
    study: dict[str, Any] = field(default_factory=dict)
    n_answers: int = 0
    n_gold: int = 0
    n_repeats: int = 0
    n_simulated: int = 0
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> dict[str, Any]:
        """The one object that ``--json`` prints; undefined values are None."""
        return {
            "n_items": self.n_items,
            "n_workers": self.n_workers,
            "n_rankings": self.n_rankings,
            "rejected": {rejection.reason: rejection.count for rejection in self.rejected},
            "methods": [
                {
                    "method": method.method,
                    "mean_points": method.mean_points,
                    "ci_low": method.ci_low,
                    "ci_high": method.ci_high,
                    "rank_counts": list(method.rank_counts),
                }
                for method in self.methods
            ],
            "friedman": {"statistic": self.friedman_statistic, "p": self.friedman_p},
            "kendall_w": self.kendall_w,
            "krippendorff_alpha": self.krippendorff_alpha,
        }
