"""Which categories of Places365 and which classes of VGG-Sound are taken: a TOML file, checked."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from adis_bench.configuration import Frozen, first_error
from adis_bench.datasets.demo.style import DISPLAYS
from adis_bench.datasets.raw import display, slug
from adis_bench.errors import ConfigError

CHOICES_NAME = "choices.toml"


class SoundClass(Frozen):
    """A class of VGG-Sound under the label that it has here."""

    name: str = Field(alias="class", min_length=1)
    label: str
    reason: str = Field(min_length=1)

    @field_validator("label")
    @classmethod
    def _is_machine_form(cls, label: str) -> str:
        if label != slug(label):
            raise ValueError(f"{label!r} is not the machine form of a label, such as {slug(label)!r}")
        return label


class Choices(Frozen):
    """``choices.toml``.

    Attributes:
        version: raised with every change.
        places: category of Places365 -> why it is taken.
        vggsound: classes of VGG-Sound with their labels.
        places_left_out, vggsound_left_out: near ones that are not taken -> why.
    """

    version: int = Field(gt=0)
    places: Mapping[str, str] = Field(min_length=1)
    vggsound: tuple[SoundClass, ...] = Field(min_length=1)
    places_left_out: Mapping[str, str] = {}
    vggsound_left_out: Mapping[str, str] = {}

    @field_validator("vggsound")
    @classmethod
    def _each_class_once(cls, classes: tuple[SoundClass, ...]) -> tuple[SoundClass, ...]:
        if twice := [name for name, n in Counter(c.name for c in classes).items() if n > 1]:
            raise ValueError(f"in two places: {', '.join(twice)}")
        return classes

    @property
    def label_of(self) -> dict[str, str]:
        """Class of VGG-Sound -> label."""
        return {c.name: c.label for c in self.vggsound}

    @property
    def displays(self) -> dict[str, str]:
        """Label of a sound -> display form; the model's categories have their own."""
        return {label: DISPLAYS.get(label, display(label)) for label in sorted({c.label for c in self.vggsound})}


def load_choices(path: Path | None = None) -> Choices:
    """The choices of a file, with those of the package for tables that it leaves out; the package's own without one.

    Raises:
        ConfigError: not there, no TOML, or a key that is missing or unknown.
    """
    return _parsed(_own_text(), CHOICES_NAME, {}) if path is None else _parsed(_text(path), str(path), tomllib.loads(_own_text()))


def has_places(path: Path | None) -> bool:
    """Whether a file of choices names categories of Places365 itself."""
    return path is not None and "places" in _toml(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"--categories {path} cannot be read ({error}); name a TOML file with a table [places] or [[vggsound]]"
        ) from error


@cache
def _own_text() -> str:
    return files("adis_bench.datasets.out_of_domain").joinpath(CHOICES_NAME).read_text(encoding="utf-8")


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not TOML: {error}") from error


def _parsed(text: str, where: str, defaults: Mapping[str, Any]) -> Choices:
    try:
        return Choices.model_validate({**defaults, **_toml(text, where)})
    except ValidationError as error:
        raise ConfigError(first_error(where, error)) from error
