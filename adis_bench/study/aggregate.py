"""From answers to statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import AdisBenchError, DataError
from adis_bench.statistics.crossed import NO_SCATTER
from adis_bench.statistics.friedman import friedman
from adis_bench.statistics.krippendorff import ordinal_alpha
from adis_bench.statistics.posthoc import maximal_groups, pair_tests
from adis_bench.study.answers import Answers
from adis_bench.study.method_results import class_results, method_results
from adis_bench.study.metric_agreement import metric_agreement
from adis_bench.study.pairwise import mean_differences
from adis_bench.study.places_bootstrap import bootstrap_places
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import ScreeningRules
from adis_bench.study.results import Bootstrap, MeanDifference, MethodResult, MetricAgreement, PostHoc, Screening, StudyResults
from adis_bench.study.screening import screen
from adis_bench.study.self_agreement import self_agreement
from adis_bench.study.strengths import strengths

N_REPLICATES = 2000
"""Default number of resamples for the places: a share of 5 % is then known to 1 % (two standard errors)."""


@dataclass(frozen=True, slots=True)
class RunScores:
    """A run whose metrics are compared with people.

    Attributes:
        folder: of the run.
        pair_ids: its pair behind each item id.
        asked_for: False where only the study's key names it: then a run that has gone or changed is a note, not an error.
    """

    folder: Path
    pair_ids: Mapping[str, str]
    asked_for: bool = True


def aggregate(
    answers: Answers,
    *,
    rules: ScreeningRules | None = None,
    replicates: int = N_REPLICATES,
    seed: int = 0,
    study: Mapping[str, Any] | None = None,
    run: RunScores | None = None,
) -> StudyResults:
    """The statistics of answers.

    Args:
        answers: at least one ranking.
        rules: leave workers out by them first; the methods' results without them are kept beside. None for no screening.
        replicates: resamples for the places, 0 for none.
        seed: of the resampling.
        study: what is to be said of the study; None for a bare table, which has no self-agreement.
        run: None for no comparison with metrics.

    Raises:
        DataError: every worker fails the rules, or the run that was asked for cannot be read.
    """
    kept, screening = (answers, None) if rules is None else _screened(answers, rules)
    results = _statistics(kept, replicates, seed)
    metrics, no_metrics = (None, "") if run is None else _metrics(kept.rankings, run)
    return replace(
        results,
        undefined={**results.undefined, "metrics": no_metrics} if no_metrics else results.undefined,
        self_agreement=None if study is None else self_agreement(kept),
        screening=screening,
        metrics=metrics,
        study=dict(study or {}),
        n_answers=len(answers.rankings.ranks)
        + len(answers.gold)
        + len(answers.repeats)
        + sum(rejection.count for rejection in answers.rejected),
        n_gold=len(answers.gold),
        n_repeats=len(answers.repeats),
    )


def _metrics(rankings: Rankings, run: RunScores) -> tuple[tuple[MetricAgreement, ...] | None, str]:
    """The comparison, or why there is none; that reason names no folder, since it is shown to others."""
    try:
        return metric_agreement(rankings, run.pair_ids, run.folder), ""
    except AdisBenchError:
        if run.asked_for:
            raise
        return None, "the run that the study was made from is not where it was, or has changed; name it with --run"


def _screened(answers: Answers, rules: ScreeningRules) -> tuple[Answers, Screening]:
    kept, rows = screen(answers, rules)
    n_before, n_after = len(answers.rankings.ranks), len(kept.rankings.ranks)
    if n_after == 0:
        failed = ", ".join(sorted({rule for row in rows for rule in row.failed}))
        raise DataError(
            f"all {len(rows)} workers fail the study's rules ({failed}), so that none of {n_before} rankings is left; "
            "look at them with --no-screening"
        )
    before = method_results(answers.rankings)[0]
    lost = len(answers.gold) - len(kept.gold), len(answers.repeats) - len(kept.repeats)
    return kept, Screening(rules, rows, n_before, n_after, before, *lost)


def _statistics(answers: Answers, replicates: int, seed: int) -> StudyResults:
    rankings = answers.rankings
    item_ranks = _item_ranks(rankings)
    test = friedman(item_ranks)
    # Unit = item x method, raters = workers.
    n, k = rankings.ranks.shape
    unit = rankings.item[:, None] * k + np.arange(k)
    alpha = ordinal_alpha(unit.ravel(), rankings.ranks.ravel())
    methods, reason = method_results(rankings)
    differences = mean_differences(rankings)
    some = ""
    if any(row.ci_low is not None for row in methods):
        reason, some = "", _without_scatter(methods, differences)
    no_places = reason.replace("no interval", "no resamples") if reason else "no resamples were asked for" * (replicates == 0)
    reasons = {"interval": reason, "friedman": test.reason, "krippendorff_alpha": alpha.reason, "places": no_places, "no_scatter": some}
    return StudyResults(
        n_items=np.unique(rankings.item).size,
        n_workers=np.unique(rankings.worker).size,
        n_rankings=n,
        rejected=answers.rejected,
        methods=methods,
        friedman_statistic=test.statistic,
        friedman_p=test.p,
        kendall_w=test.w,
        krippendorff_alpha=alpha.value,
        undefined={name: why for name, why in reasons.items() if why},
        post_hoc=_post_hoc(item_ranks, rankings.methods),
        plackett_luce=strengths(rankings),
        bootstrap=Bootstrap(0, seed, ()) if no_places else bootstrap_places(rankings, replicates, seed),
        differences=differences,
        classes=class_results(rankings),
    )


def _without_scatter(methods: tuple[MethodResult, ...], differences: tuple[MeanDifference, ...]) -> str:
    """Which means and differences have no interval although others have, and why; empty where all have."""
    names = [row.method for row in methods if row.ci_low is None]
    names += [f"{row.method} - {row.against}" for row in differences if row.ci_low is None]
    return f"no interval of {', '.join(names)}: all rankings say the same of it, {NO_SCATTER}" if names else ""


def _item_ranks(rankings: Rankings) -> NDArray[np.float64]:
    """Sums of the ranks over each item's workers, float64 [n_items, k]: in the order of the means, and exact, so that ties stay ties."""
    numbers = np.unique(rankings.item, return_inverse=True)[1]
    sums = np.zeros((int(numbers.max()) + 1, len(rankings.methods)))
    np.add.at(sums, numbers, rankings.ranks)
    return sums


def _post_hoc(item_ranks: NDArray[np.float64], methods: tuple[str, ...]) -> PostHoc:
    tests = pair_tests(item_ranks)
    groups = () if tests.critical_difference is None else maximal_groups(tests.mean_ranks, tests.critical_difference)
    return PostHoc(
        mean_ranks=tuple(tests.mean_ranks.tolist()),
        critical_difference=tests.critical_difference,
        groups=tuple(tuple(methods[column] for column in group) for group in groups),
        nemenyi=tuple(map(tuple, tests.nemenyi.tolist())),
        conover=tuple(map(tuple, tests.conover.tolist())),
        reason=tests.reason,
    )
