"""The control that ignores the source: the training frame whose sound is nearest to the target's."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import Images, Waveform, exact_length, read_audio, read_image
from adis_bench.datasets.records import SEGMENT_S, Dataset, Pair
from adis_bench.errors import DataError
from adis_bench.methods.controls import Control
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.progress import track

Features = NDArray[np.float64]

# YAMNet's front end (tensorflow/models, research/audioset/yamnet/params.py): 16 kHz, 25 ms windows every
# 10 ms, 64 mel bands from 125 to 7500 Hz, log(mel + 0.001).
_SAMPLE_RATE_HZ = 16_000
_WINDOW, _HOP, _N_FFT = 400, 160, 512
_N_MELS, _LOW_HZ, _HIGH_HZ = 64, 125.0, 7500.0
_LOG_OFFSET = 0.001


class Retrieval(Control):
    """Each sound is the mean and the standard deviation over time of its log-mel spectrogram.

    Features are standardised over the training sounds; the nearest by Euclidean distance wins, the
    first by ``segment_id`` where several are equally near.
    """

    name = "retrieval"
    description = "the training frame whose sound is nearest: what a metric that ignores the source would praise"
    conditions_on: Conditioning = "sound"

    def __init__(self, options: MethodOptions) -> None:
        super().__init__(options)
        self._train: Dataset | None = None
        self._index: tuple[Features, Features, Features] | None = None
        self._nearest: dict[str, Path] = {}

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Remember the training split; its sounds are heard when the first pair asks for one.

        Raises:
            DataError: no training segments.
        """
        if not train.segments:
            raise DataError(f"method 'retrieval' needs training sounds, but {train.root} has none; look at it with `adis-bench data check`")
        self._train = train.with_segments(sorted(train.segments, key=lambda s: s.segment_id))
        self._index = None
        self._nearest = {}

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the first frame of the nearest training segment for each pair's target sound."""
        for pair in pairs:
            target = pair.target
            if target.audio_sha256 not in self._nearest:
                self._nearest[target.audio_sha256] = self._find(target.audio_path)
            yield read_image(self._nearest[target.audio_sha256], self.resolution)

    def _find(self, path: Path) -> Path:
        train = self._fitted()
        if self._index is None:
            heard = track(train.segments, "retrieval: training sounds", len(train.segments))
            features = np.stack([sound_features(s.audio_path) for s in heard])
            mean, deviation = features.mean(axis=0), features.std(axis=0)
            deviation[deviation < 1e-9] = 1.0  # a feature that never varies says nothing
            self._index = (features - mean) / deviation, mean, deviation
        table, mean, deviation = self._index
        distances = np.square(table - (sound_features(path) - mean) / deviation).sum(axis=1)
        return train.segments[int(np.argmin(distances))].frame_paths[0]

    def _fitted(self) -> Dataset:
        if self._train is None:
            raise DataError("method 'retrieval' was asked for images before `fit`")
        return self._train

    def _facts(self) -> dict[str, Any]:
        return {"train": self._fitted().digest}


def sound_features(path: Path) -> Features:
    """Mean and standard deviation over time of a sound's log-mel spectrogram: float64 [128]."""
    waveform = exact_length(read_audio(path, _SAMPLE_RATE_HZ)[0], round(SEGMENT_S * _SAMPLE_RATE_HZ))
    spectrogram = log_mel(waveform)
    return np.concatenate([spectrogram.mean(axis=0), spectrogram.std(axis=0)])


def log_mel(waveform: Waveform) -> Features:
    """Log-mel spectrogram, float64 [frames, 64], of float32 [T] at 16 kHz (T at least 400)."""
    windows = np.lib.stride_tricks.sliding_window_view(waveform, _WINDOW)[::_HOP]
    # The periodic Hann window, as in YAMNet.
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    magnitudes = np.abs(np.fft.rfft(windows * hann, n=_N_FFT))
    return np.log(magnitudes @ _mel_weights() + _LOG_OFFSET)


@cache
def _mel_weights() -> Features:
    """Triangular filters, float64 [257, 64], evenly spaced on the HTK mel scale."""
    low, high = _mel(np.array([_LOW_HZ, _HIGH_HZ]))
    edges = np.linspace(low, high, _N_MELS + 2, dtype=np.float64)
    bins = _mel(np.linspace(0.0, _SAMPLE_RATE_HZ / 2, _N_FFT // 2 + 1, dtype=np.float64))[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights: Features = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return weights


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(hertz / 700.0)
