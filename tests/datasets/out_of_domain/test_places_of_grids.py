"""Where a grid is written, and how much of its sounds is read."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from adis_bench.datasets.media import read_audio
from adis_bench.datasets.out_of_domain.importer import Request, import_out_of_domain
from adis_bench.datasets.out_of_domain.offers import Candidate
from adis_bench.datasets.out_of_domain.reading import Heard, heard
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from tests.datasets.conftest import write_image, write_sound


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    """A picture and a sound."""
    write_image(tmp_path / "pictures" / "forest" / "0.png", 0)
    write_sound(tmp_path / "noises" / "rain" / "0.wav", 0)
    return Request(images=tmp_path / "pictures", sounds=tmp_path / "noises")


def test_another_name_is_not_dropped_silently(request_: Request, tmp_path: Path):
    """The name is part of what a dataset is; without one the dataset is found under that which it has."""
    out = tmp_path / "O"
    named = Request(images=request_.images, sounds=request_.sounds, name="mine")
    dataset = import_out_of_domain(named, out)
    assert import_out_of_domain(named, out) == import_out_of_domain(request_, out) == dataset
    with pytest.raises(DataError, match=r"under the name mine; leave --name out"):
        import_out_of_domain(Request(images=request_.images, sounds=request_.sounds, name="other"), out)
    assert Dataset.open(out).name == "mine"


def test_a_full_folder_is_refused(request_: Request, tmp_path: Path):
    """Nothing is written between other files; what a stopped import has left is no reason."""
    out = tmp_path / "O"
    out.mkdir()
    (out / "thesis.txt").touch()
    with pytest.raises(DataError, match=r"holds other files \(1, first: thesis.txt\); choose an empty folder"):
        import_out_of_domain(request_, out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    (out / "thesis.txt").unlink()
    for name in ("frames", "audio"):
        (out / name).mkdir()
    (out / "index.parquet").touch()
    (out / ".tmp-abcdefgh.json").touch()
    assert import_out_of_domain(request_, out).root == out


def test_of_a_long_sound_the_start_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Three seconds of ten minutes: an hour of sound would take gigabytes."""
    path = tmp_path / "long.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 8000 * 600), 8000)
    decoded = []
    read = soundfile.SoundFile.read

    def counting(self, *arguments, **options):
        found = read(self, *arguments, **options)
        decoded.append(len(found))
        return found

    monkeypatch.setattr(soundfile.SoundFile, "read", counting)
    found = heard(Candidate(path, "long.flac", "rain", "long"))
    assert isinstance(found, Heard)
    assert decoded == [3 * 8000]
    np.testing.assert_array_equal(found.waveform, read_audio(path)[0][: 3 * 8000])
