"""The JSON Schema of results.json: shipped as it is made, and met by what runs write, as an independent package sees it."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adis_bench.results import RESULTS_NAME, read_results
from adis_bench.results.schema import make_schema, shipped_schema
from adis_bench.results.validation import problems_in
from tests.comparing.runs import make_run
from tests.conftest import TinyRun
from tests.reports.conftest import build_run


@pytest.fixture
def schema() -> dict[str, Any]:
    """As the package ships it."""
    return json.loads(shipped_schema())


def _errors(schema: dict[str, Any], folder: Path) -> list[str]:
    found = Draft202012Validator(schema).iter_errors(json.loads((folder / RESULTS_NAME).read_text()))
    return [f"{error.json_path}: {error.message}" for error in found]


def test_it_is_the_one_that_the_records_make():
    """`adis-bench results schema` prints the shipped file; after a change of the records it is made anew with `make_schema`."""
    assert shipped_schema() == json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"


def test_it_is_a_schema_without_an_address(schema: dict[str, Any]):
    """Draft 2020-12, nothing to be fetched, its own version in its name and as a constant."""
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "adis-bench-results-2.schema.json"
    assert schema["properties"]["schema_version"]["const"] == 2


def test_every_field_is_explained_and_no_other_allowed(schema: dict[str, Any]):
    """All objects are closed but those that are dictionaries by nature, and every field has a description without marks for code."""
    for record in (schema, *schema["$defs"].values()):
        assert record["additionalProperties"] is False
        assert record["description"]
        for name, field in record["properties"].items():
            assert field["description"].strip(), name
            assert "``" not in field["description"]


def test_real_and_synthetic_runs_meet_it(schema: dict[str, Any], tmp_path: Path, tiny_run: TinyRun):
    """What the pipeline writes, what the reports are tested with, and what comparisons are tested with."""
    build_run(tmp_path / "page")
    make_run(tmp_path / "compared", lost={"ours": [1]})
    for folder in (tiny_run.folder, tmp_path / "page", tmp_path / "compared"):
        assert _errors(schema, folder) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.update(schema_version=1),
        lambda raw: raw.update(extra=1),
        lambda raw: raw["scores"][0].update(n=-1),
        lambda raw: raw["scores"][0].update(value="0.5"),
        lambda raw: raw["scores"][0].pop("reason"),
        lambda raw: raw["pairs"].update(digest="E" * 64),
        lambda raw: raw["differences"][0].update(p=1.5),
        lambda raw: raw["metrics"][0].update(kind="triple"),
        lambda raw: raw["metrics"][0].update(n_reference=[1]),
        lambda raw: raw["methods"][0].update(label="a\x1b[31mb"),
        lambda raw: raw["methods"][0].update(label="a/b"),
        lambda raw: raw["methods"][0].update(label=".."),
        lambda raw: raw["metrics"][0].update(name="a\x9bb"),
    ],
)
def test_it_refuses(schema: dict[str, Any], tmp_path: Path, change: Callable[[dict[str, Any]], None]):
    """Another version, fields of nobody, counts below 0, text for numbers, lost fields, no digest, no probability, unknown kinds."""
    make_run(tmp_path)
    raw = json.loads((tmp_path / RESULTS_NAME).read_text())
    change(raw)
    (tmp_path / RESULTS_NAME).write_text(json.dumps(raw))
    assert len(_errors(schema, tmp_path)) >= 1


def _numbers(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all whole numbers."""
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, (*place, step))
    elif type(value) is int:
        yield place


def _both(schema: Draft202012Validator, raw: dict[str, Any], place: tuple[Any, ...], change: Callable[[int], float]) -> tuple[bool, bool]:
    """Whether the schema and the validator take the file with one number changed."""
    raw = deepcopy(raw)
    *outer, last = place
    inside = reduce(getitem, outer, raw)
    inside[last] = change(inside[last])
    return schema.is_valid(raw), not list(problems_in(json.dumps(raw).encode()))


def test_both_call_the_same_numbers_whole(schema: dict[str, Any], tmp_path: Path):
    """JSON Schema's integers may be written with a point, 2.0: the validator and the reader take them as well; 2.5 nobody does."""
    make_run(tmp_path)
    raw = json.loads((tmp_path / RESULTS_NAME).read_text())
    asked = Draft202012Validator(schema)
    # One place of each kind: numbers of lists' other records are of the same fields.
    places = {tuple(0 if isinstance(step, int) else step for step in place): place for place in _numbers(raw)}
    assert {("schema_version",), ("seed",), ("pairs", "n"), ("scores", 0, "n"), ("methods", 0, "n_outputs")} <= set(places)
    for place in places.values():
        assert _both(asked, raw, place, float) == (True, True), place
        if not {"recipe", "notes", "provenance", "facts", "seconds", "points"} & set(place):  # where any number is right
            assert _both(asked, raw, place, lambda n: n + 0.5) == (False, False), place
    text = json.dumps({**raw, "schema_version": 2.0, "seed": float(raw["seed"])})
    expected = read_results(tmp_path)
    (tmp_path / RESULTS_NAME).write_text(text)
    assert read_results(tmp_path) == expected
