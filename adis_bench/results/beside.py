"""Whether the files beside a ``results.json`` are of the same scoring: the pair list, and the scores of pairs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adis_bench.results.codec import PER_PAIR_NAME
from adis_bench.results.faults import Fault
from adis_bench.results.json_text import shown
from adis_bench.results.meaning import Parts
from adis_bench.results.per_pair import PairScores, disagreements, read_pair_scores, read_rows
from adis_bench.results.recomputed import Recomputed
from adis_bench.results.records import PairsRecord

PAIRS_NAME = "pairs.parquet"
_COLUMNS = ("pair_id", "source_group", "target_group")


def beside_faults(folder: Path, parts: Parts) -> Iterator[Fault]:
    """Every place where they disagree, and why, as a phrase; a file that isn't there says nothing.

    Args:
        folder: of the run.
        parts: of its ``results.json``.
    """
    if parts.pairs is None:
        return
    listed = _read_list(folder / PAIRS_NAME, parts.pairs)
    yield from ((("pairs", *place), fault) for place, fault in listed.faults)
    if not (folder / PER_PAIR_NAME).exists():
        return
    found = read_pair_scores(folder / PER_PAIR_NAME)
    yield from ((("scores",), fault) for fault in found.faults)
    if found.faults and not found.values:
        return  # whatever else was said would follow from what could not be read
    strange = list(_strangers(parts, found, listed.groups))
    yield from strange
    pair_metrics = {metric.name: metric for _, metric in parts.metrics if metric.kind == "pair"}
    wrong = dict(disagreements(parts.scores, frozenset(pair_metrics), parts.pairs.n, found))
    yield from ((("scores", place), f"{PER_PAIR_NAME} disagrees: {message}") for place, message in wrong.items())
    if strange or listed.faults or found.faults:
        return
    recomputed = Recomputed(found, listed.groups, frozenset((one.method, one.metric) for place, one in parts.scores if place in wrong))
    for place, one in parts.differences:
        if one.metric in pair_metrics and (fault := recomputed.fault(one, pair_metrics[one.metric])):
            name, message = fault
            yield ("differences", place, name), f"{PER_PAIR_NAME} disagrees: {message}"


@dataclass(frozen=True, slots=True)
class _PairList:
    """What the pair list says.

    Attributes:
        groups: of each pair, its source's and its sound's; None where there is no list, or none that can be read.
        faults: places under ``pairs``, and what is wrong.
    """

    groups: Mapping[str, tuple[str, str]] | None
    faults: tuple[Fault, ...] = ()


def _read_list(path: Path, pairs: PairsRecord) -> _PairList:
    if not path.exists():
        return _PairList(None)
    try:
        rows = read_rows(path, _COLUMNS)
    except ValueError as error:
        return _PairList(None, (((), str(error)),))
    if any(not isinstance(cell, str) for row in rows for cell in row.values()):
        return _PairList(None, (((), f"{path.name} has a cell that is no text"),))
    groups = {row["pair_id"]: (row["source_group"], row["target_group"]) for row in rows}
    if len(rows) == pairs.n == len(groups):
        return _PairList(groups)
    return _PairList(groups, ((("n",), f"is {pairs.n}, and {path.name} has {len(rows)} rows of {len(groups)} pairs"),))


def _strangers(parts: Parts, found: PairScores, known: Collection[str] | None) -> Iterator[Fault]:
    """Pairs, metrics and methods that only the scores of pairs have."""
    if known is not None and (strange := {pair for column in found.values.values() for pair in column} - set(known)):
        yield ("scores",), f"{PER_PAIR_NAME} has {len(strange)} pairs that {PAIRS_NAME} lacks, first: {shown(min(strange))}"
    sets = {metric.name for _, metric in parts.metrics if metric.kind == "set"}
    for method, metric in sorted(found.values):
        if method not in parts.names["methods"] or metric not in parts.names["metrics"] - sets:
            yield ("scores",), f"{PER_PAIR_NAME} has {shown(metric)} of {shown(method)}, which is no metric of pairs and method here"
