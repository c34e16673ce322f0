"""Reading answers, whatever format they come in: its header tells."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.study import long_csv
from adis_bench.study.answers import Answers, RepeatAnswer
from adis_bench.study.csv_table import Table, name, read_table
from adis_bench.study.mturk_csv import read_result_csv
from adis_bench.study.records import Key, Study
from adis_bench.study.result_header import is_result_csv


def read_answers(
    source: Path | Table, study: Study | None = None, key: Key | None = None, methods: Sequence[str] = (), ties: bool = True
) -> Answers:
    """Read a result CSV (of Mechanical Turk, ``study publish`` or our server), or the long CSV, with or without a study.

    A long CSV of a study names methods as the key does, and items by their ids or by the pair ids of the run. Its rows of repeated
    items are self-agreement; those of items with a known answer are left out (``unknown_item``), since it doesn't show their controls.

    Args:
        source: the path of the CSV, or what ``read_table`` made of it.
        study: None for a long CSV that stands for itself.
        key: of the study.
        methods: that were compared, for a long CSV without a study.
        ties: False rejects equal ranks even where the study allows them.

    Raises:
        ConfigError: ``methods`` don't fit the study.
        DataError: not such a file, a result CSV without its study, or nothing is left.
    """
    table = source if isinstance(source, Table) else read_table(source)
    if study is None or key is None:
        if is_result_csv(table.header):
            raise DataError(f"{name(table.path)} has answers by place on the page; give --study STUDY, whose key.json tells the methods")
        rankings, rejected = long_csv.read_long_csv(table, methods, ties)
        return Answers(rankings, rejected)
    if methods and set(methods) != set(key.methods):
        raise ConfigError(f"--methods doesn't fit the study, which compares {', '.join(map(printable, key.methods))}; leave it out")
    if is_result_csv(table.header):
        return read_result_csv(table, study, key, ties)
    if long_csv.is_long_csv(table.header):
        return _long(table, study, key, ties)
    raise DataError(
        f"{name(table.path)} is neither a result CSV (columns WorkerId, Input.item_id, Answer.rank_A ...) "
        f"nor a long one ({', '.join(long_csv.COLUMNS)}); download or export it anew"
    )


def _long(table: Table, study: Study, key: Key, ties: bool) -> Answers:
    """The long CSV of a study: items get their ids and classes, repeats are sorted out."""
    ranked = {item_id: facts for item_id, facts in key.items.items() if facts.kind == "rank"}
    repeats = {item_id: facts.repeats for item_id, facts in key.items.items() if facts.kind == "repeat"}
    names = {facts.pair_id: item_id for item_id, facts in ranked.items()} | {item_id: item_id for item_id in (*ranked, *repeats)}
    everything, rejected = long_csv.read_long_csv(table, key.methods, ties and study.ties_allowed, names)
    again = np.array([item in repeats for item in everything.items])[everything.item]
    if again.all():
        raise DataError(f"{name(table.path)} ranks repeated items only, {len(again)} times; there is nothing to be analysed")
    kept = everything.where(~again)
    used, item = np.unique(kept.item, return_inverse=True)
    items = tuple(everything.items[i] for i in used)
    labels = tuple(key.items[item_id].label for item_id in items)
    return Answers(
        replace(kept, items=items, item=item.astype(np.int64), labels=labels if any(labels) else ()),
        rejected,
        repeats=tuple(
            RepeatAnswer(everything.workers[worker], repeats[everything.items[item]], tuple(ranks.tolist()))
            for item, worker, ranks in zip(everything.item[again], everything.worker[again], everything.ranks[again], strict=True)
        ),
    )
