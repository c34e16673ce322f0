"""The items of a study: who stands where on which, which are checks, and in which order they come."""

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from adis_bench.datasets.dealing import interleaved
from adis_bench.seeding import generator
from adis_bench.study.orders import balanced_orders, fresh_order, mixed
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.pseudonyms import keyed_digest
from adis_bench.study.records import SLOTS, KeyItem
from adis_bench.study.sampling import StudyPair, part_pairs

_DIGITS = 12  # ours: 48 bits, a thousand ids of one study never meet


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item with what stands behind it."""

    item_id: str
    pair: StudyPair
    key: KeyItem


def plan_items(
    pairs: Sequence[StudyPair], options: PrepareOptions, controls: tuple[str, str] | None, secret: str, golden: Set[str] | None = None
) -> tuple[PlannedItem, ...]:
    """All items in the order in which they are offered.

    Which pairs are shown depends on the seed alone. All else depends on the secret as well: which of the pairs are gold or shown
    again, where the methods stand, ids, and the order of the items. So nobody can tell them from the seed in ``study.json``.

    Where the workers share the items, the list is one part after another for each of ``n_workers``, with classes, gold items and
    repeats dealt evenly and each repeat in the part of its original.

    Args:
        pairs: those with all outputs, at least ``options.n_samples``.
        options: of the study.
        controls: the right and the wrong control of gold items; None without gold items.
        secret: of the study.
        golden: ids of the pairs with outputs of both controls; by default all.
    """
    rng = generator("study orders", secret, options.seed)
    golden = {pair.pair_id for pair in pairs} if golden is None else golden
    sample, known = part_pairs(pairs, golden, options.n_samples, options.n_gold if controls else 0, options.seed, rng)
    items = _ranked(sample, options.methods, rng, secret)
    blocks = {item.item_id: number % options.n_blocks for number, item in enumerate(items)}
    if controls is not None:
        gold = _gold(known, options.methods, controls, rng, secret)
        blocks |= {item.item_id: number % options.n_blocks for number, item in enumerate(gold)}
        items += gold
    repeats = _repeats(items, blocks, options, rng, secret)
    by_id = {item.item_id: item for item in (*items, *repeats)}
    lots = generator("study layout", secret, options.seed)
    ordered: list[str] = []
    for block in range(options.n_blocks):
        mine = [item.item_id for item in items if blocks[item.item_id] == block]
        again_of = {item.item_id: item.key.repeats for item in repeats if blocks[item.key.repeats] == block}
        ordered += mixed(mine, again_of, lots)
    return tuple(by_id[item_id] for item_id in ordered)


def _item_id(secret: str, kind: str, number: int) -> str:
    return f"it-{keyed_digest(secret, f'item {kind} {number}')[:_DIGITS]}"


def _ranked(sample: Sequence[StudyPair], methods: tuple[str, ...], rng: np.random.Generator, secret: str) -> list[PlannedItem]:
    """Sorted by class, so that the places are about even within each class too; even over all they are in any order."""
    by_label = sorted(sample, key=lambda pair: pair.label)
    orders = balanced_orders(len(sample), len(methods), rng)
    return [
        PlannedItem(
            _item_id(secret, "rank", number), pair, KeyItem("rank", pair.pair_id, pair.label, tuple(methods[place] for place in order))
        )
        for number, (pair, order) in enumerate(zip(by_label, orders, strict=True))
    ]


def _gold(
    pairs: Sequence[StudyPair], methods: tuple[str, ...], controls: tuple[str, str], rng: np.random.Generator, secret: str
) -> list[PlannedItem]:
    """The two controls among methods that take turns; all places even."""
    others = [name for name in methods if name not in controls]
    k = len(methods)
    turns = balanced_orders(len(pairs), len(others), rng) if k > 2 else [()] * len(pairs)
    orders = balanced_orders(len(pairs), k, rng)
    planned = []
    for number, (pair, turn, order) in enumerate(zip(pairs, turns, orders, strict=True)):
        shown = (*controls, *(others[place] for place in turn[: k - 2]))
        row = tuple(shown[place] for place in order)
        better, worse = (SLOTS[row.index(name)] for name in controls)
        planned.append(
            PlannedItem(_item_id(secret, "gold", number), pair, KeyItem("gold", pair.pair_id, pair.label, row, better=better, worse=worse))
        )
    return planned


def _repeats(
    items: Sequence[PlannedItem], blocks: dict[str, int], options: PrepareOptions, rng: np.random.Generator, secret: str
) -> list[PlannedItem]:
    """Even over the workers' parts, or over the classes where all rank the same."""
    ranked = [item for item in items if item.key.kind == "rank"]
    groups: dict[str, str] = defaultdict(str)
    for item in ranked:
        groups[item.item_id] = item.key.label if options.n_blocks == 1 else str(blocks[item.item_id])
    chosen = interleaved(ranked, lambda item: groups[item.item_id], rng)[: options.n_repeats]
    return [
        PlannedItem(
            _item_id(secret, "repeat", number),
            item.pair,
            KeyItem("repeat", item.key.pair_id, item.key.label, fresh_order(item.key.methods, rng), repeats=item.item_id),
        )
        for number, item in enumerate(chosen)
    ]
