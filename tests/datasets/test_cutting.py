"""Sounds and frames of windows, as they are written."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from adis_bench.datasets.cutting import Cut, Place, _resized, cut_frames, cut_sound
from adis_bench.datasets.phash import perceptual_hash
from adis_bench.datasets.video import probe
from adis_bench.datasets.windows import Window, fixed_windows, window_frames
from adis_bench.files import digest_file
from tests.datasets.videos import clicks, number_of, write_video


def _video(folder: Path, seconds: float = 7.5, **options):
    wave = clicks(seconds, 48_000, [0.5, 3.0, 4.25, 6.5])
    return probe(write_video(folder / "a.mkv", round(seconds * 30), wave=wave, **options))


@pytest.mark.parametrize("rule", ["uniform", "stride"])
def test_frames_are_those_of_the_rule(tmp_path, rule):
    """Frames are those of the rule."""
    video, cut, place = _video(tmp_path), Cut(frame_rule=rule, side=32), Place(tmp_path / "out", "a")
    windows = fixed_windows(video.seconds)
    rows = cut_frames(video, windows, cut, place)
    for window, row in zip(windows, rows, strict=True):
        expected = window_frames(video.times_s, window, rule, 8).tolist()
        paths = [place.frame(window, k) for k in range(8)]
        assert [number_of(Image.open(path)) for path in paths] == expected
        assert row["sha256"] == [digest_file(path) for path in paths]
        assert paths[2].name == f"a_clip{window.number}-3.jpg"
        assert Image.open(paths[0]).size == (32, 32)
    near = int(perceptual_hash(np.asarray(Image.open(place.frame(windows[1], 4)))), 16) ^ int(rows[1]["phash"][4], 16)
    assert near.bit_count() <= 4  # of the picture before JPEG


def test_sounds_are_three_seconds_and_in_step(tmp_path):
    """Sounds are three seconds and in step."""
    video, place = _video(tmp_path), Place(tmp_path / "out", "a")
    rows = cut_sound(video, fixed_windows(video.seconds), Cut(), place)
    waves = [soundfile.read(place.audio(window))[0] for window in fixed_windows(video.seconds)]
    assert [len(wave) for wave in waves] == [144_000] * 3
    assert [(np.flatnonzero(wave > 0.5) / 48_000).tolist() for wave in waves] == [[0.5], [0.0, 1.25], [0.5, 2.0]]
    assert [row["seconds"] for row in rows] == [3.0, 3.0, 1.5]  # the tail is repeated: its click comes twice
    assert all(-41 < row["level_db"] < -35 for row in rows)  # noise of 0.01 and clicks: 20 log10(0.01) is -40


def test_pieces_of_a_resampled_sound_fit_together(tmp_path):
    """Resampled as one stream: segments side by side are the whole, without edges."""
    wave = np.sin(2 * np.pi * 440 * np.arange(6 * 44_100) / 44_100).astype(np.float32) * 0.5
    video = probe(write_video(tmp_path / "a.mkv", 180, wave=wave, rate_hz=44_100))
    place = Place(tmp_path / "out", "a")
    cut_sound(video, fixed_windows(6.0), Cut(rate_hz=16_000), place)
    both = np.concatenate([soundfile.read(place.audio(window))[0] for window in fixed_windows(6.0)])
    exact = 0.5 * np.sin(2 * np.pi * 440 * np.arange(96_000) / 16_000)
    assert np.abs(both - exact)[200:-200].max() < 2e-4  # 16 bits are 3e-5


def test_overlapping_windows_have_their_own_sound(tmp_path):
    """Overlapping windows have their own sound."""
    video, place = _video(tmp_path), Place(tmp_path / "out", "a")
    windows = [Window(1, 0.0, 3.0), Window(2, 0.25, 3.25), Window(5, 2.0, 5.0), Window(6, 2.0, 5.0), Window(9, 4.5, 7.5)]
    cut_sound(video, windows, Cut(), place)
    found = [(np.flatnonzero(soundfile.read(place.audio(w))[0] > 0.5) / 48_000 + w.start_s).tolist() for w in windows]
    assert found == [[0.5], [0.5, 3.0], [3.0, 4.25], [3.0, 4.25], [6.5]]


def test_silent_and_short_pieces_are_left_out(tmp_path):
    """Silent and short pieces are left out."""
    wave = clicks(6.05, 48_000, [1.0])
    wave[3 * 48_000 : 6 * 48_000] = 0
    video = probe(write_video(tmp_path / "a.mkv", 200, wave=wave))
    windows = fixed_windows(video.seconds)
    rows = cut_sound(video, windows, Cut(), Place(tmp_path / "out", "a"))
    assert [row.get("skip") for row in rows] == [None, "silent", "too_short"]
    assert not Place(tmp_path / "out", "a").audio(windows[1]).exists()


@pytest.mark.parametrize("size", [(854, 480), (320, 240), (513, 700)])
def test_the_released_resize_is_bilinear_without_antialiasing(size):
    """Against torch's interpolation, which torchvision's resize of tensors used: to a grey level or two of rounding."""
    picture = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    ours = np.asarray(_resized(Image.fromarray(picture), Cut(resize="released", side=512)), np.float32)
    tensor = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    theirs = torch.nn.functional.interpolate(tensor, (512, 512), mode="bilinear", align_corners=False, antialias=False)[0]
    difference = np.abs(ours - theirs.permute(1, 2, 0).numpy())
    assert difference.max() <= 2.0
    antialiased = np.asarray(_resized(Image.fromarray(picture), Cut(side=512)), np.float32)
    assert np.abs(antialiased - ours).mean() > 5
