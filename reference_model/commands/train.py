"""``adis-bench train``: one method, in one process or in several."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option, device_option
from adis_bench.errors import AdisBenchError

if TYPE_CHECKING:
    from reference_model.train_request import Trained, TrainRequest

GRACE_S = 10.0
"""Time for torchrun to end this process after the first one has told the same error."""


class FirstSpeaks(click.Command):
    """Of torchrun's processes only the first one tells an error that all of them meet."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments."""
        with _first_speaks():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Do the work."""
        with _first_speaks():
            return super().invoke(ctx)


def _is_first() -> bool:
    return int(os.environ.get("RANK", "0")) == 0


@contextmanager
def _first_speaks() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if not _is_first():
            sys.exit(130)
        raise
    except (AdisBenchError, click.ClickException):
        # An error that only this process has found is told after that time.
        if not _is_first():
            time.sleep(GRACE_S)
        raise


@click.command(cls=FirstSpeaks, short_help="train a method on one or several GPUs")
@click.option(
    "--method", default="ours", show_default=True, metavar="NAME", help="A method that is trained: ours, ours:selavi, cut, cyclegan ..."
)
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset (see `adis-bench data`).  [default: the demo world]")
@click.option("--preset", metavar="NAME|FILE.toml", help="Resolution and settings.  [default: demo on the demo world, small elsewhere]")
@click.option("--out", type=click.Path(path_type=Path), help="The model's folder.  [default: the cache, where `adis-bench run` finds it]")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the training and of --judge-split.")
@click.option(
    "--training-seed", type=click.IntRange(min=0), help="Of the training alone; `adis-bench table1` has 0, 1, 2 ...  [default: --seed]"
)
@device_option
@click.option("--workers", type=click.IntRange(min=0), default=0, help="Threads that feed each process.  [default: by the processors]")
@click.option(
    "--training-precision",
    type=click.Choice(["float32", "bf16", "float64"]),
    help="In place of the preset's; makes another model than a run with the preset alone would find.",
)
@click.option(
    "--judge-split",
    type=float,
    metavar="SHARE",
    help="Share of the training data kept for the judge, as in `adis-bench run`: the model must not see it.",
)
@debug_option
def command(method: str, out: Path | None, workers: int, training_precision: str | None, training_seed: int | None, **flags: Any) -> None:
    """Train one method on the training data of `adis-bench run` with the same options.

    The same command goes on from the last checkpoint. SIGTERM and Ctrl-C keep a checkpoint and stop, SIGUSR1
    keeps one and goes on. Logs and samples lie beside the model.

    \b
    Eight GPUs of one machine (batch_size is that of all of them together):
      torchrun --nproc-per-node 8 --no-python adis-bench train --data DATA --preset released --out MODEL
    """  # noqa: D301 - click's mark for lines that stay as they are
    from adis_bench.spec import Flags
    from reference_model.train_request import TrainRequest, train

    folder = out.expanduser().resolve() if out else None
    request = TrainRequest(Flags(methods=(method,), **flags), folder, workers, training_precision, training_seed)
    trained = train(request)
    if _is_first():
        _tell(request, trained)


def _tell(request: "TrainRequest", trained: "Trained") -> None:
    from reference_model.train_request import use_commands

    log = trained.provenance.get("losses", {})
    speed = f" ({log['images_per_s']:.3g} images/s in the last steps)" if "images_per_s" in log and not trained.found else ""
    click.echo(f"{'already trained' if trained.found else 'model'}: {trained.folder}{speed}")
    for line in use_commands(request, trained):
        click.echo(f"  {line}")
