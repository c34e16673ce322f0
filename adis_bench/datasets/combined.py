"""The test split of one dataset with the training and judge data of another: ``run --data O --train-data D``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adis_bench.datasets.class_pairs import sides_of
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError

_ABOUT_TRAINING = ("hold_back", "train_and_judge_share_sources", "classes_without_judge_data")
"""Notes of an import that say how train and judge were divided: those of the training dataset hold."""


@dataclass(frozen=True)
class CombinedDataset(Dataset):
    """Train and judge segments of one dataset, test segments of another.

    Every split is the one of its own dataset, unchanged: models and judges are found that were trained on the training
    dataset alone, and the pairs are those of the evaluated dataset, whatever the methods were trained on.

    Attributes:
        training: dataset of the train and judge splits.
        evaluated: dataset of the test split.
    """

    training: Dataset = field(kw_only=True)
    evaluated: Dataset = field(kw_only=True)

    def split(self, name: str) -> Dataset:
        """The split of the dataset that it comes from."""
        return (self.evaluated if name == "test" else self.training).split(name)


def combined(evaluated: Dataset, training: Dataset, training_digest: str) -> CombinedDataset:
    """Put two datasets together; ``notes["train_data"]`` says what the training dataset is.

    Args:
        evaluated: gives test segments, pairing, recipe and the classes that are not evaluated.
        training: gives train and judge segments; its classes come first.
        training_digest: digest of the training dataset as it was imported.
    """
    used = training.with_segments(s for s in training.segments if s.split != "test")
    test = evaluated.split("test")
    kept = {name: note for name, note in evaluated.notes.items() if name not in _ABOUT_TRAINING}
    told = {name: training.notes[name] for name in _ABOUT_TRAINING if name in training.notes}
    return CombinedDataset(
        root=evaluated.root,
        name=f"{evaluated.name} on {training.name}",
        recipe=evaluated.recipe,
        pairing=evaluated.pairing,
        displays={**training.displays, **{label: text for label, text in evaluated.displays.items() if label not in training.displays}},
        segments=(*used.segments, *test.segments),
        not_evaluated=evaluated.not_evaluated,
        notes={**kept, **told, "train_data": _facts(training, training_digest, used, test)},
        training=training,
        evaluated=evaluated,
    )


def _facts(training: Dataset, digest: str, used: Dataset, test: Dataset) -> dict[str, Any]:
    """Name and place of the training data, and how much of the test data it holds, by content."""
    sounds, frames = _contents(used)
    test_sounds, test_frames = _contents(test)
    sources = {digest for segment in sides_of(test).sources for digest in segment.frame_sha256}
    return {
        "name": training.name,
        "path": str(training.root),
        "digest": digest,
        "recipe": dict(training.recipe),
        "n_test_sounds_in_it": len(sounds & test_sounds),
        "n_test_images_in_it": len(frames & test_frames),
        "n_source_images_in_it": len(frames & sources),
    }


def _contents(dataset: Dataset) -> tuple[set[str], set[str]]:
    sounds = {s.audio_sha256 for s in dataset.segments if s.has_sound}
    return sounds, {digest for s in dataset.segments for digest in s.frame_sha256}


def train_data_of(notes: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a dataset's notes say of its separate training data; None where train and test are one dataset."""
    found = notes.get("train_data")
    return found if isinstance(found, Mapping) else None


def n_sources_within(train_data: Mapping[str, Any]) -> int:
    """How many of the images that pairs are made of are, by content, in the training data too (facts as of ``train_data_of``)."""
    # Of older runs the number of all test images is known; source images are the most of them.
    return int(train_data.get("n_source_images_in_it", train_data.get("n_test_images_in_it", 0)))


def refuse_one_sided(dataset: Dataset) -> None:
    """Training and judge segments need a sound and frames.

    Raises:
        DataError: how many lack which, and the first of them.
    """
    trained = [s for s in dataset.segments if s.split != "test"]
    for what, lacking in (
        ("sound", [s for s in trained if not s.has_sound]),
        ("frames", [s for s in trained if not s.has_frames]),
    ):
        if lacking:
            raise DataError(
                f"{dataset.root} cannot be trained on: {len(lacking)} of {len(trained)} segments for training have no {what}, "
                f"first: {lacking[0].segment_id}; train on data that has both: --train-data D"
            )
