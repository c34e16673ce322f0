"""``results validate``: every problem of a file, with its place, and none that isn't one."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.results import PER_PAIR_NAME, RESULTS_NAME, json_text, write_results
from adis_bench.results.codec import CODEC
from adis_bench.results.validation import problems_in, problems_of
from tests.comparing.runs import make_run
from tests.conftest import TinyRun


@pytest.fixture
def problems(tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], Any]], dict[str, str]]:
    """What is found after a change to a valid file, by place."""

    def find(change: Callable[[dict[str, Any]], Any]) -> dict[str, str]:
        make_run(tmp_path, lost={"cut": [3]})
        raw = json.loads((tmp_path / RESULTS_NAME).read_text())
        change(raw)
        return {one.path: one.message for one in problems_in(json.dumps(raw).encode())}

    return find


def test_runs_are_valid(tmp_path: Path, tiny_run: TinyRun):
    """A real run, and synthetic ones with lost outputs, have no problem, with the scores of their pairs."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", lost={"ours": [1, 2]})
    for folder in (tiny_run.folder, tmp_path / "a", tmp_path / "b", tmp_path / "b" / RESULTS_NAME):
        assert problems_of(folder) == ()


# Scores and differences are metric by metric, methods in order: scores[5] and differences[9] are of ours on avc.
@pytest.mark.parametrize(
    ("place", "words", "change"),
    [
        ("$.schema_version", "schema 1 is not known here", lambda raw: raw.update(schema_version=1)),
        ("$.seed", "is missing", lambda raw: raw.pop("seed")),
        ("$.sead", "no field of this schema", lambda raw: raw.update(sead=0)),
        ("$.created", "no time in UTC", lambda raw: raw.update(created="yesterday")),
        ("$.seconds.dataset", "below 0", lambda raw: raw["seconds"].update(dataset=-1.0)),
        ("$.protocol_digest", "pattern", lambda raw: raw.update(protocol_digest="b")),
        ("$.extractors[0].digest", "no sha256", lambda raw: raw["extractors"][0].update(digest="1")),
        ("$.pairs.class_pairs.covered", "is 13 of 12", lambda raw: raw["pairs"]["class_pairs"].update(covered=13)),
        ("$.pairs.n_sound_groups", "is 99, of 12 pairs", lambda raw: raw["pairs"].update(n_sound_groups=99)),
        ("$.methods[5].n_missing", "12 outputs and 1 missing are not 12 pairs", lambda raw: raw["methods"][5].update(n_missing=1)),
        ("$.methods[7]", "'ours' is at methods[5] already", lambda raw: raw["methods"][7].update(label="ours")),
        ("$.methods[5].not_asked", "no output is missing", lambda raw: raw["methods"][5].update(not_asked="no frame")),
        ("$.metrics[0].image_extractor", "'lab' is not in the file", lambda raw: raw["metrics"][0].update(image_extractor="lab")),
        ("$.metrics[0].highest", "not above the lowest", lambda raw: raw["metrics"][0].update(lowest=1.0, highest=-1.0)),
        ("$.scores[5].metric", "'avd' is not in the file", lambda raw: raw["scores"][5].update(metric="avd")),
        ("$.scores", "has nothing of 'ours' on 'avc'", lambda raw: raw["scores"].pop(5)),
        ("$.scores[6]", "'ours' 'avc' is at scores[5] already", lambda raw: raw["scores"].insert(6, raw["scores"][5])),
        ("$.scores[5].n_missing", "12 scored and 1 missing are not 12", lambda raw: raw["scores"][5].update(n_missing=1)),
        ("$.scores[6].n", "is 12, and the method has 11 outputs", lambda raw: raw["scores"][6].update(n=12, n_missing=0)),
        ("$.scores[5].ci_low", "is above ci_high", lambda raw: raw["scores"][5].update(ci_low=0.9, ci_high=0.1)),
        ("$.scores[5].value", "outside its interval", lambda raw: raw["scores"][5].update(ci_low=0.9, ci_high=1.0)),
        ("$.scores[5].ci_high", "is missing, and the other end", lambda raw: raw["scores"][5].update(ci_high=None)),
        ("$.scores[5].reason", "there is no value", lambda raw: raw["scores"][5].update(
            value=None, ci_low=None, ci_high=None, n=0, n_missing=12)),
        ("$.scores[5].value", "beyond the metric's range", lambda raw: raw["metrics"][0].update(lowest=-1.0, highest=0.2)),
        ("$.scores[5].value", "no finite number", lambda raw: raw["scores"][5].update(value=float("nan"))),
        ("$.scores[5].n", "valid integer", lambda raw: raw["scores"][5].update(n="12")),
        ("$.differences[9].against", "is the method itself", lambda raw: raw["differences"][9].update(
            against=raw["differences"][9]["method"])),
        ("$.differences[9].p", "less than or equal to 1", lambda raw: raw["differences"][9].update(p=1.1)),
        ("$.differences[9].p", "disagree on whether there is a difference", lambda raw: raw["differences"][9].update(p=0.9, p_holm=0.95)),
        ("$.differences[9].p_holm", "is below p", lambda raw: raw["differences"][9].update(p=0.04, p_holm=0.01)),
        ("$.differences[9].d_z", "has the wrong sign", lambda raw: raw["differences"][9].update(d_z=-9.0, d_z_low=-10.0, d_z_high=-8.0)),
        ("$.differences[9].d_z_low", "is above d_z_high", lambda raw: raw["differences"][9].update(d_z_low=99.0)),
        ("$.differences[9].value", "and the two scores differ by", lambda raw: raw["differences"][9].update(value=0.47)),
        ("$.differences[9].p", "is missing, and the interval is there", lambda raw: raw["differences"][9].update(p=None, p_holm=None)),
        ("$.differences[9].share_better", "is missing, and the value is there", lambda raw: raw["differences"][9].update(
            share_better=None, share_low=None, share_high=None)),
        ("$.differences[8].p_holm", "is 0.9, and Holm's correction of the 9 tests of 'avc' gives", lambda raw: [
            one.update(p_holm=0.9) for one in raw["differences"] if one["metric"] == "avc" and one["p_holm"] is not None]),
        ("$.differences[10].p_holm", "is missing, and Holm's", lambda raw: raw["differences"][10].update(p_holm=None)),
        ("$.differences[0].p_holm", "take no part in the correction", lambda raw: raw["differences"][0].update(p_holm=1.0)),
        ("$.differences", "has nothing of 'avc' for 'target' against 'identity', and lacks 16 more of its 17", lambda raw: raw.update(
            differences=[one for one in raw["differences"] if one["metric"] != "avc"])),
        ("$.differences", "has nothing of 'avc' for 'ours' against 'shuffled'", lambda raw: raw["differences"].pop(9)),
        ("$.differences[9]", "'ours' against 'target' is none of the run's", lambda raw: raw["differences"][9].update(against="target")),
        ("$.methods[5].label", "cannot be the name of an output", lambda raw: raw["methods"][5].update(label="a/b")),
        ("$.metrics[0].name", "cannot be a name", lambda raw: raw["metrics"][0].update(name="a\x1b[2Jb")),
        ("$.class_scores[0]", "have 6 pairs, and its score rests on 12", lambda raw: raw["class_scores"].append(
            {"method": "ours", "metric": "avc", "label": "rain", "value": 0.5, "n": 6})),
        ("$.class_scores[0].label", "'hail' is not in the file", lambda raw: raw["class_scores"].append(
            {"method": "ours", "metric": "avc", "label": "hail", "value": 0.5, "n": 12})),
        ("$.class_scores[0]", "have the mean 0.9", lambda raw: raw["class_scores"].append(
            {"method": "ours", "metric": "avc", "label": "rain", "value": 0.9, "n": 12})),
        ("$.size_curves[0].points", "end at 7 from 12 outputs", lambda raw: raw["size_curves"][0].update(points=[[4.0, 9.0], [12.0, 7.0]])),
        ("$.size_curves[0].points", "not in the order", lambda raw: raw["size_curves"][0]["points"].reverse()),
        ("$.size_curves[0].points", "are none", lambda raw: raw["size_curves"][0].update(points=[])),
        ("$.seed", "greater than or equal to 0", lambda raw: raw.update(seed=-1)),
        ("$.resolution", "greater than or equal to 1", lambda raw: raw.update(resolution=0)),
        ("$.threads", "greater than or equal to 1", lambda raw: raw.update(threads=-2)),
        ("$.protocol_version", "greater than or equal to 1", lambda raw: raw.update(protocol_version=0)),
        ("$", "no JSON: unexpected end of hex escape at line 1 column", lambda raw: raw.update(command="\ud800")),
    ],
)  # fmt: skip
def test_what_is_broken_is_found_where_it_is(
    problems: Callable[..., dict[str, str]], place: str, words: str, change: Callable[[dict[str, Any]], Any]
):
    """Form, names, counts, intervals, tests, effects, differences, classes and curves."""
    assert words in problems(change).get(place, "nothing found there")


def test_one_broken_record_hides_no_other(problems: Callable[..., dict[str, str]]):
    """All problems at once: of form and of meaning, also in records beside a broken one; and its name is not called unknown."""

    def break_four(raw: dict[str, Any]) -> None:
        raw["methods"][5]["n_outputs"] = "many"
        raw["scores"][0]["ci_low"] = 5.0
        raw["scores"][1]["value"] = float("nan")
        raw["metrics"][0]["kind"] = "triple"

    found = problems(break_four)
    assert set(found) == {"$.methods[5].n_outputs", "$.metrics[0].kind", "$.scores[0].ci_low", "$.scores[1].value"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b"[]", "should be an object"),
        (b'{"seed": 1, "seed": 2}', "'seed' twice"),
        (b"1" * 5000, "5,000 digits"),
    ],
)
def test_what_is_no_record_at_all(content: bytes, words: str):
    """One problem, of the whole file."""
    (found,) = problems_in(content)
    assert found.path == "$"
    assert words in found.message


def _rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path)), path)


@pytest.mark.parametrize(
    ("name", "words", "change"),
    [
        (PER_PAIR_NAME, "twice", lambda table: pa.concat_tables([table, table.slice(0, 1)])),
        (PER_PAIR_NAME, "no finite number", lambda table: table.set_column(3, "value", pa.array([float("inf")] * len(table)))),
        (PER_PAIR_NAME, "and no reason", lambda table: table.set_column(3, "value", pa.array([None] * len(table), pa.float64()))),
        (PER_PAIR_NAME, "lacks the column reason", lambda table: table.drop_columns(["reason"])),
        (PER_PAIR_NAME, "disagrees", lambda table: table.set_column(3, "value", pa.array([0.1] * len(table)))),
        (PER_PAIR_NAME, "for 11 of 12 pairs", lambda table: table.slice(1)),
        (PER_PAIR_NAME, "12 pairs that pairs.parquet lacks", lambda table: table.set_column(
            0, "pair_id", pa.array([f"other-{n}" for n in range(12)] * (len(table) // 12)))),
        (PER_PAIR_NAME, "no metric of pairs", lambda table: table.set_column(2, "metric", pa.array(["fd"] * len(table)))),
        ("pairs.parquet", "has 11 rows of 11 pairs", lambda table: table.slice(1)),
        ("pairs.parquet", "lacks the column pair_id", lambda table: table.drop_columns(["pair_id"])),
    ],
)  # fmt: skip
def test_files_beside_it(tmp_path: Path, name: str, words: str, change: Callable[[pa.Table], pa.Table]):
    """The scores of pairs and the pair list must be of the same scoring; where they aren't there, nothing is said of them."""
    make_run(tmp_path)
    _rewritten(tmp_path / name, change)
    assert any(words in one.message for one in problems_of(tmp_path))
    for path in (tmp_path / name, tmp_path / PER_PAIR_NAME):
        path.unlink(missing_ok=True)
    assert problems_of(tmp_path) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"share_better": 0.0, "share_low": 0.0, "share_high": 1.0},
        {"share_low": 0.0, "share_high": 1.0},
        {"d_z": 9.0, "d_z_low": 8.0, "d_z_high": 10.0},
        {"ci_low": 0.001, "ci_high": 3.0},
    ],
)
def test_differences_are_those_of_the_pairs(tmp_path: Path, change: dict[str, float]):
    """Shares, effect sizes and intervals that agree among themselves, but not with the scores of pairs beside the file."""
    results = make_run(tmp_path, lost={"cut": [3]})
    path = tmp_path / RESULTS_NAME
    raw = json.loads(path.read_text())
    raw["differences"][9].update(change)
    path.write_text(json.dumps(raw))
    assert list(problems_in(path.read_bytes())) == []
    (found,) = problems_of(tmp_path)
    assert found.path.removeprefix("$.differences[9].") in change
    assert "scores/per_pair.parquet disagrees" in found.message
    assert f"the pairs give {getattr(results.differences[9], found.path.rpartition('.')[2]):.6g}" in found.message


def test_without_the_pair_list_the_pairs_still_give_shares(tmp_path: Path):
    """Intervals rest on the pairs' groups, shares and effect sizes don't."""
    results = make_run(tmp_path)
    (tmp_path / "pairs.parquet").unlink()
    write = {"share_better": 0.0, "share_low": 0.0, "share_high": 1.0}
    changed = replace(results, differences=(*results.differences[:9], replace(results.differences[9], **write), *results.differences[10:]))
    (tmp_path / RESULTS_NAME).write_bytes(CODEC.dump_json(changed))
    assert [one.path for one in problems_of(tmp_path)] == ["$.differences[9].share_better"]


def test_what_is_no_readable_file_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A pipe isn't waited for, a device not read to its end, a huge file not into memory; a file of scores cut short is one fault."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        assert [one.message for one in problems_of(path)] == ["cannot be read: no regular file"]
    assert [one.message for one in problems_of(tmp_path / ("long" * 100))] == ["cannot be read: File name too long"]
    make_run(tmp_path)
    scores = tmp_path / PER_PAIR_NAME
    scores.write_bytes(scores.read_bytes()[:-9])
    assert [(one.path, one.message) for one in problems_of(tmp_path)] == [("$.scores", "per_pair.parquet cannot be read (ArrowInvalid)")]
    for name, make in ((PER_PAIR_NAME, os.mkfifo), ("pairs.parquet", os.mkdir)):
        (tmp_path / name).unlink()
        make(tmp_path / name)
    assert [one.message for one in problems_of(tmp_path)] == [
        "pairs.parquet is no regular file",
        "per_pair.parquet is no regular file",
    ]
    monkeypatch.setattr(json_text, "MOST_BYTES", 1000)
    assert [one.message for one in problems_of(tmp_path)] == ["cannot be read: more than 1,000 bytes, which no results.json of ours has"]


def test_problems_are_one_line_each(tmp_path: Path):
    """Names of anybody can't draw on a terminal."""
    results = make_run(tmp_path)
    scores = (replace(results.scores[0], method="a\n\x1b[31mb"), *results.scores[1:])
    write_results(tmp_path, replace(results, scores=scores), [])
    found = problems_of(tmp_path)
    assert found
    assert all(one.message.isprintable() and one.path.isprintable() for one in found)
