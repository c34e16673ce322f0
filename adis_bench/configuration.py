"""Presets and protocols: the TOML files behind a run."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adis_bench.errors import ConfigError
from adis_bench.registry import unknown

Settings = dict[str, dict[str, Any]]
TomlModel = TypeVar("TomlModel", bound=BaseModel)


class Frozen(BaseModel):
    """Immutable, and without room for a misspelt key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DemoRecipe(Frozen):
    """Size of the demo world, used where a run names no data: segments per split, and the world's own seed."""

    n_train: int = Field(gt=0)
    n_judge: int = Field(gt=0)
    n_test: int = Field(gt=0)
    seed: int = Field(default=0, ge=0)


class Preset(Frozen):
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


class Protocol(Frozen):
    """One TOML file under ``protocols``: a named, versioned choice of extractors and metrics."""

    version: int = Field(gt=0)
    description: str
    extractors: tuple[str, ...]
    judge: tuple[str, str] | None = None
    """Image and audio extractor of one space whose retrieval accuracy on test data is printed."""
    metrics: tuple[str, ...]


def load_preset(name: str) -> Preset:
    """A preset that comes with the package, or any TOML file of that form by its path."""
    where, table = _extended(name, ())
    return _validated(where, table, Preset)


def load_protocol(name: str) -> Protocol:
    """A protocol that comes with the package, or one's own TOML file."""
    return _validated(*_read("protocols", name), Protocol)


def settings_for(tables: Settings, name: str) -> dict[str, Any]:
    """A method's settings in a preset; a named variant (``cut:pairwise``) has those of its method, but for its own table's."""
    return {**tables.get(name.partition(":")[0], {}), **tables.get(name, {})}


def names_in(folder: Literal["presets", "protocols"]) -> list[str]:
    """Names of the presets or protocols that come with the package."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files("adis_bench").joinpath(folder).iterdir() if entry.name.endswith(".toml")
    )


def stem(name: str) -> str:
    """What a run calls its preset or protocol: a file's name without its ending."""
    return Path(name).stem if _is_file(name) else name


def _is_file(name: str) -> bool:
    return name.endswith(".toml")


def _read(folder: Literal["presets", "protocols"], name: str) -> tuple[str, dict[str, Any]]:
    """What an error calls the file, and its content."""
    kind = folder.removesuffix("s")
    if _is_file(name):
        where = name
        if Path(name).stem in names_in(folder):
            raise ConfigError(f"{kind} {name} would be taken for the {kind} {Path(name).stem!r} of the package in tables; rename the file")
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
        raise ConfigError(first_error(where, error)) from error


def first_error(where: str, error: ValidationError) -> str:
    """One line: where, which key, what is wrong with it, and how many more are."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where}: {name}: {first['msg']}, not {first['input']!r}{more}" if name else f"{where}: {first['msg']}{more}"
