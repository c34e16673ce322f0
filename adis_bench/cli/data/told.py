"""What an import prints on stdout."""

from collections import Counter
from typing import Any

import click


def tell(dataset: Any) -> None:
    """Print a dataset in a few lines: classes, segments by split, what was left out and is not evaluated, where it is."""
    from adis_bench.datasets.published_counts import QUANTITIES, published_counts
    from adis_bench.datasets.video_splits import NO_CLASSES
    from adis_bench.printable import printable

    counts = {name: len(dataset.split(name).segments) for name in ("train", "judge", "test")}
    sizes = ", ".join(f"{n} {name}" for name, n in counts.items())
    n_classes = sum(label not in NO_CLASSES for label in dataset.labels)
    click.echo(f"{printable(dataset.name)}: {n_classes} classes, {sizes} segments, pairing {dataset.pairing}")
    skipped = dataset.notes.get("skipped")
    if skipped is not None:  # an import that goes on where it finds something bad: say what came of it
        labels = Counter(segment.label for segment in dataset.segments)
        click.echo(
            "segments by label: " + ", ".join(f"{n} {printable(dataset.displays.get(label, label))}" for label, n in labels.most_common())
        )
    skipped = skipped or []
    for reason, n in Counter(skip["reason"] for skip in skipped).most_common():
        first = next(skip for skip in skipped if skip["reason"] == reason)
        click.echo(f"left out, {reason}: {n}, first: {printable(first['path'])} ({printable(first['detail'])})")
    for copy in dataset.notes.get("copies") or []:
        click.echo(f"left out, the same listed video as {printable(copy['same_video'])}: {printable(copy['path'])}")
    availability = dataset.notes.get("availability")
    if availability:
        click.echo(f"{availability['present']} of {availability['listed']} listed videos are here, {availability['hours']} h of segments")
    published = published_counts(str(dataset.recipe.get("kind", "")))
    if published is not None:
        told = ", ".join(f"{QUANTITIES[key]} {value}" for key, value in published.counts.items())
        click.echo(f"{published.name} in the appendix: {told} (see `adis-bench data describe`)")
    for label, reason in dataset.not_evaluated.items():
        click.echo(f"not evaluated: {printable(dataset.displays.get(label, label))}: {printable(reason)}")
    click.echo(f"dataset: {printable(str(dataset.root))}")
