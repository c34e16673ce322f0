"""What a reader of the numbers must know is said, and only then."""

from collections.abc import Callable
from dataclasses import replace

from adis_bench.caveats import caveats, judge_caveats
from adis_bench.datasets.combined import combined
from adis_bench.datasets.records import Dataset
from adis_bench.results import ClassPairs, MethodRecord, PairsRecord
from tests.datasets.grids import grid

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


def test_listed_videos_that_are_gone(tiny_dataset: Callable[..., Dataset]):
    """Of a dataset cut from the paper's list, how many videos and hours there are stands beside every score."""
    dataset = replace(tiny_dataset(), notes={"availability": {"listed": 94, "present": 61, "hours": 30.2}})
    found = caveats(dataset, ENOUGH, 200, [_method("a"), _method("b")], {})
    assert sum("61 of the paper's 94 listed videos" in sentence and "30.2 h" in sentence for sentence in found) == 1


def test_other_training_data(tiny_dataset: Callable[..., Dataset]):
    """What is trained on and evaluated on are told apart, with classes that are new and media that are not."""
    training, test = tiny_dataset(labels=2), grid({"forest": 1}, {"rain": 1, "thunder": 1})
    said = caveats(combined(test, training, ""), ENOUGH, 200, [_method("a")], {})
    assert "no exact answer" in said[0]
    assert "trained on another dataset (tiny)" in said[1]
    assert said[2].startswith("The training data does not have 1 of 2 target classes (thunder)")
    assert len(said) == 3
    leaked = test.with_segments([*test.segments, replace(training.split("train").segments[0], split="test")])
    found = caveats(combined(leaked, training, ""), ENOUGH, 200, [_method("a")], {})
    assert found[3].startswith("1 test sounds and 1 test images are in")
    assert "of which no source image is one. So `identity` is no floor" in found[1]


def test_sources_within_the_training_data(tiny_dataset: Callable[..., Dataset]):
    """Where source images are among the frames that metrics compare with, nobody is told that none is."""
    training, test = tiny_dataset(labels=2), grid({"forest": 2}, {"rain": 1})
    shown = training.split("train").segments[0]
    sources = [replace(s, frame_sha256=shown.frame_sha256) if s.segment_id == "forest-p0" else s for s in test.segments]
    said = caveats(combined(test.with_segments(sources), training, ""), ENOUGH, 200, [_method("a")], {})
    assert "1 of the source images are among these frames. So `identity` gains" in said[1]
    assert said[2].startswith("0 test sounds and 1 test images are in the training data")
    assert not any("no source image" in text or "no floor" in text for text in said)


def test_controls_that_cannot_be_had(tiny_dataset: Callable[..., Dataset]):
    """Without `target` or `retrieval` a run says why; a check without any method says nothing of it."""
    identity = replace(_method("identity"), control=True)
    said = caveats(tiny_dataset(), ENOUGH, 200, [identity], {})
    assert [text.split(",")[0] for text in said] == ["No target sound has a frame", "There is no training data"]
    assert caveats(tiny_dataset(), ENOUGH, 200, [], {}) == ()


def test_the_judge_was_not_tried():
    """A judge that the data could not try is said; a protocol without one says nothing."""
    assert judge_caveats(None)[0].startswith("The judge could not be tried on these data")
    assert judge_caveats(None, has_judge=False) == ()


def test_pairs_that_a_method_is_not_asked_for(tiny_dataset: Callable[..., Dataset]):
    """They are told by their reason, not as missing outputs."""
    method = replace(_method("cut", 3), not_asked="not asked for 3 of 200 pairs, where x")
    assert caveats(tiny_dataset(), ENOUGH, 200, [method], {}) == (
        "cut was not asked for 3 of 200 pairs, where x; its scores rest on the others.",
    )


def test_outputs(tiny_dataset: Callable[..., Dataset]):
    """A failed method, missing outputs and unequal numbers are said."""
    said = caveats(tiny_dataset(), ENOUGH, 200, [_method("a"), _method("b", 3), _method("c", 200)], {"c": "no weights"})
    assert said[0] == "Method c failed: no weights"
    assert said[1].startswith("3 of 200 outputs of b are missing")
    assert said[2].startswith("Methods have different numbers of outputs")
    assert len(said) == 3
