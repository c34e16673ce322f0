"""Pictures and sounds of a report."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.errors import DataError
from reports.media import MAX_RATE_HZ, MAX_SIDE, MediaFolder


def test_small_pictures_are_lossless_and_shared(tmp_path):
    """A 64-pixel output keeps its exact pixels, and equal images are one file."""
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    write_png(tmp_path / "a.png", image)
    write_png(tmp_path / "b.png", image)
    media = MediaFolder(tmp_path / "report")
    first, second = media.image(tmp_path / "a.png", 64), media.image(tmp_path / "b.png", 64)
    assert first == second
    with Image.open(tmp_path / "report" / first.url) as shown:
        assert np.array_equal(np.asarray(shown), image)


def test_large_pictures_are_bounded(tmp_path):
    """A 600-pixel output is shown at 256 pixels."""
    write_png(tmp_path / "a.png", np.full((600, 600, 3), 90, np.uint8))
    picture = MediaFolder(tmp_path / "report").image(tmp_path / "a.png", 600)
    with Image.open(tmp_path / "report" / picture.url) as shown:
        assert shown.size == (picture.width, picture.height) == (MAX_SIDE, MAX_SIDE)


def test_plain_sounds_are_copied(tmp_path):
    """16-bit WAV at 16 kHz is taken byte by byte."""
    write_wav(tmp_path / "a.wav", np.zeros(48_000, np.float32), 16_000)
    sound = MediaFolder(tmp_path / "report").sound(tmp_path / "a.wav")
    assert (tmp_path / "report" / sound.url).read_bytes() == (tmp_path / "a.wav").read_bytes()
    assert (sound.seconds, sound.highest_hz) == (3.0, 8000.0)


def test_sounds_of_a_high_rate_are_resampled(tmp_path):
    """48 kHz becomes 32 kHz, still 3 s long, and twice the same file."""
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 144_000), 48_000, subtype="FLOAT")
    media = MediaFolder(tmp_path / "report")
    sound = media.sound(tmp_path / "a.wav")
    facts = soundfile.info(tmp_path / "report" / sound.url)
    assert (facts.samplerate, facts.subtype, facts.frames) == (MAX_RATE_HZ, "PCM_16", 3 * MAX_RATE_HZ)
    assert media.sound(tmp_path / "a.wav") == sound


def test_an_unreadable_sound_is_a_data_error(tmp_path):
    """A text file with a sound's name is refused, not copied."""
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(DataError):
        MediaFolder(tmp_path / "report").sound(tmp_path / "a.wav")


def test_leftovers_of_an_older_report_go(tmp_path):
    """Media that the new page does not use are removed, used ones stay, and so does what no page has written."""
    media = MediaFolder(tmp_path / "report")
    kept = media.add(b"new", ".png")
    for name in ("0123456789abcdef0123.png", ".tmp-ab_3defg.webp", "holiday.png", "0123456789ABCDEF0123.png", "0123456789abcdef0123"):
        (tmp_path / "report" / "media" / name).write_bytes(b"old")
    media.prune()
    found = {path.name for path in (tmp_path / "report" / "media").iterdir()}
    assert found == {kept.removeprefix("media/"), "holiday.png", "0123456789ABCDEF0123.png", "0123456789abcdef0123"}
