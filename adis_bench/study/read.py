"""Reading answers, whatever format they come in: its header tells."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.study import long_csv
from adis_bench.study.answers import Answers, RepeatAnswer
from adis_bench.study.csv_table import name, read_header
from adis_bench.study.mturk_csv import is_result_csv, read_result_csv
from adis_bench.study.records import Key, Study


def read_answers(path: Path, study: Study | None = None, key: Key | None = None, methods: Sequence[str] = (), ties: bool = True) -> Answers:
    """Read a result CSV (of Mechanical Turk, ``study publish`` or our server), or the long CSV, with or without a study.

    A long CSV of a study names methods as the key does, and items by their ids or by the pair ids of the run. Its rows of repeated
    items are self-agreement; those of items with a known answer are left out (``unknown_item``), since it doesn't show their controls.

    Args:
        path: of the CSV.
        study: None for a long CSV that stands for itself.
        key: of the study.
        methods: that were compared, for a long CSV without a study.
        ties: False rejects equal ranks even where the study allows them.

    Raises:
        ConfigError: ``methods`` don't fit the study.
        DataError: not such a file, a result CSV without its study, or nothing is left.
    """
    header = read_header(path)
    if study is None or key is None:
        if is_result_csv(header):
            raise DataError(f"{name(path)} has answers by place on the page; give --study STUDY, whose key.json tells the methods")
        rankings, rejected = long_csv.read_long_csv(path, methods, ties)
        return Answers(rankings, rejected)
    if methods and set(methods) != set(key.methods):
        raise ConfigError(f"--methods doesn't fit the study, which compares {', '.join(map(printable, key.methods))}; leave it out")
    if is_result_csv(header):
        return read_result_csv(path, study, key, ties)
    if set(long_csv.COLUMNS) <= set(header):
        return _long(path, study, key, ties)
    raise DataError(
        f"{name(path)} is neither a result CSV (columns WorkerId, Input.item_id, Answer.rank_A ...) "
        f"nor a long one ({', '.join(long_csv.COLUMNS)}); download or export it anew"
    )


def _long(path: Path, study: Study, key: Key, ties: bool) -> Answers:
    """The long CSV of a study: items get their ids and classes, repeats are sorted out."""
    ranked = {item_id: facts for item_id, facts in key.items.items() if facts.kind == "rank"}
    repeats = {item_id: facts.repeats for item_id, facts in key.items.items() if facts.kind == "repeat"}
    names = {facts.pair_id: item_id for item_id, facts in ranked.items()} | {item_id: item_id for item_id in (*ranked, *repeats)}
    everything, rejected = long_csv.read_long_csv(path, key.methods, ties and study.ties_allowed, names)
    again = np.array([item in repeats for item in everything.items])[everything.item]
    if again.all():
        raise DataError(f"{name(path)} ranks repeated items only, {len(again)} times; there is nothing to be analysed")
    kept = everything.where(~again)
    used, item = np.unique(kept.item, return_inverse=True)
    items = tuple(everything.items[i] for i in used)
    labels = tuple(key.items[item_id].label for item_id in items)
    return Answers(
        replace(kept, items=items, item=item.astype(np.int64), labels=labels if all(labels) else ()),
        rejected,
        repeats=tuple(
            RepeatAnswer(everything.workers[worker], repeats[everything.items[item]], tuple(ranks.tolist()))
            for item, worker, ranks in zip(everything.item[again], everything.worker[again], everything.ranks[again], strict=True)
        ),
    )
