"""The JSON Schema of ``results.json``, made from its records; the package ships it as ``results.schema.json``."""

import re
from importlib.resources import files
from inspect import cleandoc
from typing import Any

from adis_bench import results
from adis_bench.results.codec import CODEC, SCHEMA_VERSION

SCHEMA_NAME = "results.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTES = "\n\nAttributes:\n"
_FIELD = re.compile(r"    (\w[\w, ]*): ")


def shipped_schema() -> str:
    """The schema as the package holds it, as JSON text."""
    return (files("adis_bench.results") / SCHEMA_NAME).read_text(encoding="utf-8")


def make_schema() -> dict[str, Any]:
    """The schema as the records are now: their fields, no others, with what their docstrings say.

    Its ``$id`` is a name and no address: nothing has to be fetched, and the version is in it.
    """
    made = CODEC.json_schema()
    for name, record in {"Results": made, **made["$defs"]}.items():
        _describe(record, cleandoc(getattr(results, name).__doc__ or ""))
    made["title"] = f"results.json of adis-bench, version {SCHEMA_VERSION}"
    version = made["properties"]["schema_version"]
    made["properties"]["schema_version"] = {"const": SCHEMA_VERSION, "title": version["title"], "description": version["description"]}
    return {
        "$schema": DIALECT,
        "$id": f"adis-bench-results-{SCHEMA_VERSION}.schema.json",
        **{name: made[name] for name in ("title", "description", "type", "properties", "required", "additionalProperties", "$defs")},
    }


def _describe(record: dict[str, Any], docstring: str) -> None:
    """Put the sentences of a record's docstring where they belong."""
    text, _, attributes = docstring.partition(_ATTRIBUTES)
    record["description"] = _plain(text)
    names: list[str] = []
    said: dict[str, list[str]] = {}
    for line in attributes.splitlines():
        if found := _FIELD.match(line):
            names = found[1].split(", ")
            line = line[found.end() :]
        for name in names:
            said.setdefault(name, []).append(line.strip())
    for name, lines in said.items():
        record["properties"][name]["description"] = _plain(" ".join(lines))


def _plain(text: str) -> str:
    """A docstring's text without its marks for code, on one line."""
    return " ".join(text.replace("``", "").split())
