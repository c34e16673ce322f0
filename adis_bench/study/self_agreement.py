"""Whether workers rank an item the same way when they see it again."""

import numpy as np

from adis_bench.statistics.crossed import crossed_means
from adis_bench.statistics.rank_correlation import kendall
from adis_bench.study.answers import Answers
from adis_bench.study.results import SelfAgreement


def self_agreement(answers: Answers) -> SelfAgreement:
    """Compare each repeated ranking with the worker's first one of the item.

    Repeats whose first ranking is not among the analysed ones (it was rejected, say) are left out, and of several repeats of one
    item the first counts. The interval is for new workers and new items (``statistics/crossed.py``); where no two workers repeated
    the same item it is Student's interval of the workers' means.

    Args:
        answers: after screening, if there are rules.
    """
    rankings = answers.rankings
    first = (
        {
            (rankings.workers[worker], rankings.items[item]): row
            for row, (worker, item) in enumerate(zip(rankings.worker.tolist(), rankings.item.tolist(), strict=True))
        }
        if answers.repeats
        else {}
    )
    again = {(answer.worker, answer.item): answer.ranks for answer in reversed(answers.repeats) if (answer.worker, answer.item) in first}
    if not again:
        n = len(answers.repeats)
        reason = f"no self-agreement: none of {n} repeats has a first ranking" if n else "no self-agreement: nobody ranked an item twice"
        return SelfAgreement(0, 0, None, None, None, None, reason)
    rows = np.array([first[key] for key in again])
    before, after = rankings.ranks[rows], np.array(list(again.values()), np.float64)
    worker, item = rankings.worker[rows], rankings.item[rows]
    n_workers, n_items = np.unique(worker).size, np.unique(item).size
    same = float((before == after).all(axis=1).mean())
    tau = kendall(before, after)
    known = np.isfinite(tau)
    if not known.any():
        return SelfAgreement(
            n_workers, n_items, same, None, None, None, f"no Kendall's tau: each of {len(tau)} repeats has all methods tied"
        )
    means = crossed_means(tau[known][:, None], worker[known], item[known])
    value = float(means.mean[0])
    if means.reason:
        return SelfAgreement(n_workers, n_items, same, value, None, None, means.reason.replace("all rankings", "all repeats"))
    half = float(means.half[0])
    # No tau lies outside -1 ... 1, so the part of an interval that does covers nothing.
    return SelfAgreement(n_workers, n_items, same, value, max(value - half, -1.0), min(value + half, 1.0))
