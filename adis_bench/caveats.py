"""What a reader of the numbers must know: one sentence each."""

from collections.abc import Mapping, Sequence

from adis_bench.datasets.class_pairs import sides_of
from adis_bench.datasets.combined import n_sources_within, train_data_of
from adis_bench.datasets.records import Dataset
from adis_bench.extractors.l3 import RetrievalAccuracy
from adis_bench.extractors.protocol import Extractor
from adis_bench.results import MethodRecord, PairsRecord

FEW_PAIRS = 50
"""Below this, intervals are so wide that methods can hardly be told apart."""
FEW_GROUPS = 15
"""Below this many photographs or recordings, two-way intervals tend to be too narrow (Cameron, Gelbach, Miller 2011)."""


def caveats(
    dataset: Dataset, pairs: PairsRecord, n_pairs_wanted: int, methods: Sequence[MethodRecord], failures: Mapping[str, str]
) -> tuple[str, ...]:
    """Sentences about data and outputs; those about metrics come from ``metrics.evaluate``."""
    return tuple(
        [
            *_pairing(dataset),
            *_trained_elsewhere(dataset),
            *_availability(dataset),
            *_shared(dataset),
            *_size(pairs, n_pairs_wanted),
            *_classes(dataset),
            *_left_out(dataset, methods),
            *_outputs(methods, failures),
        ]
    )


def judge_caveats(accuracy: RetrievalAccuracy | None, has_judge: bool = True) -> tuple[str, ...]:
    """A sentence where the judge network can't be told from guessing on test data, or could not be tried there."""
    if accuracy is None and has_judge:
        return (
            "The judge could not be tried on these data: that takes sounds of two or more classes which have a frame of their own. "
            "How far scores that rest on it (avc) can be trusted here is not known.",
        )
    if accuracy is None or (accuracy.ci_low is not None and accuracy.ci_low > accuracy.chance):
        return ()
    interval = f"{accuracy.ci_low:.2f} to {accuracy.ci_high:.2f}" if accuracy.ci_low is not None else "none"
    return (
        f"The judge finds a sound's own frame among {accuracy.n_choices} in {accuracy.value:.0%} of cases (95 % interval {interval}), "
        f"guessing in {accuracy.chance:.0%}: scores that rest on it (avc) say little here.",
    )


def trunk_caveats(extractors: Mapping[str, Extractor]) -> tuple[str, ...]:
    """A sentence where a judge's tower stands on the features that other metrics use."""
    if not any(extractor.facts().get("image_trunk") == "efficientnet_lite0" for extractor in extractors.values()):
        return ()
    return (
        "The judge split has too few images for convolutions of the judge's own, so it looks through EfficientNet-Lite0: avc is not "
        "independent of label_similarity and the Fréchet distances here.",
    )


def extractor_caveats(extractors: Mapping[str, Extractor]) -> tuple[str, ...]:
    """A sentence on weights whose bytes nobody vouches for."""
    doubtful = [name for name, extractor in extractors.items() if extractor.facts().get("verified") is False]
    if not doubtful:
        return ()
    return (
        f"UNVERIFIED weights: {', '.join(doubtful)} rest on files whose digest is not the published one, or whose digest was never "
        "published; their numbers compare with nobody's until the files are checked (see `adis-bench weights verify`).",
    )


def _pairing(dataset: Dataset) -> list[str]:
    if dataset.pairing == "recorded":
        return []
    if dataset.pairing == "grid":
        return [
            "Sounds and images come from different sources, and any image meets any sound: no exact answer to a pair exists, so scores "
            "show whether an output fits the sound's class and keeps the source's scene."
        ]
    return [
        "Sounds and images of this dataset were not recorded together: each sound was joined with images of its class, "
        "so scores show whether the class fits, not the very recording."
    ]


def _availability(dataset: Dataset) -> list[str]:
    """Of a dataset that is cut from listed videos: how much of the list is there."""
    found = dataset.notes.get("availability")
    if not found:
        return []
    return [
        f"{found['present']} of the paper's {found['listed']} listed videos are in these data ({found['hours']} h of segments): "
        "scores on other selections of them are not the same benchmark."
    ]


def _trained_elsewhere(dataset: Dataset) -> list[str]:
    """Test data of another dataset than the training data: what that means, and where the two don't fit."""
    train_data = train_data_of(dataset.notes)
    if train_data is None:
        return []
    n_sources = n_sources_within(train_data)
    floor = (
        f"and {n_sources} of the source images are among these frames. So `identity` gains in the Fréchet distances here."
        if n_sources
        else "of which no source image is one. So `identity` is no floor of the Fréchet distances here."
    )
    found = [
        f"Methods and judge were trained on another dataset ({train_data['name']}): real frames and class means that metrics compare with "
        f"are of its training and judge data, {floor}"
    ]
    known = {segment.label for split in ("train", "judge") for segment in dataset.split(split).segments}
    targets = sides_of(dataset.split("test")).target_labels
    if strange := [dataset.displays.get(label, label) for label in targets if label not in known]:
        found.append(
            f"The training data does not have {len(strange)} of {len(targets)} target classes ({', '.join(strange)}): metrics of a class "
            "do not score their pairs."
        )
    if train_data["n_test_sounds_in_it"] or train_data["n_test_images_in_it"]:
        found.append(
            f"{train_data['n_test_sounds_in_it']} test sounds and {train_data['n_test_images_in_it']} test images are in the training "
            "data, too: pairs with them are not unseen."
        )
    return found


def _left_out(dataset: Dataset, methods: Sequence[MethodRecord]) -> list[str]:
    """Controls that can't be had on these data."""
    controls = {method.label for method in methods if method.control}
    found = []
    if controls and "target" not in controls:
        train_data = train_data_of(dataset.notes)
        where = f"; `adis-bench check metrics --data {train_data['path']}` does so on the training data" if train_data else ""
        found.append(
            "No target sound has a frame, so there is no control `target`, and metrics of how well outputs fit their sounds could not be "
            f"checked here for whether they tell right images from wrong ones{where}."
        )
    if controls and "retrieval" not in controls:
        found.append(
            "There is no training data, so there is no control `retrieval`, and metrics that compare with its frames or its classes "
            "have no values; --train-data D gives some."
        )
    return found


def _shared(dataset: Dataset) -> list[str]:
    """Classes of an imported folder with a single source of a kind to train from: judge and methods divide its pieces."""
    shared = dataset.notes.get("train_and_judge_share_sources") or []
    if not shared:
        return []
    what = ", ".join(f"{dataset.displays.get(row['class'], row['class'])} ({row['kind']})" for row in shared)
    return [f"The judge was trained on pieces of the same sources as the methods in {what}: too few sources to part them."]


def _size(pairs: PairsRecord, wanted: int) -> list[str]:
    found = []
    if pairs.n < wanted:
        found.append(f"The test split gives {pairs.n} different pairs, not the {wanted} of the preset.")
    if pairs.n < FEW_PAIRS:
        found.append(f"Only {pairs.n} pairs: intervals are wide, and small differences between methods cannot be seen.")
    for count, what in ((pairs.n_source_groups, "source photographs"), (pairs.n_sound_groups, "recordings")):
        if count < FEW_GROUPS:
            found.append(f"The pairs rest on {count} {what} only: intervals from so few tend to be too narrow.")
    return found


def _classes(dataset: Dataset) -> list[str]:
    return [f"Class '{dataset.displays.get(label, label)}' is not evaluated: {reason}." for label, reason in dataset.not_evaluated.items()]


def _outputs(methods: Sequence[MethodRecord], failures: Mapping[str, str]) -> list[str]:
    found = [f"Method {label} failed: {message}" for label, message in failures.items()]
    for method in methods:
        if method.n_missing and method.label not in failures:
            n_pairs = method.n_outputs + method.n_missing
            rest = "its scores rest on the others" if method.n_outputs else "it is not scored"
            missing = f"{method.n_missing} of {n_pairs} outputs of {method.label} are missing"
            found.append(f"{f'{method.label} was {method.not_asked}' if method.not_asked else missing}; {rest}.")
    if len({method.n_outputs for method in methods}) > 1:
        found.append("Methods have different numbers of outputs: Fréchet distances compare at equal numbers only.")
    return found
