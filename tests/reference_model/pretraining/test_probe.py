"""Linear probes on features with a known answer, and on encoders."""

import numpy as np
import pytest

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError
from reference_model.audio import audio_encoder
from reference_model.pretraining import probe as module
from reference_model.pretraining.logistic import fit, predict
from reference_model.pretraining.probe import Ear, Noise, _lines, probe, told_right
from tests.reference_model.pretraining.conftest import BANDS

CLASSES = np.repeat(np.arange(4), 20)


def accuracies(train: np.ndarray, test: np.ndarray, shots: int = 4) -> list[module.Line]:
    """The lines of one encoder with these vectors of four classes."""
    right = told_right([(train, test)], CLASSES, CLASSES, shots, np.random.default_rng(0))
    return _lines(right, np.arange(len(CLASSES)), ["made up"], "clean", shots)


def test_separable_features_are_told_always() -> None:
    """Four clouds far apart: accuracy 1 from two labelled vectors a class on."""
    rng = np.random.default_rng(1)
    clouds = [10.0 * np.eye(4)[CLASSES] + rng.normal(size=(80, 4)) for _ in range(2)]
    (line,) = accuracies(*clouds, shots=2)
    assert (line.value, line.minus, line.n_draws, line.n_test) == (1.0, "", module.N_DRAWS, 80)


def test_features_that_say_nothing_are_told_by_chance() -> None:
    """A quarter, within the interval."""
    rng = np.random.default_rng(2)
    (line,) = accuracies(*rng.normal(size=(2, 80, 6)))
    assert line.interval.low is not None
    assert line.interval.high is not None
    assert line.interval.low < 0.25 < line.interval.high
    assert line.interval.high - line.interval.low < 0.2


def test_differences_are_paired() -> None:
    """An encoder less itself is 0 with an interval of no width, where its accuracy's is wide; a better one is better for sure."""
    rng = np.random.default_rng(3)
    poor = [1.2 * np.eye(4)[CLASSES] + rng.normal(size=(80, 4)) for _ in range(2)]
    good = [10.0 * np.eye(4)[CLASSES] + rng.normal(size=(80, 4)) for _ in range(2)]
    right = told_right([tuple(poor), tuple(poor), tuple(good)], CLASSES, CLASSES, 4, np.random.default_rng(0))
    lines = {(line.encoder, line.minus): line for line in _lines(right, np.arange(80), ["poor", "same", "good"], "clean", 4)}
    assert lines["same", "poor"].value == 0.0
    assert (lines["same", "poor"].interval.low, lines["same", "poor"].interval.high) == (0.0, 0.0)
    assert lines["good", "poor"].value == pytest.approx(lines["good", ""].value - lines["poor", ""].value)
    assert lines["good", "poor"].interval.low > 0.1


def test_the_regression_is_at_its_optimum() -> None:
    """The slope of the penalised likelihood is 0, worked out here anew; the bias has no penalty, so mean chances equal the shares."""
    rng = np.random.default_rng(4)
    vectors, labels = rng.normal(size=(30, 3)), np.repeat([0, 1, 1], 10)
    weights = fit(vectors, labels, 2)
    outputs = vectors @ weights[:-1] + weights[-1]
    chances = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    slope = vectors.T @ (chances - np.eye(2)[labels]) + weights[:-1]
    np.testing.assert_allclose(slope, 0, atol=1e-3)
    np.testing.assert_allclose(chances.mean(axis=0), [1 / 3, 2 / 3], atol=1e-4)
    assert predict(vectors, weights).tolist() == outputs.argmax(axis=1).tolist()


def test_encoders_hear_the_same_noise(listening: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two names of one encoder get the same accuracies in every condition, and a repetition gives the same lines."""
    monkeypatch.setattr(module, "N_DRAWS", 3)
    encoder = audio_encoder(BANDS).eval()
    ears = [Ear("one", encoder, BANDS), Ear("two", encoder, BANDS)]
    noises = [Noise.of("clean"), Noise.of("babble:-6"), Noise.of("white:0")]
    lines = [probe(ears, listening.split("train"), listening.split("test"), noises, seed=0) for _ in range(2)]
    assert lines[0] == lines[1]
    assert {(line.noise, line.shots) for line in lines[0]} == {(n, k) for n in ("clean", "babble -6 dB", "white 0 dB") for k in (2, 4, 8)}
    assert all(line.value == 0 for line in lines[0] if line.minus)
    by_noise = {line.noise: line.value for line in lines[0] if line.encoder == "one" and line.shots == 8}
    assert by_noise["clean"] > by_noise["babble -6 dB"]


def test_too_few_segments_are_told(world: Dataset) -> None:
    """The message says how many are needed and how many there are."""
    with pytest.raises(DataError, match=r"draws 8 labelled segments a class; class '\w+' of .* has 2 for training"):
        probe([], world.split("train"), world.split("test"), [], seed=0)
    with pytest.raises(DataError, match="needs test segments of two classes"):
        probe([], world.split("train"), world.split("nowhere"), [], seed=0)


@pytest.mark.parametrize("text", ["babble", "clean:3", "red:0", "pink:loud", "pink:nan"])
def test_noises_that_are_none_are_refused(text: str) -> None:
    """One line that says what there is."""
    with pytest.raises(ConfigError, match=r"is not clean, white:DB, pink:DB or babble:DB"):
        Noise.of(text)
