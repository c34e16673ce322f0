"""The suite's map from YAMNet's classes to the paper's categories: a TOML file, checked."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Self

from pydantic import Field, ValidationError, field_validator, model_validator

from adis_bench.configuration import Frozen, first_error
from adis_bench.datasets.demo.style import DISPLAYS
from adis_bench.datasets.tagging.classes import class_index, class_names
from adis_bench.errors import ConfigError
from adis_bench.files import digest_json
from adis_bench.registry import unknown

Reasons = Mapping[str, str]
"""Class name -> why it stands here."""


class Threshold(Frozen):
    """A pooled score from which on something counts."""

    value: float = Field(gt=0, lt=1)
    reason: str = Field(min_length=1)


class Thresholds(Frozen):
    """For a label, for steps where the video's flag says snow, and for leaving a segment out as music."""

    label: Threshold
    steps_in_snow: Threshold
    music: Threshold


class Steps(Frozen):
    """What says that somebody walks: with crunching, or without."""

    crunch: Reasons
    footsteps: Reasons


class Ground(Frozen):
    """A label that no sound decides alone."""

    label: str
    reason: str = Field(min_length=1)


class Grounds(Frozen):
    """Labels of a segment in which somebody walks."""

    snow: Ground
    crunch: Ground
    footsteps: Ground


class Family(Frozen):
    """All classes from ``first`` to ``last`` in the order of the class map, which keeps families together."""

    first: str
    last: str
    reason: str = Field(min_length=1)


class Music(Frozen):
    """What counts as music: families, less the classes named."""

    families: tuple[Family, ...]
    not_music: Reasons


class CategoryMap(Frozen):
    """``categories.toml``.

    Attributes:
        version: raised with every change of what is decided.
        description: one sentence.
        thresholds: pooled scores from which on something counts.
        sounds: label -> its classes.
        steps: classes that say that somebody walks.
        grounds: labels of those segments.
        music: classes of music.
        left_out: classes near a category that belong to none.
    """

    version: int = Field(gt=0)
    description: str
    thresholds: Thresholds
    sounds: Mapping[str, Reasons]
    steps: Steps
    grounds: Grounds
    music: Music
    left_out: Reasons

    @field_validator("sounds")
    @classmethod
    def _no_empty_category(cls, sounds: Mapping[str, Reasons]) -> Mapping[str, Reasons]:
        if empty := [label for label, classes in sounds.items() if not classes]:
            raise ValueError(f"no class for {', '.join(empty)}")
        return sounds

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        named = [name for reasons in self._tables() for name in reasons]
        ends = [name for family in self.music.families for name in (family.first, family.last)]
        for name in [*named, *ends, *self.music.not_music]:
            if name not in class_index():
                raise ValueError(unknown("class", name, list(class_names())))
        twice = [name for name, n in Counter([*named, *self.music_classes]).items() if n > 1]
        if twice:
            raise ValueError(f"in two places: {', '.join(twice)}")
        labels = {*self.sounds, self.grounds.snow.label, self.grounds.crunch.label, self.grounds.footsteps.label}
        if labels != set(DISPLAYS):
            raise ValueError(f"labels must be the paper's eight; wrong or missing: {', '.join(sorted(labels ^ set(DISPLAYS)))}")
        return self

    def _tables(self) -> list[Reasons]:
        return [*self.sounds.values(), self.steps.crunch, self.steps.footsteps, self.left_out]

    @property
    def music_classes(self) -> tuple[str, ...]:
        """Names of the classes of music, in the order of the class map."""
        places = class_index()
        family = {name for f in self.music.families for name in class_names()[places[f.first] : places[f.last] + 1]}
        return tuple(name for name in class_names() if name in family and name not in self.music.not_music)

    @property
    def evidence(self) -> dict[str, tuple[str, ...]]:
        """What segments are scored on, with its classes: the labels that sound decides, ``crunch``, ``footsteps`` and ``music``."""
        tables = {**self.sounds, "crunch": self.steps.crunch, "footsteps": self.steps.footsteps}
        return {**{name: tuple(classes) for name, classes in tables.items()}, "music": self.music_classes}

    @property
    def digest(self) -> str:
        """sha256 of what is decided by: classes, labels and thresholds, not their reasons."""
        grounds = [self.grounds.snow.label, self.grounds.crunch.label, self.grounds.footsteps.label]
        classes = {name: sorted(found) for name, found in self.evidence.items()}
        thresholds = [self.thresholds.label.value, self.thresholds.steps_in_snow.value, self.thresholds.music.value]
        return digest_json([classes, grounds, thresholds])


def parse_map(text: str, where: str) -> CategoryMap:
    """A map from TOML.

    Raises:
        ConfigError: no TOML, a key that is missing or unknown, a class that YAMNet doesn't have, or one in two places.
    """
    try:
        return CategoryMap.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(_one_line(where, error)) from error


def _one_line(where: str, error: ValidationError) -> str:
    """Of the whole map's own checks the message alone: the input would be the whole file."""
    first = error.errors()[0]
    return first_error(where, error) if first["loc"] else f"{where}: {first['msg']}"


@cache
def category_map() -> CategoryMap:
    """The map that comes with the package."""
    text = files("adis_bench.datasets.tagging").joinpath("categories.toml").read_text(encoding="utf-8")
    return parse_map(text, "categories.toml")
