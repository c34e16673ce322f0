"""`adis-bench data check` on indexes that say something else than their files."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from adis_bench.datasets.check import CheckReport, check_dataset
from adis_bench.datasets.media import write_wav
from adis_bench.datasets.records import Dataset
from adis_bench.files import digest_file

Make = Callable[..., Dataset]


def _with_first(dataset: Dataset, **changes: object) -> CheckReport:
    first, *rest = dataset.segments
    dataset.with_segments((replace(first, **changes), *rest)).save()  # type: ignore[arg-type]
    return check_dataset(dataset.root)


@pytest.mark.parametrize("rate", [0, -5, 16_000])
def test_a_sample_rate_that_is_not_the_file_s(tiny_dataset: Make, rate: int):
    """Commands that trust the index would cut or play the sound wrongly."""
    report = _with_first(tiny_dataset(), sample_rate_hz=rate)
    assert [(f.kind, f.reason) for f in report.faults] == [("index", f"8000 Hz, and the index says {rate} Hz")]


def test_a_sound_of_another_length(tiny_dataset: Make):
    """A segment has 3 s, exactly."""
    dataset = tiny_dataset()
    path = dataset.segments[0].audio_path
    write_wav(path, np.random.default_rng(0).uniform(-0.5, 0.5, 23_000).astype(np.float32), 8000)
    report = _with_first(dataset, audio_sha256=digest_file(path))
    assert [(f.kind, f.where, f.reason) for f in report.faults] == [
        ("index", f"audio/{path.name}", "2.875 s, and a segment has 3 s"),
    ]


def test_a_split_that_no_command_uses(tiny_dataset: Make):
    """It is named on one line, whatever it holds."""
    report = _with_first(tiny_dataset(), split="<b>x\n")
    (fault,) = report.faults
    assert fault.kind == "index"
    assert str(fault).isprintable()
    assert r"'<b>x\n'" in str(fault)
