"""Which workers are left out, by rules that stood before anybody looked at the answers."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.rank_correlation import kendall
from adis_bench.study.answers import Answers
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import WorkerRow

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Signs:
    """What the rules look at, one value for each worker of ``Rankings.workers``; NaN where a rule can't be asked.

    Attributes:
        n_rankings, gold_passed, n_gold: int64.
        seconds: median time on an item.
        same_order: largest share of rankings with one order of the places.
        agreement: mean tau-b with the mean ranks of all others on the same items; n_compared (int64): rankings behind it.
    """

    n_rankings: Ints
    gold_passed: Ints
    n_gold: Ints
    seconds: Floats
    same_order: Floats
    agreement: Floats
    n_compared: Ints


def screen(answers: Answers, rules: ScreeningRules) -> tuple[Answers, tuple[WorkerRow, ...]]:
    """Leave out the workers who break a rule.

    A rule that can't be asked of a worker (no gold, no times, no known places, nobody else on the same items) leaves nobody
    out. The agreement is with everybody, bad workers included. A worker who broke a rule loses all rankings, gold and repeats;
    comments stay, as they may say what went wrong.

    Args:
        answers: of all workers.
        rules: of the study.

    Returns:
        The answers that stay (there may be none), with the rejection ``screened_worker``; and a row for each worker, in the order of
        their names, which are those of ``answers``: whoever shows them to others makes pseudonyms of them while reading.
    """
    rankings = answers.rankings
    signs = _signs(answers)
    failed = [_failed(signs, number, rules) for number in range(len(rankings.workers))]
    rows = [_row(worker, signs, number, failed[number]) for number, worker in enumerate(rankings.workers)]
    rows = sorted((row for row in rows if row.n_rankings or row.n_gold), key=lambda row: row.worker)
    out = np.array([bool(rules_broken) for rules_broken in failed], bool)
    lost = out[rankings.worker]
    return _without(answers, out, lost), tuple(rows)


def _without(answers: Answers, out: NDArray[np.bool_], lost: NDArray[np.bool_]) -> Answers:
    if not out.any():
        return answers
    gone = {worker for worker, is_out in zip(answers.rankings.workers, out, strict=True) if is_out}
    n_lost = int(lost.sum())
    return replace(
        answers,
        rankings=answers.rankings.where(~lost),
        rejected=(*answers.rejected, *([Rejection("screened_worker", n_lost, 0)] if n_lost else [])),
        slot_ranks=None if answers.slot_ranks is None else answers.slot_ranks[~lost],
        gold=tuple(answer for answer in answers.gold if answer.worker not in gone),
        repeats=tuple(answer for answer in answers.repeats if answer.worker not in gone),
    )


def _signs(answers: Answers) -> _Signs:
    rankings = answers.rankings
    n = len(rankings.workers)
    number = {worker: place for place, worker in enumerate(rankings.workers)}
    gold = [answer for answer in answers.gold if answer.worker in number]  # whoever has gold only has no rankings to leave out
    gold_worker = np.array([number[answer.worker] for answer in gold], np.int64)
    passed = np.array([answer.passed for answer in gold], bool)
    tau = _agreement(rankings)
    compared = np.isfinite(tau)
    n_compared = np.bincount(rankings.worker[compared], minlength=n)
    sums = np.bincount(rankings.worker[compared], weights=tau[compared], minlength=n)
    return _Signs(
        n_rankings=np.bincount(rankings.worker, minlength=n),
        gold_passed=np.bincount(gold_worker[passed], minlength=n),
        n_gold=np.bincount(gold_worker, minlength=n),
        seconds=_medians(rankings.seconds, rankings.worker, n),
        same_order=_same_order(answers.slot_ranks, rankings.worker, n),
        agreement=np.divide(sums, n_compared, out=np.full(n, np.nan), where=n_compared > 0),
        n_compared=n_compared,
    )


def _agreement(rankings: Rankings) -> Floats:
    """Tau-b of each ranking with the mean ranks of all others of the item; NaN where there are none, or either is one tie."""
    sums = np.zeros((len(rankings.items), len(rankings.methods)))
    np.add.at(sums, rankings.item, rankings.ranks)
    # Sums order as means do, and halves add up exactly, so that ties stay ties.
    return kendall(rankings.ranks, sums[rankings.item] - rankings.ranks)


def _medians(seconds: Floats | None, worker: Ints, n: int) -> Floats:
    found = np.full(n, np.nan)
    if seconds is not None:
        known = np.isfinite(seconds)
        order = np.argsort(worker[known], kind="stable")
        numbers, starts = np.unique(worker[known][order], return_index=True)
        # Of nothing np.split makes one empty part.
        for number, times in zip(numbers, np.split(seconds[known][order], starts[1:]), strict=False):
            found[number] = np.median(times)
    return found


def _same_order(slot_ranks: Floats | None, worker: Ints, n: int) -> Floats:
    if slot_ranks is None:
        return np.full(n, np.nan)
    kinds, counts = np.unique(np.column_stack([worker, slot_ranks]), axis=0, return_counts=True)
    most = np.zeros(n)
    np.maximum.at(most, kinds[:, 0].astype(np.int64), counts)
    done = np.bincount(worker, minlength=n)
    return np.asarray(np.divide(most, done, out=np.full(n, np.nan), where=done > 0), np.float64)


def _failed(signs: _Signs, number: int, rules: ScreeningRules) -> tuple[str, ...]:
    """Names of the rules that the worker broke."""
    n_gold, n_rankings, n_compared = (int(column[number]) for column in (signs.n_gold, signs.n_rankings, signs.n_compared))
    enough = n_rankings >= rules.min_rankings
    broken = {
        "min_gold": n_gold >= max(rules.min_gold_items, 1)
        and rules.min_gold is not None
        and signs.gold_passed[number] < rules.min_gold * n_gold,
        # Comparisons with NaN are false, so what isn't known breaks nothing.
        "min_seconds": rules.min_seconds is not None and signs.seconds[number] < rules.min_seconds,
        "max_same_order": enough and rules.max_same_order is not None and signs.same_order[number] > rules.max_same_order,
        "min_agreement": n_compared >= rules.min_rankings
        and rules.min_agreement is not None
        and signs.agreement[number] < rules.min_agreement,
    }
    return tuple(rule for rule, is_broken in broken.items() if is_broken)


def _row(worker: str, signs: _Signs, number: int, failed: tuple[str, ...]) -> WorkerRow:
    seconds, same_order, agreement = (
        float(column[number]) if np.isfinite(column[number]) else None for column in (signs.seconds, signs.same_order, signs.agreement)
    )
    counts = int(signs.n_rankings[number]), int(signs.gold_passed[number]), int(signs.n_gold[number])
    return WorkerRow(worker, *counts, seconds, same_order, agreement, failed)
