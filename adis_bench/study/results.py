"""The record of a study's statistics."""

from dataclasses import dataclass
from typing import Any

from adis_bench.study.rejection import Rejection


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What people say of one method.

    Attributes:
        method: its label.
        mean_points: mean over all rankings, 1 (always last) to k (always first).
        ci_low, ci_high: 95 % interval for new workers and new items; None with a reason in ``StudyResults.undefined``.
        rank_counts: how often it had rank 1 ... k; methods that share places share their counts, so that each sums to n_rankings.
    """

    method: str
    mean_points: float
    ci_low: float | None
    ci_high: float | None
    rank_counts: tuple[int | float, ...]


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
        undefined: why a value is None: "interval", "friedman" (with W) or "krippendorff_alpha" -> reason.
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
