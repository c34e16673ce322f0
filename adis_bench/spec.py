"""What a run is: a preset, a protocol and flags, resolved into one frozen record."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adis_bench.errors import ConfigError
from adis_bench.files import digest_json
from adis_bench.registry import plugins, unknown

Precision = Literal["float32", "bf16"]
Settings = dict[str, dict[str, Any]]
TomlModel = TypeVar("TomlModel", bound=BaseModel)

CONTROLS = ("target", "identity", "shuffled", "retrieval")
"""Methods that every run has, in display order; on the demo world ``oracle`` follows them."""
ORACLE = "oracle"
DEMO_PRESET, DATA_PRESET = "demo", "small"
"""The presets of runs that name none: on the demo world, and on a dataset."""
_LABEL_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
MAX_LABEL = 64
"""Characters of the longest label."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DemoRecipe(_Frozen):
    """Size of the demo world, used where a run names no data: segments per split, and the world's own seed."""

    n_train: int = Field(gt=0)
    n_judge: int = Field(gt=0)
    n_test: int = Field(gt=0)
    seed: int = Field(default=0, ge=0)


class Preset(_Frozen):
    """One TOML file under ``presets``: the budget of a run.

    A file may begin with ``extends = "released"``: a preset that comes with the package, or a file by its path from
    this one's folder. What it doesn't say itself is then as there.
    """

    description: str
    resolution: int = Field(ge=16, le=1024)
    n_pairs: int = Field(gt=0)
    demo: DemoRecipe
    methods: Settings = {}
    extractors: Settings = {}


class Protocol(_Frozen):
    """One TOML file under ``protocols``: a named, versioned choice of extractors and metrics."""

    version: int = Field(gt=0)
    description: str
    extractors: tuple[str, ...]
    judge: tuple[str, str] | None = None
    """Image and audio extractor of one space whose retrieval accuracy on test data is printed."""
    metrics: tuple[str, ...]


class MethodSpec(_Frozen):
    """One method of a run: what tables call it, the plug-in, and what stood behind the colon."""

    label: str
    name: str
    variant: str | None = None


class RunSpec(_Frozen):
    """Everything that determines a run's numbers, and where they go.

    Attributes:
        data: absolute path of the dataset, or None for the demo world.
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
    protocol = load_protocol(flags.protocol)
    _check_method_tables(preset_name, preset.methods)
    data = flags.data.expanduser().resolve() if flags.data else None
    facts: dict[str, Any] = {
        "data": data,
        "methods": method_specs(flags.methods, flags.labelled),
        "protocol": _stem(flags.protocol),
        "protocol_version": protocol.version,
        "preset": _stem(preset_name),
        "seed": flags.seed,
        "device": resolve_device(flags.device),
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
        raise ConfigError(_first_error("the run's options", error)) from error
    out = flags.out or Path("runs") / f"{data.name if data else 'demo'}-{spec.preset}-{spec_digest(spec)[:8]}"
    return spec.model_copy(update={"out": out.expanduser().resolve()})


def _check_method_tables(preset: str, tables: Settings) -> None:
    known = [plugin.name for plugin in plugins("methods")]
    for name in tables:
        if name not in known:
            raise ConfigError(f"preset {preset!r}, table [methods.{name}]: {unknown('method', name, known)}")


def spec_digest(spec: RunSpec) -> str:
    """sha256 of what determines the numbers: everything but the folder and ``retrain``."""
    return digest_json(spec.model_dump(mode="json", exclude={"out", "retrain"}))


def method_specs(methods: Iterable[str], labelled: Iterable[str]) -> tuple[MethodSpec, ...]:
    """Parse ``--methods`` and ``--method`` values; controls among them are dropped, since every run has them.

    Raises:
        ConfigError: unknown method, bad or repeated label.
    """
    known = [plugin.name for plugin in plugins("methods")]
    found: dict[str, MethodSpec] = {}
    for text in [*(f"={m}" for m in methods), *labelled]:
        label, equals, plugin = text.partition("=")
        name, _, variant = plugin.partition(":")
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


def _own_label(name: str, variant: str) -> str:
    """Two models of one method are told apart by the last part of their paths: ``ours:models/rain`` is ``ours-rain``."""
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


def load_preset(name: str) -> Preset:
    """A preset that comes with the package, or any TOML file of that form by its path."""
    where, table = _extended(name, ())
    return _validated(where, table, Preset)


def load_protocol(name: str) -> Protocol:
    """A protocol that comes with the package, or one's own TOML file."""
    return _validated(*_read("protocols", name), Protocol)


def names_in(folder: Literal["presets", "protocols"]) -> list[str]:
    """Names of the presets or protocols that come with the package."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files("adis_bench").joinpath(folder).iterdir() if entry.name.endswith(".toml")
    )


def _stem(name: str) -> str:
    return Path(name).stem if _is_file(name) else name


def _is_file(name: str) -> bool:
    return name.endswith(".toml")


def _read(folder: Literal["presets", "protocols"], name: str) -> tuple[str, dict[str, Any]]:
    """What an error calls the file, and its content."""
    kind = folder.removesuffix("s")
    if _is_file(name):
        where = name
        try:
            text = Path(name).expanduser().read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{kind} {name} cannot be read ({error})") from error
    else:
        if name not in names_in(folder):
            raise ConfigError(unknown(kind, name, names_in(folder)))
        where = f"{kind} {name!r}"
        text = files("adis_bench").joinpath(folder, f"{name}.toml").read_text()
    try:
        return where, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not TOML: {error}") from error


def _extended(name: str, above: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """A preset's table over that of the preset which it ``extends``; ``above`` are those that extend this one."""
    if name in above:
        raise ConfigError(f"preset {name!r} extends itself: {' -> '.join([*above, name])}; take one `extends` out")
    where, table = _read("presets", name)
    base = table.pop("extends", None)
    if base is None:
        return where, table
    if not isinstance(base, str):
        raise ConfigError(f"{where}: extends: {base!r} is not the name of a preset or a path in quotes")
    beside = str(Path(name).expanduser().resolve().parent / Path(base).expanduser()) if _is_file(base) else base
    return where, _over(_extended(beside, (*above, name))[1], table)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``below`` with what ``above`` says, table by table."""
    both = {key: _over(below[key], value) for key, value in above.items() if isinstance(value, dict) and isinstance(below.get(key), dict)}
    return {**below, **above, **both}


def _validated(where: str, table: Mapping[str, Any], model: type[TomlModel]) -> TomlModel:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise ConfigError(_first_error(where, error)) from error


def _first_error(where: str, error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where}: {name}: {first['msg']}, not {first['input']!r}{more}" if name else f"{where}: {first['msg']}{more}"
