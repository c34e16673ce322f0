"""Which method leads on a metric: the one rule of answers, of bold numbers, and of runs as of comparisons."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from adis_bench.results.numbers import Score
from adis_bench.results.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """How the methods stand on one metric; none of them is a control.

    Attributes:
        first: the best score of those that were scored on most pairs: who lacks the hard pairs, or a whole class, would win by it.
        rivals: all others that were scored, also on fewer pairs, from best to worst, with the first one's verdict over each.
        fewer: those of the rivals that lack pairs which others have, so that they can't lead.
        unscored: labels of methods without a score.
    """

    first: Score
    rivals: tuple[tuple[Score, Verdict], ...]
    fewer: tuple[Score, ...]
    unscored: tuple[str, ...]

    @property
    def leads(self) -> bool:
        """Whether the first one is shown to be better than each other one; a method alone leads nobody.

        A claim that needs every one of several tests needs no correction for their number (intersection-union test; Berger 1982,
        Technometrics 24:295); the tests that are here have Holm's anyway.
        """
        return bool(self.rivals) and all(found is Verdict.BETTER for _, found in self.rivals)

    def by(self, *verdicts: Verdict) -> tuple[str, ...]:
        """The rivals over whom the first one has one of these verdicts."""
        return tuple(score.method for score, found in self.rivals if found in verdicts)


def best_of(scores: Iterable[Score], higher_is_better: bool) -> Score | None:
    """The best of the scores on most pairs, the first one of equal ones; None where none has a value."""
    scored = [score for score in scores if score.value is not None]
    most = max((score.n for score in scored), default=0)
    sign = 1 if higher_is_better else -1
    return max((score for score in scored if score.n == most), key=lambda score: sign * (score.value or 0.0), default=None)


def standing(scores: Sequence[Score], higher_is_better: bool, judge: Callable[[str, str], Verdict]) -> Standing | None:
    """Who stands where; None where no method has a value.

    Args:
        scores: of all methods on one metric, controls left out, in the order of the table.
        higher_is_better: the metric's direction.
        judge: the first label's verdict over the second one's.
    """
    first = best_of(scores, higher_is_better)
    if first is None:
        return None
    others = [score for score in scores if score.value is not None and score.method != first.method]
    others.sort(key=lambda score: score.value or 0.0, reverse=higher_is_better)
    return Standing(
        first,
        tuple((score, judge(first.method, score.method)) for score in others),
        tuple(score for score in others if score.n < first.n),
        tuple(score.method for score in scores if score.value is None),
    )
