"""Strips of sweeps: a source, what a method made of it as its sound grows louder or is mixed, and the score along them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from adis_bench.datasets.media import read_audio, read_image
from adis_bench.datasets.spectrogram import RANGE_DB, mel_magnitudes, shaded
from adis_bench.errors import DataError
from adis_bench.sweeps.records import Curve, Sweep, SweptMethod, SweptPair, outputs_folder, read_sweeps, shown_sound
from reports.data import PairRow, RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.paper_figures.sweep_summary import draw_summary
from reports.paper_figures.sweep_words import (
    AXES,
    KIND_TITLES,
    LETTER_EM,
    curve_of,
    fitted,
    not_swept,
    of_run,
    reading_words,
    small_pt,
    strip_metric,
    thinned,
    trend_words,
)
from reports.style import INK, LINE, METHOD_COLORS, MUTED, PANEL, color, tones

_MARGIN_IN, _GAP_IN = 0.04, 0.025
_SOUND_SHARE, _CURVE_IN = 0.5, 0.5
"""Height of a spectrogram in widths of a picture, and of a score's plot on a page."""
_PRINTED_PER_IN, _SHOWN_PER_IN = 300, 160
"""Pixels of an inch of a picture: what journals ask for, and what a page that is shown 2.5 times as wide needs (ours)."""


@dataclass(frozen=True, slots=True)
class _Strip:
    """A figure's subject."""

    run: RunData
    sweep: Sweep
    method: SweptMethod
    metric: str
    medium: Medium

    @property
    def small_pt(self) -> float:
        return small_pt(self.medium)

    @property
    def cell_px(self) -> int:
        return round(self.cell_in * (_PRINTED_PER_IN if self.medium.paper else _SHOWN_PER_IN))

    @property
    def cell_in(self) -> float:
        n = len(self.sweep.steps) + 1
        return (self.medium.width_in - 2 * _MARGIN_IN - (n - 1) * _GAP_IN) / n

    def left(self, column: int) -> float:
        return _MARGIN_IN + column * (self.cell_in + _GAP_IN)

    @property
    def line_in(self) -> float:
        return 1.35 * self.small_pt / 72

    @property
    def curve_in(self) -> float:
        return _CURVE_IN * self.medium.scale

    @property
    def row_in(self) -> float:
        """Title, pictures, sounds, plot and its numbers."""
        return 2.5 * self.line_in + self.cell_in * (1 + _SOUND_SHARE) + 4 * _GAP_IN + self.curve_in


def draw_sweeps(run: RunData, medium: Medium) -> list[Drawn]:
    """For each sweep of a run, the scores along its steps, and a strip of pictures for every method that was asked.

    Raises:
        NotDrawn: there is no sweep, or none that moved a method's sound.
        DataError: a sweep's record is damaged.
    """
    sweeps = read_sweeps(run.folder)
    if not sweeps:
        raise NotDrawn("no sweep was made; adis-bench sweep RUN makes it")
    drawn: list[Drawn] = []
    with drawing_on(medium):
        for sweep in sweeps:
            asked = [method for method in sweep.methods if method.state == "swept" and method.reading is not None]
            if asked:
                drawn.append(draw_summary(run, sweep, medium))
            drawn += [_strips(_Strip(run, sweep, method, strip_metric(sweep), medium)) for method in asked]
    if not drawn:
        raise NotDrawn(f"no method of the sweep could be asked for changed sounds ({not_swept(sweeps[0]).rstrip('.')})")
    return drawn


def _strips(strip: _Strip) -> Drawn:
    sweep, method = strip.sweep, strip.method
    rows = {pair.pair_id: pair for pair in strip.run.pairs}
    shown = [pair for pair in sweep.pairs if pair.pair_id in sweep.shown and pair.pair_id in rows]
    foot = 2.2 * strip.line_in
    height = max(1, len(shown)) * strip.row_in + foot
    figure = Figure(figsize=(strip.medium.width_in, height))
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set(xlim=(0, strip.medium.width_in), ylim=(height, 0))
    sheet.set_axis_off()
    sheet.autoscale(False)  # its units are inches
    limits = _limits(strip, shown)
    sounds = [_sounds(strip, pair) for pair in shown]
    loudest = max((float(heard.max()) for of_pair in sounds for heard in of_pair if heard is not None), default=0.0)
    for place, (pair, of_pair) in enumerate(zip(shown, sounds, strict=True)):
        top = place * strip.row_in
        below = _pictures(strip, sheet, pair, rows[pair.pair_id], top)
        for column, heard in enumerate(of_pair, start=1):
            _sound(strip, sheet, heard, loudest, column, below)
        _plot(strip, figure, pair, below + strip.cell_in * _SOUND_SHARE + 2 * _GAP_IN, limits)
    _foot(strip, sheet, height - foot)
    curves = [curve for toward in ("target", "mixed") if (curve := curve_of(method, strip.metric, toward)) is not None]
    title = f"{KIND_TITLES[sweep.kind]}: {method.label}"
    return Drawn(
        name=f"sweep-{sweep.kind}-{_slug(sweep, method.label)}",
        title=title,
        figure=figure,
        alt=f"{title}. {' '.join(_alt(strip, pair, curves) for pair in shown)}",
        caption=_caption(strip, curves, len(shown)),
    )


def _slug(sweep: Sweep, label: str) -> str:
    """A label as a part of a figure's name; the second one that would have the same gets its place in the record."""
    slugs = ["".join(c if c.isascii() and c.isalnum() else "-" for c in method.label.lower()) for method in sweep.methods]
    place = [method.label for method in sweep.methods].index(label)
    return slugs[place] if slugs.index(slugs[place]) == place else f"{slugs[place]}-{place}"


def _pictures(strip: _Strip, sheet: Axes, pair: SweptPair, row: PairRow, top: float) -> float:
    """The pair's name, its source, and the pictures of every step; returns where the sounds' row begins."""
    cell, pictures_top = strip.cell_in, top + 1.15 * strip.line_in
    sheet.text(_MARGIN_IN, top + 0.5 * strip.line_in, _title(strip, pair), fontsize=strip.small_pt, va="center")
    _picture(strip, sheet, row.source_path, 0, pictures_top)
    for column, step in enumerate(strip.sweep.steps, start=1):
        folder = outputs_folder(strip.run.folder, strip.sweep.kind, strip.method.label, step.name)
        _picture(strip, sheet, folder / f"{pair.pair_id}.png", column, pictures_top)
    below = pictures_top + cell + _GAP_IN
    if cell > 5.5 * LETTER_EM * strip.small_pt / 72:
        right, middle = strip.left(0) + cell, below + cell * _SOUND_SHARE / 2
        sheet.text(right, middle, "sound", fontsize=strip.small_pt, color=MUTED.light, va="center", ha="right")
    return below


def _picture(strip: _Strip, sheet: Axes, path: Path, column: int, top: float) -> None:
    left, cell = strip.left(column), strip.cell_in
    try:
        pixels = _at_most(read_image(path), min(strip.cell_px, strip.run.results.resolution))
    except DataError:
        sheet.fill([left, left + cell, left + cell, left], [top, top, top + cell, top + cell], color=PANEL.light)
        sheet.text(left + cell / 2, top + cell / 2, "gone", fontsize=strip.small_pt, color=MUTED.light, ha="center", va="center")
        return
    _shown(sheet, pixels, left, top, cell, cell)


def _at_most(pixels: NDArray[np.uint8], width: int, height: int | None = None) -> NDArray[np.uint8]:
    """Pixels as a picture of that size; a square by default."""
    wanted = width, height or width
    if pixels.shape[1::-1] == wanted:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(wanted, Image.Resampling.LANCZOS))


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


def _sound(strip: _Strip, sheet: Axes, rows: NDArray[np.float64] | None, loudest: float, column: int, top: float) -> None:
    if rows is not None:
        pixels = shaded(rows, loudest)
        width = min(strip.cell_px, pixels.shape[1])
        pixels = _at_most(pixels, width, round(width * _SOUND_SHARE))
        _shown(sheet, pixels, strip.left(column), top, strip.cell_in, strip.cell_in * _SOUND_SHARE)


def _shown(sheet: Axes, pixels: NDArray[np.uint8], left: float, top: float, width: float, height: float) -> None:
    # Pixels are kept as they are: a printer resamples them better than a drawing at 100 dots per inch would.
    sheet.imshow(pixels, extent=(left, left + width, top + height, top), interpolation="none", aspect="auto", zorder=2)


def _curves(strip: _Strip) -> list[tuple[Curve, str, str, str]]:
    """What is drawn below a strip: curve, colour, marker, and its name."""
    shade = color(tones(strip.run.methods).get(strip.method.label, "control")).light
    own = curve_of(strip.method, strip.metric, "target")
    mixed = curve_of(strip.method, strip.metric, "mixed")
    found = [(own, shade, "o", f"{strip.metric}, target sound" if mixed else strip.metric)] if own else []
    return found + ([(mixed, _other(shade), "D", "second sound")] if mixed else [])


def _other(shade: str) -> str:
    return next(c.light for c in METHOD_COLORS[1:] if c.light != shade)


def _limits(strip: _Strip, shown: list[SweptPair]) -> tuple[float, float]:
    """One scale for all strips of a figure."""
    places = [place for place, pair in enumerate(strip.sweep.pairs) if pair in shown]
    values = [v for curve, *_ in _curves(strip) for place in places for v in curve.scores[place] if v is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = 0.14 * (high - low) or 0.5
    return low - room, high + room


def _plot(strip: _Strip, figure: Figure, pair: SweptPair, top: float, limits: tuple[float, float]) -> None:
    """The score along the strip, its points under the middles of the pictures."""
    height, width = figure.get_size_inches()[1], strip.medium.width_in
    left, right = strip.left(1), strip.left(len(strip.sweep.steps)) + strip.cell_in
    axes = figure.add_axes((left / width, 1 - (top + strip.curve_in) / height, (right - left) / width, strip.curve_in / height))
    centres = [strip.left(place + 1) + strip.cell_in / 2 for place in range(len(strip.sweep.steps))]
    row = strip.sweep.pairs.index(pair)
    for curve, shade, marker, _ in _curves(strip):
        values = [np.nan if value is None else value for value in curve.scores[row]]
        size = 3.6 * strip.medium.scale
        face = "white" if marker == "D" else shade
        axes.plot(centres, values, color=shade, marker=marker, markersize=size, markerfacecolor=face, linewidth=1.2, clip_on=False)
    axes.set(xlim=(left, right), ylim=limits)
    texts = thinned([step.text for step in strip.sweep.steps], right - left, strip.small_pt)
    axes.set_xticks(centres, texts)
    axes.locator_params(axis="y", nbins=3)
    axes.grid(axis="y", color=LINE.light, linewidth=0.6)
    axes.tick_params(axis="both", length=0, pad=2, labelsize=strip.small_pt, labelcolor=INK.light)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _foot(strip: _Strip, sheet: Axes, top: float) -> None:
    """What the steps are, and whose score a line is."""
    sweep, points = strip.sweep, strip.small_pt
    middle = (strip.left(1) + strip.left(len(sweep.steps)) + strip.cell_in) / 2
    sheet.text(middle, top + 0.3 * strip.line_in, AXES[sweep.kind], fontsize=points, color=MUTED.light, ha="center", va="center")
    left = strip.left(1)
    for _, shade, marker, name in _curves(strip):
        face = "white" if marker == "D" else shade
        y = top + 1.5 * strip.line_in
        sheet.plot(left + 0.05, y, marker=marker, markersize=3.6 * strip.medium.scale, color=shade, markerfacecolor=face)
        sheet.text(left + 0.13, y, name, fontsize=points, va="center")
        left += 0.25 + len(name) * LETTER_EM * points / 72


def _title(strip: _Strip, pair: SweptPair) -> str:
    """The classes; names that are too long for one line lose their ends, each of them."""
    displays, points = strip.run.results.dataset.displays, strip.small_pt
    labels = [pair.source_label, pair.target_label, *([pair.mixed_label] if pair.mixed_label is not None else [])]
    room = strip.medium.width_in - 2 * _MARGIN_IN - 4 * len(labels) * LETTER_EM * points / 72
    names = [displays.get(label, label) for label in labels]
    if sum(map(len, names)) * LETTER_EM * points / 72 > room:
        names = [fitted(name, room / len(names), points) for name in names]
    mixed = f" (0) to {names[2]} (1)" if len(names) > 2 else ""
    return f"{names[0]} \u2192 {names[1]}{mixed}"


def _alt(strip: _Strip, pair: SweptPair, curves: list[Curve]) -> str:
    row = strip.sweep.pairs.index(pair)
    said = []
    for curve in curves:
        values = ", ".join("none" if value is None else f"{value:.2f}" for value in curve.scores[row])
        said.append(f"{curve.metric} towards the {curve.toward} sound {values}")
    return f"{_title(strip, pair)}: {'; '.join(said)}."


def _caption(strip: _Strip, curves: list[Curve], n_shown: int) -> str:
    sweep, method = strip.sweep, strip.method
    words = "; ".join(f"{curve.metric} towards the {curve.toward} sound: {trend_words(curve)}" for curve in curves)
    warning = f" Beware: {method.warning}." if method.warning else ""
    return (
        f"{method.label}: the source, then one picture per step, above the sound that it was given (one colour scale of {RANGE_DB:g} dB; "
        f"{reading_words(method)}) and the pair's score. {n_shown} of {of_run(strip.run, sweep)} Rank correlation of step and score: "
        f"{words}.{warning}"
    )
