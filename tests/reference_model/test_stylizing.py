"""Restyling by sounds: what the model hears, what is written, what is refused, and going on after a kill."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from adis_bench.datasets.media import read_image, write_png, write_wav
from adis_bench.errors import ConfigError, DataError
from adis_bench.methods.protocol import MethodOptions
from reference_model import stylizing
from reference_model.audio import PEAK_HEADROOM, normalise_peak
from reference_model.settings import NetworkSettings, Settings
from reference_model.stylize_request import Mix, Request
from reference_model.stylizing import stylize

RATE = 16_000


class Listener:
    """A model that keeps what it was given and paints every picture with the sound's level (or the label's index)."""

    name, labels, resolution, conditions_on = "ours", ("gravel", "rain"), 16, "sound"
    options = MethodOptions(resolution=16)

    def __init__(self) -> None:
        self.settings = Settings()
        self.images: list[torch.Tensor] = []
        self.heard: list[torch.Tensor] = []
        self.weights = "a" * 64
        self.dies_at = 0

    def provenance(self) -> dict[str, str]:
        """As much as is asked for."""
        return {"weights_sha256": self.weights}

    def restyle(self, images: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] of one shade per picture."""
        self.images.append(images)
        self.heard.append(condition)
        if len(self.heard) == self.dies_at:
            raise KeyboardInterrupt
        level = condition.float().square().mean(dim=1).sqrt() if condition.ndim == 2 else condition / 10
        return level[:, None, None, None].expand(images.shape)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Listener:
    """What ``open_model`` gives in these tests."""
    listener = Listener()
    monkeypatch.setattr(stylizing, "open_model", lambda *_a, **_k: listener)
    return listener


@pytest.fixture
def request_of(tmp_path: Path) -> Callable[..., Request]:
    """A request on one image and one sound that exist."""
    rng = np.random.default_rng(0)
    write_png(tmp_path / "a.png", rng.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    write_wav(tmp_path / "rain.wav", (0.2 * rng.uniform(-1, 1, 3 * RATE)).astype(np.float32), RATE)
    write_wav(tmp_path / "sea.wav", (0.5 * rng.uniform(-1, 1, 3 * RATE)).astype(np.float32), RATE)

    def make(**changes: Any) -> Request:
        return replace(Request("ours", tmp_path / "a.png", tmp_path / "out.png", tmp_path / "rain.wav", device="cpu"), **changes)

    return make


@pytest.fixture
def folders(tmp_path: Path, request_of: Callable[..., Request]) -> Request:
    """A request on two images and three sounds, two at a time."""
    rng = np.random.default_rng(1)
    for name in ("a", "b"):
        write_png(tmp_path / "photos" / f"{name}.png", rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    for k, name in enumerate(("rain", "sea", "wind")):
        write_wav(tmp_path / "sounds" / f"{name}.wav", (rng.uniform(-1, 1, 3 * RATE) ** (2 * k + 1)).astype(np.float32), RATE)
    return request_of(image=tmp_path / "photos", audio=tmp_path / "sounds", out=tmp_path / "out", batch_size=2)


def _samples(path: Path) -> torch.Tensor:
    return torch.from_numpy(soundfile.read(path, dtype="float32")[0])


def test_a_sound_is_normalised_as_in_training(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """The model hears the file over 1.1 times its peak, and its picture is written."""
    outcome = stylize(request_of())
    expected = normalise_peak(_samples(tmp_path / "rain.wav")[None])
    torch.testing.assert_close(model.heard[0], expected)
    level = float(expected.square().mean().sqrt())
    assert read_image(tmp_path / "out.png").tolist() == np.full((16, 16, 3), round((level + 1) * 127.5)).tolist()
    assert outcome.summary()["outputs"][0]["path"] == str(tmp_path / "out.png")
    assert (outcome.weights_sha256, outcome.n_skipped, dict(outcome.failures)) == ("a" * 64, 0, {})


def test_gain_comes_after_normalisation(
    model: Listener, request_of: Callable[..., Request], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 dB is what training heard, -20 dB a tenth of it, and +6.02 dB twice: above full scale, not clipped; one line warns."""
    stylize(request_of(gains_db=(-20.0, 0.0, 20 * float(np.log10(2)))))
    base = normalise_peak(_samples(tmp_path / "rain.wav")[None])[0]
    torch.testing.assert_close(torch.cat(model.heard), torch.stack([0.1 * base, base, 2 * base]))
    assert float(torch.cat(model.heard)[2].abs().max()) == pytest.approx(2 / PEAK_HEADROOM)
    assert capsys.readouterr().err.count("never heard another level") == 1


def test_zero_gain_needs_no_warning(model: Listener, request_of: Callable[..., Request], capsys: pytest.CaptureFixture[str]) -> None:
    """A strip at 0 dB only extrapolates nothing."""
    stylize(request_of(gains_db=(0.0,)))
    assert "note" not in capsys.readouterr().err


def test_without_normalisation_the_files_own_level_counts(
    model: Listener, request_of: Callable[..., Request], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that was trained on raw levels hears the file times the gain, and nothing is said of extrapolation."""
    model.settings = Settings(NetworkSettings(peak_normalisation=False))
    stylize(request_of(gains_db=(0.0, -20.0)))
    raw = _samples(tmp_path / "rain.wav")
    torch.testing.assert_close(torch.cat(model.heard), torch.stack([raw, 0.1 * raw]))
    assert "note" not in capsys.readouterr().err


def test_mixtures_are_normalised_again(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """Weight w gives (1 - w) a + w b of the normalised sounds, at full level again."""
    stylize(request_of(mix=Mix(tmp_path / "sea.wav", (0.0, 0.25, 1.0))))
    one, other = (normalise_peak(_samples(tmp_path / name)[None])[0] for name in ("rain.wav", "sea.wav"))
    expected = normalise_peak(torch.stack([one, 0.75 * one + 0.25 * other, other]))
    torch.testing.assert_close(torch.cat(model.heard), expected)


def test_mixtures_of_raw_levels_stay_as_they_are(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """Without normalisation in training a mixture is the plain weighted sum."""
    model.settings = Settings(NetworkSettings(peak_normalisation=False))
    stylize(request_of(mix=Mix(tmp_path / "sea.wav", (0.5, 1.0))))
    one, other = _samples(tmp_path / "rain.wav"), _samples(tmp_path / "sea.wav")
    torch.testing.assert_close(torch.cat(model.heard), torch.stack([0.5 * (one + other), other]))


def test_one_weight_stands_beside_the_sound_alone(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """``--mix other.wav:0.5`` shows the source, the first sound alone, and the mixture."""
    stylize(request_of(mix=Mix(tmp_path / "sea.wav", (0.5,))))
    one, other = (normalise_peak(_samples(tmp_path / name)[None])[0] for name in ("rain.wav", "sea.wav"))
    torch.testing.assert_close(torch.cat(model.heard), normalise_peak(torch.stack([one, one + other])))
    assert read_image(tmp_path / "out.png").shape[1] == 2 * 14 + 3 * 192 + 2 * 8


def test_a_strip_says_what_made_it(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """Its record and the text in its PNG name gains and digests; the PNG holds no path."""
    outcome = stylize(request_of(gains_db=(-10.0, 0.0)))
    assert outcome.outputs[0]["gains_db"] == [-10.0, 0.0]
    text = Image.open(tmp_path / "out.png").info[stylizing.RECIPE_KEY]
    assert json.loads(text)["gains_db"] == [-10.0, 0.0]
    assert json.loads(text)["weights"] == "a" * 64
    assert str(tmp_path) not in text


def test_silence(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """A silent sound cannot be normalised; a model of raw levels takes it."""
    write_wav(tmp_path / "rain.wav", np.zeros(RATE, np.float32), RATE)
    with pytest.raises(DataError, match=r"rain.wav is silent"):
        stylize(request_of())
    assert not (tmp_path / "out.png").exists()
    model.settings = Settings(NetworkSettings(peak_normalisation=False))
    stylize(request_of())
    assert not model.heard[0].any()


def test_sounds_that_cancel_out_are_silent(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """A mixture of a sound and its negative is named."""
    write_wav(tmp_path / "sea.wav", -_samples(tmp_path / "rain.wav").numpy(), RATE)
    with pytest.raises(DataError, match=r"the mixture with w = 0.5 is silent"):
        stylize(request_of(mix=Mix(tmp_path / "sea.wav", (0.5,))))


@pytest.mark.parametrize(
    ("size", "keep", "shape"), [(None, False, (16, 16)), (32, False, (32, 32)), (32, True, (32, 48)), (20, True, (20, 32))]
)
def test_sizes(
    model: Listener, request_of: Callable[..., Request], tmp_path: Path, size: int | None, keep: bool, shape: tuple[int, int]
) -> None:
    """A 30 x 20 image becomes the training's square, another square, or keeps its aspect in steps of four pixels."""
    stylize(request_of(size=size, keep_aspect=keep))
    assert read_image(tmp_path / "out.png").shape == (*shape, 3)
    assert model.images[0].shape == (1, 3, *shape)


def test_labels(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """A label model gets the label's index; a wrong label, and a sound, are refused with the labels it knows."""
    model.conditions_on = "label"
    stylize(request_of(audio=None, label="rain"))
    assert model.heard[0].tolist() == [1]
    with pytest.raises(ConfigError, match=r"unknown label 'rian'; did you mean rain\?"):
        stylize(request_of(audio=None, label="rian", out=tmp_path / "b.png"))
    with pytest.raises(ConfigError, match=r"--label instead of --audio, one of gravel, rain"):
        stylize(request_of(out=tmp_path / "b.png"))
    model.conditions_on = "sound"
    with pytest.raises(ConfigError, match=r"--audio instead of --label"):
        stylize(request_of(audio=None, label="rain", out=tmp_path / "b.png"))


def test_every_image_meets_every_sound(model: Listener, folders: Request) -> None:
    """Two images and three sounds give six pictures by both names, in passes of the batch size."""
    outcome = stylize(folders)
    names = sorted(path.name for path in folders.out.iterdir())
    assert names == [f"{image}--{sound}.png" for image in "ab" for sound in ("rain", "sea", "wind")]
    assert len(outcome.outputs) == 6
    assert [len(batch) for batch in model.heard] == [2, 2, 2]
    levels = [int(read_image(folders.out / f"a--{sound}.png")[0, 0, 0]) for sound in ("rain", "sea", "wind")]
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) == 3


def test_a_killed_call_goes_on(model: Listener, folders: Request) -> None:
    """Pictures that are there are kept as they are, the rest comes in batches of the same size."""
    model.dies_at = 2
    with pytest.raises(KeyboardInterrupt):
        stylize(folders)
    kept = {path.name: path.stat().st_mtime_ns for path in folders.out.iterdir()}
    assert sorted(kept) == ["a--rain.png", "a--sea.png"]
    model.heard.clear()
    model.dies_at = 0
    (folders.out / "a--sea.png").unlink()
    outcome = stylize(folders)
    assert (len(outcome.outputs), outcome.n_skipped) == (5, 1)
    assert [len(batch) for batch in model.heard] == [2, 2, 2]
    assert (folders.out / "a--rain.png").stat().st_mtime_ns == kept["a--rain.png"]
    assert len(list(folders.out.iterdir())) == 6


@pytest.mark.parametrize("change", ["weights", "sound", "start", "foreign"])
def test_pictures_of_another_call_are_not_taken_for_its_own(model: Listener, folders: Request, change: str) -> None:
    """Another model, a changed sound, another piece of it or somebody's own picture: refused, and replaced when asked."""
    stylize(folders)
    again, n = folders, 6
    if change == "weights":
        model.weights = "b" * 64
    elif change == "sound":
        n = 2
        assert folders.audio is not None
        write_wav(folders.audio / "sea.wav", np.sin(np.arange(9000)).astype(np.float32), RATE)
    elif change == "start":
        again = replace(folders, start_s=0.5)
    else:
        n = 1
        write_png(folders.out / "a--rain.png", np.zeros((16, 16, 3), np.uint8))
    with pytest.raises(DataError, match=rf"{n} pictures in .* --overwrite"):
        stylize(again)
    assert len(stylize(replace(again, overwrite=True)).outputs) == 6
    assert stylize(again).n_skipped == 6


def test_damaged_files_are_named_and_the_others_done(model: Listener, folders: Request) -> None:
    """A cut image, a broken, an empty and a silent sound are in the outcome; the four good pairs are written."""
    assert folders.audio is not None
    good = (folders.image / "a.png").read_bytes()
    (folders.image / "cut.png").write_bytes(good[: len(good) // 2])
    (folders.audio / "broken.flac").write_bytes(b"fLaC nothing")
    (folders.audio / "empty.ogg").write_bytes(b"")
    write_wav(folders.audio / "wind.wav", np.zeros(100, np.float32), RATE)
    for keep in (False, True):
        outcome = stylize(replace(folders, keep_aspect=keep, overwrite=True))
        assert sorted(Path(path).name for path in outcome.failures) == ["broken.flac", "cut.png", "empty.ogg", "wind.wav"]
        assert len(outcome.outputs) == len(list(folders.out.iterdir())) == 4
    with pytest.raises(DataError, match=r"^4 input files could not be used") as error:
        outcome.raise_failures()
    assert len(str(error.value).splitlines()) == 5


def test_images_of_several_shapes_share_no_batch(model: Listener, folders: Request) -> None:
    """With --keep-aspect each pass holds images of one shape."""
    write_png(folders.image / "wide.png", np.zeros((20, 50, 3), np.uint8))
    outcome = stylize(replace(folders, keep_aspect=True))
    assert len(outcome.outputs) == 9
    assert {tuple(images.shape[2:]) for images in model.images} == {(16, 16), (16, 40)}
    assert read_image(folders.out / "wide--rain.png").shape == (16, 40, 3)


def test_folders_that_cannot_be_used(model: Listener, folders: Request, tmp_path: Path) -> None:
    """An empty folder says what was looked for; two files of one stem, the images' own folder and names that collide are refused."""
    assert folders.audio is not None
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "note.txt").touch()
    with pytest.raises(DataError, match=r"--audio .*none holds no file named \*\.wav, \*\.flac"):
        stylize(replace(folders, audio=tmp_path / "none"))
    with pytest.raises(ConfigError, match=r"is the folder of the images"):
        stylize(replace(folders, out=folders.image))
    with pytest.raises(ConfigError, match=r"name files, not folders"):
        stylize(replace(folders, gains_db=(0.0,)))
    (folders.image / "a.jpg").touch()
    with pytest.raises(DataError, match=r"a.jpg and a.png: their outputs would have one name"):
        stylize(folders)
    (folders.image / "a.jpg").unlink()
    for name in ("a--sea.png", "b--sea.png"):
        write_png(folders.image / name, np.zeros((16, 16, 3), np.uint8))
    for name in ("sea--rain.wav", "rain.wav"):
        write_wav(folders.audio / name, np.ones(10, np.float32), RATE)
    with pytest.raises(DataError, match=r"would both be a--sea--rain.png"):
        stylize(folders)


def test_outputs_that_would_destroy_something(model: Listener, request_of: Callable[..., Request], tmp_path: Path) -> None:
    """An existing file stays unless asked otherwise; an input is never replaced; folders are made, a file in the way is named."""
    write_png(tmp_path / "out.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(DataError, match=r"out.png exists; .* --overwrite"):
        stylize(request_of())
    stylize(request_of(overwrite=True))
    assert read_image(tmp_path / "out.png").shape == (16, 16, 3)
    with pytest.raises(ConfigError, match=r"is one of the inputs"):
        stylize(request_of(out=tmp_path / "a.png", overwrite=True))
    with pytest.raises(ConfigError, match=r"is a folder; name the picture"):
        stylize(request_of(out=tmp_path))
    with pytest.raises(DataError, match=r"out.png cannot be a folder"):
        stylize(request_of(out=tmp_path / "out.png" / "b.png"))
    stylize(request_of(out=tmp_path / "new" / "folder" / "b.png"))
    assert (tmp_path / "new" / "folder" / "b.png").is_file()
