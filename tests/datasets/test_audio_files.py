"""Sound files of all sorts: what is no sound is told on one line, and no more is read than is wanted."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adis_bench.datasets.describe import describe
from adis_bench.datasets.inspection import listen
from adis_bench.datasets.media import read_audio, read_image
from adis_bench.errors import DataError
from tests.datasets.described import video_dataset

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 16_000)


@pytest.mark.parametrize("content", [b"this is text\n" * 300, b"t", b"\0" * 5000])
def test_a_text_called_mp3_is_one_clear_line(tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes):
    """The decoder would write its own doubts on the terminal, and then claim that the file does not exist."""
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    assert str(listen(path, "a.mp3")) == "a.mp3: not a readable sound (no MPEG audio in it)"
    with pytest.raises(DataError, match=r"\(no MPEG audio in it\)"):
        read_audio(path)
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_what_the_decoder_gives_up_is_there_all_the_same(tmp_path: Path):
    """A file with the start of a header and nothing behind it exists: the reason is its format."""
    path = tmp_path / "a.mp3"
    path.write_bytes(b"\xff\xfb\x90\x00" + b"text" * 50)
    assert str(listen(path, "a.mp3")) == "a.mp3: not a readable sound (no known sound format)"


@pytest.mark.parametrize("before", [b"", b"x" * 100, b"\0" * 5000])
def test_mp3_is_read_wherever_it_begins(tmp_path: Path, before: bytes):
    """Programs put all sorts of things before the first frame."""
    path = tmp_path / "a.mp3"
    soundfile.write(path, NOISE, 16_000)
    path.write_bytes(before + path.read_bytes())
    assert read_audio(path)[1] == 16_000


def test_a_wrong_name_does_no_harm(tmp_path: Path):
    """WAV called .mp3 is read as before; a file called .raw, which would need a rate, is a fault like any other."""
    path = tmp_path / "a.wav"
    soundfile.write(path, NOISE, 8000)
    assert read_audio(path.rename(tmp_path / "a.mp3"))[1] == 8000
    (tmp_path / "b.raw").write_bytes(b"x" * 100)
    with pytest.raises(DataError, match="is not readable audio"):
        read_audio(tmp_path / "b.raw")


def test_the_start_alone_can_be_read(tmp_path: Path):
    """As much as there is, at most so many seconds, and not a sample more is decoded."""
    path = tmp_path / "a.flac"
    soundfile.write(path, NOISE, 8000)
    whole = read_audio(path)[0]
    np.testing.assert_array_equal(read_audio(path, first_s=0.5)[0], whole[:4000])
    np.testing.assert_array_equal(read_audio(path, first_s=3)[0], whole)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_nobody_waits_for_a_pipe(tmp_path: Path):
    """A pipe in place of a sound or an image, and a link in a circle, are files that cannot be read."""
    videos = video_dataset(tmp_path / "videos")
    first, second, *_ = videos.segments
    for path in (first.audio_path, first.frame_paths[0]):
        path.unlink()
        os.mkfifo(path)
    second.audio_path.unlink()
    second.audio_path.symlink_to(second.audio_path.name)
    bare = videos.with_segments(videos.segments)
    for segment in bare.segments:
        dict.pop(segment.details, "level_db")  # type: ignore[arg-type]
    levels = []
    waiting = threading.Thread(target=lambda: levels.append(describe(bare).loudness), daemon=True)
    waiting.start()
    waiting.join(20)
    stuck = waiting.is_alive()
    while waiting.is_alive():  # a writer lets go whoever waits, so that a failure ends
        os.close(os.open(first.audio_path, os.O_RDWR | os.O_NONBLOCK))
        waiting.join(0.1)
    assert not stuck
    assert (levels[0].n, levels[0].n_unreadable) == (3, 2)
    for read, path in ((read_audio, first.audio_path), (read_image, first.frame_paths[0])):
        with pytest.raises(DataError, match="not a regular file"):
            read(path)
