"""What an import prints on stdout."""

from typing import Any

import click


def tell(dataset: Any) -> None:
    """Print a dataset in a few lines: classes, segments by split, what is not evaluated, where it is."""
    counts = {name: len(dataset.split(name).segments) for name in ("train", "judge", "test")}
    sizes = ", ".join(f"{n} {name}" for name, n in counts.items())
    click.echo(f"{dataset.name}: {len(dataset.labels)} classes, {sizes} segments, pairing {dataset.pairing}")
    for label, reason in dataset.not_evaluated.items():
        click.echo(f"not evaluated: {dataset.displays.get(label, label)}: {reason}")
    click.echo(f"dataset: {dataset.root}")
