"""What the demo world promises as a dataset."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from adis_bench.datasets.demo import world
from adis_bench.datasets.demo.style import DISPLAYS
from adis_bench.datasets.media import read_audio, read_image
from adis_bench.datasets.records import HEADER_NAME, Dataset
from adis_bench.errors import ConfigError, DataError

SMALL = {"n_train": 16, "n_judge": 8, "n_test": 8}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A demo world of 32 scenes."""
    return world.make(tmp_path_factory.mktemp("demo"), **SMALL)


def test_records(small: Dataset) -> None:
    """Splits are stratified, ids speak, every scene is its own group, sound and frame were made together."""
    counts = Counter((s.split, s.label) for s in small.segments)
    assert counts == {**{("train", x): 2 for x in DISPLAYS}, **{("judge", x): 1 for x in DISPLAYS}, **{("test", x): 1 for x in DISPLAYS}}
    assert "train-rain-0001" in {s.segment_id for s in small.segments}
    assert all(s.audio_group == s.segment_id and s.frame_groups == (s.segment_id,) for s in small.segments)
    assert small.pairing == "recorded"
    assert small.displays["crunching_snow"] == "crunching snow"
    assert small.recipe == {
        "generator": "adis_bench.demo",
        "version": 1,
        "seed": 0,
        "resolution": 64,
        "counts": {"train": 16, "judge": 8, "test": 8},
    }


def test_default_counts_are_stratified() -> None:
    """The default splits hold whole rounds of the eight classes, about 1,000 scenes in all."""
    counts = (world.N_TRAIN, world.N_JUDGE, world.N_TEST)
    assert [n % 8 for n in counts] == [0, 0, 0]
    assert 900 < sum(counts) < 1200


def test_media(small: Dataset) -> None:
    """Frames have the resolution, sounds 3 s at 16 kHz, and no two scenes are alike."""
    for segment in small.segments:
        assert read_image(segment.frame_paths[0]).shape == (64, 64, 3)
        samples, rate = read_audio(segment.audio_path)
        assert (samples.size, rate) == (48_000, 16_000) == (48_000, segment.sample_rate_hz)
    assert len({s.audio_sha256 for s in small.segments}) == len({s.frame_sha256 for s in small.segments}) == 32
    assert len({str(s.details["layout"]) for s in small.segments}) == 32


def test_details_render_to_the_frame(small: Dataset) -> None:
    """After opening from disk, layout and style give exactly the frame: the oracle can be trusted."""
    for segment in Dataset.open(small.root).segments[::5]:
        rendered = world.render(segment.details["layout"], segment.details["style"], 64)
        np.testing.assert_array_equal(rendered, read_image(segment.frame_paths[0]))
        assert segment.details["style"]["label"] == segment.label


@pytest.mark.parametrize("threads", [1, 5])
def test_content_does_not_depend_on_the_number_of_threads(
    small: Dataset, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread and many make the same dataset, elsewhere, in the same order."""
    monkeypatch.setattr(world.os, "cpu_count", lambda: threads)
    again = world.make(tmp_path, **SMALL)
    assert again.digest == small.digest
    assert [s.segment_id for s in again.segments] == [s.segment_id for s in small.segments]


def test_a_scene_does_not_depend_on_the_counts(small: Dataset, tmp_path: Path) -> None:
    """A larger world contains the smaller one's scenes unchanged."""
    few = world.make(tmp_path, n_train=8, n_judge=0, n_test=0)
    known = {s.segment_id: (s.audio_sha256, s.frame_sha256) for s in small.segments}
    assert {s.segment_id: (s.audio_sha256, s.frame_sha256) for s in few.segments}.items() <= known.items()


def test_the_seed_changes_every_scene(small: Dataset, tmp_path: Path) -> None:
    """Another seed shares no frame and no sound."""
    other = world.make(tmp_path, seed=1, **SMALL)
    assert not {s.frame_sha256 for s in other.segments} & {s.frame_sha256 for s in small.segments}
    assert not {s.audio_sha256 for s in other.segments} & {s.audio_sha256 for s in small.segments}


def test_an_existing_world_is_opened_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second call with the same options renders nothing."""
    first = world.make(tmp_path, n_train=8, n_judge=0, n_test=0)
    monkeypatch.setattr(world, "render", None)
    assert world.make(tmp_path, n_train=8, n_judge=0, n_test=0).digest == first.digest


def test_a_killed_call_is_completed(tmp_path: Path) -> None:
    """Without a header there is no dataset; the next call gives the uninterrupted one's content."""
    first = world.make(tmp_path / "a", n_train=8, n_judge=0, n_test=0)
    (tmp_path / "a" / HEADER_NAME).unlink()
    first.segments[0].frame_paths[0].unlink()
    first.segments[3].audio_path.write_bytes(b"RIFF")
    with pytest.raises(DataError, match="no dataset"):
        Dataset.open(tmp_path / "a")
    assert world.make(tmp_path / "a", n_train=8, n_judge=0, n_test=0).digest == first.digest
    assert read_audio(first.segments[3].audio_path)[0].size == 48_000


def test_a_lost_frame_is_made_again(tmp_path: Path) -> None:
    """A world that lost a file is completed, not opened as it is."""
    first = world.make(tmp_path, n_train=8, n_judge=0, n_test=0)
    first.segments[2].frame_paths[0].unlink()
    assert world.make(tmp_path, n_train=8, n_judge=0, n_test=0).digest == first.digest
    assert first.segments[2].frame_paths[0].is_file()


def test_another_dataset_is_not_overwritten(small: Dataset) -> None:
    """A folder that holds a world of other options is left alone."""
    with pytest.raises(DataError, match="choose an empty folder"):
        world.make(small.root, seed=3, **SMALL)


@pytest.mark.parametrize(
    "options", [{"resolution": 32}, {"resolution": 512}, {"n_train": -1}, {"n_train": 0, "n_judge": 0, "n_test": 0}, {"seed": -1}]
)
def test_options_that_cannot_be(options: dict[str, int], tmp_path: Path) -> None:
    """Impossible options are refused before anything is written."""
    with pytest.raises(ConfigError):
        world.make(tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()
