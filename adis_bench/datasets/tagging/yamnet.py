"""YAMNet: a published network that scores 521 kinds of sound, over its TensorFlow Lite file."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import Waveform
from adis_bench.datasets.tagging.classes import N_CLASSES
from adis_bench.datasets.tagging.quiet import without_info
from adis_bench.errors import ConfigError, DataError, WeightsError
from adis_bench.extractors.weights import Weights, digests_of, entry, located, place, remedy, state_of

Scores = NDArray[np.float32]
"""[windows, 521], each in [0, 1]: how sure the network is that a window holds a class. The classes don't exclude each other."""

SAMPLE_RATE_HZ = 16_000
WINDOW = 15_600
"""Samples that the network hears at once: 0.975 s. Source: the model's input; tensorflow/models, research/audioset/yamnet, README."""
HOP = 7_680
"""Samples between windows: 0.48 s. Source: the same folder, params.py (``patch_hop_seconds``)."""

WEIGHT_FILES = ("yamnet-tfhub-tflite", "yamnet-mediapipe-tflite")
"""Rows of the catalogue in the order of preference: two published TensorFlow Lite files of one network."""
INSTALL = "pip install 'adis-bench[yamnet]'"


class Yamnet:
    """The network, on one thread.

    Levels count: the network was trained on sounds as they are, and none is normalised here. An object may be sent to other
    processes: they open the file anew (a few hundredths of a second, once the library is imported).

    Raises:
        ConfigError: ai-edge-litert isn't installed.
        WeightsError: the file is no TensorFlow Lite model, or one of another shape.
    """

    def __init__(self, path: Path) -> None:
        interpreter_class = _interpreter_class()
        if not path.is_file():
            raise WeightsError(f"{path} is no file; `adis-bench weights list` says which are here")
        try:
            with without_info():
                self._interpreter = interpreter_class(model_path=str(path), num_threads=1)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise WeightsError(f"{path} is not a TensorFlow Lite model that can be opened ({str(error).splitlines()[0]})") from error
        self._path = path
        self._input = _only(path, "input", self._interpreter.get_input_details(), WINDOW)
        self._output = _only(path, "output", self._interpreter.get_output_details(), N_CLASSES)

    def __reduce__(self) -> tuple[type["Yamnet"], tuple[Path]]:
        return Yamnet, (self._path,)

    @property
    def digest(self) -> str:
        """sha256 of the model file, hex."""
        return digests_of(self._path).sha256

    def scores(self, waveform: Waveform) -> Scores:
        """Scores of every whole window of a sound.

        Five windows for 3 s: the last 0.105 s aren't heard. (features.py of the original code fills the end up with zeros to a
        sixth window, of which 38 % would be silence.) A sound shorter than a window is filled up with zeros to one.

        Args:
            waveform: float32 [T] at 16 kHz, -1 to 1.

        Returns:
            float32 [windows, 521]; each window's scores depend on its own samples alone.

        Raises:
            ValueError: not one channel.
            DataError: samples that are no numbers.
        """
        sound = np.asarray(waveform, np.float32)
        if sound.ndim != 1:
            raise ValueError(f"a waveform of one channel is wanted, not an array of shape {sound.shape}")
        if not np.isfinite(sound).all():
            n_wrong = int((~np.isfinite(sound)).sum())
            raise DataError(f"{n_wrong} of {sound.size} samples of a sound are no numbers; make the file anew from its source")
        if sound.size < WINDOW:
            sound = np.pad(sound, (0, WINDOW - sound.size))
        return np.stack([self._window(sound[start : start + WINDOW]) for start in range(0, sound.size - WINDOW + 1, HOP)])

    def _window(self, samples: Waveform) -> Scores:
        self._interpreter.set_tensor(self._input["index"], samples.reshape(self._input["shape"]))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"]), np.float32).reshape(N_CLASSES)


def _interpreter_class() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ConfigError(f"YAMNet needs ai-edge-litert, which can't be imported ({error}); {INSTALL}") from error
    return Interpreter


def _only(path: Path, what: str, details: Sequence[dict[str, Any]], size: int) -> dict[str, Any]:
    """The one tensor of float32 [size] (or [1, size])."""
    found = [f"{np.dtype(detail['dtype']).name} {detail['shape'].tolist()}" for detail in details]
    if found not in ([f"float32 [{size}]"], [f"float32 [1, {size}]"]):
        raise WeightsError(f"{path} is not YAMNet: its {what} is {', '.join(found) or 'nothing'}, not float32 [{size}]")
    return details[0]


@dataclass(frozen=True, slots=True)
class Found:
    """Whether sounds can be tagged here.

    Attributes:
        weights: the file that may be opened; None where tagging can't be done.
        reason: in that case why, and what to do, in one line; empty otherwise.
    """

    weights: Weights | None
    reason: str = ""


def find_yamnet() -> Found:
    """The first of the catalogue's YAMNet files that is here, if the library to open it is installed."""
    reasons = [] if find_spec("ai_edge_litert") else [f"ai-edge-litert isn't installed: {INSTALL}"]
    weights: Weights | None = None
    wrong: list[str] = []
    for name in WEIGHT_FILES:
        if weights is not None or state_of(entry(name)) == "missing":
            continue
        try:
            weights = located(name)
        except WeightsError as error:
            wrong.append(str(error))
    if weights is None:
        reasons.append("; ".join(wrong) or _missing())
    return Found(None, "; ".join(reasons)) if reasons else Found(weights)


def _missing() -> str:
    """The second file has an address, the first has none: either will do."""
    first, second = (entry(name) for name in WEIGHT_FILES)
    return f"YAMNet's weights are not here ({place(first).name}): {remedy(second)}"
