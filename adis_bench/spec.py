"""What a run is: a preset, a protocol and flags, resolved into one frozen record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from adis_bench.configuration import DemoRecipe, Frozen, Settings, first_error, load_preset, load_protocol, stem
from adis_bench.errors import ConfigError, DataError, IncompleteRunError
from adis_bench.extractors.needed import protocol_for
from adis_bench.files import digest_json
from adis_bench.registry import plugins, unknown

Precision = Literal["float32", "bf16"]

CONTROLS = ("target", "identity", "shuffled", "retrieval")
"""Methods that every run has, in display order; on the demo world ``oracle`` follows them."""
TARGET, ORACLE = "target", "oracle"
DEMO_PRESET, DATA_PRESET = "demo", "small"
"""The presets of runs that name none: on the demo world, and on a dataset."""
_LABEL_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
MAX_LABEL = 64
"""Characters of the longest label."""


class MethodSpec(Frozen):
    """One method of a run: what tables call it, the plug-in, and what stood behind the colon.

    Attributes:
        seed: of its training, where that is not the run's: several trainings of one method on the same pairs.
    """

    label: str
    name: str
    variant: str | None = None
    seed: int | None = Field(default=None, ge=0)


class RunSpec(Frozen):
    """Everything that determines a run's numbers, and where they go.

    Attributes:
        data: absolute path of the dataset, or None for the demo world.
        train_data: absolute path of another dataset that gives the training and judge data, or None for the dataset's own.
        methods: the methods that were asked for, in that order; the controls come on their own.
        protocol, protocol_version: name and version of the protocol.
        preset: name of the preset that the settings below come from.
        out: absolute path of the run's folder.
        judge_split: share of the training split (whole groups) that is held back for the judge; None for the
            dataset's own judge split, or the default share where it has none.
        retrain: ignore models that come with the package or lie in the cache.
        method_settings, extractor_settings: the preset's tables, by plug-in name.
    """

    data: Path | None
    methods: tuple[MethodSpec, ...]
    protocol: str
    protocol_version: int
    preset: str
    out: Path
    seed: int = Field(ge=0)
    device: str
    precision: Precision
    retrain: bool
    judge_split: float | None = Field(gt=0, lt=1)
    resolution: int
    n_pairs: int
    demo: DemoRecipe
    extractors: tuple[str, ...]
    judge: tuple[str, str] | None
    metrics: tuple[str, ...]
    method_settings: Settings
    extractor_settings: Settings
    train_data: Path | None = None


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line gave; None where the preset or a default decides.

    Attributes:
        methods: ``NAME[:VARIANT]`` each (``--methods``); a table calls it ``NAME`` or ``NAME-VARIANT``.
        labelled: ``LABEL=NAME[:VARIANT]`` each (``--method``).
    """

    methods: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()
    data: Path | None = None
    train_data: Path | None = None
    protocol: str = "offline"
    preset: str | None = None
    out: Path | None = None
    seed: int = 0
    device: str = "auto"
    precision: str = "float32"
    retrain: bool = False
    judge_split: float | None = None


def resolve(flags: Flags) -> RunSpec:
    """The run that the flags ask for.

    Raises:
        ConfigError: an unknown name or a value that does not fit.
    """
    preset_name = flags.preset or (DEMO_PRESET if flags.data is None else DATA_PRESET)
    preset = load_preset(preset_name)
    _check_method_tables(preset_name, preset.methods)
    data, train_data = (path.expanduser().resolve() if path else None for path in (flags.data, flags.train_data))
    if train_data is not None and train_data == data:
        raise ConfigError(f"--train-data is the very dataset of --data ({data}); leave it out, its own training split is used then")
    methods, device = method_specs(flags.methods, flags.labelled), resolve_device(flags.device)
    # Last: what ``auto`` chose is said, and an error should stand alone.
    protocol_name = protocol_for(flags.protocol)
    protocol = load_protocol(protocol_name)
    facts: dict[str, Any] = {
        "data": data,
        "train_data": train_data,
        "methods": methods,
        "protocol": stem(protocol_name),
        "protocol_version": protocol.version,
        "preset": stem(preset_name),
        "seed": flags.seed,
        "device": device,
        "precision": flags.precision,
        "retrain": flags.retrain,
        "judge_split": flags.judge_split,
        "resolution": preset.resolution,
        "n_pairs": preset.n_pairs,
        "demo": preset.demo,
        "extractors": protocol.extractors,
        "judge": protocol.judge,
        "metrics": protocol.metrics,
        "method_settings": preset.methods,
        "extractor_settings": preset.extractors,
    }
    try:
        spec = RunSpec(**facts, out=Path())
    except ValidationError as error:
        raise ConfigError(first_error("the run's options", error)) from error
    name = f"{data.name if data else 'demo'}{f'-on-{train_data.name}' if train_data else ''}"
    out = flags.out or Path("runs") / f"{name}-{spec.preset}-{spec_digest(spec)[:8]}"
    return spec.model_copy(update={"out": out.expanduser().resolve()})


def _check_method_tables(preset: str, tables: Settings) -> None:
    known = [plugin.name for plugin in plugins("methods")]
    for name in tables:
        if name not in known:
            raise ConfigError(f"preset {preset!r}, table [methods.{name}]: {unknown('method', name, known)}")


def spec_digest(spec: RunSpec) -> str:
    """sha256 of what determines the numbers: everything but the folder and ``retrain``."""
    # What did not exist when older runs were named is left out where it is not used: they are found again.
    added = {"train_data"} if spec.train_data is None else set()
    return digest_json(spec.model_dump(mode="json", exclude={"out", "retrain", *added}))


def protocol_digest(spec: RunSpec) -> str:
    """sha256 of what a run's protocol is: its name and version, and its choice of extractors, judge and metrics."""
    return digest_json([spec.protocol, spec.protocol_version, spec.extractors, spec.judge, spec.metrics])


def method_specs(methods: Iterable[str], labelled: Iterable[str]) -> tuple[MethodSpec, ...]:
    """Parse ``--methods`` and ``--method`` values; controls among them are dropped, since every run has them.

    Raises:
        ConfigError: unknown method, bad or repeated label.
    """
    known = [plugin.name for plugin in plugins("methods")]
    found: dict[str, MethodSpec] = {}
    for text in [*(f"={m}" for m in methods), *labelled]:
        label, equals, plugin = text.partition("=")
        name, variant = name_and_variant(plugin)
        if not equals or not name:
            raise ConfigError(f"--method {text!r} is not LABEL=NAME[:VARIANT-or-PATH], such as mine=folder:outputs")
        if name not in known:
            raise ConfigError(unknown("method", name, known))
        spec = MethodSpec(label=label or _own_label(name, variant), name=name, variant=variant or None)
        if spec.label == spec.name and spec.label in (*CONTROLS, ORACLE):
            continue
        _check_label(spec.label, found)
        found[spec.label] = spec
    return tuple(found.values())


def name_and_variant(text: str) -> tuple[str, str]:
    """The method and the variant of ``NAME[:VARIANT]``, the latter empty where there is none.

    A method's own name may hold a colon, as ``cut:pairwise`` does; it comes before a path of the same words.
    """
    first, _, rest = text.partition(":")
    second, _, path = rest.partition(":")
    joined = f"{first}:{second}"
    return (joined, path) if any(plugin.name == joined for plugin in plugins("methods")) else (first, rest)


def _own_label(name: str, variant: str) -> str:
    """Two models of one method are told apart by the last part of their paths: ``ours:models/rain`` is ``ours-rain``."""
    name = name.replace(":", "-")
    last = Path(variant).expanduser().resolve().name if variant else ""
    safe = "".join(character if character in _LABEL_CHARACTERS else "-" for character in last).strip("-")
    return f"{name}-{safe}"[:MAX_LABEL] if safe else name


def _check_label(label: str, taken: Mapping[str, MethodSpec]) -> None:
    if label in taken:
        raise ConfigError(f"two methods are called {label!r}; give one another label with --method LABEL=NAME[:VARIANT-or-PATH]")
    if label in (*CONTROLS, ORACLE):
        raise ConfigError(f"label {label!r} belongs to the control of that name; choose another one")
    if not set(label) <= _LABEL_CHARACTERS or label.startswith(".") or len(label) > MAX_LABEL:
        raise ConfigError(f"label {label!r} is not 1 to {MAX_LABEL} letters, digits, '.', '_' or '-' (it names a folder)")


def resolve_device(name: str) -> str:
    """``auto`` becomes the first GPU where there is one, else the CPU; anything else must exist.

    Raises:
        ConfigError: torch does not know or see the device.
    """
    if name == "cpu":
        return name
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        cause = str(error).splitlines()[0]
        raise ConfigError(f"device {name!r} cannot be used ({cause}); see `adis-bench check`, or use --device cpu") from error
    return name


SPEC_NAME = "run.json"


def read_spec(run_dir: Path) -> RunSpec:
    """The spec that a run folder was made by, with ``out`` where the folder is now.

    Raises:
        IncompleteRunError: no run there.
        DataError: damaged, or of another version of adis-bench.
    """
    path = run_dir / SPEC_NAME
    if not path.is_file():
        raise IncompleteRunError(f"{run_dir} is not a run ({SPEC_NAME} is missing); make one with `adis-bench run --out {run_dir}`")
    try:
        return RunSpec.model_validate_json(path.read_bytes()).model_copy(update={"out": run_dir})
    except (OSError, ValidationError) as error:
        raise DataError(f"{path} cannot be read ({str(error).splitlines()[0]}); run `adis-bench run` into a new folder") from error
