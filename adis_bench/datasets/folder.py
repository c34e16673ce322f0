"""The importer of anybody's images and sounds: ``adis-bench data folder SRC --out DIR``."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from adis_bench.datasets.dealing import hands, interleaved
from adis_bench.datasets.faults import Finding, refuse
from adis_bench.datasets.inspection import Look, Sound, listen, look, upright
from adis_bench.datasets.media import exact_length, read_audio, write_png, write_wav
from adis_bench.datasets.raw import RawFile, RawFolder, class_faults, scan, slug
from adis_bench.datasets.records import HEADER_NAME, SEGMENT_S, Dataset, Segment
from adis_bench.datasets.splits import Piece, Splits, assign, linked
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file, digest_json, write_bytes
from adis_bench.progress import bar, track
from adis_bench.seeding import generator

VERSION = 1
"""Raised whenever the same folder gives another dataset."""
FRAMES_PER_SOUND = 4
"""A sound has at least so many frames, where its class and split have them."""

Facts = Mapping[str, Look | Sound]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Frame:
    """An image of the folder as it lies in the dataset."""

    file: RawFile
    path: Path
    sha256: str
    group: str


def import_folder(
    src: Path,
    out: Path,
    *,
    manifest: Path | None = None,
    seed: int = 0,
    test_share: float = 0.25,
    judge_share: float = 0.25,
    skip_bad: bool = False,
    name: str | None = None,
) -> Dataset:
    """Make a dataset of ``src/images/<class>/*`` and ``src/audio/<class>/*``, or open it where the very same one is in ``out``.

    Sounds and images were not recorded together: every sound is joined with images of its class within
    its split, dealt so that each image is used (``pairing: class``). Sounds become mono WAV of 3 s at
    their own sample rate (repeated, then cut); JPEG and PNG are kept byte for byte, other formats and
    photographs that must be turned upright become PNG. Files of one ``source_id`` of the manifest, or
    of the same content, are on one side of the split. The header is written last.

    Args:
        src: folder of images and sounds; nothing in it is changed.
        out: folder of the dataset.
        manifest: a manifest elsewhere; by default ``src/manifest.csv`` where it exists.
        seed: decides splits and which images go with which sound.
        test_share: share of a class's sources for testing.
        judge_share: share of the rest for the suite's own judge network.
        skip_bad: leave out what is damaged or incomplete and list it in ``notes["left_out"]``.
        name: the dataset's name; by default the folder's.

    Raises:
        DataError: faults in ``src`` (all of them are listed), or another dataset in ``out``.
        ConfigError: a share out of range.
    """
    if not 0.0 < test_share < 1.0:
        raise ConfigError(f"the test share must be above 0 and below 1, not {test_share}")
    root = out.resolve()
    if root.is_relative_to(src.resolve()):
        raise DataError(f"the dataset cannot lie inside its source folder {src.resolve()}; choose another folder than {root}")
    folder, facts, left_out = _examined(scan(src, manifest), skip_bad)
    groups = _groups(folder.files, facts)
    recipe = {
        "importer": "folder",
        "version": VERSION,
        "source": folder.root.name,
        "content": digest_json([[f.name, f.label, groups[f.name], facts[f.name].sha256] for f in folder.files]),
        "seed": seed,
        "test_share": test_share,
        "judge_share": judge_share,
        "skip_bad": skip_bad,
    }
    found = _existing(root, recipe, name)
    if found is not None:
        return found
    pieces = [Piece(f.name, f.label, f.kind, groups[f.name]) for f in folder.files]
    splits = assign(pieces, test_share=test_share, judge_share=judge_share, seed=seed)
    segments = _segments(folder.files, facts, groups, splits.of, root, seed)
    notes = _notes(folder, facts, splits, segments, left_out)
    dataset = Dataset(root, name or folder.root.name, recipe, "class", folder.displays, segments, splits.not_evaluated, notes)
    dataset.save()
    return dataset


def _examined(folder: RawFolder, skip_bad: bool) -> tuple[RawFolder, Facts, list[Finding]]:
    """Decode every file; raise for faults, or leave them out."""
    facts: dict[str, Look | Sound] = {}
    faults = list(folder.faults)
    for file in track(folder.files, "look and listen", len(folder.files)):
        found = examine(file)
        if isinstance(found, Finding):
            faults.append(found)
        else:
            facts[file.name] = found
    good = tuple(file for file in folder.files if file.name in facts)
    lacking = class_faults(good, folder.displays)
    faults += lacking
    if faults and not skip_bad:
        raise refuse(folder.root, faults)
    lacking_labels = {fault.where for fault in lacking}
    displays = {label: text for label, text in folder.displays.items() if label not in lacking_labels}
    if not displays:
        raise refuse(folder.root, faults)
    kept = tuple(file for file in good if file.label in displays)
    return RawFolder(folder.root, kept, displays, folder.faults, folder.n_ignored, folder.has_manifest), facts, faults


def examine(file: RawFile) -> Look | Sound | Finding:
    """Decode one file: what it holds, or what is wrong with it."""
    if file.kind == "image":
        return look(file.path, file.name)
    heard = listen(file.path, file.name)
    return heard if isinstance(heard, Finding) else heard[0]


def _groups(files: Sequence[RawFile], facts: Facts) -> dict[str, str]:
    """The group of every file, named after the first of its sources: one source, or the same content, is one group."""
    numbers = linked([[f"source {f.source}", f"content {facts[f.name].content}"] for f in files])
    names: dict[int, str] = {}
    for number, source in sorted(zip(numbers, (f.source for f in files), strict=True)):
        names.setdefault(number, source)
    return {file.name: names[number] for file, number in zip(files, numbers, strict=True)}


def _existing(root: Path, recipe: Mapping[str, Any], name: str | None) -> Dataset | None:
    if not (root / HEADER_NAME).is_file():
        return None
    dataset = Dataset.open(root)
    if dict(dataset.recipe) != dict(recipe):
        raise DataError(
            f"another dataset ({dataset.name}), or one with other files or options, is already in {root}; choose an empty folder"
        )
    if name not in (None, dataset.name):
        raise DataError(f"this dataset is already in {root}, under the name {dataset.name!r}; leave --name out, or choose an empty folder")
    complete = all(path.is_file() for segment in dataset.segments for path in (segment.audio_path, *segment.frame_paths))
    return dataset if complete else None


def _segments(
    files: Sequence[RawFile], facts: Facts, groups: Mapping[str, str], split_of: Mapping[str, str], root: Path, seed: int
) -> tuple[Segment, ...]:
    members: dict[tuple[str, str, str], list[RawFile]] = defaultdict(list)
    for file in files:
        if file.name in split_of:
            members[split_of[file.name], file.label, file.kind].append(file)
    segments: list[Segment] = []
    with bar("import", sum(map(len, members.values()))) as running:
        for split, label in sorted({(split, label) for split, label, _ in members}):
            images = interleaved(members[split, label, "image"], lambda f: groups[f.name], generator("deal", seed, split, label))
            frames = []
            for file in images:
                frames.append(_write_frame(file, facts[file.name], root, groups[file.name]))
                running.advance()
            sounds = members[split, label, "audio"]
            for file, hand in zip(sounds, hands(len(sounds), len(frames), FRAMES_PER_SOUND), strict=True):
                segments.append(_write_segment(file, split, [frames[k] for k in hand], root, groups[file.name]))
                running.advance()
    return tuple(segments)


def _media_name(file: RawFile) -> str:
    """Safe, readable, and distinct for files of one name in two formats or folders."""
    return f"{file.label}-{slug(file.path.stem)}-{hashlib.sha256(file.name.encode(errors='surrogateescape')).hexdigest()[:8]}"


def _write_frame(file: RawFile, facts: Look | Sound, root: Path, group: str) -> _Frame:
    suffix = facts.suffix if isinstance(facts, Look) else ""
    path = root / "frames" / f"{_media_name(file)}{suffix or '.png'}"
    if suffix:
        write_bytes(path, file.path.read_bytes())
    else:
        write_png(path, upright(file.path))
    return _Frame(file, path, digest_file(path), group)


def _write_segment(file: RawFile, split: str, frames: Sequence[_Frame], root: Path, group: str) -> Segment:
    waveform, rate = read_audio(file.path)
    path = root / "audio" / f"{_media_name(file)}.wav"
    write_wav(path, exact_length(waveform, round(SEGMENT_S * rate)), rate)
    return Segment(
        segment_id=_media_name(file),
        label=file.label,
        split=split,
        audio_path=path,
        audio_sha256=digest_file(path),
        audio_group=group,
        frame_paths=tuple(frame.path for frame in frames),
        frame_sha256=tuple(frame.sha256 for frame in frames),
        frame_groups=tuple(frame.group for frame in frames),
        sample_rate_hz=rate,
        details={"sound_file": file.name, "image_files": [frame.file.name for frame in frames]},
    )


def _notes(folder: RawFolder, facts: Facts, splits: Splits, segments: Sequence[Segment], left_out: Sequence[Finding]) -> dict[str, Any]:
    sounds = {f.name: facts[f.name] for f in folder.files if f.kind == "audio"}
    heard = {name: sound for name, sound in sounds.items() if isinstance(sound, Sound)}
    contents: dict[str, list[str]] = defaultdict(list)
    for file in folder.files:
        contents[facts[file.name].content].append(file.name)
    return {
        "n_images": len(folder.files) - len(sounds),
        "n_sounds": len(sounds),
        "n_segments": {split: sum(s.split == split for s in segments) for split in ("train", "judge", "test")},
        "has_manifest": folder.has_manifest,
        "silent": [name for name, sound in heard.items() if sound.silent],
        "clipped": [name for name, sound in heard.items() if sound.clipped],
        "repeated_to_3_s": [name for name, sound in heard.items() if sound.seconds < SEGMENT_S],
        "n_cut_to_3_s": sum(sound.seconds > SEGMENT_S for sound in heard.values()),
        "same_content": [names for names in contents.values() if len(names) > 1],
        "train_and_judge_share_sources": [{"class": label, "kind": kind} for label, kind in splits.divided],
        "classes_without_judge_data": list(splits.no_judge),
        "unused": list(splits.left_out),
        "left_out": [{"file": fault.where, "kind": fault.kind, "reason": fault.reason} for fault in left_out],
        "n_ignored": folder.n_ignored,
    }
