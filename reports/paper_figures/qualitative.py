"""Seeded random pairs: source, sound, and what every method made of them; the appendix's qualitative comparison (its Figure 3).

Known of the original: it compares the paper's method with baselines and ablations (protocol.md, A). Everything else is ours: which
pairs, how many, the order of the columns, and the controls that are set apart.
"""

from collections.abc import Sequence
from math import ceil
from typing import TypeVar

import numpy as np

from adis_bench.results import MethodRecord
from adis_bench.spec import ORACLE, TARGET
from reports.data import PairRow, RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.examples import choose
from reports.marks import looks
from reports.paper_figures.captions import HOLLOW, basis, sentences
from reports.paper_figures.grid import about_pixels, about_sounds, heard, seen
from reports.paper_figures.qualitative_sheet import Column, Layout, Part, Row, draw_sheet, layout_of, side_of
from reports.wording import listed

_SHOWN_CONTROLS = {TARGET: "the frame that belongs to the sound", ORACLE: "the source's scene rendered in the sound's style"}
"""Those that a reader compares pictures with; the others have their numbers in the tables."""
_PURPOSE = 0xF163
"""Keeps the choice of classes apart from other uses of the seed."""
T = TypeVar("T")


def draw_qualitative(run: RunData, medium: Medium, rows: int = 6, seed: int | None = None) -> list[Drawn]:
    """Pairs by rows, what methods made of them by columns; more methods or rows than fit stand in further figures.

    Args:
        run: a finished run.
        medium: where the figures will stand.
        rows: pairs to show; all where the run has fewer.
        seed: decides which pairs; the run's by default.

    Raises:
        NotDrawn: the run has no pairs or no method beside its controls, or the pictures of all chosen pairs are gone.
    """
    if not run.asked or not run.pairs:
        raise NotDrawn("the run has controls only" if run.pairs else "the run has no pairs")
    seed = run.results.seed if seed is None else seed
    controls = [method for method in run.methods if method.control and method.label in _SHOWN_CONTROLS]
    shown = [_row(run, pair, [*run.asked, *controls]) for pair in chosen_pairs(run.pairs, rows, seed)]
    if all(tile.pixels is None for row in shown for tile in (row.source, *row.outputs.values())):
        raise NotDrawn(f"the pictures of all {len(shown)} chosen pairs are gone")
    layout = layout_of(medium, len(run.asked), len(controls), len(shown))
    with drawing_on(medium):
        return [_drawn(run, medium, layout, part, (shown, seed)) for part in _parts(run, layout, shown, controls)]


def chosen_pairs(pairs: Sequence[PairRow], n: int, seed: int) -> tuple[PairRow, ...]:
    """``n`` pairs, seeded and spread over the classes of target sounds; where there are more classes than that, ``n`` seeded ones."""
    labels = sorted({pair.target_label for pair in pairs})
    kept = {labels[place] for place in np.random.default_rng([seed, _PURPOSE]).permutation(len(labels))[:n]}
    return choose([pair for pair in pairs if pair.target_label in kept], n, seed)


def _row(run: RunData, pair: PairRow, methods: Sequence[MethodRecord]) -> Row:
    displays, side = run.results.dataset.displays, run.results.resolution
    source, target = (displays.get(label, label) for label in (pair.source_label, pair.target_label))
    return Row(
        f"{source} → {target}" if _has_source_classes(run) else target,
        seen(pair.source_path, side, "image missing"),
        heard(pair.target_audio_path),
        {m.label: seen(run.output_path(m.label, pair.pair_id), side, "no output") for m in methods},
    )


def _has_source_classes(run: RunData) -> bool:
    # Images of a folder without sub-folders all have its name for a label.
    return run.results.dataset.pairing != "grid" or len({pair.source_label for pair in run.pairs}) > 1


def _parts(run: RunData, layout: Layout, rows: Sequence[Row], controls: Sequence[MethodRecord]) -> list[Part]:
    look = looks(run.methods)
    methods, apart = ([Column(m.label, look[m.label]) for m in some] for some in (run.asked, controls))
    both = [(some, columns) for some in _portions(rows, layout.n_rows) for columns in _portions(methods, layout.n_methods)]
    return [Part(some, columns, apart, place, len(both)) for place, (some, columns) in enumerate(both, start=1)]


def _portions(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """All items in as few portions as possible, about equal ones."""
    each = ceil(len(items) / ceil(len(items) / most))
    return [items[start : start + each] for start in range(0, len(items), each)]


def _drawn(run: RunData, medium: Medium, layout: Layout, part: Part, chosen: tuple[Sequence[Row], int]) -> Drawn:
    side = side_of(part, layout.cell)
    return Drawn(
        name="qualitative" if part.place == 1 else f"qualitative-{part.place}",
        title=f"Qualitative comparison{part.words}",
        figure=draw_sheet(medium, layout, part, side).figure,
        alt=_alt(part),
        caption=_caption(run, part, chosen, about_pixels(side, run.results.resolution, layout.cell)),
    )


def _alt(part: Part) -> str:
    gaps = [
        f"{row.title}: {name} {tile.gap}"
        for row in part.rows
        for name, tile in (("source", row.source), ("sound", row.sound), *((c.label, row.outputs[c.label]) for c in part.columns))
        if tile.pixels is None
    ]
    names = listed([column.label for column in part.columns])
    missing = f" Empty: {'; '.join(gaps)}." if gaps else ""
    titles = "; ".join(row.title for row in part.rows)
    return f"Grid of pictures{part.words}: source, spectrogram of the sound, then {names}, for {titles}.{missing}"


def _caption(run: RunData, part: Part, chosen: tuple[Sequence[Row], int], pixels: str) -> str:
    rows, seed = chosen
    apart = listed([f"{column.label} ({_SHOWN_CONTROLS[column.label]})" for column in part.controls]) if part.controls else ""
    outputs = f"the outputs of {listed([column.label for column in part.methods])}"
    here = f", {len(part.rows)} of them here" if len(part.rows) < len(rows) else ""
    return sentences(
        f"Qualitative comparison{part.words}: source image, target sound, and {outputs}{f'; apart, {apart}' if apart else ''}.",
        f"Above each row: the class of {'the source and that of the sound' if _has_source_classes(run) else 'the sound'}.",
        HOLLOW if apart else "",
        f"{len(rows)} of {len(run.pairs):,} pairs{here}, drawn by seed {seed} and spread over the classes of target sounds; "
        "none was picked by hand.",
        about_sounds([row.sound for row in part.rows]),
        pixels,
        basis(run),
    )
