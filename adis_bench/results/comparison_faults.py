"""What the differences of a metric must be together: all comparisons of a run and no others, their tests corrected as one family."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import isclose

from adis_bench.metrics.comparison import CONTROLS, comparisons
from adis_bench.results.faults import Fault
from adis_bench.results.json_text import shown
from adis_bench.results.numbers import Difference
from adis_bench.results.per_pair import CLOSE, near
from adis_bench.results.records import MethodRecord
from adis_bench.statistics.holm import holm

Names = tuple[str, str]
Entries = Mapping[Names, tuple[int, Difference]]


def comparison_faults(
    entries: Sequence[tuple[int, Difference]],
    compared: Collection[tuple[str, str, str]],
    methods: Sequence[MethodRecord],
    metrics: Collection[str],
) -> Iterator[Fault]:
    """Every place whose content can't be what it says, and why, as a phrase.

    Args:
        entries: the differences that can be read, with their places.
        compared: (method, against, metric) of all, those of unreadable records, too.
        methods: all of the file.
        metrics: names of all of the file.
    """
    # Methods without any output are compared with nothing (adis_bench.scoring.embed).
    expected = dict.fromkeys(comparisons(method.label for method in methods if method.n_outputs))
    known = {method.label for method in methods}
    for metric in sorted(metrics):
        there: Entries = {(one.method, one.against): (place, one) for place, one in entries if one.metric == metric}
        found = {(method, against) for method, against, name in compared if name == metric}
        yield from _incomplete(metric, expected, found)
        yield from _unexpected(there, expected, known)
        if set(there) == set(expected):
            yield from _not_corrected(metric, there)


def _incomplete(metric: str, expected: Collection[Names], found: Collection[Names]) -> Iterator[Fault]:
    if lacking := [names for names in expected if names not in found]:
        more = f", and lacks {len(lacking) - 1} more of its {len(expected)} comparisons" if len(lacking) > 1 else ""
        yield ("differences",), f"has nothing of {shown(metric)} for {' against '.join(map(shown, lacking[0]))}{more}"


def _unexpected(there: Entries, expected: Collection[Names], known: AbstractSet[str]) -> Iterator[Fault]:
    """What is of unknown names, or of one method, is said elsewhere."""
    for names, (place, _) in there.items():
        if names not in expected and names[0] != names[1] and known >= set(names):
            yield ("differences", place), f"{' against '.join(map(shown, names))} is none of the run's comparisons"


def _not_corrected(metric: str, there: Entries) -> Iterator[Fault]:
    """Holm's correction of the file's own p: one fault for a metric, since one p moves the corrected ones of all others."""
    for place, one in there.values():
        if one.method in CONTROLS and one.p_holm is not None:
            yield ("differences", place, "p_holm"), "is there, and controls' own comparisons take no part in the correction"
    family = [entry for entry in there.values() if entry[1].method not in CONTROLS]
    adjusted = holm([one.p for _, one in family])
    wrong = [(place, one.p_holm, right) for (place, one), right in zip(family, adjusted, strict=True) if not _agrees(one, right)]
    if wrong:
        place, given, right = wrong[0]
        more = f"; {len(wrong) - 1} others are wrong, too" if len(wrong) > 1 else ""
        tests = f"Holm's correction of the {len(family)} tests of {shown(metric)}"
        yield ("differences", place, "p_holm"), f"is {_text(given)}, and {tests} gives {_text(right)}{more}"


def _agrees(one: Difference, right: float | None) -> bool:
    given, p = one.p_holm, one.p
    if p is None or (given is not None and given < p and not near(given, p)):
        return True  # said elsewhere, of the one difference
    return given is not None and right is not None and isclose(given, right, rel_tol=CLOSE)


def _text(p: float | None) -> str:
    return "missing" if p is None else f"{p:g}"
