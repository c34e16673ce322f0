"""The JSON Schema of results.json: shipped as it is made, and met by what runs write, as an independent package sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adis_bench.results import RESULTS_NAME
from adis_bench.results.schema import make_schema, shipped_schema
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
    ],
)
def test_it_refuses(schema: dict[str, Any], tmp_path: Path, change: Callable[[dict[str, Any]], None]):
    """Another version, fields of nobody, counts below 0, text for numbers, lost fields, no digest, no probability, unknown kinds."""
    make_run(tmp_path)
    raw = json.loads((tmp_path / RESULTS_NAME).read_text())
    change(raw)
    (tmp_path / RESULTS_NAME).write_text(json.dumps(raw))
    assert len(_errors(schema, tmp_path)) >= 1
