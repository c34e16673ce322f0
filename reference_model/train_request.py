"""Training one method on exactly the data that a run with the same options gives it."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.contenders import method_options
from adis_bench.datasets.records import Dataset
from adis_bench.environment import set_threads
from adis_bench.errors import ConfigError, DataError, WeightsError
from adis_bench.files import make_folder
from adis_bench.pipeline import open_dataset
from adis_bench.registry import load
from adis_bench.spec import Flags, RunSpec, resolve
from reference_model import store
from reference_model.method import Launch, TrainedMethod


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What the command line asks for.

    Attributes:
        flags: those of a run; one method.
        folder: where the model goes; None: the cache, where a run finds it.
        workers: threads that feed each process; 0: by the number of processors.
        training_precision: in place of the preset's; None: the preset's.
        training_seed: of the training alone, where it is not that of the flags; theirs decides what the judge holds back.
    """

    flags: Flags
    folder: Path | None = None
    workers: int = 0
    training_precision: str | None = None
    training_seed: int | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and whether it was there already."""

    method: str
    folder: Path
    found: bool
    provenance: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Prepared:
    method: TrainedMethod
    data: Dataset
    finished: Path | None


def train(request: TrainRequest) -> Trained:
    """Train to the end, or find the finished model; in one process, or in each that torchrun started.

    Raises:
        AdisBenchError: an option, dataset or folder that does not fit.
    """
    # Importing torch takes seconds: not for the help page.
    from reference_model.runtime import first_alone
    from reference_model.signals import saving_is_harmless

    with saving_is_harmless():
        set_threads()
        prepared = first_alone(lambda: _prepare(request))
        folder = prepared.finished
        if folder is None:
            folder = prepared.method.train(prepared.data, Launch(request.folder, request.workers))
    name = prepared.method.name
    return Trained(name, folder, prepared.finished is not None, store.read_provenance(folder, name))


def use_commands(request: TrainRequest, trained: Trained) -> list[str]:
    """The commands that use a model: score it beside the controls, restyle an image with it."""
    model = f"{trained.method}:{trained.folder}"
    flags = request.flags
    told = {"--data": flags.data, "--preset": flags.preset, "--seed": flags.seed or None, "--judge-split": flags.judge_split}
    given = [piece for name, value in told.items() if value is not None for piece in (name, str(value))]
    condition = ["--label", "LABEL"] if load("methods", trained.method).conditions_on == "label" else ["--audio", "SOUND"]
    return [
        shlex.join(["adis-bench", "run", "--methods", model, *given]),
        shlex.join(["adis-bench", "stylize", "--method", model, "--image", "IMAGE", *condition, "--out", "OUT.png"]),
    ]


def _prepare(request: TrainRequest) -> _Prepared:
    """Everything that needs no device; the demo world is made here."""
    spec = resolve(request.flags)
    method = _method(spec, request)
    data = open_dataset(spec).split("train")
    if not data.segments:
        raise DataError(f"{data.root} has no training data (it gives test data only); train on another dataset: --data D")
    finished = _finished(method.recipe(data), request.folder)
    if finished is None:
        method.ready()
    return _Prepared(method, data, finished)


def _method(spec: RunSpec, request: TrainRequest) -> TrainedMethod:
    if len(spec.methods) != 1:
        raise ConfigError("--method names one method to train, such as ours; the controls are not trained")
    (wanted,) = spec.methods
    if wanted.variant is not None:
        raise ConfigError(f"--method {wanted.name}:{wanted.variant} names a finished model; write --method {wanted.name} to train one")
    kind = load("methods", wanted.name)
    if not (isinstance(kind, type) and issubclass(kind, TrainedMethod)):
        raise ConfigError(f"method {wanted.name!r} is not trained by this command; `adis-bench run` does what it needs")
    if request.training_precision is not None:
        table = {**spec.method_settings.get(wanted.name, {}), "training_precision": request.training_precision}
        spec = spec.model_copy(update={"method_settings": {**spec.method_settings, wanted.name: table}})
    return kind(method_options(spec, wanted.model_copy(update={"seed": request.training_seed})))


def _finished(recipe: store.Recipe, folder: Path | None) -> Path | None:
    """The finished model of this recipe, None where there is none yet.

    Raises:
        ConfigError: the folder holds another model.
    """
    if folder is None:
        return store.find(recipe)
    make_folder(folder)
    provenance = folder / store.PROVENANCE_NAME
    if not provenance.is_file():
        return None
    try:
        found = json.loads(provenance.read_text())["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{provenance} cannot be read ({type(error).__name__}: {error}); choose another --out") from error
    if found != recipe.digest:
        raise ConfigError(f"{folder} holds a finished model of another recipe (data, settings, resolution or seed); choose another --out")
    return folder
