"""Whatever is done to a valid file, the validator gives problems and no error; what the schema refuses it refuses."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from adis_bench.results import RESULTS_NAME
from adis_bench.results.schema import shipped_schema
from adis_bench.results.validation import problems_in
from tests.comparing.runs import make_run

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 0, 2**53, 10**30, 10**400])
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from([1e308, -1e308, 5e-324])
    | st.text(max_size=8)
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6
)


@cache
def _valid() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        make_run(Path(folder), lost={"cut": [3]}, kept=("target", "identity", "shuffled", "ours", "cut"))
        raw: dict[str, Any] = json.loads((Path(folder) / RESULTS_NAME).read_text())
    return raw


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(shipped_schema()))


def _step(draw: st.DrawFn, value: Any) -> Any:
    """A key or place of a container."""
    return draw(st.sampled_from(sorted(value))) if isinstance(value, dict) else draw(st.integers(0, len(value) - 1))


def _place(draw: st.DrawFn, raw: Any) -> tuple[Any, Any]:
    """A container of the file and a key in it, drawn step by step, so that small parts are met as often as large ones."""
    inside = raw
    step = _step(draw, inside)
    while isinstance(inside[step], dict | list) and inside[step] and draw(st.booleans()):
        inside = inside[step]
        step = _step(draw, inside)
    return inside, step


@st.composite
def _mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The valid file after one to three changes anywhere."""
    raw = deepcopy(_valid())
    for _ in range(draw(st.integers(1, 3))):
        inside, step = _place(draw, raw)
        change = draw(st.sampled_from(["replace", "remove", "add", "double"]))
        if change == "remove":
            del inside[step]
        elif change == "double" and isinstance(inside, list):
            inside.insert(step, deepcopy(inside[step]))
        elif change == "add" and isinstance(inside, dict):
            inside[draw(st.text(max_size=6))] = draw(_VALUES)
        else:
            inside[step] = draw(_VALUES)
        if not raw:
            break
    return raw


@given(_mutated())
@settings(max_examples=120)
def test_it_never_fails_and_refuses_what_the_schema_refuses(raw: dict[str, Any]):
    """Every outcome is a list of problems, each on one line with a path; and an independent validator's no is a no."""
    found = list(problems_in(json.dumps(raw).encode()))
    assert all(one.path.startswith("$") and one.message for one in found)
    if not _schema().is_valid(raw):
        assert found


@given(st.data())
@settings(max_examples=60)
def test_it_finds_a_score_that_was_changed(data: st.DataObject):
    """A number of a score, moved by more than rounding, contradicts something else in the file, at that score or at what rests on it."""
    raw = deepcopy(_valid())
    place = data.draw(st.integers(0, len(raw["scores"]) - 1))
    score = raw["scores"][place]
    name = data.draw(st.sampled_from(["value", "n", "n_missing", "method", "metric"]))
    if name == "value":
        score["value"] += data.draw(st.sampled_from([-1.0, 1.0])) * data.draw(st.floats(0.001, 1e300))
    elif name in ("n", "n_missing"):
        score[name] += data.draw(st.integers(1, 100))
    else:
        score[name] = data.draw(st.text(max_size=5))
    assert list(problems_in(json.dumps(raw).encode()))


@given(st.data())
@settings(max_examples=60)
def test_it_finds_a_difference_that_was_changed(data: st.DataObject):
    """The same of a difference: value, ends of intervals, tests and names."""
    raw = deepcopy(_valid())
    pair_metric = [one for one in raw["differences"] if one["metric"] == "avc" and {one["method"], one["against"]} & {"ours", "target"}]
    one = data.draw(st.sampled_from([d for d in pair_metric if "cut" not in (d["method"], d["against"])]))
    change = data.draw(st.sampled_from(["value", "ci_low", "p", "against", "share_better"]))
    one[change] = {
        "value": (one["value"] or 0.0) + data.draw(st.floats(0.001, 10)),
        "ci_low": one["ci_high"] + data.draw(st.floats(0.001, 10)),
        "p": data.draw(st.floats(1.001, 10) | st.floats(-10, -0.001)),
        "against": data.draw(st.text(max_size=5)),
        "share_better": data.draw(st.floats(1.001, 10)),
    }[change]
    assert list(problems_in(json.dumps(raw).encode()))
