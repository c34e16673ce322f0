"""Every kind of figure that a run can have, and the one way to draw some of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from adis_bench.errors import AdisBenchError, ConfigError
from adis_bench.registry import unknown
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A kind of figure that ``adis-bench figures`` and the report's page know.

    Attributes:
        name: as ``--figure`` takes it.
        what: what it shows, in a phrase.
        module: of ``reports.paper_figures``; imported when it is drawn.
        takes: options that its drawing understands.
    """

    name: str
    what: str
    module: str
    takes: tuple[str, ...] = ()

    def draw(self, run: RunData, medium: Medium, **options: Any) -> list[Drawn]:
        """Draw a run's figures of this kind: ``draw_<name>`` of its module.

        Args:
            run: a finished run.
            medium: where the figures will stand.
            **options: some of ``takes``.

        Raises:
            NotDrawn: the run has nothing to show.
            DataError: a file of the run is missing or damaged.
        """
        function = getattr(import_module(f"reports.paper_figures.{self.module}"), f"draw_{self.name}")
        return list(function(run, medium, **options))


CATALOGUE = (
    FigureKind("scores", "headline scores with 95 % intervals", "scores"),
    FigureKind("differences", "paired differences with 95 % intervals", "differences"),
    FigureKind("classes", "headline scores class by class", "classes"),
    FigureKind("wins", "how often one method beats another", "wins"),
    FigureKind("pareto", "correspondence with the sound against structure kept", "pareto"),
    FigureKind("curves", "losses of the trainings", "curves"),
    FigureKind("dataset", "durations and categories of the dataset (the paper's Figure 1)", "dataset"),
    FigureKind("qualitative", "outputs of every method (the paper's Figure 3)", "qualitative", ("rows", "seed")),
    FigureKind(
        "generalization",
        "images by sounds, out of the training's domain (the paper's Figure 4)",
        "generalization",
        ("images", "sounds", "seed"),
    ),
    FigureKind("sweeps", "louder sounds and mixed sounds, with the score along them", "sweep_strips"),
)
"""In the order of files, of the contact sheet and of ``figures.tex``."""


def kinds_named(names: Iterable[str]) -> tuple[FigureKind, ...]:
    """The kinds of these names, in the catalogue's order.

    Raises:
        ConfigError: there is no such kind; near ones are suggested.
    """
    known = [kind.name for kind in CATALOGUE]
    wanted = list(names)
    for name in wanted:
        if name not in known:
            raise ConfigError(unknown("figure", name, known))
    return tuple(kind for kind in CATALOGUE if kind.name in wanted)


def drawings(
    run: RunData, kinds: Iterable[FigureKind], medium: Medium, options: Mapping[str, Any] | None = None
) -> tuple[tuple[Drawn, ...], tuple[tuple[str, str], ...]]:
    """Draw the figures of some kinds.

    Args:
        run: a finished run.
        kinds: some of ``CATALOGUE``.
        medium: where the figures will stand.
        options: by name, for those kinds that take them.

    Returns:
        What was drawn, in the order of ``kinds``; and (name of the kind, reason) of what could not be drawn.
    """
    drawn: list[Drawn] = []
    not_drawn: list[tuple[str, str]] = []
    for kind in kinds:
        try:
            drawn += kind.draw(run, medium, **dict(_understood(kind, options or {})))
        except (NotDrawn, AdisBenchError) as reason:
            # A damaged picture spoils the figures that need it, not the others.
            not_drawn.append((kind.name, str(reason)))
    return tuple(_with_own_names(drawn)), tuple(not_drawn)


def _with_own_names(drawn: Iterable[Drawn]) -> Iterator[Drawn]:
    """Two metrics may be called alike but for case or signs; their files may not."""
    taken: set[str] = set()
    for figure in drawn:
        name, n = figure.name, 2
        while name in taken:
            name, n = f"{figure.name}-{n}", n + 1
        taken.add(name)
        yield replace(figure, name=name)


def _understood(kind: FigureKind, options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in options.items() if name in kind.takes and value is not None)
