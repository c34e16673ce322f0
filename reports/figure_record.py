"""``figures.json``: what the figures of a folder show, of which run, for which column."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from adis_bench.results.fields import Record
from reports.run_facts import RunFacts

SCHEMA_VERSION: Literal[1] = 1
# Files that a later call may remove: a record must not be able to name any other.
_FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.(svg|pdf)$")]


@dataclass(frozen=True, slots=True)
class FigureEntry(Record):
    """A figure: its kind (``--figure``), its words, its size in inches, and its files."""

    name: str
    kind: str
    title: str
    caption: str
    alt: str
    width_in: float
    height_in: float
    files: tuple[_FileName, ...]

    def file(self, suffix: str) -> str:
        """The file of this suffix; empty where there is none."""
        return next((name for name in self.files if name.endswith(suffix)), "")


@dataclass(frozen=True, slots=True)
class Missing(Record):
    """A kind of figure that could not be drawn, and why."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class FiguresRecord(Record):
    """``figures.json``, field by field; ``medium`` and ``width_in`` are those of ``reports.drawing.Medium``."""

    schema_version: Literal[1]
    medium: str
    width_in: float
    run: RunFacts
    figures: tuple[FigureEntry, ...]
    not_drawn: tuple[Missing, ...]

    @property
    def files(self) -> frozenset[str]:
        """All files of the figures."""
        return frozenset(name for figure in self.figures for name in figure.files)

    def kept(self, of: "FiguresRecord", asked: Sequence[str]) -> tuple[tuple[FigureEntry, ...], tuple[Missing, ...]]:
        """What an earlier record still says after a call for some kinds: all of other kinds, where run and column are the same."""
        if (self.run, self.medium) != (of.run, of.medium):
            return (), ()
        figures = tuple(figure for figure in self.figures if figure.kind not in asked)
        return figures, tuple(one for one in self.not_drawn if one.kind not in asked)

    def to_json(self) -> Any:
        """For ``json.dumps``."""
        return _CODEC.dump_python(self, mode="json")


_CODEC = TypeAdapter(FiguresRecord)


def read_record(path: Path) -> FiguresRecord | None:
    """A record of ours; None for anything else of this name."""
    try:
        return _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
