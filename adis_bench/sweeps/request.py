"""What ``adis-bench sweep`` is asked for, and whether that makes sense."""

import math
from dataclasses import dataclass
from typing import Literal, cast

from adis_bench.errors import ConfigError
from adis_bench.sweeps.defaults import N_PAIRS
from adis_bench.sweeps.records import KINDS, Kind, Reading, Step

MAX_GAIN_DB = 120.0
"""As in ``adis-bench stylize``: more than the range of 16-bit sound either way; it only keeps slips of the keyboard out."""
FEWEST_STEPS = 3
"""Of two steps every rank correlation is -1 or 1."""
AskedReading = Literal["auto", "network", "file"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        steps: kind -> its steps, lowest first; the kinds in the order of ``KINDS``.
        methods: labels of the run; empty for all of its methods.
        n_pairs: pairs of the run to sweep.
        seed: of the choice of pairs and of second sounds, and of the resamples; None for the run's.
        device: torch device; None for the run's.
        reading: ``auto`` is ``network`` where a method takes sounds past its own loading, else ``file``.
    """

    steps: dict[Kind, tuple[Step, ...]]
    methods: tuple[str, ...] = ()
    n_pairs: int = N_PAIRS
    seed: int | None = None
    device: str | None = None
    reading: AskedReading = "auto"


def request_of(
    kinds: str,
    methods: str,
    gains: str,
    weights: str,
    *,
    n_pairs: int = N_PAIRS,
    seed: int | None = None,
    device: str | None = None,
    reading: str = "auto",
) -> Request:
    """The request that options ask for, lists as texts with commas.

    Args:
        kinds: ``volume,mix``.
        methods: labels; empty for all.
        gains: decibels.
        weights: 0 to 1.
        n_pairs: at least 2.
        seed: 0 or more.
        device: torch device.
        reading: ``auto``, ``network`` or ``file``.

    Raises:
        ConfigError: an option that can't be used.
    """
    asked = [name.strip() for name in kinds.split(",") if name.strip()]
    strange = [name for name in asked if name not in KINDS]
    if strange or not asked:
        raise ConfigError(f"--kind {kinds!r}: expected {' or '.join(KINDS)}, or both with a comma")
    if n_pairs < 2:
        raise ConfigError(f"--pairs {n_pairs}: an interval needs at least 2 pairs")
    if seed is not None and seed < 0:
        raise ConfigError(f"--seed {seed} is less than 0")
    if reading not in ("auto", "network", "file"):
        raise ConfigError(f"--reading {reading!r}: expected auto, network or file")
    steps: dict[Kind, tuple[Step, ...]] = {}
    if "volume" in asked:
        steps["volume"] = tuple(_gain(value) for value in _numbers(gains, "--gains", -MAX_GAIN_DB, MAX_GAIN_DB))
    if "mix" in asked:
        steps["mix"] = tuple(Step(f"w{value:g}", f"{value:g}", value) for value in _numbers(weights, "--weights", 0.0, 1.0))
    labels = tuple(dict.fromkeys(name.strip() for name in methods.split(",") if name.strip()))
    return Request(steps, labels, n_pairs, seed, device, cast("AskedReading", reading))


def _gain(value: float) -> Step:
    return Step(f"gain{value:+g}", f"{value:+g}".replace("-", "\u2212") if value else "0", value)


def _numbers(text: str, option: str, low: float, high: float) -> list[float]:
    """At least three different numbers, lowest first."""
    wanted = f"expected at least {FEWEST_STEPS} different numbers of {low:g} to {high:g} with commas between them"
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"{option} {text!r}: {wanted}") from error
    if outside := [value for value in values if not low <= value <= high]:  # also NaN
        hint = f"; {low:g} dB is below the last bit of 16-bit sound" if option == "--gains" and not math.isnan(outside[0]) else ""
        raise ConfigError(f"{option}: {outside[0]:g} is not in the range; {wanted}{hint}")
    # Steps are told apart by their shown digits: they name folders.
    found = sorted({float(f"{value + 0.0:g}") for value in values})
    if len(found) < FEWEST_STEPS:
        raise ConfigError(f"{option} {text!r} has {len(found)}; {wanted}")
    return found


def reading_asked(request: Request, takes_sounds: bool) -> Reading:
    """The reading that a sound-conditioned method gets."""
    if request.reading == "auto":
        return "network" if takes_sounds else "file"
    return request.reading
