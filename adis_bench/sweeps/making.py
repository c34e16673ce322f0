"""The pictures of a sweep: each method at each step, made once and kept by content key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from adis_bench.contenders import Contender
from adis_bench.datasets.media import Images
from adis_bench.datasets.pairs import pairs_digest
from adis_bench.datasets.records import Dataset, Pair, Segment
from adis_bench.files import digest_json, write_bytes
from adis_bench.methods.protocol import Conditioning, Method, TakesSounds
from adis_bench.outputs import OutputFolder, generate, manifest_of
from adis_bench.sweeps.records import Kind, Reading, Step, outputs_folder, shown_sound, sweep_folder
from adis_bench.sweeps.request import Request, reading_asked
from adis_bench.sweeps.sounds import Changed, changed_pair, for_files, for_network, wav_bytes

VERSION = 1
"""Raised when a sweep gives a method other sounds for the same steps."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one kind of sweep makes pictures of.

    Attributes:
        others: the segments that are mixed in; empty where the volume is changed.
        shown: pairs whose sounds are kept for figures.
    """

    run_dir: Path
    kind: Kind
    steps: tuple[Step, ...]
    pairs: tuple[Pair, ...]
    others: tuple[Segment, ...]
    shown: tuple[Pair, ...]
    resolution: int

    @property
    def digest(self) -> str:
        """Of the pairs and of the sounds that are mixed in."""
        return digest_json([pairs_digest(self.pairs), [other.audio_sha256 for other in self.others]])

    @property
    def files(self) -> Path:
        """Where changed sound files lie until the sweep is done."""
        return sweep_folder(self.run_dir, self.kind) / "files"


@dataclass(frozen=True, slots=True)
class Made:
    """How a method's pictures were made; attributes as in ``records.SweptMethod``."""

    reading: Reading | None
    warning: str
    n_over_full_scale: int


def not_asked(method: Method, request: Request) -> str:
    """Why a method can't be asked for changed sounds, in a phrase; empty where it can."""
    if method.conditions_on == "label":
        return "conditions on the label, which has no volume and is no mixture"
    if method.conditions_on == "unknown":
        return "its pictures were made elsewhere, or it does not say what it conditions on"
    if method.conditions_on == "sound" and request.reading == "network" and not isinstance(method, TakesSounds):
        return "takes sound files only, not sounds past its own loading; use --reading file"
    return ""


def make(contender: Contender, task: Task, request: Request) -> Made:
    """Make a fitted method's pictures that are not there yet, step by step.

    Raises:
        DataError: the method gives too few images, or images of another size or kind.
    """
    method = contender.method
    reading = reading_asked(request, isinstance(method, TakesSounds)) if method.conditions_on == "sound" else None
    changed = None
    if reading == "network" and isinstance(method, TakesSounds):
        changed = for_network(method, task.kind, task.pairs, task.others)
    elif reading == "file":
        changed = for_files(task.kind, task.pairs, task.others)
    made = manifest_of(method, contender.label, contender.options, contender.control)
    for step in task.steps:
        folder = OutputFolder(outputs_folder(task.run_dir, task.kind, contender.label, step.name))
        key = digest_json([VERSION, made.key, task.kind, reading, step.value, task.digest])
        folder.begin(replace(made, key=key))
        at_step = _AtStep(method, reading, changed, step, task)
        generate(at_step, f"{contender.label}, {task.kind} {step.text}", folder, task.pairs, task.resolution)
        if changed is not None:
            _keep_shown(changed, step, task, contender.label)
    over = (
        sum(float(np.abs(changed.at(row, step)).max(initial=0.0)) > 1 for row in range(len(task.pairs)) for step in task.steps)
        if changed
        else 0
    )
    return Made(reading, _warning(method, task, reading, over), over)


class _AtStep:
    """A method at one step of a sweep, as a method of its own: pictures are made and kept like those of a run."""

    def __init__(self, method: Method, reading: Reading | None, changed: Changed | None, step: Step, task: Task) -> None:
        self.name, self.description, self.citation = method.name, method.description, method.citation
        self.conditions_on: Conditioning = method.conditions_on
        self._method, self._reading, self._changed, self._step, self._task = method, reading, changed, step, task
        self._row = {pair.pair_id: row for row, pair in enumerate(task.pairs)}

    def fit(self, train: Dataset, workdir: Path) -> None:
        """It is fitted."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the pictures by the step's sounds; of a method that hears none, by the pairs as they are."""
        if self._changed is None:
            return self._method.stylize(pairs)
        rows = [self._row[pair.pair_id] for pair in pairs]
        waveforms = [self._changed.at(row, self._step) for row in rows]
        if self._reading == "network" and isinstance(self._method, TakesSounds):
            return self._method.stylize_sounds(pairs, np.stack(waveforms))
        rates = [self._changed.rates_hz[row] for row in rows]
        folder = self._task.files
        return self._method.stylize([changed_pair(*each, folder) for each in zip(pairs, waveforms, rates, strict=True)])

    def provenance(self) -> Mapping[str, Any]:
        """The method's."""
        return self._method.provenance()


def _keep_shown(changed: Changed, step: Step, task: Task, label: str) -> None:
    for pair in task.shown:
        row = task.pairs.index(pair)
        content = wav_bytes(changed.at(row, step), changed.rates_hz[row])
        path = shown_sound(task.run_dir, task.kind, label, step.name, pair.pair_id)
        if not path.is_file() or path.read_bytes() != content:
            write_bytes(path, content)


def _warning(method: Method, task: Task, reading: Reading | None, over: int) -> str:
    said = []
    if reading == "network" and task.kind == "volume" and isinstance(method, TakesSounds) and method.erases_level:
        said.append(
            "its loading brings every sound to one level (0 dB here), so it was trained on no other: other gains extrapolate, "
            "and in a run, which loads files, volume has no effect on it"
        )
    if reading == "file" and task.kind == "volume" and isinstance(method, TakesSounds) and method.erases_level:
        said.append("its loading brings every sound to one level, so that a gain in a file is undone before the network")
    if reading == "file" and not isinstance(method, TakesSounds):
        said.append("it was handed changed sound files, and what its loading makes of their level is not known here")
    if over and reading == "file":
        said.append(
            f"{over} of {len(task.pairs) * len(task.steps)} files have peaks above 1: as floats they are whole, but a loader that "
            "reads 16 bits clips them"
        )
    return "; ".join(said)
