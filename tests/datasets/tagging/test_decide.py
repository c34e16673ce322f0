"""From scores to a label, on scores made by hand."""

import numpy as np
import pytest

from adis_bench.datasets.tagging.category_map import category_map
from adis_bench.datasets.tagging.classes import N_CLASSES, class_index
from adis_bench.datasets.tagging.decide import Tag, VideoFlags, decide, describe, pooled

SNOW = VideoFlags(snow=True)


def scores(*windows: dict[str, float]) -> np.ndarray:
    """Scores of windows: 0 but for the classes named."""
    made = np.zeros((len(windows), N_CLASSES), np.float32)
    for row, named in zip(made, windows, strict=True):
        for name, value in named.items():
            row[class_index()[name]] = value
    return made


def label(flags: VideoFlags | None = None, **named: float) -> str:
    """The label of one window; names stand for classes."""
    classes = {"rain": "Rain", "bird": "Chirp, tweet", "surf": "Waves, surf", "brook": "Stream", "talk": "Speech"}
    classes |= {"crunch": "Crunch", "walk": "Walk, footsteps", "water": "Water", "wind": "Wind", "car": "Vehicle"}
    return decide(scores({classes[name]: value for name, value in named.items()}), flags).label


def test_windows_are_averaged():
    """(0.2 + 0.4 + 0) / 3 = 0.2 of rain is above one loud chirp, 0.5 / 3: what fills the segment names it."""
    made = scores({"Rain": 0.2}, {"Rain": 0.4}, {"Chirp, tweet": 0.5})
    assert pooled(made)[class_index()["Rain"]] == pytest.approx(0.2)
    tag = decide(made)
    assert tag.label == "rain"
    assert tag.categories["birds_chirping"] == pytest.approx(0.5 / 3, abs=1e-4)


def test_a_category_scores_as_its_highest_class():
    """Three classes of birds at 0.3 are one bird, and lose to rain at 0.4."""
    birds = {"Bird": 0.3, "Chirp, tweet": 0.3, "Bird vocalization, bird call, bird song": 0.3}
    tag = decide(scores({**birds, "Rain": 0.4}))
    assert tag.label == "rain"
    assert tag.categories["birds_chirping"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ({"rain": 0.5}, "rain"),
        ({"bird": 0.5}, "birds_chirping"),
        ({"surf": 0.5}, "ocean"),
        ({"brook": 0.5}, "stream"),
        ({"talk": 0.5}, "human_speech"),
        ({"talk": 0.5, "rain": 0.6}, "rain"),
        ({"water": 0.9}, "other"),
        ({"car": 0.9, "wind": 0.9, "rain": 0.3}, "rain"),
        ({}, "other"),
    ],
)
def test_sound_decides(named: dict[str, float], wanted: str):
    """The highest category wins; classes of none don't take part; flags of the video change nothing here."""
    for flags in (None, SNOW, VideoFlags(forest=True), VideoFlags(rain=True)):
        assert label(flags, **named) == wanted


@pytest.mark.parametrize("name", ["rain", "bird", "surf", "brook", "talk", "crunch", "walk"])
def test_below_the_threshold_it_is_other(name: str):
    """The threshold itself counts, less doesn't, for each category and for steps."""
    threshold = category_map().thresholds.label.value
    above, below = np.nextafter(np.float32(threshold), np.float32(1)), threshold - 0.01
    assert label(**{name: float(above)}) != "other"
    assert label(**{name: below}) == "other"


@pytest.mark.parametrize(
    ("flags", "crunch", "walk", "wanted"),
    [
        (SNOW, 0.5, 0.1, "crunching_snow"),
        (SNOW, 0.1, 0.5, "crunching_snow"),
        (None, 0.5, 0.1, "gravel"),
        (None, 0.3, 0.3, "gravel"),
        (None, 0.1, 0.5, "dirt"),
        (VideoFlags(forest=True), 0.5, 0.1, "gravel"),
        (VideoFlags(rain=True), 0.1, 0.5, "dirt"),
    ],
)
def test_flags_decide_the_ground(flags: VideoFlags | None, crunch: float, walk: float, wanted: str):
    """Steps in a video of snow are on snow; elsewhere crunching makes gravel, and footsteps without it dirt."""
    assert label(flags, crunch=crunch, walk=walk) == wanted


def test_snow_without_steps_is_no_crunching_snow():
    """In a video of snow speech stays speech, even above steps, and wind is other."""
    assert label(SNOW, talk=0.6, walk=0.5) == "human_speech"
    assert label(SNOW, wind=0.9, walk=0.04) == "other"


@pytest.mark.parametrize(
    ("flags", "named", "wanted"),
    [
        (SNOW, {"walk": 0.06}, "crunching_snow"),
        (SNOW, {"crunch": 0.06, "wind": 0.9}, "crunching_snow"),
        (SNOW, {"walk": 0.06, "talk": 0.1}, "other"),
        (SNOW, {"talk": 0.1}, "other"),
        (None, {"walk": 0.06}, "other"),
        (VideoFlags(forest=True), {"crunch": 0.06}, "other"),
    ],
)
def test_soft_steps_count_where_snow_is_known(flags: VideoFlags | None, named: dict[str, float], wanted: str):
    """The lower threshold is for steps alone, in videos of snow alone, and only above all other categories."""
    assert label(flags, **named) == wanted


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ({"Music": 0.6}, True),
        ({"Guitar": 0.6}, True),
        ({"Singing": 0.6}, True),
        ({"Music": 0.6, "Rain": 0.7}, False),
        ({"Music": 0.6, "Rain": 0.6}, False),
        ({"Music": 0.6, "Crunch": 0.7}, False),
        ({"Music": 0.6, "Wind": 0.9}, True),
        ({"Music": 0.25}, False),
        ({"Church bell": 0.9}, False),
        ({}, False),
    ],
)
def test_music_must_be_loud_and_above_every_category(named: dict[str, float], wanted: bool):
    """Dominated: from the threshold on, and above all categories; bells over a landscape are none."""
    assert decide(scores(named)).is_music is wanted


def test_a_segment_of_music_still_says_what_it_would_be():
    """Rain under music has its label beside the verdict, so that a dataset may count what was lost."""
    tag = decide(scores({"Music": 0.6, "Rain": 0.4}))
    assert (tag.label, tag.is_music) == ("rain", True)


def test_the_top_is_named_and_ordered():
    """The five highest pooled classes with scores as plain rounded numbers; equal scores in the order of the class map."""
    tag = decide(scores({"Rain": 0.9, "Water": 0.8}, {"Rain": 0.7, "Wind": 0.3}))
    assert tag.top[:3] == (("Rain", 0.8), ("Water", 0.4), ("Wind", 0.15))
    assert [name for name, _ in tag.top[3:]] == ["Speech", "Child speech, kid speaking"]
    assert all(type(value) is float for _, value in tag.top)
    assert tag.categories.keys() == category_map().evidence.keys()
    assert isinstance(tag, Tag)


def test_scores_of_another_shape_are_refused():
    """No windows, other classes, or one window without its axis."""
    for shape in ((0, N_CLASSES), (5, 527), (N_CLASSES,)):
        with pytest.raises(ValueError, match=r"\[windows, 521\]"):
            decide(np.zeros(shape, np.float32))


def test_where_labels_come_from_is_said():
    """Digest and version always; flags and doubt where there are any."""
    said = describe("10c95ea3eb9a7bb4", flagged=True)
    assert "10c95ea3eb9a" in said
    assert "version 1" in said
    assert "snow flags" in said
    assert "UNVERIFIED" not in said
    assert "snow flags" not in describe("10c95ea3eb9a7bb4", flagged=False)
    assert "UNVERIFIED" in describe("10c95ea3eb9a7bb4", flagged=False, verified=False)
