"""What ``adis-bench pretrain`` asks for, on exactly the training data that a run with the same options has."""

import csv
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.contenders import method_options
from adis_bench.datasets.records import Dataset
from adis_bench.environment import set_threads
from adis_bench.errors import ConfigError
from adis_bench.files import atomic_path
from adis_bench.pipeline import open_dataset
from adis_bench.spec import Flags, MethodSpec, RunSpec, resolve
from reference_model import store
from reference_model.ours import Ours
from reference_model.pretraining.encoders import IDEAS, IdeaName, Pretraining, encoder_of, find, fresh, pretrained
from reference_model.pretraining.probe import NOISES, Ear, Line, Noise, probe
from reference_model.pretraining.selavi import SelaviSettings

RANDOM = "random"
PROBE_NAME = "probe.csv"


@dataclass(frozen=True, slots=True)
class PretrainRequest:
    """What the command line asks for.

    Attributes:
        flags: those of a run.
        idea: whose.
        folder: where the encoder goes; None: the cache, where a run finds it.
        steps: in place of the preset's; None: the preset's.
        labelling: SeLaVi's.
    """

    flags: Flags
    idea: IdeaName
    folder: Path | None = None
    steps: int | None = None
    labelling: SelaviSettings = SelaviSettings()


@dataclass(frozen=True, slots=True)
class Pretrained:
    """An encoder, whether it was there already, what it is, and how it is used."""

    folder: Path
    found: bool
    provenance: dict[str, Any]
    commands: list[str]


def pretrain(request: PretrainRequest) -> Pretrained:
    """Pretrain to the end, or find the finished encoder.

    Raises:
        AdisBenchError: an option, dataset or folder that does not fit.
    """
    set_threads()
    spec = resolve(request.flags)
    wanted = _pretraining(spec, request)
    train = open_dataset(spec).split("train")
    place = request.folder or find(wanted, train)
    found = place is not None and (place / store.PROVENANCE_NAME).is_file()
    folder = pretrained(wanted, train, request.folder)
    found_by_runs = request.folder is None and wanted == _pretraining(spec, PretrainRequest(request.flags, request.idea))
    commands = _commands(request, folder, found_by_runs)
    return Pretrained(folder, found, store.read_provenance(folder, wanted.method), commands)


def _pretraining(spec: RunSpec, request: PretrainRequest) -> Pretraining:
    """The pretraining of ``ours:IDEA`` in a run with these options, but for what the command line changes."""
    name = f"ours:{request.idea}"
    options = method_options(spec, MethodSpec(label=request.idea, name=name))
    settings = Ours(options).settings
    return Pretraining(
        idea=request.idea,
        network=settings.network,
        steps=settings.trainer.pretrain_steps if request.steps is None else request.steps,
        resolution=options.resolution,
        seed=options.seed,
        device=options.device,
        labelling=request.labelling,
    )


def _commands(request: PretrainRequest, folder: Path, found_by_runs: bool) -> list[str]:
    flags = request.flags
    told = {"--data": flags.data, "--preset": flags.preset, "--seed": flags.seed or None, "--judge-split": flags.judge_split}
    given = [piece for name, value in told.items() if value is not None for piece in (name, str(value))]
    if found_by_runs:
        return [shlex.join(["adis-bench", "run", "--methods", f"ours:{request.idea}", *given])]
    return [f'a preset with [methods."ours:{request.idea}"] audio_weights = "{folder}", and --methods ours:{request.idea}']


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """What the command line asks for.

    Attributes:
        flags: those of a run; no method.
        encoders: ``NAME=random`` or ``NAME=PATH`` each; none: a random one, both ideas' (found, or pretrained now), and on the
            demo world that of the demo model.
        noises: as ``Noise.of`` reads them; none: the default ones.
        out: folder for the table; None: none is written.
    """

    flags: Flags
    encoders: Sequence[str] = ()
    noises: Sequence[str] = ()
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """What was probed, and what was found.

    Attributes:
        dataset: its name.
        encoders: name and folder of each; ``random`` has none.
        lines: accuracies and differences.
    """

    dataset: str
    encoders: dict[str, str]
    lines: list[Line]


def run_probe(request: ProbeRequest) -> Probed:
    """Probe the encoders on the dataset's training and test split.

    Raises:
        AdisBenchError: an option, dataset or folder that does not fit.
    """
    set_threads()
    spec = resolve(request.flags)
    noises = [Noise.of(text) for text in request.noises] or NOISES
    dataset = open_dataset(spec)
    train = dataset.split("train")
    places = _named(request.encoders) or _default_places(spec, request.flags, train)
    ears = [_ear(spec, request.flags, name, place) for name, place in places.items()]
    lines = probe(ears, train, dataset.split("test"), noises, spec.seed, spec.device)
    if request.out is not None:
        _write(request.out / PROBE_NAME, lines)
    return Probed(dataset.name, {name: str(place or RANDOM) for name, place in places.items()}, lines)


def _named(encoders: Sequence[str]) -> dict[str, Path | None]:
    places: dict[str, Path | None] = {}
    for text in encoders:
        name, equals, place = text.partition("=")
        if not (name and equals and place):
            raise ConfigError(f"--encoder {text!r} is not NAME=random or NAME=PATH")
        if name in places:
            raise ConfigError(f"two encoders are called {name!r}")
        path = Path(place).expanduser()
        if place != RANDOM and not path.is_dir():
            raise ConfigError(f"--encoder {text!r}: no folder {path}; make one with `adis-bench pretrain` or `adis-bench train`")
        places[name] = None if place == RANDOM else path.resolve()
    return places


def _default_places(spec: RunSpec, flags: Flags, train: Dataset) -> dict[str, Path | None]:
    places: dict[str, Path | None] = {RANDOM: None}
    if spec.data is None:
        places["ours"] = store.PACKAGED / "ours"
    for idea in IDEAS:
        places[idea] = pretrained(_pretraining(spec, PretrainRequest(flags, idea)), train)
    return places


def _ear(spec: RunSpec, flags: Flags, name: str, place: Path | None) -> Ear:
    if place is not None:
        return Ear(name, *encoder_of(place))
    wanted = _pretraining(spec, PretrainRequest(flags, IDEAS[0]))
    return Ear(name, fresh(wanted).eval(), wanted.network)


def _write(path: Path, lines: Sequence[Line]) -> None:
    with atomic_path(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["noise", "shots", "encoder", "minus", "value", "ci_low", "ci_high", "n_draws", "n_test"])
        for line in lines:
            ends = line.interval.low, line.interval.high
            writer.writerow([line.noise, line.shots, line.encoder, line.minus, line.value, *ends, line.n_draws, line.n_test])
