"""The page of a dataset: what it holds, the paper's Figure 1 for it, samples of every class, and what was left out."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adis_bench
from adis_bench.datasets.description import Description, Source
from adis_bench.datasets.description_text import contents_in_words, noted_in_words, number_of, repeats_in_words
from adis_bench.datasets.import_notes import TOLD
from adis_bench.datasets.leakage import Leakage
from adis_bench.datasets.records import Dataset
from adis_bench.datasets.skipped import SKIP_REASONS, Skipped
from adis_bench.datasets.video_splits import NO_CLASSES
from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_json, write_text
from adis_bench.printable import printable
from reports import dataset_figures
from reports.dataset_samples import MOST_CLASSES, mosaic, near_pairs, sheets
from reports.drawing import Drawing
from reports.facts import facts
from reports.findings import number
from reports.html import Asset, asset, printing_environment
from reports.media import MediaFolder
from reports.style import css_variables, darkened

PAGE_NAME = "index.html"
RECORD_NAME = "description.json"
_FIGURES = ("figure-1a.svg", "figure-1b.svg")
_DIGEST = re.compile(r"[0-9a-f]{64}")
LISTED = 100
"""Files of one reason, or videos, that the page lists; ``description.json`` has all."""
LONGEST_NOTE = 300
"""Characters of a note of the importer; ``dataset.json`` has all of it."""
REASON_WORDS = {
    "no_audio": "no audio stream",
    "silent": "nothing to be heard",
    "too_short": "too short for a segment",
    "unreadable": "damaged, empty or of no known format",
    "music": "dominated by music",
}
PAIRING_WORDS = {
    "recorded": "Sound and image were recorded together.",
    "class": "Sound and image are from different sources, joined by class.",
    "grid": "Sounds and images are from different sources, and any image is paired with any sound.",
}
RULE_WORDS = {"video": "by video", "segment": "by segment, at random", "own": "as it is"}


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing in the page's folder; addresses are relative to the page."""

    light: str
    dark: str
    alt: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files that were left out for one reason, the first of them listed."""

    reason: str
    words: str
    n: int
    entries: tuple[Skipped, ...]


def write_page(dataset: Dataset, description: Description, out: Path, leakage: Leakage | None = None) -> Path:
    """Write the page of a dataset with its media, ``description.json``, ``figure-1a.svg`` and ``figure-1b.svg``.

    The page is replaced last and at once.

    Args:
        dataset: for the samples.
        description: of that dataset.
        out: folder to write to.
        leakage: what its split gives away; None leaves that out.

    Raises:
        DataError: the folder holds a page or media of something else.
    """
    make_folder(out)
    _refuse_foreign(out)
    write_json(out / RECORD_NAME, description.to_json())
    media = MediaFolder(out)
    drawn = sheets(dataset, description.categories, media)
    durations = dataset_figures.durations(description.durations) if description.durations else None
    figures = zip(_FIGURES, (durations, dataset_figures.categories(description)), strict=True)
    plots = {name: _named(drawing, name, media, out) for name, drawing in figures}
    context: dict[str, Any] = {
        "d": description,
        "version": adis_bench.__version__,
        "style": _style(),
        "warnings": list(_warnings(description)),
        "figure_1a": plots[_FIGURES[0]],
        "figure_1b": plots[_FIGURES[1]],
        "counted": "segments" if description.all_audible else "sounds",
        "loudness_plot": _medium(dataset_figures.loudness(description.loudness), media) if description.loudness else None,
        "sheets": drawn,
        "mosaic": mosaic(drawn),
        "most_classes": MOST_CLASSES,
        "left_out": _left_out(description),
        "sources": description.sources[:LISTED],
        "formats": _formats(description.sources),
        "contents": contents_in_words(description),
        "noted": [noted_in_words(noted) for noted in description.noted],
        "frame_words": repeats_in_words(description.frame_repeats, "images"),
        "sound_words": repeats_in_words(description.sound_repeats, "sounds"),
        "splits": [name for name in ("train", "judge", "test") if name in description.splits],
        "leakage": leakage,
        "leaks": [(RULE_WORDS[leak.rule], leak) for leak in (leakage.own, leakage.other) if leak] if leakage else [],
        "near_pairs": near_pairs(dataset, leakage.examples, media) if leakage else (),
        "n_classes": sum(category.label not in NO_CLASSES for category in description.categories),
        "recipe": facts(dataset.recipe),
        "notes": [(fact.name, _shortened(fact.text)) for fact in facts(dataset.notes, sorted(TOLD))],
        "pairing_words": PAIRING_WORDS,
        "number": number,
        "number_of": number_of,
    }
    write_text(out / PAGE_NAME, printing_environment().get_template("dataset.html.j2").render(context))
    for name, plot in plots.items():
        if plot is None:
            (out / name).unlink(missing_ok=True)  # an earlier page's
    media.prune()
    return out / PAGE_NAME


def _style() -> Asset:
    # str: markup would escape what is added to it, and a style sheet's ">" must stay one.
    return asset("dataset.css", before=str(asset("report.css", before=css_variables()).text))


def _refuse_foreign(out: Path) -> None:
    """Media of earlier pages are removed; a folder ``media`` that is not ours must not lose anything."""
    taken = [name for name in (PAGE_NAME, "media", RECORD_NAME, *_FIGURES) if os.path.lexists(out / name)]
    if taken and not _is_record(out / RECORD_NAME):
        shown = printable(str(out))
        raise DataError(f"{shown} holds {' and '.join(taken)} of something else; choose another folder with --out")


def _is_record(path: Path) -> bool:
    """Whether a file is the record of a dataset's page, whatever else is called so."""
    try:
        found = json.loads(path.read_bytes())
        return isinstance(found["schema_version"], int) and isinstance(found["kind"], str) and bool(_DIGEST.fullmatch(found["digest"]))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False


def _named(drawing: Drawing | None, name: str, media: MediaFolder, out: Path) -> Plot | None:
    """A drawing under a name that others can rely on; its dark twin is for the page only."""
    if drawing is None:
        return None
    write_text(out / name, drawing.svg)
    return Plot(name, media.add(darkened(drawing.svg).encode(), ".svg"), drawing.alt)


def _medium(drawing: Drawing | None, media: MediaFolder) -> Plot | None:
    if drawing is None:
        return None
    return Plot(media.add(drawing.svg.encode(), ".svg"), media.add(darkened(drawing.svg).encode(), ".svg"), drawing.alt)


def _warnings(d: Description) -> Iterator[str]:
    """What a number from this dataset depends on, in sentences."""
    if d.availability and d.availability.present < d.availability.listed:
        yield f"{d.availability.present} of the {d.availability.listed} listed videos are here: not the whole of the published dataset."
    if not d.splits["test"]:
        yield "There are no segments for testing."
    for label, reason in d.not_evaluated.items():
        if label in d.empty_labels:
            continue
        yield f"{label}: left out of pairs, {reason}."
    n = d.frame_repeats.n_across_splits
    if n:
        yield f"{n:,} {'images are' if n > 1 else 'image is'} in more than one split, byte for byte: a method can remember them."
    n = d.sound_repeats.n_across_splits
    if n:
        yield f"{n:,} {'sounds are' if n > 1 else 'sound is'} in more than one split, byte for byte."
    if d.loudness and d.loudness.n_unreadable:
        yield f"{d.loudness.n_unreadable:,} sounds are missing or unreadable; `adis-bench data check` lists them."


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_NOTE else f"{text[:LONGEST_NOTE]} …"


def _left_out(d: Description) -> tuple[LeftOut, ...]:
    found = []
    for reason in SKIP_REASONS:
        entries = [entry for entry in d.skipped if entry.reason == reason]
        if entries:
            found.append(LeftOut(reason, REASON_WORDS[reason], len(entries), tuple(entries[:LISTED])))
    return tuple(found)


def _formats(sources: tuple[Source, ...]) -> tuple[tuple[str, str], ...]:
    """What the videos were like before they were cut: frame sizes, frame rates and sample rates, the most frequent first."""
    kinds = {
        "frame sizes": Counter(f"{s.width} × {s.height}" for s in sources if s.width and s.height),
        "frames per second": Counter(f"{s.fps:.4g}" for s in sources if s.fps),
        "sample rates": Counter(f"{s.audio_rate_hz / 1000:g} kHz" for s in sources if s.audio_rate_hz),
    }
    shown = 6
    return tuple(
        (name, ", ".join(f"{text} ({n})" for text, n in counts.most_common(shown)) + (" and others" if len(counts) > shown else ""))
        for name, counts in kinds.items()
        if counts
    )
