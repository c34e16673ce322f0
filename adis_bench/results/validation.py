"""Whether a ``results.json`` keeps what its schema promises, and means something: every problem, with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from adis_bench.printable import printable
from adis_bench.results.beside import beside_faults
from adis_bench.results.codec import CODEC, RESULTS_NAME, SCHEMA_VERSION
from adis_bench.results.json_text import content_of, error_words, json_path, not_finite, parsed
from adis_bench.results.meaning import Parts, misreadings
from adis_bench.results.records import Results


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a file from being a valid result.

    Attributes:
        path: where, as a JSON path (RFC 9535); ``$`` is the whole file.
        message: what, as a phrase on one line.
    """

    path: str
    message: str


def problems_of(path: Path) -> tuple[Problem, ...]:
    """All problems of a ``results.json``, or of a run's folder with its scores of pairs.

    Args:
        path: of the file, or of the folder that holds it; regular files of at most ``MOST_BYTES`` are read.
    """
    try:
        # The look whether it is a folder may fail itself: a name can be too long, and other files wait.
        file = path / RESULTS_NAME if path.is_dir() else path
        content = content_of(file)
    except (OSError, ValueError) as error:
        return (Problem("$", printable(f"cannot be read: {getattr(error, 'strerror', None) or error}")),)
    found = list(problems_in(content))
    try:
        raw = parsed(content)
    except ValueError:
        return tuple(found)
    if isinstance(raw, dict) and raw.get("schema_version") == SCHEMA_VERSION:
        found += [Problem(json_path(place), message) for place, message in beside_faults(file.parent, _parts(raw))]
    return tuple(Problem(one.path, printable(one.message)) for one in found)


def problems_in(content: bytes) -> Iterator[Problem]:
    """All problems of a file's content: its form first, then what it says.

    Args:
        content: the bytes of a ``results.json``.
    """
    try:
        raw = parsed(content)
    except ValueError as error:
        yield Problem("$", str(error))
        return
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if isinstance(version, int | float) and version != SCHEMA_VERSION:
        yield Problem("$.schema_version", f"schema {version} is not known here, which is {SCHEMA_VERSION}; score the run again")
        return
    broken = set(not_finite(raw))
    yield from (Problem(place, "is no finite number") for place in sorted(broken))
    try:
        CODEC.validate_json(content, strict=True)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            if (place := json_path(one["loc"])) not in broken:
                yield Problem(place, error_words(one))
    if isinstance(raw, dict):
        yield from (Problem(json_path(place), message) for place, message in misreadings(_parts(raw)))


_HINTS = get_type_hints(Results, include_extras=True)
_LISTS = {
    name: TypeAdapter[Any](get_args(_HINTS[name])[0])
    for name in ("methods", "extractors", "metrics", "scores", "differences", "class_scores", "size_curves")
}
_RECORDS = {name: TypeAdapter[Any](_HINTS[name]) for name in ("dataset", "pairs")}


def _parts(raw: Mapping[str, Any]) -> Parts:
    """Every record that can be read on its own, so that one broken record hides no others' problems."""
    found: dict[str, Any] = {name: _read(adapter, raw.get(name)) for name, adapter in _RECORDS.items()}
    for name, adapter in _LISTS.items():
        entries = ((place, _read(adapter, entry)) for place, entry in enumerate(_list(raw, name)))
        found[name] = [(place, entry) for place, entry in entries if entry is not None]
    scored = frozenset((entry["method"], entry["metric"]) for entry in _named(raw, "scores", ("method", "metric")))
    compared = frozenset(
        (entry["method"], entry["against"], entry["metric"]) for entry in _named(raw, "differences", ("method", "against", "metric"))
    )
    return Parts(**found, names=_names(raw), scored=scored, compared=compared, seconds=raw.get("seconds"), created=raw.get("created"))


def _list(raw: Mapping[str, Any], name: str) -> list[Any]:
    value = raw.get(name)
    return value if isinstance(value, list) else []


def _read(adapter: TypeAdapter[Any], value: Any) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None


def _names(raw: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """What methods, metrics and extractors are called, also those whose records are broken."""
    keys = {"methods": "label", "metrics": "name", "extractors": "name"}
    return {what: frozenset(entry[key] for entry in _named(raw, what, (key,))) for what, key in keys.items()}


def _named(raw: Mapping[str, Any], what: str, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The entries of a list that have texts under these keys, whatever else is wrong with them."""
    return (entry for entry in _list(raw, what) if isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in keys))
