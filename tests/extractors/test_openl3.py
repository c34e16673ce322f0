"""OpenL3's towers and front end, on random weights in the released format."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from adis_bench.errors import ConfigError, DataError
from adis_bench.extractors import openl3, openl3_network
from adis_bench.extractors.openl3 import OpenL3Audio, OpenL3Image
from adis_bench.extractors.openl3_pixels import pixels
from adis_bench.extractors.openl3_sound import at_48_khz, spectrograms, time_stamps, windows
from tests.extractors.openl3_plain import plain_features, random_layers, write_layers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Both towers' files, ``audio.h5`` and ``image.h5``."""
    path = tmp_path_factory.mktemp("openl3")
    for tower in ("audio", "image"):
        write_layers(path / f"{tower}.h5", random_layers(tower))
    return path


@pytest.fixture(scope="module")
def audio(folder) -> OpenL3Audio:
    """The 512-d audio tower."""
    return OpenL3Audio.from_h5(folder / "audio.h5")


@pytest.fixture(scope="module")
def image(folder) -> OpenL3Image:
    """The 512-d image tower."""
    return OpenL3Image.from_h5(folder / "image.h5")


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    """Quiet noise at 48 kHz."""
    return np.random.default_rng(seed).uniform(-0.3, 0.3, round(48_000 * seconds)).astype(np.float32)


def photos(*shape: int, seed: int = 0) -> np.ndarray:
    """Noise images uint8."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def pooled(features: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
    """The last pooling, flattened with the channels last."""
    return F.max_pool2d(features, size).permute(0, 2, 3, 1).flatten(1).numpy()


def close(found: np.ndarray, wanted: np.ndarray, relative: float = 1e-5) -> bool:
    """Whether all values agree to a part of the largest."""
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() <= relative * np.abs(wanted).max())


@pytest.mark.parametrize("fused", [True, False], ids=["oneDNN", "plain"])
def test_audio_equals_the_network_written_down(folder, monkeypatch, fused):
    """Folded and fused layers give what each layer by itself gives, and so does the way without oneDNN's operator."""
    if not fused:
        monkeypatch.setattr(openl3_network, "_has_fused_convolution", lambda dtype: False)
    sound = noise(1.0)
    maps = spectrograms(torch.from_numpy(windows(sound, 0.5).copy()))
    features = plain_features(maps, random_layers("audio"), "audio")
    assert close(OpenL3Audio.from_h5(folder / "audio.h5").embed(sound, 0.5), pooled(features, (32, 24)))
    assert close(OpenL3Audio.from_h5(folder / "audio.h5", 6144).embed(sound, 0.5), pooled(features, (8, 8)))


@pytest.mark.parametrize("fused", [True, False], ids=["oneDNN", "plain"])
def test_image_equals_the_network_written_down(folder, monkeypatch, fused):
    """So with the image tower, whose second convolution has its ReLU before a normalisation of either sign."""
    if not fused:
        monkeypatch.setattr(openl3_network, "_has_fused_convolution", lambda dtype: False)
    images = photos(1, 224, 224, 3)
    features = plain_features(torch.from_numpy(pixels(images)).permute(0, 3, 1, 2), random_layers("image"), "image")
    assert close(OpenL3Image.from_h5(folder / "image.h5").embed(images), pooled(features, (28, 28)))
    assert close(OpenL3Image.from_h5(folder / "image.h5", 8192).embed(images), pooled(features, (7, 7)))


def test_bf16_is_near_float32(folder, audio):
    """In bf16 an embedding moves, by less than 3 % of its norm."""
    exact, rough = (tower.embed(noise(0.5)) for tower in (audio, OpenL3Audio.from_h5(folder / "audio.h5", precision="bf16")))
    moved = np.linalg.norm(rough - exact) / np.linalg.norm(exact)
    assert 1e-4 < moved < 0.03


def test_windows_do_not_depend_on_their_number(audio, monkeypatch):
    """A window's embedding has the same bits in a short and in a long recording, which is embedded piece by piece."""
    monkeypatch.setattr(openl3, "_N_WINDOWS_AT_A_TIME", 2)
    sound = noise(3.0)
    whole = audio.embed(sound, 0.5, center=False)
    assert len(whole) == 5
    np.testing.assert_array_equal(audio.embed(sound[96_000:], 0.5, center=False)[0], whole[4])
    np.testing.assert_array_equal(audio.embed(sound[:96_000], 0.5, center=False), whole[:3])


def test_images_do_not_depend_on_their_number(image):
    """An image's embedding has the same bits alone and in a batch, where the library's range doesn't depend on it."""
    images = photos(3, 224, 224, 3)
    np.testing.assert_array_equal(image.embed(images)[2:], image.embed(images[2:]))


@pytest.mark.parametrize(
    ("seconds", "hop_s", "center", "count"),
    [(3.0, 0.1, True, 26), (3.0, 0.1, False, 21), (3.0, 0.5, False, 5), (3.0, 1.0, False, 3), (3.0, 1.0, True, 4), (0.2, 0.1, True, 1)],
)
def test_number_of_windows(seconds, hop_s, center, count):
    """Windows cover every sample and no more are made; numbers of the library (protocol D), counted by hand for 0.2 s."""
    pieces = windows(noise(seconds), hop_s, center)
    assert pieces.shape == (count, 48_000)
    assert time_stamps(count, hop_s)[-1] == pytest.approx((count - 1) * hop_s)


def test_short_waveform_is_padded():
    """A sound shorter than a window fills its middle if centred, else its beginning, and the rest is zero."""
    sound = noise(0.25)
    centred, plain = windows(sound, center=True)[0], windows(sound, center=False)[0]
    np.testing.assert_array_equal(centred[24_000:36_000], sound)
    np.testing.assert_array_equal(plain[:12_000], sound)
    assert not centred[:24_000].any()
    assert not centred[36_000:].any()
    assert not plain[12_000:].any()


def test_the_tail_is_padded():
    """The last window holds the last sample, with zeros behind it."""
    pieces = windows(noise(1.51), 0.5, center=False)
    assert len(pieces) == 3
    np.testing.assert_array_equal(pieces[2, :24_480], noise(1.51)[48_000:])
    assert not pieces[2, 24_480:].any()


def test_silence_has_an_embedding(audio):
    """Digital silence is 0 dB everywhere, and its embedding is finite and the same in every window."""
    silence = np.zeros(72_000, np.float32)
    assert not spectrograms(torch.zeros(1, 48_000)).any()
    found = audio.embed(silence, 0.5)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, np.broadcast_to(found[0], found.shape))


def test_spectrogram_of_a_tone():
    """A tone in the middle of bin 64 is 0 dB there, and decibels are of the magnitude: a tenth of the amplitude is 10 dB lower."""
    times = torch.arange(48_000) / 48_000
    tone = torch.sin(2 * torch.pi * 6000 * times) + 0.1 * torch.sin(2 * torch.pi * 12_000 * times)
    decibel = spectrograms(tone[None])[0, 0]
    assert decibel.shape == (257, 197)
    assert decibel[64].min() > -0.01
    torch.testing.assert_close(decibel[128], torch.full((197,), -10.0), rtol=0, atol=0.01)
    assert decibel.max() == 0
    assert decibel.min() >= -80


def test_loudness_makes_no_difference(audio):
    """A window's decibels are relative to its own maximum: half the volume is the same embedding."""
    sound = noise(0.5)
    np.testing.assert_allclose(audio.embed(0.5 * sound), audio.embed(sound), rtol=0, atol=1e-3 * np.abs(audio.embed(sound)).max())


def test_other_rates_are_resampled(audio):
    """A tone at 16 kHz becomes the tone at 48 kHz; 48 kHz passes as it is."""
    low, high = (np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32) for rate in (16_000, 48_000))
    np.testing.assert_allclose(at_48_khz(low, 16_000)[4800:-4800], high[4800:-4800], rtol=0, atol=1e-3)
    assert at_48_khz(high, 48_000) is high
    assert len(audio.embed(low, 0.5, sample_rate_hz=16_000)) == len(audio.embed(high, 0.5)) == 2


@pytest.mark.parametrize("rate", [0, -48_000, 44_100.5, "48000", True])
def test_a_rate_that_is_none_is_refused(rate):
    """A sample rate that is no positive whole number is an error, not another pitch."""
    with pytest.raises(ConfigError, match="sample_rate_hz must be a positive whole number"):
        at_48_khz(noise(0.1), rate)


@pytest.mark.parametrize("hop_s", [0, -0.1, 1e-6, float("nan"), float("inf"), "0.1", True])
def test_a_hop_that_is_none_is_refused(hop_s):
    """A hop that is no number of seconds, or shorter than a sample, is an error."""
    with pytest.raises(ConfigError, match="hop_s must be a number of seconds"):
        windows(noise(0.1), hop_s)


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (np.zeros((2, 48_000), np.float32), r"mono waveform of floats \[N\].*\[2, 48000\]"),
        (np.zeros(0, np.float32), "N > 0"),
        (np.zeros(48_000, np.int16), "not int16"),
        (np.full(48_000, np.nan, np.float32), "not finite"),
    ],
    ids=["stereo", "empty", "integers", "nan"],
)
def test_sounds_that_are_refused(sound, message):
    """What is no mono waveform is named instead of being embedded."""
    with pytest.raises(DataError, match=message):
        windows(sound)


def test_sizes_and_precisions_that_there_are_not(folder):
    """Another embedding size names those that there are; another precision is refused."""
    with pytest.raises(ConfigError, match="512 or 6144 values, not 8192"):
        OpenL3Audio.from_h5(folder / "audio.h5", 8192)
    with pytest.raises(ConfigError, match="512 or 8192 values, not 6144"):
        OpenL3Image.from_h5(folder / "image.h5", 6144)
    with pytest.raises(ConfigError, match="float32 or bf16, not float16"):
        OpenL3Image.from_h5(folder / "image.h5", precision="float16")
