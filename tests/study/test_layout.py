"""The items of a study, their kinds and their order."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest

from adis_bench.study.layout import PlannedItem, plan_items
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.records import SLOTS
from adis_bench.study.sampling import StudyPair, deal_pairs
from adis_bench.study.texts import study_texts

LABELS = ("rain", "ocean", "gravel", "dirt")
CONTROLS = ("target", "shuffled")


def _pairs(n: int) -> list[StudyPair]:
    return [StudyPair(f"p{i}", LABELS[i % 4], Path("s.png"), Path("t.wav"), f"a{i % 11}", f"b{i % 13}") for i in range(n)]


def _options(k: int = 3, n: int = 40, **more: object) -> PrepareOptions:
    return replace(PrepareOptions(tuple("abcdefgh"[:k]), study_texts(k, False), n_samples=n, gold_rate=0.1, repeat_rate=0.1), **more)  # type: ignore[arg-type]


def _plan(options: PrepareOptions, n_pairs: int = 80, secret: str = "s") -> tuple[PlannedItem, ...]:
    return plan_items(_pairs(n_pairs), options, CONTROLS, secret)


def _of(items: tuple[PlannedItem, ...], kind: str) -> list[PlannedItem]:
    return [item for item in items if item.key.kind == kind]


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_places_are_even_for_each_kind(k: int):
    """Every method has each place equally often, or once more, among the ranked items; so have the controls on gold items."""
    items = _plan(_options(k, n=41, gold_rate=0.5))
    counts = Counter((name, slot) for item in _of(items, "rank") for slot, name in enumerate(item.key.methods))
    assert len(counts) == k * k
    assert max(counts.values()) - min(counts.values()) <= 1
    for control in CONTROLS:
        places = Counter(item.key.methods.index(control) for item in _of(items, "gold"))
        assert max(places.values()) - min(places[slot] for slot in range(k)) <= 1


def test_places_are_about_even_within_a_class():
    """Of ten items of a class and three methods, each method has each place three or four times, at the seams of squares twice to five."""
    items = _of(_plan(_options(3)), "rank")
    for label in LABELS:
        of_class = [item.key.methods for item in items if item.key.label == label]
        assert len(of_class) == 10
        counts = Counter((name, slot) for order in of_class for slot, name in enumerate(order))
        assert set(counts.values()) <= {2, 3, 4, 5}


@pytest.mark.parametrize("k", [2, 4])
def test_gold_items_show_both_controls(k: int):
    """Two places show the controls, the key tells which must win, and the rest are methods, none twice."""
    gold = _of(_plan(_options(k)), "gold")
    assert len(gold) == 4
    for item in gold:
        shown = dict(zip(SLOTS, item.key.methods, strict=False))
        assert (shown[item.key.better], shown[item.key.worse]) == CONTROLS
        assert len(set(item.key.methods)) == k
        assert set(item.key.methods) - set(CONTROLS) <= set("abcd")


def test_gold_items_have_sounds_of_their_own():
    """Where the run has pairs enough no gold item shows a ranked pair; where not, some do."""
    items = _plan(_options())
    assert not {item.pair.pair_id for item in _of(items, "gold")} & {item.pair.pair_id for item in _of(items, "rank")}
    few = _plan(_options(), n_pairs=42)
    assert sum(item.pair.pair_id in {ranked.pair.pair_id for ranked in _of(few, "rank")} for item in _of(few, "gold")) == 2


def test_a_control_can_be_a_method():
    """A study of the controls themselves still has gold items without one of them twice."""
    items = _plan(_options(methods=("a", "target", "shuffled")))
    assert all(sorted(item.key.methods) == ["a", "shuffled", "target"] for item in _of(items, "gold"))


def test_repeats_show_the_same_in_another_order():
    """The same pair and methods, each at another place, after the original."""
    items = _plan(_options())
    place = {item.item_id: number for number, item in enumerate(items)}
    by_id = {item.item_id: item for item in items}
    repeats = _of(items, "repeat")
    assert len({item.key.repeats for item in repeats}) == len(repeats) == 4
    for item in repeats:
        first = by_id[item.key.repeats]
        assert (first.key.kind, first.pair, set(first.key.methods)) == ("rank", item.pair, set(item.key.methods))
        assert all(old != new for old, new in zip(first.key.methods, item.key.methods, strict=True))
        assert place[item.item_id] - place[item.key.repeats] >= 44 // 3 - 1


def test_shared_items_come_in_parts():
    """40 items of 5 workers: each part has 8 items of two of each class, gold and repeats with their originals."""
    items = _plan(_options(reading="shared", n_workers=5, gold_rate=0.125, repeat_rate=0.125))
    assert len(items) == 50
    for start in range(0, 50, 10):
        part = items[start : start + 10]
        assert Counter(item.key.kind for item in part) == {"rank": 8, "gold": 1, "repeat": 1}
        assert Counter(item.key.label for item in part if item.key.kind == "rank") == dict.fromkeys(LABELS, 2)
        ids = [item.item_id for item in part]
        assert all(item.key.repeats in ids for item in part if item.key.kind == "repeat")


@pytest.mark.parametrize(("n", "workers"), [(1, 20), (5, 3), (7, 7), (40, 39)])
def test_odd_sizes(n: int, workers: int):
    """Few items for many workers, as many repeats as there may be: everything comes once, repeats after their originals."""
    options = _options(n=n, n_workers=workers, reading="shared", gold_rate=0.5, repeat_rate=0.5)
    items = _plan(options)
    assert Counter(item.key.kind for item in items) == {"rank": n, "gold": options.n_gold, "repeat": options.n_repeats}
    place = {item.item_id: number for number, item in enumerate(items)}
    assert len(place) == len(items)
    assert all(place[item.key.repeats] < place[item.item_id] for item in _of(items, "repeat"))


def test_the_secret_hides_and_the_seed_repeats():
    """Another secret: the same pairs, but other gold items, repeats and places, ids and order. Another seed: another sample."""
    first, other, seeded = _plan(_options()), _plan(_options(), secret="t"), _plan(_options(seed=1))
    assert _plan(_options()) == first

    def shown(items: Iterable[PlannedItem]) -> set[str]:
        return {item.key.pair_id for item in items}

    assert shown(first) == shown(other) != shown(seeded)
    for kind in ("gold", "repeat"):
        assert shown(_of(first, kind)) != shown(_of(other, kind))
    places = [{item.key.pair_id: item.key.methods for item in _of(items, "rank")} for items in (first, other)]
    assert sum(places[0][pair] != places[1].get(pair) for pair in places[0]) > 20
    assert not {item.item_id for item in first} & {item.item_id for item in other}
    assert [item.key.kind for item in first] != [item.key.kind for item in other]


def test_the_public_seed_gives_nothing_away():
    """Whoever has the run's pairs, our code and ``study.json``, but no secret, guesses kinds and places no better than by chance."""
    options = _options(3, n=400)
    true, guess = _plan(options, n_pairs=900), _plan(replace(options, methods=("x", "y", "z")), n_pairs=900, secret="guess")
    for kind in ("gold", "repeat"):
        told = {item.pair.pair_id for item in _of(true, kind)} & {item.pair.pair_id for item in _of(guess, kind)}
        assert len(told) < 13  # 40 of 440 are right by chance 4 times; 13 in one of 10,000 studies
    # The sample of all ranked pairs, drawn without gold items, tells none of them either: each pair is outside of it by chance.
    sample = {pair.pair_id for pair in deal_pairs(_pairs(900), 400, options.seed)}
    assert sum(item.pair.pair_id not in sample for item in _of(true, "gold")) < 13
    # Places that share a method: the best of all ways to name the methods fits a sixth of the items, and a little more.
    guessed = {item.pair.pair_id: item.key.methods for item in _of(guess, "rank")}
    both = [(item.key.methods, guessed[item.pair.pair_id]) for item in _of(true, "rank") if item.pair.pair_id in guessed]
    fits = [
        sum(tuple(dict(zip("xyz", names, strict=True))[name] for name in drawn) == methods for methods, drawn in both)
        for names in permutations("abc")
    ]
    assert max(fits) < 0.3 * len(both)
    assert len(both) > 300


def test_shared_parts_do_not_tell_gold_items():
    """In which part a pair comes follows from no order that the seed gives: parts of neighbours in it are as any others."""
    options = _options(3, n=400, reading="shared", n_workers=20)
    items = _plan(options, n_pairs=900)
    part = {item.pair.pair_id: number // 24 for number, item in enumerate(items) if item.key.kind != "repeat"}
    dealt = sorted(deal_pairs(_pairs(900), 440, options.seed), key=lambda pair: pair.label)
    steps = Counter((part[after.pair_id] - part[before.pair_id]) % 20 for before, after in pairwise(dealt))
    # 439 steps of 20 kinds: each about 22 times, by chance never 60.
    assert max(steps.values()) < 60


def test_what_cannot_be_gold_is_not():
    """Only pairs with outputs of both controls are gold, the sample stays as large and even, and gold pairs of their own come first."""
    golden = {f"p{number}" for number in range(6)}
    items = plan_items(_pairs(80), _options(), CONTROLS, "s", golden)
    gold, ranked = ({item.pair.pair_id for item in _of(items, kind)} for kind in ("gold", "rank"))
    assert len(gold) == 4
    assert gold <= golden
    assert not gold & ranked
    assert Counter(item.key.label for item in _of(items, "rank")) == dict.fromkeys(LABELS, 10)


def test_kinds_cannot_be_told_from_ids():
    """Ids have one length and no order by kind: the kinds' mean ranks among the sorted ids lie about the middle."""
    ids = defaultdict(list)
    items = sorted(_plan(_options(n=400, gold_rate=0.5, repeat_rate=0.5), n_pairs=900), key=lambda item: item.item_id)
    for place, item in enumerate(items):
        ids[item.key.kind].append(place / len(items))
    assert len({len(item.item_id) for item in items}) == 1
    # The mean of 200 uniform places scatters by 0.29 / sqrt(200) = 0.02.
    assert all(abs(np.mean(places) - 0.5) < 0.08 for places in ids.values())
