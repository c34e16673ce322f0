"""The out-of-domain importer: pictures of one source, sounds of another, all of them test data."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adis_bench.datasets.inspection import Look, upright
from adis_bench.datasets.media import exact_length, write_png, write_wav
from adis_bench.datasets.out_of_domain.choices import has_places, load_choices
from adis_bench.datasets.out_of_domain.offers import Candidate, Offer, choose, folder_offer, labels_of
from adis_bench.datasets.out_of_domain.places import PlacesSplit, places_offer
from adis_bench.datasets.out_of_domain.reading import Heard, heard, seen
from adis_bench.datasets.out_of_domain.vggsound import VggSoundSplit, vggsound_offer
from adis_bench.datasets.raw import slug
from adis_bench.datasets.records import HEADER_NAME, INDEX_NAME, SEGMENT_S, Dataset, Segment
from adis_bench.datasets.skipped import Skipped
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file, write_bytes
from adis_bench.printable import printable

VERSION = 1
"""Raised whenever the same files and options give another dataset."""
_OWN = ("audio", "frames", INDEX_NAME, ".tmp-")
DEFAULT_N = 1000
"""Images, and sounds, that are taken at most: as many as the largest preset has pairs, so that each pair can have its own."""


@dataclass(frozen=True, slots=True)
class Request:
    """Where images and sounds come from, one source each, and how many are taken.

    Attributes:
        places: Places365; or
        images: any folder of images, its sub-folders being classes.
        vggsound: VGG-Sound's CSV, or the folder that holds it; or
        sounds: any folder of sounds or videos, its sub-folders being classes.
        media: folder of VGG-Sound's files, where it is not the CSV's.
        categories: a TOML file in place of ``choices.toml``.
        places_split: ``val`` or ``train``.
        vggsound_split: ``test``, ``train`` or ``all``.
        n_images, n_sounds: at most so many.
        seed: decides which.
        name: the dataset's name; by default made of the sources' names.
    """

    places: Path | None = None
    images: Path | None = None
    vggsound: Path | None = None
    sounds: Path | None = None
    media: Path | None = None
    categories: Path | None = None
    places_split: PlacesSplit = "val"
    vggsound_split: VggSoundSplit = "test"
    n_images: int = DEFAULT_N
    n_sounds: int = DEFAULT_N
    seed: int = 0
    name: str | None = None


def import_out_of_domain(request: Request, out: Path) -> Dataset:
    """Make a dataset of pictures without sound and sounds without pictures, or open it where the very same one is in ``out``.

    Any picture is paired with any sound of another label (pairing ``grid``). All segments are test data. Sounds are the
    first 3 s of their file, mono at their own rate, repeated where shorter; of a video, the frame at 1.5 s is kept as the
    target's own. JPEG and PNG images are kept byte for byte, others become PNG. Files that cannot be used are listed in
    ``notes["skipped"]``, and others take their place.

    Raises:
        ConfigError: none or two sources for a side, or a number out of range.
        DataError: a source without anything usable, another dataset (or this one under another name) in ``out``, or other files.
    """
    root = out.resolve()
    _check(request, root)
    pictures, sounds = _offers(request)
    recipe = {
        "kind": "out_of_domain",
        "version": VERSION,
        "images": {**pictures.facts, "n_files": len(pictures.candidates), "files": pictures.digest},
        "sounds": {**sounds.facts, "n_files": len(sounds.candidates), "files": sounds.digest},
        "seed": request.seed,
        "n_images": request.n_images,
        "n_sounds": request.n_sounds,
    }
    found = _existing(root, recipe, request.name)
    if found is not None:
        return found
    looked, bad_images = choose(pictures, request.n_images, request.seed, seen)
    segments = [_write_picture(candidate, facts, root) for candidate, facts in looked]
    written, bad_sounds = choose(sounds, request.n_sounds, request.seed, lambda candidate: _written(candidate, root))
    segments += _one_group_per_content([segment for _, segment in written])
    skipped = [*pictures.skipped, *bad_images, *sounds.skipped, *bad_sounds]
    for offer, n in ((pictures, len(looked)), (sounds, len(written))):
        if not n:
            raise _nothing(offer, skipped)
    dataset = Dataset(
        root=root,
        name=request.name or f"{pictures.title} x {sounds.title}",
        recipe=recipe,
        pairing="grid",
        displays=_displays(pictures, sounds, [candidate for candidate, _ in [*looked, *written]]),
        segments=tuple(segments),
        notes=_notes((pictures, sounds), segments, skipped),
    )
    dataset.save()
    return dataset


def _check(request: Request, root: Path) -> None:
    sides = (("places", request.places, "images", request.images), ("vggsound", request.vggsound, "sounds", request.sounds))
    for first, first_path, second, second_path in sides:
        if (first_path is None) == (second_path is None):
            raise ConfigError(f"name one source of {second}: --{first} or --{second}, {'not both' if first_path else 'neither is given'}")
    if request.media is not None and request.vggsound is None:
        raise ConfigError("--media is the folder of VGG-Sound's files; leave it out, or name the list with --vggsound")
    for name, n in (("images", request.n_images), ("sounds", request.n_sounds)):
        if n < 1:
            raise ConfigError(f"--n-{name} must be at least 1, not {n}")
    for source in (request.places, request.images, request.vggsound, request.sounds, request.media):
        if source is not None and source.is_dir() and root.is_relative_to(source.resolve()):
            raise DataError(f"the dataset cannot lie inside a source folder ({source.resolve()}); choose another folder than {root}")


def _offers(request: Request) -> tuple[Offer, Offer]:
    choices = load_choices(request.categories)
    if request.places is not None:
        pictures = places_offer(request.places, request.places_split, choices, own_choice=has_places(request.categories))
    elif request.images is not None:
        pictures = folder_offer(request.images, "images")
    if request.vggsound is not None:
        sounds = vggsound_offer(request.vggsound, request.media, request.vggsound_split, choices)
    elif request.sounds is not None:
        sounds = folder_offer(request.sounds, "sounds")
    return pictures, sounds


def _existing(root: Path, recipe: Mapping[str, Any], name: str | None) -> Dataset | None:
    shown = printable(str(root))
    if not (root / HEADER_NAME).is_file():
        # What an import that was stopped has left may be there, as it is found again.
        others = [path.name for path in root.iterdir() if not path.name.startswith(_OWN)] if root.is_dir() else []
        if others:
            raise DataError(f"{shown} holds other files ({len(others)}, first: {printable(min(others))}); choose an empty folder")
        return None
    dataset = Dataset.open(root)
    if dict(dataset.recipe) != dict(recipe):
        other = f"another dataset ({printable(dataset.name)}), or one with other files or options,"
        raise DataError(f"{other} is already in {shown}; choose an empty folder")
    if name not in (None, dataset.name):
        known = f"this dataset is already in {shown}, under the name {printable(dataset.name)}"
        raise DataError(f"{known}; leave --name out, or choose an empty folder")
    return dataset if all(path.is_file() for segment in dataset.segments for path in _media(segment)) else None


def _media(segment: Segment) -> Iterator[Path]:
    if segment.has_sound:
        yield segment.audio_path
    yield from segment.frame_paths


def _media_name(candidate: Candidate, side: str) -> str:
    """Safe, readable, and distinct for files of one name in several folders, and for an image and a sound of one name."""
    digest = hashlib.sha256(side.encode() + os.fsencode(candidate.where)).hexdigest()[:8]
    return f"{candidate.label}-{slug(candidate.path.stem)}-{digest}"


def _write_picture(candidate: Candidate, facts: Look, root: Path) -> Segment:
    name = _media_name(candidate, "images/")
    path = root / "frames" / f"{name}{facts.suffix or '.png'}"
    if facts.suffix:
        write_bytes(path, candidate.path.read_bytes())
    else:
        write_png(path, upright(candidate.path))
    return Segment(
        segment_id=name,
        label=candidate.label,
        split="test",
        audio_path=Path(),
        audio_sha256="",
        audio_group="",
        frame_paths=(path,),
        frame_sha256=(digest_file(path),),
        frame_groups=(candidate.group,),
        sample_rate_hz=0,
        details={"image_file": candidate.where, **candidate.details},
    )


def _written(candidate: Candidate, root: Path) -> Segment | Skipped:
    """Written while it is decoded: all sounds together might not fit into memory."""
    found = heard(candidate)
    return found if isinstance(found, Skipped) else _write_sound(candidate, found, root)


def _write_sound(candidate: Candidate, found: Heard, root: Path) -> Segment:
    name, rate = _media_name(candidate, "sounds/"), found.rate_hz
    audio, frame = root / "audio" / f"{name}.wav", root / "frames" / f"{name}.png"
    write_wav(audio, exact_length(found.waveform, round(SEGMENT_S * rate)), rate)
    if found.frame is not None:
        write_png(frame, found.frame)
    framed = found.frame is not None
    return Segment(
        segment_id=name,
        label=candidate.label,
        split="test",
        audio_path=audio,
        audio_sha256=digest_file(audio),
        audio_group=candidate.group,
        frame_paths=(frame,) if framed else (),
        frame_sha256=(digest_file(frame),) if framed else (),
        frame_groups=(candidate.group,) if framed else (),
        sample_rate_hz=rate,
        details={"sound_file": candidate.where, "start_s": 0.0, "seconds": round(len(found.waveform) / rate, 6), **candidate.details},
    )


def _one_group_per_content(segments: Sequence[Segment]) -> list[Segment]:
    """Sounds of the same content are one recording, whatever their files are called."""
    groups: dict[str, str] = {}
    return [_in_group(segment, groups.setdefault(segment.audio_sha256, segment.audio_group)) for segment in segments]


def _in_group(segment: Segment, group: str) -> Segment:
    return segment if segment.audio_group == group else replace(segment, audio_group=group)


def _displays(pictures: Offer, sounds: Offer, chosen: Sequence[Candidate]) -> dict[str, str]:
    """The classes of the sounds first: they are what outputs are compared with."""
    used = set(labels_of(chosen))
    both = {**sounds.displays, **{label: text for label, text in pictures.displays.items() if label not in sounds.displays}}
    return {label: text for label, text in both.items() if label in used}


def _notes(offers: tuple[Offer, Offer], segments: Sequence[Segment], skipped: Sequence[Skipped]) -> dict[str, Any]:
    pictures, sounds = offers
    told = " and ".join(f"{offer.labels_from} ({offer.side})" for offer in offers if offer.labels_from)
    return {
        "labels_from": told or "none: neither images nor sounds have classes",
        "no_category": [label for offer in offers if not offer.labels_from for label in offer.displays],
        "piece": "the first 3 s of every sound; of a video also the frame at 1.5 s",
        "n_images": sum(not segment.has_sound for segment in segments),
        "n_sounds": sum(segment.has_sound for segment in segments),
        "n_sounds_with_frame": sum(segment.has_sound and segment.has_frames for segment in segments),
        "n_absent": int(sounds.notes.get("n_absent", 0)),
        "images": dict(pictures.notes),
        "sounds": dict(sounds.notes),
        "skipped": [skip.to_json() for skip in skipped],
    }


def _nothing(offer: Offer, skipped: Sequence[Skipped]) -> DataError:
    first = skipped[0]
    return DataError(
        f"none of {len(offer.candidates)} {offer.side} ({offer.title}) can be used: {len(skipped)} left out, "
        f"first: {printable(first.path)}: {first.reason} ({printable(first.detail)})"
    )
