"""Requests: how gains and mixtures are read, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.errors import ConfigError, DataError
from reference_model import stylizing
from reference_model.stylize_request import Mix, Request, parse_gains, parse_mix


def test_gains_and_mixtures_are_read() -> None:
    """Numbers with commas; a path may hold colons; what is no number or out of range is refused."""
    assert parse_gains("-30,-10.5, 0,+6") == (-30.0, -10.5, 0.0, 6.0)
    assert parse_mix("C:/sea.wav:0,0.5") == Mix(Path("C:/sea.wav"), (0.0, 0.5))
    for text in ("", "1,", "loud", "nan", "inf", "500"):
        with pytest.raises(ConfigError, match=r"--gain"):
            parse_gains(text)
    for text in ("sea.wav", "sea.wav:", ":0.5", "sea.wav:2", "sea.wav:-0.1", "sea.wav:nan"):
        with pytest.raises(ConfigError, match=r"--mix"):
            parse_mix(text)
    with pytest.raises(ConfigError, match=r"--mix sea.wav: 1.5 is not in 0 to 1"):
        parse_mix("sea.wav:0,1.5")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": Path("missing.jpg")}, r"--image missing.jpg does not exist"),
        ({"audio": Path("missing.wav")}, r"--audio missing.wav does not exist"),
        ({"mix": Mix(Path("missing.wav"), (0.5,))}, r"--mix missing.wav does not exist"),
        ({"audio": None}, r"give --audio .* or --label"),
        ({"label": "rain"}, r"one of the two"),
        ({"gains_db": (0.0,), "mix": Mix(Path("b.wav"), (0.5,))}, r"cannot be used together"),
        ({"audio": None, "label": "rain", "gains_db": (0.0,)}, r"a label has none of them"),
        ({"out": Path("x.jpg")}, r"x.jpg does not end with .png"),
        ({"size": 30}, r"--size 30 is not a multiple of 4 from 16 on; use 28 or 32"),
        ({"size": 8}, r"use 16 or 20"),
        ({"start_s": -1.0}, r"--start -1 is not a time"),
        ({"start_s": float("nan")}, r"--start nan is not a time"),
        ({"batch_size": 0}, r"--batch-size 0 is less than 1"),
        ({"device": "nowhere"}, r"device 'nowhere' cannot be used"),
    ],
)
def test_requests_that_make_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], message: str) -> None:
    """One line says which option does not fit, before a model is loaded or anything is written."""
    monkeypatch.setattr(stylizing, "open_model", lambda *_a, **_k: pytest.fail("loaded a model first"))
    write_png(tmp_path / "a.png", np.zeros((16, 16, 3), np.uint8))
    write_wav(tmp_path / "rain.wav", np.ones(99, np.float32), 16_000)
    request = Request("ours", tmp_path / "a.png", tmp_path / "out.png", tmp_path / "rain.wav", device="cpu")
    with pytest.raises((ConfigError, DataError), match=message) as error:
        stylizing.stylize(replace(request, **changes))
    assert "\n" not in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "rain.wav"]
