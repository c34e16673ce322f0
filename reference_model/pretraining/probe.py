"""How much a frozen encoder tells of a noisy sound's class, to a linear probe that has seen a few labelled ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.datasets.media import Waveform
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import ConfigError, DataError
from adis_bench.progress import track
from adis_bench.seeding import generator
from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.records import Groups, Interval
from reference_model.audio import SoundEncoder, normalise_peak
from reference_model.data import sounds
from reference_model.pretraining.logistic import Floats, fit, predict
from reference_model.pretraining.noise import babble, coloured_noise, mixed
from reference_model.settings import NetworkSettings

SHOTS = (2, 4, 8)
"""Labelled segments a class."""
N_DRAWS = 30
BABBLE_SOUNDS = 4
"""Training sounds at once in babble."""
EXPONENTS = {"white": 0.0, "pink": 1.0}
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Noise:
    """What is added to the sounds, labelled and tested ones alike.

    Attributes:
        kind: ``clean`` adds nothing; ``white`` and ``pink`` noise; ``babble``: four other training sounds of any class at once.
        snr_db: power of the sound over that of the noise.
    """

    kind: Literal["clean", "white", "pink", "babble"]
    snr_db: float = 0.0

    @classmethod
    def of(cls, text: str) -> Self:
        """Read ``clean`` or ``KIND:DB``, such as ``babble:-6``.

        Raises:
            ConfigError: neither.
        """
        kind, _, decibels = text.partition(":")
        try:
            if kind == "clean" and not decibels:
                return cls("clean")
            if kind in ("white", "pink", "babble") and np.isfinite(float(decibels)):
                return cls(kind, float(decibels))  # type: ignore[arg-type]
        except ValueError:
            pass
        raise ConfigError(f"--noise {text!r} is not clean, white:DB, pink:DB or babble:DB, such as babble:-6")

    @property
    def name(self) -> str:
        """What tables call it."""
        return "clean" if self.kind == "clean" else f"{self.kind} {self.snr_db:g} dB"

    def over(self, waveform: Waveform, others: Sequence[Waveform], rng: np.random.Generator) -> Waveform:
        """A waveform float32 [T] with the noise; ``others``: what babble is made of."""
        if self.kind == "clean":
            return waveform
        other = babble(list(others), rng) if self.kind == "babble" else coloured_noise(len(waveform), EXPONENTS[self.kind], rng)
        return mixed(waveform, other, self.snr_db)


NOISES = (Noise("clean"), Noise("pink", 0.0), Noise("pink", -10.0), Noise("babble", 0.0), Noise("babble", -6.0))
"""The default conditions."""


@dataclass(frozen=True, slots=True)
class Ear:
    """An encoder under its name, in eval mode, and the settings that say how it wants its sounds."""

    name: str
    encoder: SoundEncoder
    network: NetworkSettings


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the probe.

    Attributes:
        noise: the condition's name.
        shots: labelled segments a class.
        encoder: whose.
        minus: the encoder that is subtracted, on the same draws and sounds; empty for an accuracy itself.
        value: share of test sounds told right, or the difference of two, mean over draws.
        interval: 95 %, over new draws of labelled segments from this training split and new test recordings; not over
            trainings of the encoder.
        n_draws, n_test: draws of labelled segments, and tested sounds.
    """

    noise: str
    shots: int
    encoder: str
    minus: str
    value: float
    interval: Interval
    n_draws: int
    n_test: int


def probe(ears: Sequence[Ear], train: Dataset, test: Dataset, noises: Sequence[Noise], seed: int, device: str = "cpu") -> list[Line]:
    """Accuracies of all encoders, and of each less each one before it, for every noise and number of labelled segments.

    All encoders hear the same noise on the same draws. Vectors are standardised by the training sounds under the same noise,
    unlabelled.

    Raises:
        DataError: a class of the training split has too few segments, or there is nothing to test on.
    """
    labels = {label: i for i, label in enumerate(sorted({s.label for s in test.segments}))}
    known = [s for s in train.segments if s.label in labels]
    _refuse_few(known, labels, train)
    groups = np.unique([s.audio_group for s in test.segments], return_inverse=True)[1]
    names = [np.array([labels[s.label] for s in part]) for part in (known, test.segments)]
    lines: list[Line] = []
    for noise in track(noises, "probe", len(noises)):
        hearing = Hearing(noise, known, seed, device)
        vectors = [_standardised(*both) for both in zip(*(hearing.vectors(ears, part) for part in (known, test.segments)), strict=True)]
        for shots in SHOTS:
            right = told_right(vectors, names[0], names[1], shots, generator("probe", train.digest, shots, seed))
            lines += _lines(right, groups, [ear.name for ear in ears], noise.name, shots)
    return lines


def told_right(
    vectors: Sequence[tuple[Floats, Floats]], known: NDArray[np.int64], asked: NDArray[np.int64], shots: int, rng: np.random.Generator
) -> Floats:
    """1 where a probe tells a test vector's class, else 0: float64 [N_DRAWS, n_test, encoders].

    Args:
        vectors: of each encoder, those of the training sounds [N, D] and of the test sounds [M, D].
        known: int64 [N], classes of the training sounds, 0 to C - 1; each has ``shots`` of them at least.
        asked: int64 [M], classes of the test sounds.
        shots: labelled sounds a class, drawn anew N_DRAWS times, the same ones for every encoder.
        rng: draws them.
    """
    n_classes = int(known.max()) + 1
    right = np.empty((N_DRAWS, len(asked), len(vectors)))
    for draw in range(N_DRAWS):
        rows = np.concatenate([rng.choice(np.flatnonzero(known == label), shots, replace=False) for label in range(n_classes)])
        for place, (train, test) in enumerate(vectors):
            right[draw, :, place] = predict(test, fit(train[rows], known[rows], n_classes)) == asked
    return right


def _refuse_few(known: Sequence[Segment], labels: Mapping[str, int], train: Dataset) -> None:
    if len(labels) < 2:
        raise DataError(f"the probe needs test segments of two classes; the dataset in {train.root} has {len(labels)}")
    counts = {label: sum(s.label == label for s in known) for label in labels}
    fewest = min(counts, key=lambda label: counts[label])
    if counts[fewest] < max(SHOTS):
        raise DataError(
            f"the probe draws {max(SHOTS)} labelled segments a class; class {fewest!r} of {train.root} has {counts[fewest]} for training"
        )


@dataclass(frozen=True, slots=True)
class Hearing:
    """How sounds are heard in one condition.

    Attributes:
        noise: what is over them; the same for every encoder.
        babblers: what babble is made of.
        seed: draws the noise.
        device: torch device name.
    """

    noise: Noise
    babblers: Sequence[Segment]
    seed: int
    device: str

    @torch.inference_mode()
    def vectors(self, ears: Sequence[Ear], segments: Sequence[Segment]) -> list[Floats]:
        """Each encoder's vectors of the sounds, float64 [N, size]."""
        found: list[list[Floats]] = [[] for _ in ears]
        encoders = [ear.encoder.to(self.device) for ear in ears]
        for start in range(0, len(segments), _CHUNK):
            waves: dict[bool, torch.Tensor] = {}
            for ear, encoder, parts in zip(ears, encoders, found, strict=True):
                peak = ear.network.peak_normalisation
                if peak not in waves:
                    waves[peak] = torch.stack([self._heard(s, ear.network) for s in segments[start : start + _CHUNK]]).to(self.device)
                parts.append(encoder(waves[peak]).double().cpu().numpy())
        return [np.concatenate(parts) for parts in found]

    def _heard(self, segment: Segment, network: NetworkSettings) -> torch.Tensor:
        """float32 [48000]."""
        rng = generator("probe noise", segment.audio_sha256, self.noise.name, self.seed)
        # Copies of the sound itself would be no noise.
        others = [s for s in self.babblers if s.audio_sha256 != segment.audio_sha256]
        chosen = [others[i] for i in rng.choice(len(others), min(BABBLE_SOUNDS, len(others)), replace=False)]
        waves = sounds([segment, *(chosen if self.noise.kind == "babble" else [])], network).numpy()
        made = torch.from_numpy(self.noise.over(waves[0], list(waves[1:]), rng))
        return normalise_peak(made) if network.peak_normalisation else made


def _standardised(train: Floats, test: Floats) -> tuple[Floats, Floats]:
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation < 1e-9] = 1.0  # an output that never varies says nothing
    return (train - mean) / deviation, (test - mean) / deviation


def _lines(right: Floats, groups: NDArray[np.int64], names: Sequence[str], noise: str, shots: int) -> list[Line]:
    n_draws, n_test, n = right.shape
    pairs = [(later, earlier) for later in range(n) for earlier in range(later)]
    flat = right.reshape(-1, n)
    columns = np.concatenate([flat, *(flat[:, [a]] - flat[:, [b]] for a, b in pairs)], axis=1)
    ways = Groups(np.repeat(np.arange(n_draws), n_test), np.tile(groups, n_draws))
    intervals = two_way_intervals(columns, ways, seed=0)
    whose = [*((name, "") for name in names), *((names[a], names[b]) for a, b in pairs)]
    return [
        Line(noise, shots, name, minus, float(columns[:, k].mean()), intervals[k], n_draws, n_test) for k, (name, minus) in enumerate(whose)
    ]
