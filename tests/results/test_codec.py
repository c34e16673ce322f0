"""Results are written whole and read back the same."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from adis_bench.errors import DataError, IncompleteRunError
from adis_bench.results import (
    PER_PAIR_NAME,
    RESULTS_NAME,
    SCHEMA_VERSION,
    ClassPairs,
    ClassScore,
    DatasetRecord,
    Difference,
    ExtractorRecord,
    MethodRecord,
    MetricRecord,
    PairScore,
    PairsRecord,
    Results,
    Score,
    read_results,
    write_results,
)
from adis_bench.results.summary import summary


def _results(run_dir: Path) -> Results:
    return Results(
        schema_version=SCHEMA_VERSION,
        run=str(run_dir),
        report=str(run_dir / "report/index.html"),
        protocol="offline",
        protocol_version=1,
        protocol_digest="b" * 64,
        preset="tiny",
        seed=0,
        resolution=64,
        created="2026-01-01T00:00:00+00:00",
        command="adis-bench run",
        device="cpu",
        precision="float32",
        threads=2,
        versions={"torch": "2"},
        git_commit=None,
        git_dirty=None,
        dataset=DatasetRecord("demo", "/d", "a" * 64, {"seed": 0}, "recorded", {"rain": "rain"}, {}, {}, {"test": 2}),
        pairs=PairsRecord(2, "d" * 64, 2, 2, ClassPairs(2, 2)),
        methods=(MethodRecord("identity", "identity", "x", "", "nothing", True, {"digest": "d"}, 2, 0),),
        extractors=(ExtractorRecord("lab", "x", "e" * 64, {"n": 1}),),
        metrics=(MetricRecord("avc", "x", "y", "cosine", True, None, "lab", None, "pair"),),
        scores=(Score("identity", "avc", 0.5, 0.25, 0.75, 2, 0, None), Score("identity", "fd", None, None, None, 0, 2, "too few")),
        differences=(Difference("identity", "shuffled", "avc", 0.1, None, None),),
        class_scores=(ClassScore("identity", "avc", "rain", 0.5, 2),),
        warnings=("Only 2 pairs.",),
        seconds={"dataset": 0.1},
    )


def test_round_trip(tmp_path: Path):
    """What is written is read back field by field, and the scores per pair with their gaps."""
    results = _results(tmp_path)
    rows = [PairScore("p1", "identity", "avc", 0.1, None), PairScore("p2", "identity", "avc", None, "no output")]
    write_results(tmp_path, results, rows)
    assert read_results(tmp_path) == results
    assert pq.read_table(tmp_path / PER_PAIR_NAME).to_pylist()[1] == {
        "pair_id": "p2",
        "method": "identity",
        "metric": "avc",
        "value": None,
        "reason": "no output",
    }


def test_nan_is_refused(tmp_path: Path):
    """A NaN never reaches the file, and the old file stays."""
    write_results(tmp_path, _results(tmp_path), [])
    bad = replace(_results(tmp_path), scores=(Score("identity", "avc", float("nan"), None, None, 2, 0, None),))
    before = (tmp_path / RESULTS_NAME).read_bytes()
    with pytest.raises(ValueError, match="JSON compliant"):
        write_results(tmp_path, bad, [])
    assert (tmp_path / RESULTS_NAME).read_bytes() == before


def test_damage_is_named(tmp_path: Path):
    """No results, half a file and another schema version are told apart, each with the remedy."""
    with pytest.raises(IncompleteRunError, match="adis-bench score"):
        read_results(tmp_path)
    write_results(tmp_path, _results(tmp_path), [])
    path = tmp_path / RESULTS_NAME
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read"):
        read_results(tmp_path)
    path.write_text(whole.replace('"schema_version": 2', '"schema_version": 99'))
    with pytest.raises(DataError, match="schema version 99"):
        read_results(tmp_path)


def test_an_older_schema_is_named_before_what_it_lacks(tmp_path: Path):
    """A file of schema 1 is refused for its version, and not for a field that came later."""
    write_results(tmp_path, _results(tmp_path), [])
    path = tmp_path / RESULTS_NAME
    old = json.loads(path.read_text())
    del old["protocol_digest"]
    path.write_text(json.dumps({**old, "schema_version": 1}))
    with pytest.raises(DataError, match="has schema version 1, not 2; run `adis-bench score"):
        read_results(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"value": 0.5', '"value": NaN', r"\$\.scores\[0\]\.value is no finite number"),
        ('"value": 0.5', '"value": -Infinity', r"\$\.scores\[0\]\.value is no finite number"),
        ('"value": 0.5', '"value": 1e999', r"\$\.scores\[0\]\.value is no finite number"),
        ('"seed": 0\n', '"seed": NaN\n', r"\$\.dataset\.recipe\.seed is no finite number"),
        ('"metric": "fd"', '"metric": "avc"', "identity on avc is scored twice"),
        ('"n": 2,', '"n": 2, "more": 1,', "no field of this schema"),
        ('"seed": 0,', '"seed": 0, "seed": 1,', "'seed' twice"),
        ('"n": 2,', '"n": -2,', "greater than or equal to 0"),
        ('"schema_version": 2', '"schema_version": 3.0', "schema version 3.0, not 2"),
        ('"label": "identity"', '"label": "a\\u001b[31mb"', r"methods\[0\]\.label cannot be the name of an output"),
        ('"label": "identity"', '"label": "../b"', r"methods\[0\]\.label cannot be the name of an output"),
        ('"name": "avc"', '"name": "a\\u0007"', r"metrics\[0\]\.name cannot be a name"),
    ],
)
def test_what_is_no_result_is_one_line(tmp_path: Path, old: str, new: str, words: str):
    """Numbers that aren't finite (in free fields too), a score or a name twice, fields of nobody, counts below 0: where, and what to do."""
    write_results(tmp_path, _results(tmp_path), [])
    path = tmp_path / RESULTS_NAME
    whole = path.read_text()
    assert old in whole
    path.write_text(whole.replace(old, new, 1))
    with pytest.raises(DataError, match=words) as caught:
        read_results(tmp_path)
    assert "\n" not in str(caught.value)
    assert "adis-bench score" in str(caught.value)


def test_a_file_that_nests_too_deep_is_one_line(tmp_path: Path):
    """A file made to break a parser is a damaged file."""
    (tmp_path / RESULTS_NAME).write_text("[" * 100_000)
    with pytest.raises(DataError, match="cannot be read"):
        read_results(tmp_path)


def test_summary_has_the_promised_names(tmp_path: Path):
    """The object that others rely on has these names, and JSON can hold it."""
    found = json.loads(json.dumps(summary(_results(tmp_path)), allow_nan=False))
    assert list(found) == ["run", "report", "protocol", "dataset", "pairs", "scores", "differences", "warnings"]
    assert found["dataset"] == {"name": "demo", "digest": "a" * 64}
    assert found["pairs"] == {"n": 2, "digest": "d" * 64}
    assert list(found["scores"][1]) == ["method", "metric", "value", "ci_low", "ci_high", "n", "n_missing", "reason"]
    assert list(found["differences"][0]) == ["method", "against", "metric", "value", "ci_low", "ci_high"]
