"""What importers note in a dataset's header, in one form: what they left out, what they remarked, which videos they cut."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from adis_bench.datasets.description import Noted, Source
from adis_bench.datasets.skipped import SKIP_REASONS, Skipped, SkipReason

_NAMES_KEPT = 8
_IN_WORDS = {
    "silent": "silent sounds (below -60 dB of full scale throughout), kept",
    "clipped": "clipped sounds, kept",
    "repeated_to_3_s": "sounds shorter than 3 s, repeated",
    "same_content": "groups of files with the same content, each kept on one side of the split",
    "unused": "files not used, of classes that cannot be evaluated, on the test side",
    "classes_without_judge_data": "classes without data for the judge",
}
"""Lists of the folder importer's notes."""
_COUNTED = {
    "n_cut_to_3_s": "sounds longer than 3 s, cut",
    "n_ignored": "other files (hidden ones, other kinds), ignored",
}

TOLD = frozenset({"skipped", "left_out", "sources", "availability", "labels_from", "unused_test", *_IN_WORDS, *_COUNTED})
"""Notes that a description holds in its own words."""


def skipped_by(notes: Mapping[str, Any]) -> tuple[Skipped, ...]:
    """Files that an importer left out, in the order of its notes."""
    found = [
        Skipped(str(entry["path"]), _closed(entry["reason"]), _detail(entry["reason"], str(entry.get("detail") or "")))
        for entry in notes.get("skipped", ())
    ]
    # The folder importer keeps silent and short sounds: what it leaves out for itself is a file that it can't use.
    found += [Skipped(str(entry["file"]), "unreadable", str(entry["reason"])) for entry in _left_out(notes, files=True)]
    return tuple(found)


def _closed(reason: Any) -> SkipReason:
    return next((known for known in SKIP_REASONS if known == reason), "unreadable")


def _detail(reason: Any, detail: str) -> str:
    """A reason of a third party's importer that the closed list lacks stays readable."""
    return detail if reason in SKIP_REASONS else ": ".join(filter(None, (str(reason), detail)))


def _left_out(notes: Mapping[str, Any], *, files: bool) -> list[Mapping[str, Any]]:
    """Entries of the folder importer about files that cannot be used, or those about what lies or is listed in a wrong place."""
    return [entry for entry in notes.get("left_out", ()) if _is_file(entry) is files]


def _is_file(entry: Mapping[str, Any]) -> bool:
    # Notes of earlier versions don't say what kind of fault it was.
    kind = entry.get("kind")
    return str(entry["file"]).startswith(("images/", "audio/")) if kind is None else kind in _OF_FILES


_OF_FILES = ("empty", "unreadable", "outside", "missing")
"""Faults of a file itself; the others are of its folder, its class or the manifest."""


def noted_by(notes: Mapping[str, Any]) -> tuple[Noted, ...]:
    """What importers remarked, without what did not occur."""
    found = [_noted(text, notes.get(key, ())) for key, text in _IN_WORDS.items()]
    found += [Noted(text, int(notes.get(key, 0))) for key, text in _COUNTED.items()]
    unused = {str(label): int(n) for label, n in notes.get("unused_test", {}).items()}
    told = tuple(f"{label} {n:,}" for label, n in unused.items())
    found.append(Noted("segments on the test side of classes that are not evaluated, kept and in no pair", sum(unused.values()), told))
    left_out = [f"{entry['file']}: {entry['reason']}" for entry in _left_out(notes, files=False)]
    found.append(_noted("left out for its place, its class or the manifest", left_out))
    return tuple(entry for entry in found if entry.n)


def _noted(text: str, entries: Sequence[Any]) -> Noted:
    names = [" = ".join(map(str, entry)) if isinstance(entry, list | tuple) else str(entry) for entry in entries[:_NAMES_KEPT]]
    return Noted(text, len(entries), tuple(names), len(entries) - len(names))


def sources_of(notes: Mapping[str, Any]) -> tuple[Source, ...]:
    """The videos that a dataset was cut from, in the order of its notes."""
    return tuple(
        Source(
            name=str(entry["name"]),
            seconds=duration(entry["seconds"]),
            n_segments=_whole(entry.get("n_segments")),
            width=_whole(entry.get("width")),
            height=_whole(entry.get("height")),
            fps=None if entry.get("fps") is None else _finite(entry["fps"]),
            audio_rate_hz=_whole(entry.get("audio_rate_hz")),
        )
        for entry in notes.get("sources", ())
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def duration(value: Any) -> float:
    """Seconds or hours as an importer noted them.

    Raises:
        ValueError, TypeError: no number, or one that no video or sound can have.
    """
    number = _finite(value)
    if not 0 <= number <= _LONGEST:
        raise ValueError(f"{value} is not a duration")
    return number


_LONGEST = 1e9
"""Ours: as seconds more than thirty years, and sums of a dataset's stay finite."""


def _finite(value: Any) -> float:
    """A number that JSON can hold."""
    if not math.isfinite(number := float(value)):
        raise ValueError(f"{value} is not a finite number")
    return number
