"""Images restyled by sounds (or labels) with a trained model: single pictures, whole folders, and strips of gains or mixtures."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from adis_bench.datasets.media import Images
from adis_bench.datasets.raw import slug
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file, make_folder, write_bytes
from adis_bench.progress import bar, say
from adis_bench.spec import resolve_device
from reference_model.data import as_pixels, scaled
from reference_model.inputs import AUDIO_SUFFIXES, IMAGE_SUFFIXES, files_of, normalised, photo_shape, read_photo, read_sound
from reference_model.method import TrainedMethod, open_model
from reference_model.strip import Column, draw
from reference_model.stylize_request import Mix, Outcome, Request, check_condition, check_options, check_out

T = TypeVar("T")
Shape = tuple[int, int]
"""Height and width in pixels."""
BATCH_PIXELS = 2048 * 2048
"""Pixels of a batch: about 10 GB in the released model, and more never comes at once however large the pictures are."""
RECIPE_KEY = "adis-bench stylize"
"""PNG text in which a picture says what made it (digests, no paths): a later call knows its own pictures by it."""


@dataclass(frozen=True, slots=True)
class Job:
    """One picture: an image, a sound or label, and where the picture goes."""

    image: Path
    condition: Path | str
    out: Path


@dataclass(frozen=True, slots=True)
class _Planned:
    """A job of a folder with what determines its picture."""

    job: Job
    shape: Shape
    recipe: Mapping[str, Any]


def stylize(request: Request) -> Outcome:
    """Do what is asked for; pictures that a killed call has made already are kept.

    Raises:
        AdisBenchError: options, model, inputs or outputs that do not fit. In folders a damaged input is no
            error: it is in the outcome's failures.
    """
    check_options(request)
    images = files_of(request.image, "--image", IMAGE_SUFFIXES)
    conditions: Sequence[Path | str] = [request.label] if request.label is not None else []
    if request.audio is not None:
        conditions = files_of(request.audio, "--audio", AUDIO_SUFFIXES)
    if request.mix is not None and not request.mix.path.is_file():
        raise DataError(f"--mix {request.mix.path} does not exist or is not a file")
    whole_folder = request.image.is_dir() or (request.audio is not None and request.audio.is_dir())
    check_out(request, whole_folder)
    model = open_model(request.method, device=resolve_device(request.device), precision=request.precision)
    check_condition(request, model)
    make_folder(request.out if whole_folder else request.out.parent)
    maker = _Maker(request, model)
    if whole_folder:
        return maker.folder(_jobs(request.out, images, conditions))
    if request.audio is not None and (request.gains_db or request.mix is not None):
        return maker.strip(request.image, request.audio)
    return maker.single(Job(images[0], conditions[0], request.out))


def _jobs(out: Path, images: Sequence[Path], conditions: Sequence[Path | str]) -> list[Job]:
    """Every image with every sound or label."""
    found: dict[Path, Job] = {}
    for image in images:
        for condition in conditions:
            path = out / f"{image.stem}--{condition.stem if isinstance(condition, Path) else slug(condition)}.png"
            if path in found:
                raise DataError(
                    f"two pairs of inputs would both be {path.name}: {found[path].image.name} and {image.name}; rename one of them"
                )
            found[path] = Job(image, condition, path)
    return list(found.values())


class _Maker:
    """A model with the request's choices, and the inputs that failed so far."""

    def __init__(self, request: Request, model: TrainedMethod) -> None:
        self._request, self._model = request, model
        self._size = request.size or model.resolution
        self._weights = str(model.provenance()["weights_sha256"])
        self._normalise = model.settings.network.peak_normalisation
        self._failures: dict[Path | str, str] = {}
        # A folder's jobs go through all sounds of one image before the next image.
        self._photo = lru_cache(maxsize=4)(read_photo)
        self._condition = lru_cache(maxsize=512)(self._read_condition)  # 100 MB of sound

    def single(self, job: Job) -> Outcome:
        """One picture."""
        shape = self._shape(job.image)
        made = self._restyled([self._photo(job.image, shape)], [self._condition(job.condition)], 1)
        _write(job.out, made[0], self._recipe(job, shape, _digests(job)))
        return self._outcome([_record(job, shape)])

    def strip(self, image: Path, audio: Path) -> Outcome:
        """The source and one picture per gain or weight, drawn side by side."""
        request = self._request
        job, shape = Job(image, audio, request.out), self._shape(image)
        recipe, record = self._recipe(job, shape, _digests(job)), _record(job, shape)
        if request.mix is None:
            heard, sounds = self._with_gains(audio), audio.name
            recipe["gains_db"] = record["gains_db"] = list(request.gains_db)
        else:
            heard, sounds = self._mixed(audio, request.mix), f"w = 0: {audio.name}, w = 1: {request.mix.path.name}"
            recipe["mix"] = {"audio": digest_file(request.mix.path), "weights": list(request.mix.weights)}
            record["mix"] = {"audio": str(request.mix.path), "weights": list(request.mix.weights)}
        photo, size = self._photo(image, shape), _batch_size(request.batch_size, shape, len(heard))
        chunks = (heard[start : start + size] for start in range(0, len(heard), size))
        made = [picture for chunk in chunks for picture in self._restyled([photo] * len(chunk), [w for _, w in chunk], size)]
        columns = [Column(photo, "source"), *(Column(picture, *shown) for picture, shown in zip(made, heard, strict=True))]
        _write(job.out, draw(columns, f"{self._model.name} · {image.name} · {sounds}"), recipe)
        return self._outcome([record])

    def _with_gains(self, audio: Path) -> list[tuple[str, Tensor]]:
        """Captions and waveforms as they reach the model: the gain comes after the normalisation, and nothing undoes it."""
        gains, waveform = self._request.gains_db, self._condition(audio)
        if self._normalise and any(gains):
            say("note: this model was trained on peak-normalised sounds (0 dB here) and never heard another level: other gains extrapolate")
        return [(f"{gain:+g} dB".replace("-", "\u2212") if gain else "0 dB", waveform * 10 ** (gain / 20)) for gain in gains]

    def _mixed(self, audio: Path, mix: Mix) -> list[tuple[str, Tensor]]:
        """Captions and waveforms; a mixture is normalised like its parts, as a mixed file would be."""
        one, other = self._condition(audio), self._condition(mix.path)
        weights = mix.weights if len(mix.weights) > 1 else (0.0, *mix.weights)
        found = [(f"w = {w:g}", (1 - w) * one + w * other) for w in weights]
        return [(caption, normalised(w, f"the mixture with {caption}")) for caption, w in found] if self._normalise else found

    def folder(self, jobs: Sequence[Job]) -> Outcome:
        """Every job whose picture is not there yet; damaged inputs are left out and reported."""
        waiting, n_skipped = self._waiting(jobs)
        records = []
        with bar("stylize", len(waiting)) as running:
            # Batches of one size for a shape, whatever is left to do: a call that goes on gives the same bits.
            for batch, size in _batches(waiting, self._request.batch_size, len(jobs)):
                records += self._batch(batch, size)
                running.advance(len(batch))
        return self._outcome(records, n_skipped)

    def _waiting(self, jobs: Sequence[Job]) -> tuple[list[_Planned], int]:
        """What is to be done, and how many pictures are there already."""
        digests = {p: self._tried(p, digest_file, p) for p in dict.fromkeys(path for job in jobs for path in _files(job))}
        shapes = {p: self._tried(p, self._shape, p) for p in dict.fromkeys(job.image for job in jobs)}
        planned = [
            _Planned(job, shape, self._recipe(job, shape, digests))
            for job in jobs
            if (shape := shapes[job.image]) is not None and all(digests[path] for path in _files(job))
        ]
        if self._request.overwrite:
            return planned, 0
        there = [plan for plan in planned if plan.job.out.exists()]
        foreign = [plan.job.out.name for plan in there if _recipe_in(plan.job.out) != plan.recipe]
        if foreign:
            raise DataError(
                f"{len(foreign)} pictures in {self._request.out} are of another model, input or option, first: {foreign[0]}; "
                "choose another folder, or replace them with --overwrite"
            )
        return [plan for plan in planned if not plan.job.out.exists()], len(there)

    def _batch(self, batch: Sequence[_Planned], size: int) -> list[dict[str, Any]]:
        ready: list[tuple[_Planned, Images, Tensor]] = []
        for plan in batch:
            photo = self._tried(plan.job.image, self._photo, plan.job.image, plan.shape)
            condition = self._tried(plan.job.condition, self._condition, plan.job.condition)
            if photo is not None and condition is not None:
                ready.append((plan, photo, condition))
        if not ready:
            return []
        made = self._restyled([photo for _, photo, _ in ready], [condition for _, _, condition in ready], size)
        for (plan, _, _), picture in zip(ready, made, strict=True):
            _write(plan.job.out, picture, plan.recipe)
        return [_record(plan.job, plan.shape) for plan, _, _ in ready]

    def _tried(self, source: Path | str, read: Callable[..., T], *arguments: Any) -> T | None:
        """What reading an input gives; None where that fails, and the reason is kept."""
        if source in self._failures:
            return None
        try:
            return read(*arguments)
        except (DataError, OSError) as error:
            self._failures[source] = str(error)
            return None

    def _shape(self, image: Path) -> Shape:
        return photo_shape(image, self._size) if self._request.keep_aspect else (self._size, self._size)

    def _read_condition(self, condition: Path | str) -> Tensor:
        """A waveform float32 [48000] at the level of training, or a label's index int64 []."""
        if isinstance(condition, str):
            return torch.tensor(self._model.labels.index(condition))
        waveform = read_sound(condition, self._request.start_s)
        return normalised(waveform, str(condition)) if self._normalise else waveform

    def _restyled(self, photos: list[Images], conditions: list[Tensor], size: int) -> list[Images]:
        """Restyled pictures, in a batch that is filled up to ``size``."""
        n, device = len(photos), self._model.options.device
        images = torch.stack([torch.from_numpy(photo.copy()) for photo in photos + photos[-1:] * (size - n)]).permute(0, 3, 1, 2)
        try:
            made = self._model.restyle(scaled(images.to(device)), torch.stack(conditions + conditions[-1:] * (size - n)).to(device))
        except torch.OutOfMemoryError as error:
            raise ConfigError(
                f"{size} pictures of {tuple(images.shape[2:])} pixels do not fit into {device}'s memory; lower --batch-size or --size"
            ) from error
        return list(as_pixels(made)[:n])

    def _recipe(self, job: Job, shape: Shape, digests: Mapping[Path, str | None]) -> dict[str, Any]:
        """What determines a picture."""
        condition = {"audio": digests[job.condition]} if isinstance(job.condition, Path) else {"label": job.condition}
        made_by = {"weights": self._weights, "precision": self._request.precision, "start_s": self._request.start_s}
        return {"image": digests[job.image], **condition, "shape": list(shape), **made_by}

    def _outcome(self, records: Sequence[Mapping[str, Any]], n_skipped: int = 0) -> Outcome:
        return Outcome(self._request.method, self._weights, tuple(records), n_skipped, self._failures)


def _files(job: Job) -> list[Path]:
    return [job.image, *([job.condition] if isinstance(job.condition, Path) else [])]


def _digests(job: Job) -> dict[Path, str]:
    return {path: digest_file(path) for path in _files(job)}


def _batches(planned: Sequence[_Planned], most: int, n_jobs: int) -> Iterator[tuple[list[_Planned], int]]:
    """Batches of pictures of one shape, each with the size that it is filled up to."""
    for shape, group in groupby(sorted(planned, key=lambda plan: plan.shape), key=lambda plan: plan.shape):
        same, size = list(group), _batch_size(most, shape, n_jobs)
        yield from ((same[start : start + size], size) for start in range(0, len(same), size))


def _batch_size(most: int, shape: Shape, n_jobs: int) -> int:
    """Pictures at a time: no more than asked for, than there are, and than memory holds."""
    return max(1, min(most, n_jobs, BATCH_PIXELS // (shape[0] * shape[1])))


def _record(job: Job, shape: Shape) -> dict[str, Any]:
    condition = {"audio" if isinstance(job.condition, Path) else "label": str(job.condition)}
    return {"path": str(job.out), "image": str(job.image), **condition, "shape": list(shape)}


def _write(path: Path, picture: Images, recipe: Mapping[str, Any]) -> None:
    info, buffer = PngInfo(), BytesIO()
    info.add_text(RECIPE_KEY, json.dumps(recipe))
    Image.fromarray(picture).save(buffer, format="PNG", pnginfo=info)
    write_bytes(path, buffer.getvalue())


def _recipe_in(path: Path) -> Any:
    """What made a picture, or None where it doesn't say."""
    try:
        with Image.open(path) as image:
            return json.loads(image.info.get(RECIPE_KEY, "null"))
    except (OSError, ValueError, TypeError):
        return None
