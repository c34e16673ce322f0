"""Sounds that nobody can judge."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from adis_bench.errors import DataError
from adis_bench.study.sound_check import check_sounds, doubt

RATE_HZ = 16000


def _sound(path: Path, samples: np.ndarray) -> Path:
    soundfile.write(path, samples.astype(np.float32), RATE_HZ, subtype="FLOAT")
    return path


def _noise(n: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, n)


def test_doubts(tmp_path: Path):
    """Nothing but zeros in 16 bits is silent, less than a tenth of a second is short; quiet sounds and a tenth are neither."""
    assert doubt(_sound(tmp_path / "a.wav", np.zeros(RATE_HZ))) == "silent"
    assert doubt(_sound(tmp_path / "b.wav", np.full(RATE_HZ, 1e-5))) == "silent"
    assert doubt(_sound(tmp_path / "c.wav", np.full(RATE_HZ, 1e-4))) == ""
    assert doubt(_sound(tmp_path / "d.wav", _noise(1599))) == "short"
    assert doubt(_sound(tmp_path / "e.wav", _noise(1600))) == ""


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, bad: float):
    """One line with their number."""
    samples = _noise(RATE_HZ)
    samples[5:8] = bad
    with pytest.raises(DataError, match=r"a\.wav: 3 of 16000 samples are no numbers") as caught:
        check_sounds([_sound(tmp_path / "a.wav", samples)])
    assert "\n" not in str(caught.value)


def test_they_are_counted_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Each sound once, however many items it has."""
    silent, short = _sound(tmp_path / "silent.wav", np.zeros(RATE_HZ)), _sound(tmp_path / "short.wav", _noise(9))
    good = _sound(tmp_path / "good.wav", _noise(RATE_HZ))
    check_sounds([good, silent, good, short, silent])
    told = capsys.readouterr().err
    assert "2 of 3 sounds can hardly be judged (1 silent, 1 shorter than 0.1 s), first: " in told
    assert told.count("\n") == 1
    check_sounds([good])
    assert capsys.readouterr().err == ""
