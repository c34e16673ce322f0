"""From YAMNet's scores to a label. Pure functions: sound decides, a video's flags decide only the ground."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.tagging.category_map import CategoryMap, category_map
from adis_bench.datasets.tagging.classes import N_CLASSES, class_index, class_names
from adis_bench.datasets.tagging.yamnet import Scores

OTHER = "other"
"""Label of a segment that was tagged, and holds none of the eight categories."""
_N_TOP = 5
_STEPS = ("crunch", "footsteps")
_DECIMALS = 4  # the network's scores come in steps of 1/256, and five are pooled: more digits say nothing


@dataclass(frozen=True, slots=True)
class VideoFlags:
    """A row of the paper's list of videos (metadata.xlsx): what the authors noted of each video by hand.

    Only ``snow`` decides anything: in a video of rain or of a forest, what is heard may be anything.
    """

    snow: bool = False
    forest: bool = False
    rain: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """What a segment sounds like.

    Attributes:
        label: one of the eight categories, or ``other``.
        is_music: dominated by music, to be left out and counted; ``label`` says what it would be without this rule.
        top: the five classes with the highest pooled scores, highest first.
        categories: pooled score of each piece of evidence: labels that sound decides, ``crunch``, ``footsteps``, ``music``.
    """

    label: str
    is_music: bool
    top: tuple[tuple[str, float], ...]
    categories: Mapping[str, float]


def pooled(scores: Scores) -> NDArray[np.float64]:
    """float64 [521]: the mean of a segment's windows [windows, 521].

    The mean, since a label should say what fills the segment: by the maximum one chirp in three seconds of rain would make
    it birds. Source: tensorflow/models, research/audioset/yamnet, inference.py, averages the frames of a sound too.

    Raises:
        ValueError: no windows, or scores of another shape.
    """
    if scores.ndim != 2 or scores.shape[0] == 0 or scores.shape[1] != N_CLASSES:
        raise ValueError(f"scores of shape [windows, {N_CLASSES}] are wanted, not {scores.shape}")
    return np.asarray(scores.mean(axis=0, dtype=np.float64), np.float64)


def evidence(pool: NDArray[np.float64], rules: CategoryMap) -> dict[str, float]:
    """Score of each piece of evidence: the highest pooled score among its classes.

    Not the sum: AudioSet's classes contain each other (a chirp is a bird is an animal), so that a sum would count one sound
    several times, and favour categories with many classes.
    """
    index = class_index()
    return {name: float(pool[[index[c] for c in classes]].max()) for name, classes in rules.evidence.items()}


def decide(scores: Scores, flags: VideoFlags | None = None, rules: CategoryMap | None = None) -> Tag:
    """The tag of one segment.

    Args:
        scores: float32 [windows, 521] of its sound.
        flags: its video's; None where nobody noted any, which decides as if there was no snow.
        rules: the map; None: the package's own.
    """
    rules = rules or category_map()
    pool = pooled(scores)
    found = evidence(pool, rules)
    music = found["music"]
    best = max((name for name in found if name != "music"), key=lambda name: found[name])
    return Tag(
        label=_label(best, found, flags is not None and flags.snow, rules),
        is_music=music >= rules.thresholds.music.value and music > found[best],
        top=tuple((class_names()[k], round(float(pool[k]), _DECIMALS)) for k in np.argsort(-pool, kind="stable")[:_N_TOP]),
        categories={name: round(score, _DECIMALS) for name, score in found.items()},
    )


def _label(best: str, found: Mapping[str, float], snow: bool, rules: CategoryMap) -> str:
    if best in _STEPS and snow and found[best] >= rules.thresholds.steps_in_snow.value:
        return rules.grounds.snow.label
    if found[best] < rules.thresholds.label.value:
        return OTHER
    if best not in _STEPS:
        return best
    return rules.grounds.crunch.label if found["crunch"] >= found["footsteps"] else rules.grounds.footsteps.label


def describe(digest: str, flagged: bool, verified: bool = True) -> str:
    """One sentence for a dataset's ``labels_from``.

    Args:
        digest: sha256 of the model file.
        flagged: whether the videos have flags (the paper's list) that decide on snow.
        verified: whether it's a published file.
    """
    unverified = "" if verified else ", an UNVERIFIED file"
    flags = " and the snow flags of the paper's list of videos" if flagged else ""
    return (
        f"YAMNet's tags (sha256 {digest[:12]}{unverified}) by the suite's map to the paper's eight categories, "
        f"version {category_map().version}{flags}; no human labels"
    )
