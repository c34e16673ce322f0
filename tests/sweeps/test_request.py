"""Options of a sweep, good and bad."""

import pytest

from adis_bench.errors import ConfigError
from adis_bench.sweeps.defaults import GAINS, WEIGHTS
from adis_bench.sweeps.request import request_of


def test_steps_are_sorted_and_named():
    """Lowest first, once each; names are safe for folders."""
    request = request_of("mix,volume", "a, b,a", "6,-30,0,-0,6", "1,0,.5")
    assert [(step.name, step.text, step.value) for step in request.steps["volume"]] == [
        ("gain-30", "\u221230", -30.0),
        ("gain+0", "0", 0.0),
        ("gain+6", "+6", 6.0),
    ]
    assert [step.name for step in request.steps["mix"]] == ["w0", "w0.5", "w1"]
    assert list(request.steps) == ["volume", "mix"]
    assert request.methods == ("a", "b")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kinds": "loudness"}, "--kind 'loudness': expected volume or mix"),
        ({"kinds": ""}, "--kind"),
        ({"gains": "-30,0"}, "has 2; expected at least 3 different numbers of -120 to 120"),
        ({"gains": "0,0,0"}, "has 1"),
        ({"gains": "-inf,-6,0"}, "-inf is not in the range"),
        ({"gains": "nan,-6,0"}, "nan is not in the range"),
        ({"gains": "a,b,c"}, "expected at least 3"),
        ({"weights": "0,0.5,2"}, "--weights: 2 is not in the range"),
        ({"n_pairs": 1}, "at least 2 pairs"),
        ({"seed": -1}, "--seed -1"),
        ({"reading": "brain"}, "expected auto, network or file"),
    ],
)
def test_bad_options(changed: dict[str, object], words: str):
    """One line that says what was expected."""
    options = {"kinds": "volume,mix", "methods": "", "gains": GAINS, "weights": WEIGHTS, **changed}
    with pytest.raises(ConfigError) as caught:
        request_of(**options)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
