"""Strips of sweeps: a source, what a method made of it as its sound grows louder or is mixed, and the score along them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import read_audio
from adis_bench.datasets.spectrogram import RANGE_DB, mel_magnitudes, shaded
from adis_bench.errors import DataError
from adis_bench.sweeps.records import Curve, Sweep, SweptMethod, SweptPair, outputs_folder, shown_sound
from reports.data import PairRow, RunData
from reports.drawing import Drawn, Medium, drawing_on
from reports.lettering import small_pt, width_in
from reports.marks import looks
from reports.paper_figures.captions import mark_of_failure, sentences
from reports.paper_figures.grid import GAP_IN, MARGIN_IN, PICTURES_PER_IN, Sheet, Tile, cell_in, lefts, line_in, on_one_line, seen
from reports.paper_figures.sweep_subjects import Subject, subjects
from reports.paper_figures.sweep_summary import draw_summary
from reports.paper_figures.sweep_words import (
    AXES,
    KIND_TITLES,
    curve_of,
    ground,
    heard_sentence,
    rho_sentence,
    scores_in_words,
    steps_in_words,
    strip_metric,
    thinned,
    trend_words,
    warnings_of,
)
from reports.style import INK, LINE

_SOUND_SHARE, _CURVE_IN = 0.4, 0.5
"""Height of a spectrogram by its width (it has 96 rows and 240 columns), and of a score's plot on a page."""
_SHOWN_PER_IN = 160
"""Pixels of an inch on a page, which is shown 2.5 times as wide (ours)."""
_TOWARD = {"target": "target sound", "mixed": "second sound"}


@dataclass(frozen=True, slots=True)
class _Strip:
    """A figure's subject."""

    subject: Subject
    method: SweptMethod
    metric: str
    medium: Medium

    @property
    def run(self) -> RunData:
        return self.subject.run

    @property
    def sweep(self) -> Sweep:
        return self.subject.sweep

    @property
    def curves(self) -> list[Curve]:
        """Towards the pair's own sound, and of mixtures towards the second one."""
        return [curve for toward in _TOWARD if (curve := curve_of(self.method, self.metric, toward)) is not None]

    @property
    def cell_px(self) -> int:
        return round(self.cell_in * (PICTURES_PER_IN if self.medium.paper else _SHOWN_PER_IN))

    @property
    def cell_in(self) -> float:
        return cell_in(self.medium, [len(self.sweep.steps) + 1])

    @property
    def lefts(self) -> list[float]:
        """Of the source and of every step, in inches."""
        return lefts([len(self.sweep.steps) + 1], self.cell_in, MARGIN_IN)

    @property
    def curve_in(self) -> float:
        return _CURVE_IN * self.medium.scale

    @property
    def row_in(self) -> float:
        """Title, pictures, sounds, plot and its numbers."""
        return 2.5 * line_in(self.medium) + self.cell_in * (1 + _SOUND_SHARE) + 4 * GAP_IN + self.curve_in


def draw_sweeps(run: RunData, medium: Medium) -> list[Drawn]:
    """For each sweep of a run, the scores along its steps, and a strip of pictures for every method that was asked.

    Raises:
        NotDrawn: there is no sweep, or none that is of this run, whole, and moved a method's sound.
    """
    drawn: list[Drawn] = []
    found = subjects(run)
    with drawing_on(medium):
        for subject in found:
            drawn.append(draw_summary(subject, medium))
            drawn += [_strips(_Strip(subject, method, strip_metric(subject.sweep), medium)) for method in subject.heard]
    return drawn


def _strips(strip: _Strip) -> Drawn:
    sweep, method = strip.sweep, strip.method
    rows = {pair.pair_id: pair for pair in strip.run.pairs}
    shown = [pair for pair in sweep.pairs if pair.pair_id in sweep.shown and pair.pair_id in rows]
    height = max(1, len(shown)) * strip.row_in + 2.2 * line_in(strip.medium)
    sheet, limits = Sheet(strip.medium, height), _limits(strip, shown)
    sounds = [_sounds(strip, pair) for pair in shown]
    loudest = max((float(heard.max()) for of_pair in sounds for heard in of_pair if heard is not None), default=0.0)
    for place, (pair, of_pair) in enumerate(zip(shown, sounds, strict=True)):
        below = _pictures(strip, sheet, pair, rows[pair.pair_id], place * strip.row_in)
        for left, heard in zip(strip.lefts[1:], of_pair, strict=True):
            if heard is not None:
                sheet.tile(Tile(shaded(heard, loudest)).at_most(strip.cell_px), left, below, strip.cell_in)
        _plot(strip, sheet, pair, below + strip.cell_in * _SOUND_SHARE + 2 * GAP_IN, limits)
    _foot(strip, sheet, max(1, len(shown)) * strip.row_in)
    title = f"{KIND_TITLES[sweep.kind]}: {method.label}"
    return Drawn(
        name=f"sweep-{sweep.kind}-{_slug(sweep, method.label)}",
        title=title,
        figure=sheet.figure,
        alt=_alt(strip, title, shown),
        caption=_caption(strip, len(shown)),
    )


def _slug(sweep: Sweep, label: str) -> str:
    """A label as a part of a figure's name; the second one that would have the same gets its place in the record."""
    slugs = ["".join(c if c.isascii() and c.isalnum() else "-" for c in method.label.lower()) for method in sweep.methods]
    place = [method.label for method in sweep.methods].index(label)
    return slugs[place] if slugs.index(slugs[place]) == place else f"{slugs[place]}-{place}"


def _pictures(strip: _Strip, sheet: Sheet, pair: SweptPair, row: PairRow, top: float) -> float:
    """The pair's name, its source, and the pictures of every step; returns where the sounds' row begins."""
    cell, line = strip.cell_in, line_in(strip.medium)
    sheet.text(MARGIN_IN, top + 0.5 * line, _title(strip, pair), va="center")
    folders = [outputs_folder(strip.run.folder, strip.sweep.kind, strip.method.label, step.name) for step in strip.sweep.steps]
    for left, path in zip(strip.lefts, [row.source_path, *(folder / f"{pair.pair_id}.png" for folder in folders)], strict=True):
        sheet.tile(seen(path, strip.run.results.resolution, "gone").at_most(strip.cell_px), left, top + 1.15 * line, cell)
    below = top + 1.15 * line + cell + GAP_IN
    if width_in(["sound"], small_pt(strip.medium)) < cell:
        sheet.text(strip.lefts[0] + cell, below + cell * _SOUND_SHARE / 2, "sound", muted=True, va="center", ha="right")
    return below


def _sounds(strip: _Strip, pair: SweptPair) -> list[NDArray[np.float64] | None]:
    """Magnitudes of the sound at every step; None where its file is gone."""
    found: list[NDArray[np.float64] | None] = []
    for step in strip.sweep.steps:
        try:
            samples, rate = read_audio(shown_sound(strip.run.folder, strip.sweep.kind, strip.method.label, step.name, pair.pair_id))
            found.append(mel_magnitudes(samples, rate))
        except DataError:
            found.append(None)
    return found


def _styles(strip: _Strip) -> list[tuple[Curve, dict[str, Any], Any]]:
    """What is drawn below a strip: a curve, its points, and the shape of its line."""
    own = looks(strip.run.methods)[strip.method.label]
    size = 3.8 * strip.medium.scale
    points = {**own.point(size), **({"markerfacecolor": "white"} if own.hollow else {})}
    # No method and no control has this shape, or ink for a colour.
    second = {"marker": "x", "markersize": size, "color": INK.light, "markeredgewidth": 0.3 * size, "linestyle": "none"}
    styles: list[tuple[dict[str, Any], Any]] = [(points, "-"), (second, (0, (3, 1.5)))]
    return [(curve, *style) for curve, style in zip(strip.curves, styles, strict=False)]


def _limits(strip: _Strip, shown: list[SweptPair]) -> tuple[float, float]:
    """One scale for all strips of a figure."""
    places = [place for place, pair in enumerate(strip.sweep.pairs) if pair in shown]
    values = [v for curve in strip.curves for place in places for v in curve.scores[place] if v is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = 0.14 * (high - low) or 0.5
    return low - room, high + room


def _plot(strip: _Strip, sheet: Sheet, pair: SweptPair, top: float, limits: tuple[float, float]) -> None:
    """The score along the strip, its points under the middles of the pictures."""
    figure, points_pt = sheet.figure, small_pt(strip.medium)
    height, width = figure.get_size_inches()[1], strip.medium.width_in
    left, right = strip.lefts[1], strip.lefts[-1] + strip.cell_in
    axes = figure.add_axes((left / width, 1 - (top + strip.curve_in) / height, (right - left) / width, strip.curve_in / height))
    centres = [left + strip.cell_in / 2 for left in strip.lefts[1:]]
    row = strip.sweep.pairs.index(pair)
    for curve, points, dash in _styles(strip):
        values = [np.nan if value is None else value for value in curve.scores[row]]
        axes.plot(centres, values, color=points["color"], linestyle=dash, linewidth=1.2, clip_on=False)
        axes.plot(centres, values, **points, clip_on=False)
    axes.set(xlim=(left, right), ylim=limits)
    axes.set_xticks(centres, thinned([step.text for step in strip.sweep.steps], centres, points_pt))
    axes.locator_params(axis="y", nbins=3)
    axes.grid(axis="y", color=LINE.light, linewidth=0.6)
    axes.tick_params(axis="both", length=0, pad=2, labelsize=points_pt, labelcolor=INK.light)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _foot(strip: _Strip, sheet: Sheet, top: float) -> None:
    """What the steps are, and whose score a line is."""
    points_pt, line = small_pt(strip.medium), line_in(strip.medium)
    middle = (strip.lefts[1] + strip.lefts[-1] + strip.cell_in) / 2
    sheet.text(middle, top + 0.3 * line, AXES[strip.sweep.kind], muted=True, ha="center", va="center")
    left, y = strip.lefts[1], top + 1.5 * line
    failure = next(metric.failure for metric in strip.sweep.metrics if metric.name == strip.metric)
    metric = f"{strip.metric} {mark_of_failure(strip.medium)}" if failure else strip.metric
    for place, (curve, points, _) in enumerate(_styles(strip)):
        name = _TOWARD[curve.toward] if place else f"{metric}, {_TOWARD['target']}" if len(strip.curves) > 1 else metric
        sheet.point(left + 0.05, y, points)
        sheet.text(left + 0.13, y, name, va="center")
        left += 0.28 + width_in([name], points_pt)


def _title(strip: _Strip, pair: SweptPair) -> str:
    """The classes; names that are too long for one line lose their ends, each of them."""
    displays, points = strip.run.results.dataset.displays, small_pt(strip.medium)
    labels = [pair.source_label, pair.target_label, *([pair.mixed_label] if pair.mixed_label is not None else [])]
    names = [displays.get(label, label) for label in labels]
    room = strip.medium.width_in - 2 * MARGIN_IN
    if width_in([_joined(names)], points) > room:
        each = (room - width_in([_joined([" "] * len(names))], points)) / len(names)
        names = [on_one_line(name, each, strip.medium) for name in names]
    return _joined(names)


def _joined(names: list[str]) -> str:
    return f"{names[0]} \N{RIGHTWARDS ARROW} {names[1]}{f' (0) to {names[2]} (1)' if len(names) > 2 else ''}"


def _alt(strip: _Strip, title: str, shown: list[SweptPair]) -> str:
    """Every shown pair's scores, and the correlations of all pairs."""
    said = []
    for pair in shown:
        row = strip.sweep.pairs.index(pair)
        scores = (f"towards the {_TOWARD[curve.toward]} {scores_in_words(strip.run, curve, row)}" for curve in strip.curves)
        said.append(f"{_title(strip, pair)}: {'; '.join(scores)}.")
    trends = "; ".join(f"towards the {_TOWARD[curve.toward]} {trend_words(curve)}" for curve in strip.curves)
    return f"{title}. {strip.metric} at {steps_in_words(strip.sweep)}. {' '.join(said)} All pairs: {trends}."


def _caption(strip: _Strip, n_shown: int) -> str:
    sweep, method = strip.sweep, strip.method
    towards = [(f"towards the {_TOWARD[curve.toward]}" if len(strip.curves) > 1 else "", curve) for curve in strip.curves]
    return sentences(
        f"{method.label}: the source, then one picture per step, above the sound that it was given (one colour scale of {RANGE_DB:g} dB) "
        f"and the pair's {strip.metric}.",
        f"The first pairs of {n_shown} target classes among {len(sweep.pairs)} of the run's pairs, drawn by seed {sweep.seed}; none was "
        "picked by hand.",
        rho_sentence([(f"{strip.metric} over all {len(sweep.pairs)} pairs", towards)], len(sweep.pairs)),
        heard_sentence([method]),
        *warnings_of([method]),
        ground(strip.subject, [strip.metric], strip.medium),
    )
