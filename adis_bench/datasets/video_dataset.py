"""From ingested segments to a saved dataset: labels, splits, header; what every importer of videos ends with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.datasets.demo.style import DISPLAYS
from adis_bench.datasets.ingest import VERSION, Ingested
from adis_bench.datasets.records import HEADER_NAME, Dataset
from adis_bench.datasets.tagging.work import Tagger
from adis_bench.datasets.tagging.yamnet import find_yamnet
from adis_bench.datasets.video_splits import NO_CLASSES, Rule, split_segments
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_json, make_folder

UNKNOWN = "no sound was tagged: labels are unknown"
OTHER = "its sounds are none of the eight categories"


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """How segments are split.

    Attributes:
        rule: ``video`` or ``segment``.
        test_share: share of the segments for testing.
        seed: decides which.
    """

    rule: Rule
    test_share: float
    seed: int

    def check(self) -> None:
        """Before anything is cut.

        Raises:
            ConfigError: the share is out of range.
        """
        if not 0.0 < self.test_share < 1.0:
            raise ConfigError(f"the test share must be above 0 and below 1, not {self.test_share}")


def check_folders(src: Path, root: Path, fixed: Mapping[str, Any], wheres: Sequence[str]) -> None:
    """Whether a dataset of these videos, cut as ``fixed`` says, may be made in ``root``.

    Args:
        src: folder of the videos.
        root: folder of the dataset; made where it isn't there.
        fixed: what a dataset that is there must have in its recipe.
        wheres: paths of the videos in ``src``.

    Raises:
        DataError: ``root`` lies in the source folder, is a file, or holds another dataset. Other labels and splits of the same cut, and
            more or fewer videos, are no other dataset: they are written over the old ones.
    """
    if root.is_relative_to(src.resolve()):
        raise DataError(f"the dataset cannot lie inside its source folder {src.resolve()}; choose another folder than {root}")
    make_folder(root)
    try:
        header = json.loads((root / HEADER_NAME).read_bytes())
        recipe, sources = dict(header["recipe"]), [source["path"] for source in header["notes"].get("sources", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # none, or one that was not written to its end: it is written anew
    differing = [key for key, value in fixed.items() if recipe.get(key) != value]
    if not differing and sources and not set(sources) & set(wheres):
        differing = ["all videos"]
    if differing:
        raise DataError(f"another dataset is in {root}: {', '.join(differing)} differ; choose an empty folder, or the same options")


def find_tagger() -> tuple[Tagger | None, str]:
    """YAMNet where it is here, else why not and what to do."""
    found = find_yamnet()
    if found.weights is None:
        return None, found.reason
    return Tagger(found.weights.path, found.weights.sha256, found.weights.verified), ""


def save(
    root: Path,
    name: str,
    ingested: Ingested,
    split: SplitChoice,
    *,
    recipe: Mapping[str, Any],
    notes: Mapping[str, Any],
    displays: Mapping[str, str] = DISPLAYS,
    untagged: str = "",
) -> Dataset:
    """Split the segments and write the dataset.

    Args:
        root: folder of the dataset.
        name: its name.
        ingested: the segments and what was left out.
        split: how to split.
        recipe: what the importer did; ``content``, split and version are added.
        notes: what the importer says; sources, skipped and counts are added.
        displays: all labels that there may be, but ``unknown`` and ``other``.
        untagged: why sounds were not tagged.

    Raises:
        DataError: no segment is left.
    """
    if not ingested.segments:
        reasons = [f"{skip.path}: {skip.detail}" for skip in ingested.skipped[:3]]
        raise DataError(f"nothing could be cut: all {len(ingested.skipped)} pieces were left out, first: {'; '.join(reasons)}")
    never = {"unknown": f"{UNKNOWN} ({untagged})" if untagged else UNKNOWN, "other": OTHER}
    done = split_segments(ingested.segments, rule=split.rule, test_share=split.test_share, seed=split.seed, never_evaluated=never)
    present = {segment.label for segment in done.segments}
    shown = {label: text for label, text in {**displays, **{label: label for label in NO_CLASSES}}.items() if label in present}
    content = digest_json([[source.file.name, source.facts["sha256"]] for source in ingested.sources])
    dataset = Dataset(
        root=root,
        name=name,
        recipe={**recipe, "version": VERSION, "content": content, "split": split.rule, "test_share": split.test_share, "seed": split.seed},
        pairing="recorded",
        displays=shown,
        segments=done.segments,
        not_evaluated=done.not_evaluated,
        notes={**notes, **ingested.notes(), "unused_test": done.unused_test, "no_category": sorted(present & set(NO_CLASSES))},
    )
    dataset.save()
    return dataset
