"""Options that the importers of videos share."""

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def cut_options(frame_rule: str, n_frames: int, size: str = "512") -> Callable[[Function], Function]:
    """How frames and sounds are cut, with the importer's own defaults."""
    added = [
        click.option(
            "--frames",
            "frame_rule",
            type=click.Choice(["uniform", "stride"]),
            default=frame_rule,
            show_default=True,
            help="uniform: in the middle of equal parts; stride: the release's every floor(n/8)-th frame.",
        ),
        click.option("--n-frames", type=click.IntRange(1, 64), default=n_frames, show_default=True, help="Frames per segment."),
        click.option(
            "--size",
            default=size,
            show_default=True,
            metavar="PIXELS|released",
            help="Side of the frames, antialiased; released: 512 without antialiasing, as the release made them.",
        ),
        click.option(
            "--sample-rate",
            type=click.Choice(["48000", "16000"]),
            default="48000",
            show_default=True,
            help="Of the sounds, in Hz, mono; the release kept 16000.",
        ),
        click.option(
            "--processes",
            type=click.IntRange(1),
            default=os.cpu_count() or 1,
            show_default="one a core",
            help="How many videos are worked on at once.",
        ),
    ]
    return _all(added)


def split_options(test_share: float) -> Callable[[Function], Function]:
    """How segments are split."""
    added = [
        click.option(
            "--split",
            type=click.Choice(["video", "segment"]),
            default="video",
            show_default=True,
            help="video: no video on both sides; segment: at random, as the appendix did (see the leakage in `adis-bench data describe`).",
        ),
        click.option(
            "--test-split", "test_share", type=float, default=test_share, show_default=True, metavar="SHARE", help="Share for testing."
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Decides the split."),
    ]
    return _all(added)


def _all(options: list[Callable[[Function], Function]]) -> Callable[[Function], Function]:
    def add(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def cut_of(options: Mapping[str, Any]) -> Any:
    """The ``Cut`` that the options mean."""
    from adis_bench.datasets.cutting import Cut

    size = options["size"]
    if size != "released" and not (size.isdecimal() and 16 <= int(size) <= 4096):
        raise click.BadParameter(f"{size!r} is neither a number of pixels from 16 to 4096 nor 'released'", param_hint="--size")
    return Cut(
        frame_rule=options["frame_rule"],
        n_frames=options["n_frames"],
        side=512 if size == "released" else int(size),
        resize="released" if size == "released" else "antialiased",
        rate_hz=int(options["sample_rate"]),
    )


def split_of(options: Mapping[str, Any]) -> Any:
    """The ``SplitChoice`` that the options mean."""
    from adis_bench.datasets.video_dataset import SplitChoice

    return SplitChoice(options["split"], options["test_share"], options["seed"])
