"""Grids of pictures without sound and sounds without pictures; no media behind them."""

import hashlib
from pathlib import Path

from adis_bench.datasets.records import Dataset, Segment

ROOT = Path("/m")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def picture(label: str, number: int) -> Segment:
    """A picture without sound."""
    name = f"{label}-p{number}"
    return Segment(name, label, "test", Path(), "", "", (ROOT / f"{name}.png",), (_sha(name),), (name,), 0)


def sound(label: str, number: int, framed: bool = False) -> Segment:
    """A sound, with a frame of its own if asked for."""
    name = f"{label}-s{number}"
    frames = ((ROOT / f"{name}.png",), (_sha(f"{name}/0"),), (name,)) if framed else ((), (), ())
    return Segment(name, label, "test", ROOT / f"{name}.wav", _sha(name), name, *frames, 16000)


def grid(images: dict[str, int], sounds: dict[str, int], framed: bool = False) -> Dataset:
    """A grid with so many pictures and sounds of each class."""
    segments = [picture(label, k) for label, n in images.items() for k in range(n)]
    segments += [sound(label, k, framed) for label, n in sounds.items() for k in range(n)]
    return Dataset(ROOT, "grid", {}, "grid", {label: label for label in [*sounds, *images]}, tuple(segments))
