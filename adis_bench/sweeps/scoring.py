"""Scores of a sweep's pictures: the run's metrics per pair and step, with the undisturbed sounds as the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset
from adis_bench.embedding import RunEmbeddings
from adis_bench.extractors.protocol import Extractor
from adis_bench.metrics.protocol import Metric, Need, PairMetric
from adis_bench.outputs import OutputFolder
from adis_bench.results import Results
from adis_bench.scoring import numbered
from adis_bench.spec import ORACLE, TARGET
from adis_bench.statistics.records import Groups
from adis_bench.sweeps.making import Task
from adis_bench.sweeps.records import MOVED, Curve, Kind, SweptMetric, Toward, outputs_folder
from adis_bench.sweeps.shared import Floats, Shared
from adis_bench.sweeps.trends import curve

DISTANCE = SweptMetric(
    name=MOVED,
    description="Mean absolute difference of output and source over pixels and channels, 1 is black against white (ours); blind to style.",
    unit="share of full scale",
    higher_is_better=True,
)
ROUNDING = 1
"""Levels of 255 in any pixel (ours): a value that moves across a half by its last digit changes a pixel by one."""
_NEEDS: dict[Kind, frozenset[Need]] = {
    "volume": frozenset({"source", "sound", "label_text", "target", "oracle"}),
    # Nobody has the exact answer to the second sound, and its own frame is no output of the run.
    "mix": frozenset({"source", "sound", "label_text"}),
}


def usable(metrics: Sequence[Metric], kind: Kind) -> tuple[list[PairMetric], dict[str, str]]:
    """The metrics that give a score per pair and step; why each of the others is left out."""
    found: list[PairMetric] = []
    left_out: dict[str, str] = {}
    for metric in metrics:
        if not isinstance(metric, PairMetric):
            left_out[metric.name] = "a score of a whole set, not of a pair"
        elif metric.needs - _NEEDS[kind]:
            left_out[metric.name] = f"needs the {', '.join(sorted(metric.needs - _NEEDS[kind]))} image of the sound that is mixed in"
        else:
            found.append(metric)
    return found, left_out


def swept_metric(metric: PairMetric, results: Results) -> SweptMetric:
    """What a metric states, with what the run found of it."""
    failure = next((record.failure for record in results.metrics if record.name == metric.name), "")
    return SweptMetric(metric.name, metric.description, metric.unit, metric.higher_is_better, metric.beside, failure)


@dataclass(frozen=True, slots=True)
class Scorer:
    """Everything that scores of one kind of sweep rest on."""

    task: Task
    dataset: Dataset
    extractors: Mapping[str, Extractor]
    metrics: Sequence[PairMetric]
    seed: int

    def tied(self, label: str) -> NDArray[np.int64]:
        """int64 [n, k]: for every pair and step the step whose scores it gets, itself or an earlier one (``first_equals``)."""
        folders = self._folders(label)
        rows = [first_equals([read_image(folder.image_path(pair)) for folder in folders]) for pair in self.task.pairs]
        return np.array(rows, np.int64)

    def curves(self, tied: Mapping[str, NDArray[np.int64]]) -> dict[str, tuple[Curve, ...]]:
        """Every method's curves, by label; ``moved`` comes last.

        Args:
            tied: what ``tied`` gives, by label.
        """
        labels = list(tied)
        found: dict[str, list[Curve]] = {label: [] for label in labels}
        own = self._embeddings(labels, mixed=False)
        mixed = self._embeddings(labels, mixed=True) if self.task.others else None
        for metric in self.metrics:
            scores = {label: _held(self._scores(metric, own, label), tied[label]) for label in labels}
            for label in labels:
                found[label].append(self._curve(metric.name, "target", scores[label]))
            if mixed is None:
                continue
            of_mixed = {label: _held(self._scores(metric, mixed, label), tied[label]) for label in labels}
            if all(np.array_equal(scores[label], of_mixed[label], equal_nan=True) for label in labels):
                continue  # it does not look at the target: structure, say
            sign = 1 if metric.higher_is_better else -1
            for label in labels:
                found[label].append(self._curve(metric.name, "mixed", of_mixed[label]))
                found[label].append(self._curve(metric.name, "difference", sign * (of_mixed[label] - scores[label])))
        for label in labels:
            found[label].append(self._curve(MOVED, "target", _held(self._moved(label), tied[label])))
        return {label: tuple(curves) for label, curves in found.items()}

    def _curve(self, metric: str, toward: Toward, scores: Floats) -> Curve:
        pairs, others = self.task.pairs, self.task.others
        sounds = numbered([segment.audio_group for segment in (*(p.target for p in pairs), *others)])
        groups = Groups(numbered([p.source_group for p in pairs]), sounds[: len(pairs)])
        shared = Shared(groups, sounds[len(pairs) :] if others else None)
        return curve(metric, toward, scores, np.array([step.value for step in self.task.steps], np.float64), shared, self.seed)

    def _folders(self, label: str) -> list[OutputFolder]:
        """Of every step."""
        task = self.task
        return [OutputFolder(outputs_folder(task.run_dir, task.kind, label, step.name)) for step in task.steps]

    def _embeddings(self, labels: Sequence[str], *, mixed: bool) -> RunEmbeddings:
        task = self.task
        pairs = task.pairs
        if mixed:
            pairs = tuple(replace(pair, target=other) for pair, other in zip(task.pairs, task.others, strict=True))
        # No label of a method holds a slash.
        outputs = {
            f"{label}/{step.name}": folder for label in labels for step, folder in zip(task.steps, self._folders(label), strict=True)
        }
        for control in (TARGET, ORACLE):
            if any(control in metric.needs for metric in self.metrics):
                outputs[control] = OutputFolder.of(task.run_dir, control)
        return RunEmbeddings(self.dataset, pairs, outputs, self.extractors, self.metrics, task.resolution)

    def _scores(self, metric: PairMetric, embeddings: RunEmbeddings, label: str) -> Floats:
        """float64 [n, k]; NaN where not scored."""
        reference = embeddings.reference(metric)
        columns = [metric.score(embeddings.batch(metric, f"{label}/{step.name}"), reference) for step in self.task.steps]
        return np.stack(columns, axis=1).astype(np.float64)

    def _moved(self, label: str) -> Floats:
        task = self.task
        scores = np.empty((len(task.pairs), len(task.steps)))
        for row, pair in enumerate(task.pairs):
            source = read_image(pair.source_path, task.resolution).astype(np.float64)
            for column, folder in enumerate(self._folders(label)):
                scores[row, column] = np.abs(read_image(folder.image_path(pair)) - source).mean() / 255
        return scores


def first_equals(pictures: Sequence[NDArray[np.uint8]]) -> list[int]:
    """For every picture the place of the first one that it equals to ``ROUNDING`` levels in any pixel, or its own.

    A score follows the last digits of a picture, and ranks don't see how small a difference is: pictures that differ by rounding
    only must not be ranked. Each is compared with those that equal no earlier one, so that many small steps in one direction,
    each of them within rounding, still come to be told apart.
    """
    firsts: list[int] = []
    found = []
    for place, picture in enumerate(pictures):
        levels = picture.astype(np.int16)
        same = next((first for first in firsts if np.abs(levels - pictures[first]).max() <= ROUNDING), None)
        if same is None:
            firsts.append(place)
        found.append(place if same is None else same)
    return found


def _held(scores: Floats, tied: NDArray[np.int64]) -> Floats:
    """The scores [n, k], each replaced by that of the step it is tied to."""
    return np.take_along_axis(scores, tied, axis=1)
