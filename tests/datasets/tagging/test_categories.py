"""The map from 521 classes to eight categories: what it must say, and what it may not."""

import hashlib
from importlib.resources import files

import pytest

from adis_bench.datasets.demo.style import DISPLAYS
from adis_bench.datasets.tagging.category_map import category_map, parse_map
from adis_bench.datasets.tagging.classes import N_CLASSES, class_index, class_names
from adis_bench.errors import ConfigError

PACKAGE = files("adis_bench.datasets.tagging")
TOML = PACKAGE.joinpath("categories.toml").read_text()


def test_the_class_map_is_the_published_one():
    """Its bytes, 521 different names, and the places that YAMNet's documentation tells."""
    content = PACKAGE.joinpath("yamnet_class_map.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "cdf24d193e196d9e95912a2667051ae203e92a2ba09449218ccb40ef787c6df2"
    assert len(set(class_names())) == len(class_names()) == N_CLASSES
    assert [class_names()[k] for k in (0, 48, 132, 288, 493)] == ["Speech", "Walk, footsteps", "Music", "Ocean", "Crunch"]
    assert class_index()["Crunch"] == 493


def test_the_map_reaches_all_eight_categories_and_gives_every_reason():
    """Five by sound, three by steps and flag; no line without a reason."""
    rules = category_map()
    assert {*rules.sounds, rules.grounds.snow.label, rules.grounds.crunch.label, rules.grounds.footsteps.label} == set(DISPLAYS)
    tables = [*rules.sounds.values(), rules.steps.crunch, rules.steps.footsteps, rules.music.not_music, rules.left_out]
    assert all(reason.strip() for table in tables for reason in table.values())


def test_music_is_the_family_without_bells():
    """All 145 classes of music and 8 of song, less 7 of bells."""
    music = category_map().music_classes
    assert len(music) == (276 - 132 + 1) + (31 - 24 + 1) - 7
    assert {"Music", "Guitar", "Scary music", "Singing", "Rapping"} <= set(music)
    assert not {"Church bell", "Wind chime", "Wind", "Speech", "Humming"} & set(music)


def test_what_is_decided_changes_only_with_its_version():
    """The digest of version 1. Changed the map on purpose? Raise its version and write the new digest here."""
    assert (category_map().version, category_map().digest[:16]) == (1, "1a46b194365ae1aa")
    reworded = parse_map(TOML.replace('"the category itself"', '"itself"'), "mine")
    assert reworded.digest == category_map().digest
    moved = parse_map(TOML.replace("value = 0.15", "value = 0.2"), "mine")
    assert moved.digest != category_map().digest


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Raindrop" =', '"Raindrops" =', "unknown class 'Raindrops'; did you mean Raindrop"),
        ('first = "Music"', 'first = "Musik"', "unknown class 'Musik'; did you mean Music"),
        ('"Church bell" =', '"Church bells" =', "unknown class 'Church bells'"),
        ('"Raindrop" =', '"Stream" =', "in two places: Stream$"),
        ('"Raindrop" =', '"Guitar" =', "in two places: Guitar$"),
        ("[sounds.ocean]", "[sounds.sea]", "wrong or missing: ocean, sea$"),
        ('label = "dirt"', 'label = "mud"', "wrong or missing: dirt, mud$"),
        ("value = 0.15", "value = 15", "thresholds.label.value"),
        ("version = 1", "version = 1\nversions = 2", "versions"),
        ("version = 1", "version =", "is not TOML"),
    ],
)
def test_a_wrong_map_is_refused_in_one_line(old: str, new: str, message: str):
    """Names YAMNet doesn't have, a class in two places, labels the paper doesn't have, and misspelt keys."""
    assert old in TOML
    with pytest.raises(ConfigError, match=message) as caught:
        parse_map(TOML.replace(old, new, 1), "mine.toml")
    assert str(caught.value).startswith("mine.toml")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
