"""Anybody's files: found, decoded, sized, cut to three seconds."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.errors import DataError
from reference_model.inputs import AUDIO_SUFFIXES, IMAGE_SUFFIXES, files_of, normalised, photo_shape, read_photo, read_sound

RATE = 16_000


def test_any_rate_and_length(tmp_path: Path) -> None:
    """Half a second of stereo at 44.1 kHz becomes three seconds of mono at 16 kHz: six equal pieces of the same tone."""
    times = np.arange(22_050) / 44_100
    soundfile.write(tmp_path / "short.flac", np.sin(2 * np.pi * 440 * times)[:, None] * np.array([[0.8, 0.4]]), 44_100)
    pieces = read_sound(tmp_path / "short.flac", 0.0).reshape(6, 8000)
    assert all(torch.equal(piece, pieces[0]) for piece in pieces)
    expected = 0.6 * torch.sin(2 * torch.pi * 440 * torch.arange(8000) / RATE)
    torch.testing.assert_close(pieces[0, 500:7500], expected[500:7500], atol=1e-3, rtol=0)


def test_start_chooses_the_piece(tmp_path: Path) -> None:
    """Of ten seconds, 6.5 takes 6.5 to 9.5, and 9 repeats the last second; past the end is an error with the sound's length."""
    ramp = np.linspace(-1, 1, 10 * RATE).astype(np.float32)
    write_wav(tmp_path / "long.wav", ramp, RATE)
    torch.testing.assert_close(read_sound(tmp_path / "long.wav", 6.5), torch.from_numpy(ramp[104_000:152_000]), atol=1e-4, rtol=0)
    torch.testing.assert_close(read_sound(tmp_path / "long.wav", 9), torch.from_numpy(np.tile(ramp[144_000:], 3)), atol=1e-4, rtol=0)
    with pytest.raises(DataError, match=r"long.wav is 10.00 s long: --start 10 lies past its end"):
        read_sound(tmp_path / "long.wav", 10)


def test_sounds_without_numbers_are_refused(tmp_path: Path) -> None:
    """A NaN would spread over every pixel."""
    soundfile.write(tmp_path / "nan.wav", np.array([0.1, np.nan] * 99, np.float32), RATE, subtype="FLOAT")
    with pytest.raises(DataError, match=r"nan.wav holds samples that are not numbers"):
        read_sound(tmp_path / "nan.wav", 0)


def test_silence_has_no_peak() -> None:
    """What normalisation cannot raise to full level is named; what it can is raised, however soft."""
    with pytest.raises(DataError, match=r"^hush is silent"):
        normalised(torch.full((48_000,), 9e-6), "hush")
    assert float(normalised(torch.full((48_000,), 1e-5), "soft").max()) == pytest.approx(1 / 1.1)


def _turned(path: Path) -> Path:
    """80 x 40 pixels as stored, its left half blue; EXIF orientation 6: the stored left edge is the photo's top."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, :40, 2] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(path, exif=exif, quality=95)
    return path


def test_photos_are_turned_as_the_camera_says(tmp_path: Path) -> None:
    """A photo that was taken upright is upright, with its own aspect ratio."""
    path = _turned(tmp_path / "turned.jpg")
    assert photo_shape(path, 16) == (32, 16)
    photo = read_photo(path, (32, 16))
    assert photo.shape == (32, 16, 3)
    assert photo[:14, :, 2].min() > 230
    assert photo[18:, :, 2].max() < 25


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(30, 20, (32, 48)), (100, 300, (96, 32)), (500, 499, (32, 32)), (8, 1, (32, 256))]
)
def test_shapes_keep_the_aspect_ratio_in_steps_of_four(tmp_path: Path, width: int, height: int, expected: tuple[int, int]) -> None:
    """The shorter side is the wanted 32 pixels."""
    write_png(tmp_path / "a.png", np.zeros((height, width, 3), np.uint8))
    assert photo_shape(tmp_path / "a.png", 32) == expected


def test_endless_panoramas_are_refused(tmp_path: Path) -> None:
    """An image of 1000 x 1 pixels would become one of 16000 x 16; as a square it can be had."""
    write_png(tmp_path / "line.png", np.zeros((1, 1000, 3), np.uint8))
    with pytest.raises(DataError, match=r"line.png is 1000 x 1"):
        photo_shape(tmp_path / "line.png", 16)
    assert read_photo(tmp_path / "line.png", (16, 16)).shape == (16, 16, 3)


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_damaged_images_are_one_line(tmp_path: Path, content: bytes) -> None:
    """Whatever the decoder raises, the file is named."""
    (tmp_path / "bad.png").write_bytes(content)
    for read in (lambda p: read_photo(p, (16, 16)), lambda p: photo_shape(p, 16)):
        with pytest.raises(DataError, match=r"^\S*bad.png is not a readable image \([^\n]+\)$"):
            read(tmp_path / "bad.png")


def test_a_folders_files(tmp_path: Path) -> None:
    """By name, whatever the case of the suffix; hidden files, other files and subfolders are left out."""
    for name in ("b.PNG", "a.jpeg", ".hidden.png", "c.txt", "d.wav"):
        (tmp_path / name).touch()
    (tmp_path / "e.png").mkdir()
    assert [path.name for path in files_of(tmp_path, "--image", IMAGE_SUFFIXES)] == ["a.jpeg", "b.PNG"]
    assert [path.name for path in files_of(tmp_path, "--audio", AUDIO_SUFFIXES)] == ["d.wav"]
    assert files_of(tmp_path / "c.txt", "--image", IMAGE_SUFFIXES) == [tmp_path / "c.txt"]
