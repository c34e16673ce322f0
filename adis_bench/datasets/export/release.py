"""The folder that the paper's released code trains on: lists of images, images, and a sound for every segment."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import soundfile
from PIL import Image

from adis_bench.datasets.export.claim import MANIFEST_NAME, Chosen, Export, choose, claim, original
from adis_bench.datasets.export.release_names import release_names
from adis_bench.datasets.export.release_readme import readme
from adis_bench.datasets.media import exact_length, read_audio, read_image, wav_bytes
from adis_bench.datasets.records import SEGMENT_S, Dataset, Segment
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_bytes, digest_file, write_bytes, write_json, write_text
from adis_bench.printable import printable
from adis_bench.progress import track
from adis_bench.registry import unknown
from adis_bench.seeding import generator

RATE_HZ = 16_000
"""Source: Tinglok/avstyle b09dc1e, dataset/Into-the-Wild/video2jpg.py, ``sr``."""
FIXED_LISTS = Path("datasets") / "Into-the-Wild"
"""Where the code looks for its lists, from the folder in which it is started. Source: the same, data/unaligned_dataset.py."""

_QUALITY = 95
"""Ours, of images that are no JPEG: above it files grow and pictures hardly change (Pillow's handbook, JPEG saving)."""
_SPLITS = ("train", "test")


@dataclass(frozen=True, slots=True)
class Sides:
    """Labels of the images that are restyled (A), and of those whose sounds say how (B); None for all."""

    a: tuple[str, ...] | None = None
    b: tuple[str, ...] | None = None

    def checked(self, dataset: Dataset) -> dict[str, tuple[str, ...]]:
        """The labels of both sides, which may have been given in either form (``crunching_snow``, ``crunching snow``).

        Raises:
            ConfigError: a label that the dataset hasn't, or none at all.
        """
        return {name: _labels(dataset, given, name) for name, given in (("A", self.a), ("B", self.b))}


def _labels(dataset: Dataset, given: tuple[str, ...] | None, side: str) -> tuple[str, ...]:
    if given is None:
        return dataset.labels
    if not given:
        raise ConfigError(f"--{side.lower()} names no label; leave it out for all, or choose from {', '.join(dataset.labels)}")
    by_display = {text: label for label, text in dataset.displays.items()}
    labels = tuple(dict.fromkeys(label if label in dataset.displays else by_display.get(label, label) for label in given))
    for label in labels:
        if label not in dataset.displays:
            raise ConfigError(unknown("label", label, list(dataset.labels)))
    return labels


def export_release(dataset: Dataset, out: Path, sides: Sides) -> Export:
    """Write lists, ``images/<stem>_clip<N>-<k>.jpg`` and ``audio/<stem>_clip<N>.wav``; a call that was stopped is continued.

    The training split gives trainA.txt and trainB.txt, the test split testA.txt and testB.txt. JPEG is copied byte for byte,
    other images become JPEG; sounds become 16 kHz, mono, 16 bits, 3 s. Segments whose sound is zero throughout are not in B:
    the code divides by the peak.

    Raises:
        DataError: ``out`` holds something else, a media file is missing or has changed, or a training list would be empty.
        ConfigError: an unknown label.
    """
    out = out.resolve()
    labels = sides.checked(dataset)
    chosen = choose(dataset, _SPLITS)
    wanted = [segment for segment in chosen.segments if segment.label in {*labels["A"], *labels["B"]}]
    options = {"format": "release", "a": list(labels["A"]), "b": list(labels["B"])}
    for side in labels:
        _refuse_empty(dataset, side, labels[side], wanted)
    manifest = claim(out, dataset, wanted, options)
    names = release_names([segment.segment_id for segment in chosen.segments])
    mute: set[str] = set()
    for segment in track(wanted, "export", len(wanted)):
        _write_images(segment, out, names)
        if not _write_sound(segment, out / "audio" / f"{names[segment.segment_id]}.wav"):
            mute.add(segment.segment_id)
    lists = _lists(wanted, labels, mute, names, dataset)
    _refuse_mute(dataset, lists)
    for name, lines in lists.items():
        text = "".join(f"{line}\n" for line in lines)
        write_text(out / name, text)
        if name.startswith("train"):
            write_text(out / FIXED_LISTS / name, text)
    write_text(out / "README.txt", readme(dataset, labels, {name: len(lines) for name, lines in lists.items()}))
    left_out = _left_out(chosen, dataset, mute)
    write_json(out / MANIFEST_NAME, _finished(manifest, lists, names, wanted, left_out))
    facts = f"{len(wanted)} segments; " + ", ".join(f"{name}: {len(lines)} images" for name, lines in lists.items())
    return Export(out, facts, left_out)


def _refuse_empty(dataset: Dataset, side: str, labels: Sequence[str], wanted: Sequence[Segment]) -> None:
    if not any(segment.split == "train" and segment.label in labels for segment in wanted):
        raise DataError(
            f"{printable(str(dataset.root))} has no training segment with sound and frames for {side} ({', '.join(labels)}); "
            f"choose other labels with --{side.lower()}"
        )


def _refuse_mute(dataset: Dataset, lists: dict[str, list[str]]) -> None:
    if not lists["trainB.txt"]:
        raise DataError(f"{printable(str(dataset.root))}: every sound of trainB is silent, and the released code can't train on that")


def _write_images(segment: Segment, out: Path, names: dict[str, str]) -> None:
    for line, path, sha256 in zip(_lines(segment, names), segment.frame_paths, segment.frame_sha256, strict=True):
        # Most frames are JPEG, and a copy is known by its digest; what is made anew is the same each time.
        if not _holds(out / line, sha256):
            _renew(out / line, _as_jpeg(path, original(path, sha256)))


def _holds(path: Path, sha256: str) -> bool:
    return path.is_file() and digest_file(path) == sha256


def _renew(path: Path, content: bytes) -> None:
    """Write a file, unless it is there as it should be: others may have been at the folder between two calls."""
    if not _holds(path, digest_bytes(content)):
        write_bytes(path, content)


def _lines(segment: Segment, names: dict[str, str]) -> list[str]:
    return [f"images/{names[segment.segment_id]}-{number}.jpg" for number in range(1, len(segment.frame_paths) + 1)]


def _as_jpeg(path: Path, content: bytes) -> bytes:
    if content.startswith(b"\xff\xd8\xff"):
        return content
    buffer = BytesIO()
    # Without subsampling: what was lossless shall lose no more colour than it must.
    Image.fromarray(read_image(path)).save(buffer, format="JPEG", quality=_QUALITY, subsampling=0)
    return buffer.getvalue()


def _write_sound(segment: Segment, path: Path) -> bool:
    """Write the sound where it isn't there as it should be; whether there is anything to hear."""
    n_samples = round(SEGMENT_S * RATE_HZ)
    if not _holds(path, segment.audio_sha256):
        content = original(segment.audio_path, segment.audio_sha256)
        info = soundfile.info(BytesIO(content))
        if (info.format, info.subtype, info.samplerate, info.channels, info.frames) != ("WAV", "PCM_16", RATE_HZ, 1, n_samples):
            content = wav_bytes(exact_length(read_audio(segment.audio_path, RATE_HZ)[0], n_samples), RATE_HZ)
        _renew(path, content)
    return bool(read_audio(path)[0].any())


def _lists(
    wanted: Sequence[Segment], labels: dict[str, tuple[str, ...]], mute: set[str], names: dict[str, str], dataset: Dataset
) -> dict[str, list[str]]:
    """The four lists. The code's test pairs line i of A with line i of B: testB is shuffled, or a frame would meet its own sound."""
    lists = {}
    for split in _SPLITS:
        for side in ("A", "B"):
            members = [s for s in wanted if s.split == split and s.label in labels[side] and (side == "A" or s.segment_id not in mute)]
            lists[f"{split}{side}.txt"] = [line for segment in members for line in _lines(segment, names)]
    lines = lists["testB.txt"]
    order = generator("export", "release", dataset.digest).permutation(len(lines))
    lists["testB.txt"] = [lines[place] for place in order]
    return lists


def _left_out(chosen: Chosen, dataset: Dataset, mute: set[str]) -> tuple[str, ...]:
    n_judge = sum(segment.split == "judge" for segment in dataset.segments)
    judge = (f"{n_judge} segments of the judge split, which no method sees",) if n_judge else ()
    silent = (f"{len(mute)} segments without anything to hear from trainB and testB",) if mute else ()
    return (*chosen.left_out, *judge, *silent)


def _finished(
    manifest: dict[str, Any],
    lists: dict[str, list[str]],
    names: dict[str, str],
    wanted: Sequence[Segment],
    left_out: Sequence[str],
) -> dict[str, Any]:
    return manifest | {
        "complete": True,
        "n_segments": len(wanted),
        "n_lines": {name: len(lines) for name, lines in lists.items()},
        "left_out": list(left_out),
        "segments": {names[segment.segment_id]: segment.segment_id for segment in wanted},
    }
