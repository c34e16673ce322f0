"""Outputs of methods: ``RUN/outputs/<label>/<pair_id>.png`` and what they were made by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adis_bench.datasets.media import Images, write_png
from adis_bench.datasets.records import Pair
from adis_bench.errors import DataError
from adis_bench.files import digest_json, write_json
from adis_bench.methods.protocol import Method, MethodOptions
from adis_bench.progress import Bar, bar, say

MANIFEST_NAME = "manifest.json"
CHUNK = 32
"""Pairs that a method is given at a time. A chunk with any missing output is made again whole, so
that a method which looks at its whole chunk still gives the images of an uninterrupted run."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of outputs was made by.

    Attributes:
        key: content key; outputs of another key are made anew.
        label, name, description, citation, conditions_on, control, provenance: the method's facts at that time.
        trained_on: digest of the run's training and judge data at that time; empty where an older version made them.
    """

    key: str
    label: str
    name: str
    description: str
    citation: str
    conditions_on: str
    control: bool
    provenance: Mapping[str, Any]
    trained_on: str = ""


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """One method's outputs in a run."""

    path: Path

    @classmethod
    def of(cls, run_dir: Path, label: str) -> "OutputFolder":
        """The folder of a label (labels are safe as file names, see ``spec.method_specs``)."""
        return cls(run_dir / "outputs" / label)

    def image_path(self, pair: Pair) -> Path:
        """Where a pair's output lies."""
        return self.path / f"{pair.pair_id}.png"

    def missing(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs that have no output."""
        return [pair for pair in pairs if not self.image_path(pair).is_file()]

    def read_manifest(self) -> Manifest | None:
        """The manifest, or None where there is none.

        Raises:
            DataError: it is damaged.
        """
        path = self.path / MANIFEST_NAME
        if not path.is_file():
            return None
        try:
            return Manifest(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(f"{path} is damaged ({error}); delete it and run the same `adis-bench run` again") from error

    def begin(self, manifest: Manifest) -> None:
        """Make the folder ready for outputs of this key: outputs of another one are deleted first."""
        try:
            found = self.read_manifest()
        except DataError:
            say(f"{self.path / MANIFEST_NAME} is damaged; the outputs beside it are made anew")
            found = None
        for left_over in self.path.glob(".tmp-*"):  # of a writer that was killed
            left_over.unlink(missing_ok=True)
        if found is not None and found.key == manifest.key:
            if found.trained_on != manifest.trained_on:  # the images don't depend on it: they hold for the new data as well
                write_json(self.path / MANIFEST_NAME, asdict(manifest))
            return
        # Old outputs go before the new manifest comes: whenever this is killed, no output stands under a wrong key.
        for path in self.path.glob("*.png"):
            path.unlink()
        write_json(self.path / MANIFEST_NAME, asdict(manifest))


def manifest_of(method: Method, label: str, options: MethodOptions, control: bool) -> Manifest:
    """The manifest of a fitted method's outputs.

    Raises:
        DataError: the method's provenance has no digest or does not fit into JSON.
    """
    provenance = dict(method.provenance())
    digest = provenance.get("digest")
    if not isinstance(digest, str) or not digest:
        raise DataError(f"method {label!r} ({method.name}) gives no 'digest' in its provenance; outputs cannot be kept without one")
    try:
        json.dumps(provenance, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise DataError(f"the provenance of method {label!r} ({method.name}) does not fit into JSON ({error})") from error
    key = digest_json([digest, options.resolution, options.device, options.precision])
    return Manifest(key, label, method.name, method.description, method.citation, method.conditions_on, control, provenance)


def generate(method: Method, label: str, folder: OutputFolder, pairs: Sequence[Pair], resolution: int) -> None:
    """Make the outputs that are not there yet, chunk by chunk, each file atomically.

    Raises:
        DataError: the method gives too few images, or images of another size or kind.
    """
    chunks = [pairs[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]
    open_chunks = [chunk for chunk in chunks if folder.missing(chunk)]
    if not open_chunks:
        return
    with bar(f"{label}: outputs", sum(map(len, open_chunks))) as running:
        for chunk in open_chunks:
            _write(folder, chunk, _stylized(method, label, chunk, resolution), running)


def _stylized(method: Method, label: str, chunk: Sequence[Pair], resolution: int) -> list[Images]:
    images: list[Images] = []
    for image in method.stylize(chunk):
        if image.dtype.name != "uint8" or image.shape != (resolution, resolution, 3):
            pair_id = chunk[min(len(images), len(chunk) - 1)].pair_id
            raise DataError(
                f"method {label!r} gave an image of {image.dtype} {list(image.shape)} for pair {pair_id}; "
                f"all outputs of this run must be uint8 [{resolution}, {resolution}, 3]"
            )
        images.append(image)
    if len(images) != len(chunk):
        raise DataError(
            f"method {label!r} gave {len(images)} images for {len(chunk)} pairs, first: {chunk[0].pair_id}; "
            "it must yield one per pair, in order"
        )
    return images


def _write(folder: OutputFolder, chunk: Sequence[Pair], images: Sequence[Images], running: Bar) -> None:
    for pair, image in zip(chunk, images, strict=True):
        write_png(folder.image_path(pair), image)
        running.advance()
