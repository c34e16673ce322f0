"""Which pairs of a run people get to see: even over the classes of the sounds, spread over sounds and images."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.results import Results
from adis_bench.seeding import generator
from adis_bench.spec import ORACLE, TARGET

T = TypeVar("T")
SHUFFLED = "shuffled"
"""The control that is wrong on purpose: a real frame of another class than the sound's."""
_COLUMNS = ("pair_id", "target_label", "source_path", "target_audio_path", "source_group", "target_group")


@dataclass(frozen=True, slots=True)
class StudyPair:
    """A pair of the run, with the media that people see and hear.

    Attributes:
        label: class of the sound.
        source_group, target_group: segments of one group come from one recording, so that they aren't independent.
    """

    pair_id: str
    label: str
    source: Path
    sound: Path
    source_group: str
    target_group: str


def read_pairs(run_dir: Path) -> tuple[StudyPair, ...]:
    """The pair list of a run.

    Raises:
        DataError: missing, damaged, with empty cells, with a pair twice, or with a name that leaves the run's folder.
    """
    path = run_dir / "pairs.parquet"
    try:
        rows: list[dict[str, Any]] = pq.read_table(path, columns=list(_COLUMNS)).to_pylist()
    except (OSError, pa.ArrowException, KeyError) as error:
        cause = printable(str(error).splitlines()[0])
        raise DataError(f"{path} cannot be read ({cause}); run the same `adis-bench run` again, it goes on where it was") from error
    _check_cells(path, rows)
    strange = [row["pair_id"] for row in rows if not is_file_name(str(row["pair_id"]))]
    if strange:
        raise DataError(
            f"{path}: {len(strange)} of {len(rows)} pair ids cannot name an output, first: {strange[0]!r}; run into a new folder"
        )
    return tuple(
        StudyPair(
            row["pair_id"],
            row["target_label"],
            Path(row["source_path"]),
            Path(row["target_audio_path"]),
            row["source_group"],
            row["target_group"],
        )
        for row in rows
    )


def _check_cells(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    for column in _COLUMNS:
        n_empty = sum(not isinstance(row[column], str) or not row[column] for row in rows)
        if n_empty:
            raise DataError(f"{path}: {n_empty} of {len(rows)} pairs have no text as {column}; run into a new folder")
    counts = Counter(row["pair_id"] for row in rows)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise DataError(
            f"{path}: {len(twice)} of {len(counts)} pair ids come more than once, first: {printable(twice[0])}; run into a new folder"
        )


def is_file_name(name: str) -> bool:
    """Whether a file of this name lies in the folder that it is put in."""
    return bool(name) and "/" not in name and "\\" not in name and "\0" not in name and name not in (".", "..")


def output_path(run_dir: Path, method: str, pair_id: str) -> Path:
    """Where a method's image for a pair lies."""
    return run_dir / "outputs" / method / f"{pair_id}.png"


def gold_controls(results: Results) -> tuple[str, str]:
    """The control that must win on gold items and the one that must lose: the exact answer where the run has it, else the real frame.

    Raises:
        ConfigError: the run hasn't both.
    """
    controls = {method.label for method in results.methods if method.control and method.n_outputs}
    better = ORACLE if ORACLE in controls else TARGET
    lacking = [name for name in (better, SHUFFLED) if name not in controls]
    if lacking:
        raise ConfigError(
            f"gold items need the outputs of {better} and {SHUFFLED}, but {printable(results.run)} has none of {' and '.join(lacking)}; "
            "leave gold items out with --gold-rate 0"
        )
    return better, SHUFFLED


def check_methods(methods: Sequence[str], results: Results) -> None:
    """Refuse methods that cannot be compared.

    Raises:
        ConfigError: unknown to the run, or without any output.
    """
    known = {method.label: method for method in results.methods}
    unknown = [name for name in methods if name not in known]
    if unknown:
        raise ConfigError(
            f"--methods: {len(unknown)} of {len(methods)} are not in the run, first: {unknown[0]!r}; "
            f"it has {', '.join(map(printable, known))}"
        )
    empty = [name for name in methods if not known[name].n_outputs or not is_file_name(name)]
    if empty:
        raise ConfigError(
            f"--methods: {printable(empty[0])} has no outputs in the run; leave it out, or mend it with the same `adis-bench run`"
        )


def complete(pairs: Sequence[StudyPair], run_dir: Path, methods: Sequence[str]) -> tuple[tuple[StudyPair, ...], dict[str, int]]:
    """The pairs for which every method has an output, and how many outputs each method lacks (methods that lack none left out)."""
    missing: Counter[str] = Counter()
    kept = []
    for pair in pairs:
        lacking = [name for name in methods if not output_path(run_dir, name, pair.pair_id).is_file()]
        missing.update(lacking)
        if not lacking:
            kept.append(pair)
    return tuple(kept), dict(missing)


def deal_pairs(pairs: Sequence[StudyPair], n: int, *seeds: str | int) -> tuple[StudyPair, ...]:
    """Choose ``n`` pairs; a smaller ``n`` gives the first of them.

    Classes of the sound are dealt in rounds, so that their counts differ by one at most for as long as each has pairs left.
    Within a class the next pair is one whose sound's group was taken least often, then its image's group; equal ones by lot.

    Args:
        pairs: to choose from; their order doesn't matter.
        n: at most as many as there are.
        seeds: what decides the lots.
    """
    rng = generator("study sample", *seeds)
    by_label: dict[str, list[StudyPair]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: pair.pair_id):
        by_label[pair.label].append(pair)
    sounds = _numbered([pair.target_group for pair in pairs])
    sources = _numbered([pair.source_group for pair in pairs])
    sound_uses, source_uses = np.zeros(len(sounds), np.int64), np.zeros(len(sources), np.int64)
    waiting = {label: _Waiting(rest, sounds, sources, rng) for label, rest in sorted(by_label.items())}
    chosen: list[StudyPair] = []
    while len(chosen) < n and waiting:
        labels = list(waiting)
        for place in rng.permutation(len(labels))[: n - len(chosen)]:
            hand = waiting[labels[place]]
            chosen.append(hand.take(sound_uses, source_uses))
            if not hand.pairs:
                del waiting[labels[place]]
    return tuple(chosen)


def part_pairs(
    pairs: Sequence[StudyPair], golden: Set[str], n_samples: int, n_gold: int, seed: int, rng: np.random.Generator
) -> tuple[list[StudyPair], list[StudyPair]]:
    """The pairs to be ranked and those of gold items, each in an order by lot.

    The seed decides which pairs are shown, ``rng`` which of them are gold: who knows the seed can't tell. Gold items have pairs of
    their own, so that nobody meets a known sound; where the run has too few, they show pairs that are ranked as well.

    Args:
        pairs: those that can be ranked, at least ``n_samples``.
        golden: ids of those that can be gold.
        n_samples: to be ranked.
        n_gold: at most as many as ``golden``.
        seed: public.
        rng: seeded by something that isn't.
    """
    shown = deal_pairs(pairs, min(n_samples + n_gold, len(pairs)), seed)
    gold = _evenly_taken(shown, [pair for pair in shown if pair.pair_id in golden], len(shown) - n_samples, rng)
    taken = {pair.pair_id for pair in gold}
    sample = [pair for pair in shown if pair.pair_id not in taken]
    # Too many are left only where some that were shown can't be gold.
    left_out = {pair.pair_id for pair in _evenly_taken(sample, sample, len(sample) - n_samples, rng)}
    sample = _by_lot([pair for pair in sample if pair.pair_id not in left_out], rng)
    ranked = {pair.pair_id for pair in sample}
    others = _by_lot([pair for pair in pairs if pair.pair_id in golden and pair.pair_id not in taken], rng)
    others.sort(key=lambda pair: pair.pair_id in ranked)
    return sample, _by_lot([*gold, *others][:n_gold], rng)


def _evenly_taken(pairs: Sequence[StudyPair], eligible: Sequence[StudyPair], n: int, rng: np.random.Generator) -> list[StudyPair]:
    """At most ``n`` of the eligible pairs, always one of a class with the most pairs left, so that the rest stays even over classes."""
    left = Counter(pair.label for pair in pairs)
    waiting: dict[str, list[StudyPair]] = defaultdict(list)
    for pair in _by_lot(eligible, rng):
        waiting[pair.label].append(pair)
    taken: list[StudyPair] = []
    while len(taken) < n and waiting:
        label = max(_by_lot(sorted(waiting), rng), key=lambda name: left[name])
        taken.append(waiting[label].pop())
        left[label] -= 1
        if not waiting[label]:
            del waiting[label]
    return taken


def _by_lot(things: Sequence[T], rng: np.random.Generator) -> list[T]:
    return [things[place] for place in rng.permutation(len(things))]


class _Waiting:
    """The pairs of a class that are not chosen yet, in the order of their lots, with the numbers of their groups."""

    def __init__(self, pairs: list[StudyPair], sounds: dict[str, int], sources: dict[str, int], rng: np.random.Generator) -> None:
        self.pairs = [pairs[place] for place in rng.permutation(len(pairs))]
        self._sounds = np.array([sounds[pair.target_group] for pair in self.pairs])
        self._sources = np.array([sources[pair.source_group] for pair in self.pairs])

    def take(self, sound_uses: NDArray[np.int64], source_uses: NDArray[np.int64]) -> StudyPair:
        """Remove and return the next pair, and count its groups as used once more."""
        place = int(np.lexsort((source_uses[self._sources], sound_uses[self._sounds]))[0])
        sound_uses[self._sounds[place]] += 1
        source_uses[self._sources[place]] += 1
        self._sounds, self._sources = np.delete(self._sounds, place), np.delete(self._sources, place)
        taken: StudyPair = self.pairs.pop(place)
        return taken


def _numbered(names: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(set(names)))}
