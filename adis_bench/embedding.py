"""The embeddings that a run's metrics need: every file once per extractor, through the cache."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset, Pair, Segment
from adis_bench.errors import ConfigError
from adis_bench.extractors.cache import Loader, embed_files, image_loader, sound_loader
from adis_bench.extractors.protocol import EmbedsLabels, Extractor
from adis_bench.files import digest_file
from adis_bench.metrics.protocol import Batch, Metric, Reference
from adis_bench.outputs import OutputFolder
from adis_bench.spec import ORACLE, TARGET

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Media:
    """Files of one kind with what is known of them; unique by content.

    Attributes:
        paths: n files.
        digests: sha256 of their bytes.
        labels: int64 [n], index of the class.
        groups: int64 [n], index of the photograph, video or recording.
    """

    paths: tuple[Path, ...]
    digests: tuple[str, ...]
    labels: Array
    groups: Array


@dataclass(frozen=True, slots=True)
class Vectors:
    """Embeddings of one extractor by file."""

    matrix: Array
    row_of: Mapping[Path, int]

    def of(self, paths: Iterable[Path]) -> Array:
        """float32 [n, d]; NaN for files that were not there to be embedded."""
        rows = np.array([self.row_of.get(path, -1) for path in paths], np.int64)
        found: Array = np.where(rows[:, None] >= 0, self.matrix[rows], np.float32(np.nan))
        return found


def frames_of(dataset: Dataset, split: str) -> Media:
    """The frames of a split that show a class; a frame that several segments show counts once."""
    found = {
        digest: (path, digest, segment.label, group)
        for segment in reversed(_classed(dataset.split(split)))
        for path, digest, group in zip(segment.frame_paths, segment.frame_sha256, segment.frame_groups, strict=True)
    }
    return _media(list(found.values())[::-1], dataset.labels)


def sounds_of(dataset: Dataset, split: str) -> Media:
    """The sounds of a split that are of a class; a sound that several segments have counts once."""
    heard = [segment for segment in reversed(_classed(dataset.split(split))) if segment.has_sound]
    found = {s.audio_sha256: (s.audio_path, s.audio_sha256, s.label, s.audio_group) for s in heard}
    return _media(list(found.values())[::-1], dataset.labels)


def _classed(part: Dataset) -> list[Segment]:
    """What outputs can be compared with: pairs are of classes only, and so are the references."""
    return [segment for segment in part.segments if segment.label not in part.nameless]


def text_labels(dataset: Dataset) -> list[str]:
    """The labels whose names can be compared with images, in their order.

    On a grid, those of the source images alone are no classes of sounds; ``Dataset.nameless`` ones name nothing.
    """
    nameless = dataset.nameless | dataset.split("train").nameless
    heard = {s.label for s in dataset.segments if s.has_sound} if dataset.pairing == "grid" else set(dataset.labels)
    return [label for label in dataset.labels if label in heard and label not in nameless]


def _media(rows: Sequence[tuple[Path, str, str, str]], labels: Sequence[str]) -> Media:
    number = {label: index for index, label in enumerate(labels)}
    groups = np.unique([row[3] for row in rows], return_inverse=True)[1] if rows else np.empty(0)
    return Media(
        paths=tuple(row[0] for row in rows),
        digests=tuple(row[1] for row in rows),
        labels=np.array([number[row[2]] for row in rows], np.int64),
        groups=groups.astype(np.int64),
    )


class RunEmbeddings:
    """All embeddings of a run, made once for all metrics that share an extractor.

    Args:
        dataset: with train, judge and test splits.
        pairs: the run's pairs.
        outputs: label -> folder of the method's outputs; missing files are left out.
        extractors: by name, prepared.
        metrics: decide what is embedded with what.
        resolution: side in pixels at which images are read.
    """

    def __init__(
        self,
        dataset: Dataset,
        pairs: Sequence[Pair],
        outputs: Mapping[str, OutputFolder],
        extractors: Mapping[str, Extractor],
        metrics: Sequence[Metric],
        resolution: int,
    ) -> None:
        self._dataset, self._pairs, self._outputs, self._metrics = dataset, pairs, outputs, metrics
        self.present = {label: np.array([folder.image_path(p).is_file() for p in pairs], bool) for label, folder in outputs.items()}
        self._labels = np.array([dataset.labels.index(pair.target.label) for pair in pairs], np.int64)
        self._source_ids = np.unique([str(pair.source_path) for pair in pairs], return_inverse=True)[1].astype(np.int64)
        self._extractors = extractors
        self._vectors: dict[str, Vectors] = {}
        for name in sorted({metric.image_extractor for metric in metrics}):
            self._vectors[name] = _embedded(extractors[name], self._image_files(name), image_loader(resolution))
        for name in sorted({metric.audio_extractor for metric in metrics if metric.audio_extractor}):
            loader = sound_loader(extractors[name])
            self._vectors[name] = _embedded(extractors[name], self._sound_files(name), loader)

    def batch(self, metric: Metric, label: str) -> Batch:
        """What a metric needs of a method's outputs; row i belongs to the i-th pair, NaN where its output is missing."""
        pairs = self._pairs
        images = self._vectors[metric.image_extractor]
        sounds = self._vectors.get(metric.audio_extractor or "")
        return Batch(
            outputs=images.of(self._outputs[label].image_path(pair) for pair in pairs),
            labels=self._labels,
            source_ids=self._source_ids,
            sources=images.of(pair.source_path for pair in pairs) if "source" in metric.needs else None,
            targets=self._targets(images) if "target" in metric.needs else None,
            sounds=sounds.of(pair.target.audio_path for pair in pairs) if sounds and "sound" in metric.needs else None,
            oracles=images.of(self._outputs[ORACLE].image_path(pair) for pair in pairs) if "oracle" in metric.needs else None,
        )

    def _targets(self, images: Vectors) -> Array:
        """The targets' frames; NaN for sounds that have none."""
        if TARGET not in self._outputs:
            return np.full((len(self._pairs), images.matrix.shape[1]), np.nan, np.float32)
        return images.of(self._outputs[TARGET].image_path(pair) for pair in self._pairs)

    def reference(self, metric: Metric) -> Reference | None:
        """The real media that a metric compares with, or None where it compares with none."""
        split = metric.reference_split
        if split is None and "label_text" not in metric.needs:
            return None
        frames = frames_of(self._dataset, split) if split else _media([], self._dataset.labels)
        sounds = sounds_of(self._dataset, split) if split and metric.audio_extractor else None
        return Reference(
            images=self._vectors[metric.image_extractor].of(frames.paths),
            image_labels=frames.labels,
            image_groups=frames.groups,
            n_classes=len(self._dataset.labels),
            sounds=self._vectors[metric.audio_extractor].of(sounds.paths) if sounds and metric.audio_extractor else None,
            sound_labels=sounds.labels if sounds else None,
            label_texts=self._label_texts(metric.image_extractor) if "label_text" in metric.needs else None,
        )

    def _label_texts(self, name: str) -> Array:
        """The display names of the sounds' classes in the space of an image extractor; NaN for other classes (``text_labels``)."""
        extractor = self._extractors[name]
        if not isinstance(extractor, EmbedsLabels):
            raise ConfigError(f"extractor {name!r} has no text side (embed_labels), which a metric of the protocol needs")
        labels, named = self._dataset.labels, text_labels(self._dataset)
        found = np.full((len(labels), self._vectors[name].matrix.shape[1]), np.nan, np.float32)
        if named:
            texts = extractor.embed_labels([self._dataset.displays.get(label, label) for label in named])
            found[[labels.index(label) for label in named]] = texts
        return found

    def _image_files(self, extractor: str) -> dict[Path, str | None]:
        """Files that an image extractor must see, with their digests where the dataset knows them."""
        metrics = [metric for metric in self._metrics if metric.image_extractor == extractor]
        files: dict[Path, str | None] = {}
        for label, folder in self._outputs.items():
            files |= {folder.image_path(pair): None for pair, there in zip(self._pairs, self.present[label], strict=True) if there}
        if any("source" in metric.needs for metric in metrics):
            files |= {pair.source_path: pair.source.frame_sha256[pair.source_frame] for pair in self._pairs}
        for split in {metric.reference_split for metric in metrics if metric.reference_split}:
            frames = frames_of(self._dataset, split)
            files |= dict(zip(frames.paths, frames.digests, strict=True))
        return files

    def _sound_files(self, extractor: str) -> dict[Path, str | None]:
        metrics = [metric for metric in self._metrics if metric.audio_extractor == extractor]
        files: dict[Path, str | None] = {pair.target.audio_path: pair.target.audio_sha256 for pair in self._pairs}
        for split in {metric.reference_split for metric in metrics if metric.reference_split}:
            sounds = sounds_of(self._dataset, split)
            files |= dict(zip(sounds.paths, sounds.digests, strict=True))
        return files


def _embedded(extractor: Extractor, files: Mapping[Path, str | None], loader: Loader) -> Vectors:
    paths = tuple(files)
    digests = [digest or digest_file(path) for path, digest in files.items()]
    matrix = embed_files(extractor, paths, loader, digests)
    return Vectors(matrix, {path: row for row, path in enumerate(paths)})
