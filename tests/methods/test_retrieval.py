"""The retrieval control."""

import numpy as np
import pytest
import scipy.signal

from adis_bench.datasets.media import read_image, write_wav
from adis_bench.datasets.pairs import make_pairs
from adis_bench.errors import DataError
from adis_bench.methods.protocol import Method, MethodOptions
from adis_bench.methods.retrieval import Retrieval, log_mel, sound_features


def test_a_training_sound_retrieves_its_own_frame(tiny_dataset):
    """Asked with sounds of the training split, retrieval yields exactly their frames."""
    dataset = tiny_dataset()
    method = Retrieval(MethodOptions(resolution=16))
    train = dataset.split("train")
    method.fit(train, dataset.root)
    pair = make_pairs(dataset, 1, 0)[0]
    asked = [type(pair)(s.segment_id, pair.source, 0, s) for s in train.segments]
    for image, segment in zip(method.stylize(asked), train.segments, strict=True):
        assert np.array_equal(image, read_image(segment.frame_paths[0], 16))


def test_the_nearest_tone_wins(tiny_dataset):
    """Test tones of 400, 800 and 1200 Hz in noise retrieve training frames of the same tone's class."""
    dataset = tiny_dataset(labels=3, per_split=3)
    method = Retrieval(MethodOptions(resolution=16))
    method.fit(dataset.split("train"), dataset.root)
    assert isinstance(method, Method)
    label_of = {read_image(s.frame_paths[0], 16).tobytes(): s.label for s in dataset.split("train").segments}
    pairs = make_pairs(dataset, 18, 0)
    assert [label_of[image.tobytes()] for image in method.stylize(pairs)] == [p.target.label for p in pairs]


def test_the_digest_follows_the_training_split(tiny_dataset):
    """Other training segments may give other frames, so they give another digest."""
    dataset = tiny_dataset()
    digests = set()
    for train in (dataset.split("train"), dataset.split("judge")):
        method = Retrieval(MethodOptions(resolution=16))
        method.fit(train, dataset.root)
        digests.add(method.provenance()["digest"])
    assert len(digests) == 2


def test_no_training_sounds_is_a_clear_error(tiny_dataset):
    """An empty training split is refused by `fit`."""
    dataset = tiny_dataset()
    with pytest.raises(DataError, match="needs training sounds"):
        Retrieval(MethodOptions(resolution=16)).fit(dataset.with_segments([]), dataset.root)


def test_the_spectrogram_agrees_with_scipy():
    """The magnitudes under the mel filters are those of scipy's short-time Fourier transform."""
    waveform = np.random.default_rng(0).normal(size=16_000).astype(np.float32)
    _, _, transform = scipy.signal.stft(waveform, nperseg=400, noverlap=240, nfft=512, window="hann", boundary=None, padded=False)
    spectrum = np.abs(transform.T) * scipy.signal.get_window("hann", 400).sum()  # scipy divides by the window's sum
    power = log_mel(waveform)
    assert power.shape == (98, 64)
    mel = lambda hertz: 1127.0 * np.log(1.0 + hertz / 700.0)  # noqa: E731
    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    for band in (0, 20, 63):
        weights = np.interp(mel(np.arange(257) * 31.25), edges[band : band + 3], [0.0, 1.0, 0.0])
        assert np.allclose(power[:, band], np.log(spectrum @ weights + 0.001), atol=1e-4)


def test_a_tone_lands_in_its_band():
    """A 1 kHz tone is loudest in the band whose centre is nearest to 1 kHz."""
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(16_000) / 16_000).astype(np.float32)
    mel = lambda hertz: 1127.0 * np.log(1.0 + hertz / 700.0)  # noqa: E731
    centres = np.linspace(mel(125.0), mel(7500.0), 66)[1:-1]
    assert set(log_mel(tone).argmax(axis=1)) == {int(np.abs(centres - mel(1000.0)).argmin())}


def test_any_rate_gives_nearly_the_same_features(tmp_path):
    """The same band-limited sound at 16 and 48 kHz is heard alike."""
    features = []
    for rate in (16_000, 48_000):
        times = np.arange(3 * rate) / rate
        wave = sum(np.sin(2 * np.pi * f * times) for f in (300.0, 1100.0, 2500.0)) / 4
        write_wav(tmp_path / f"{rate}.wav", np.asarray(wave, np.float32), rate)
        features.append(sound_features(tmp_path / f"{rate}.wav"))
    means = np.stack(features)[:, :64]
    assert np.abs(means[0] - means[1])[means[0] > 0].max() < 0.02
