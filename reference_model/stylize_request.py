"""What ``adis-bench stylize`` is asked for, whether that makes sense, and what came of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adis_bench.errors import ConfigError, DataError
from adis_bench.registry import unknown
from reference_model.method import SIDE_STEP, TrainedMethod

MAX_GAIN_DB = 120.0
"""More than the range of 16-bit sound either way; it only keeps slips of the keyboard out."""
MIN_SIDE = 16
"""Pixels; two halvings later the reflected borders need more than one row (and no run has smaller images)."""
MAX_SIDE = 2048
"""Pixels; one picture of 2048 x 2048 takes about 10 GB in the released model."""
_LISTED = 20  # damaged files that an error lists


@dataclass(frozen=True, slots=True)
class Mix:
    """A second sound, and its weights in 0..1."""

    path: Path
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        method: ``ours``, ``ours:PATH``, ``cut:PATH`` ...
        image, audio: files or folders; ``audio`` is None where a label conditions.
        label: of a label-conditioned model.
        out: picture; a folder where ``image`` or ``audio`` is one.
        gains_db: of a strip.
        mix: of a strip.
        start_s: where the three seconds begin in each sound.
        size: side of the pictures in pixels (the shorter one with ``keep_aspect``); None: the model's resolution.
        batch_size: pictures per pass through the model.
    """

    method: str
    image: Path
    out: Path
    audio: Path | None = None
    label: str | None = None
    gains_db: tuple[float, ...] = ()
    mix: Mix | None = None
    start_s: float = 0.0
    size: int | None = None
    keep_aspect: bool = False
    device: str = "auto"
    precision: str = "float32"
    batch_size: int = 8
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done.

    Attributes:
        method, weights_sha256: the model.
        outputs: one record per picture that was written, JSON-compatible.
        n_skipped: pictures that were there already.
        failures: input file -> why it could not be used.
    """

    method: str
    weights_sha256: str
    outputs: tuple[Mapping[str, Any], ...]
    n_skipped: int = 0
    failures: Mapping[Path | str, str] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """As one JSON object."""
        return {
            "method": self.method,
            "weights_sha256": self.weights_sha256,
            "outputs": list(self.outputs),
            "skipped": self.n_skipped,
            "failed": [{"path": str(path), "reason": reason} for path, reason in self.failures.items()],
        }

    def raise_failures(self) -> None:
        """Raise what could not be used, file by file.

        Raises:
            DataError: at least one file failed.
        """
        if n := len(self.failures):
            lines = [f"{n} input file{'s' if n > 1 else ''} could not be used; all others are done; mend or remove:"]
            lines += [f"  {reason}" for reason in list(self.failures.values())[:_LISTED]]
            lines += [f"  ... and {n - _LISTED} more"] if n > _LISTED else []
            raise DataError("\n".join(lines))


def parse_gains(text: str) -> tuple[float, ...]:
    """``-30,-20,0`` in dB.

    Raises:
        ConfigError: not numbers, or out of range.
    """
    return _numbers(text, "--gain", -MAX_GAIN_DB, MAX_GAIN_DB, "decibels, such as -30,-20,-10,0")


def parse_mix(text: str) -> Mix:
    """``other.wav:0,0.5,1``: the second sound and its weights.

    Raises:
        ConfigError: no weights, or out of range.
    """
    path, colon, weights = text.rpartition(":")
    if not colon or not path:
        raise ConfigError(f"--mix {text!r} names no weights; write FILE:WEIGHT[,WEIGHT...], such as ocean.wav:0,0.5,1")
    return Mix(
        Path(path).expanduser(),
        _numbers(weights, f"--mix {path}", 0.0, 1.0, "FILE:WEIGHT[,WEIGHT...] with weights of 0 to 1, such as ocean.wav:0,0.5,1"),
    )


def _numbers(text: str, option: str, low: float, high: float, wanted: str) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(f"{option} {text!r}: expected {wanted}") from error
    for value in values:
        if not low <= value <= high:  # also False for NaN
            raise ConfigError(f"{option}: {value:g} is not in {low:g} to {high:g}; expected {wanted}")
    return values


def check_options(request: Request) -> None:
    """Options against each other.

    Raises:
        ConfigError: some do not fit.
    """
    if (request.audio is None) == (request.label is None):
        raise ConfigError("give --audio FILE-or-FOLDER, or --label NAME where the model was trained on labels (one of the two)")
    if request.gains_db and request.mix is not None:
        raise ConfigError("--gain and --mix cannot be used together: a strip shows one change at a time")
    if request.label is not None and (request.gains_db or request.mix is not None or request.start_s):
        raise ConfigError("--gain, --mix and --start are for sounds; a label has none of them")
    if not (math.isfinite(request.start_s) and request.start_s >= 0):
        raise ConfigError(f"--start {request.start_s:g} is not a time in seconds, 0 or later")
    if request.size is not None and (request.size < MIN_SIDE or request.size % SIDE_STEP):
        below = max(MIN_SIDE, request.size - request.size % SIDE_STEP)
        raise ConfigError(f"--size {request.size} is not a multiple of {SIDE_STEP} from {MIN_SIDE} on; use {below} or {below + SIDE_STEP}")
    if request.size is not None and request.size > MAX_SIDE:
        raise ConfigError(f"--size {request.size} is more than {MAX_SIDE}, which takes about 10 GB; use at most {MAX_SIDE}")
    if request.batch_size < 1:
        raise ConfigError(f"--batch-size {request.batch_size} is less than 1")


def check_out(request: Request, whole_folder: bool) -> None:
    """The output's place.

    Raises:
        ConfigError: not a place for such an output.
        DataError: something is there already.
    """
    out = request.out
    if whole_folder:
        if request.gains_db or request.mix is not None:
            raise ConfigError(
                "--gain and --mix write one strip for one image and one sound; name files, not folders, with --image and --audio"
            )
        if request.image.is_dir() and out.resolve() == request.image.resolve():
            raise ConfigError(
                f"--out {out} is the folder of the images; the next call would restyle its own pictures; choose another folder"
            )
        return
    if out.is_dir():
        raise ConfigError(f"--out {out} is a folder; name the picture, such as {out / f'{request.image.stem}.png'}")
    if out.suffix.lower() != ".png":
        raise ConfigError(f"--out {out} does not end with .png, and that is what is written")
    inputs = [request.image, request.audio, request.mix.path if request.mix is not None else None]
    if any(out.resolve() == path.resolve() for path in inputs if path is not None):
        raise ConfigError(f"--out {out} is one of the inputs; choose another name")
    if out.exists() and not request.overwrite:
        raise DataError(f"--out {out} exists; choose another name, or replace it with --overwrite")


def check_condition(request: Request, model: TrainedMethod) -> None:
    """Sound or label, as the model was trained.

    Raises:
        ConfigError: the other one is given, or a label that the model does not know.
    """
    if model.conditions_on == "sound" and request.label is not None:
        raise ConfigError(f"{request.method} is conditioned on sound; give --audio instead of --label")
    if model.conditions_on == "label":
        if request.label is None:
            raise ConfigError(
                f"{request.method} is conditioned on labels; give --label instead of --audio, one of {', '.join(model.labels)}"
            )
        if request.label not in model.labels:
            raise ConfigError(unknown("label", request.label, list(model.labels)))
