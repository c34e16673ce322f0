"""What a reader of the numbers must know is said, and only then."""

from collections.abc import Callable
from dataclasses import replace

from adis_bench.caveats import caveats
from adis_bench.datasets.records import Dataset
from adis_bench.results import ClassPairs, MethodRecord, PairsRecord

ENOUGH = PairsRecord(n=200, digest="x", n_source_groups=40, n_sound_groups=40, class_pairs=ClassPairs(6, 6))


def _method(label: str, n_missing: int = 0) -> MethodRecord:
    return MethodRecord(label, label, "", "", "nothing", False, {}, 200 - n_missing, n_missing)


def test_nothing_to_say(tiny_dataset: Callable[..., Dataset]):
    """A large recorded dataset with all outputs gives no sentence."""
    assert caveats(tiny_dataset(), ENOUGH, 200, [_method("a"), _method("b")], {}) == ()


def test_small_numbers(tiny_dataset: Callable[..., Dataset]):
    """Few pairs, fewer than asked for, and few groups are each said with their number."""
    few = replace(ENOUGH, n=20, n_source_groups=3, n_sound_groups=14)
    said = caveats(tiny_dataset(), few, 24, [_method("a")], {})
    assert len(said) == 4
    assert "20 different pairs, not the 24" in said[0]
    assert "Only 20 pairs" in said[1]
    assert "3 source photographs" in said[2]
    assert "14 recordings" in said[3]


def test_data(tiny_dataset: Callable[..., Dataset]):
    """Media joined by class, and classes without test data, are said in the class's display form."""
    dataset = replace(
        tiny_dataset(), pairing="class", displays={"crunching_snow": "crunching snow"}, not_evaluated={"crunching_snow": "one source"}
    )
    said = caveats(dataset, ENOUGH, 200, [_method("a")], {})
    assert "not recorded together" in said[0]
    assert said[1] == "Class 'crunching snow' is not evaluated: one source."


def test_outputs(tiny_dataset: Callable[..., Dataset]):
    """A failed method, missing outputs and unequal numbers are said."""
    said = caveats(tiny_dataset(), ENOUGH, 200, [_method("a"), _method("b", 3), _method("c", 200)], {"c": "no weights"})
    assert said[0] == "Method c failed: no weights"
    assert said[1].startswith("3 of 200 outputs of b are missing")
    assert said[2].startswith("Methods have different numbers of outputs")
    assert len(said) == 3
