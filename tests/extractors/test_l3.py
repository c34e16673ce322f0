"""The correspondence network: that it learns, is found again, and is the same for both towers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from adis_bench.datasets.media import read_image, segment_audio, write_png
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import ConfigError, DataError
from adis_bench.extractors import l3_training
from adis_bench.extractors.efficientnet_lite0 import load_network
from adis_bench.extractors.l3 import L3Audio, L3Image, judge_accuracy
from adis_bench.extractors.l3_network import contrastive_loss
from adis_bench.extractors.l3_settings import L3Settings
from adis_bench.extractors.l3_training import balanced, positives
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from adis_bench.files import digest_file

TINY = {"image_trunk": "own", "image_size": 16, "steps": 2, "batch_size": 6, "width": 4, "dimensions": 8}
LEARNS = {**TINY, "steps": 40, "batch_size": 12, "width": 8, "dimensions": 16}


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and no network in the process."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(l3_training, "_in_process", {})
    return tmp_path / "cache"


@pytest.fixture
def coloured(tiny_dataset: Callable[..., Dataset]) -> Dataset:
    """Three classes whose pitch says their colour: noise images tinted red, green or blue."""
    dataset = tiny_dataset(labels=3, per_split=6)

    def tinted(segment: Segment) -> Segment:
        image = read_image(segment.frame_paths[0]) // 3
        image[..., dataset.labels.index(segment.label)] += 150
        write_png(segment.frame_paths[0], image)
        return Segment(
            **{name: getattr(segment, name) for name in Segment.__slots__} | {"frame_sha256": (digest_file(segment.frame_paths[0]),)}
        )

    return dataset.with_segments(tinted(segment) for segment in dataset.segments)


def _towers(judge: Dataset, settings: dict[str, object], seed: int = 0, resolution: int = 16) -> tuple[L3Image, L3Audio]:
    options = ExtractorOptions(resolution, seed=seed, settings=settings)
    towers = L3Image(options), L3Audio(options)
    for tower in towers:
        tower.prepare(judge)
    return towers


def test_sounds_find_their_colour(coloured: Dataset) -> None:
    """After 40 steps on the judge split, unseen sounds pick the frame of their own class out of three."""
    image, audio = _towers(coloured.split("judge"), LEARNS)
    found = judge_accuracy(image, audio, coloured.split("test"), 16)
    assert (found.n_sounds, found.n_groups, found.n_choices, found.chance) == (18, 18, 3, pytest.approx(1 / 3))
    assert found.value >= 0.8
    assert found.ci_low is not None
    assert found.ci_low > found.chance


def test_the_same_seed_gives_the_same_network(coloured: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Trained twice from nothing, the weights are equal to the bit, whatever the global generator's state; another seed differs."""
    digests = []
    for index, seed in enumerate([0, 0, 1]):
        monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / f"cache-{index}"))
        torch.manual_seed(100 + index)
        digests.append(_towers(coloured.split("judge"), TINY, seed)[0].digest)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("trunk", ["own", "efficientnet_lite0"])
def test_training_leaves_the_global_generator_alone(coloured: Dataset, trunk: str) -> None:
    """Whoever draws from torch's global generator next gets what they would have got."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    image, _ = _towers(coloured.split("judge"), {**TINY, "image_trunk": trunk})
    load_network.cache_clear()
    image.embed(np.zeros((8, 16, 16, 3), np.uint8))
    assert torch.equal(torch.rand(3), expected)


def test_both_towers_share_one_training_that_is_found_again(coloured: Dataset, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file is written for both towers; a later process reads it and trains nothing."""
    towers = _towers(coloured.split("judge"), TINY)
    assert len(list((fresh / "models").iterdir())) == 1
    monkeypatch.setattr(l3_training, "_in_process", {})
    monkeypatch.setattr(l3_training, "_train", lambda *_: pytest.fail("trained again"))
    again = _towers(coloured.split("judge"), TINY)
    assert [tower.digest for tower in again] == [tower.digest for tower in towers]
    assert towers[0].digest != towers[1].digest


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_a_damaged_model_file_is_trained_again(
    coloured: Dataset, fresh: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """An empty, foreign or truncated file counts as absent, and the network is the same again."""
    before = _towers(coloured.split("judge"), TINY)[0].digest
    (path,) = (fresh / "models").iterdir()
    path.write_bytes(path.read_bytes()[:-200] if content is None else content)
    monkeypatch.setattr(l3_training, "_in_process", {})
    assert _towers(coloured.split("judge"), TINY)[0].digest == before


class _Payload:
    """Unpickling this would run code."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("executed"),)


def test_a_model_file_runs_no_code(coloured: Dataset, fresh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pickle in the cache folder is refused, not executed."""
    monkeypatch.chdir(tmp_path)
    _towers(coloured.split("judge"), TINY)
    (path,) = (fresh / "models").iterdir()
    torch.save({"weights": _Payload(), "facts": {}}, path)
    monkeypatch.setattr(l3_training, "_in_process", {})
    _towers(coloured.split("judge"), TINY)
    assert not (tmp_path / "executed").exists()


def test_what_determines_the_network_changes_its_digest(coloured: Dataset) -> None:
    """Settings, resolution and the judge split's content each give another network."""
    judge = coloured.split("judge")
    digests = {
        _towers(judge, TINY)[0].digest,
        _towers(judge, {**TINY, "steps": 3})[0].digest,
        _towers(judge, TINY, resolution=32)[0].digest,
        _towers(judge.with_segments(judge.segments[:-1]), TINY)[0].digest,
    }
    assert len(digests) == 4


def test_rows_do_not_depend_on_their_place(coloured: Dataset) -> None:
    """In a batch of constant shape an image or a sound has the same bits at every place and beside any neighbours."""
    test = coloured.split("test").segments[:8]
    image, audio = _towers(coloured.split("judge"), {**TINY, "width": 16, "dimensions": 128, "image_size": 64})
    frames = np.stack([read_image(s.frame_paths[0], 64) for s in test])
    sounds = np.stack([segment_audio(s.audio_path, audio.sample_rate_hz, 3 * audio.sample_rate_hz) for s in test])
    for tower, batch in ((image, frames), (audio, sounds)):
        assert isinstance(tower, Extractor)
        whole = tower.embed(batch)
        assert np.linalg.norm(whole, axis=1) == pytest.approx(np.ones(8), abs=1e-5)
        assert np.array_equal(tower.embed(batch[::-1])[::-1], whole)
        assert np.array_equal(tower.embed(np.stack([batch[3]] * 8)), np.stack([whole[3]] * 8))


def test_a_small_split_stands_on_a_frozen_trunk(coloured: Dataset) -> None:
    """Below 150 distinct frames the default trunk is EfficientNet-Lite0, and the facts say what that costs."""
    image, _ = _towers(coloured.split("judge"), {key: value for key, value in TINY.items() if key != "image_trunk"})
    assert image.facts()["image_trunk"] == "efficientnet_lite0"
    assert "less independent" in image.facts()["image_trunk_note"]
    assert image.embed(np.zeros((8, 16, 16, 3), np.uint8)).shape == (8, 8)
    assert L3Settings().trunk(149) == "efficientnet_lite0"
    assert L3Settings().trunk(150) == "own"


def test_a_judge_of_one_class_is_refused(coloured: Dataset) -> None:
    """Contrast needs two classes; the message says which option gives more data."""
    judge = coloured.split("judge")
    with pytest.raises(DataError, match="--judge-split"):
        _towers(judge.with_segments(s for s in judge.segments if s.label == "rain"), TINY)


def test_towers_of_two_networks_are_not_compared(coloured: Dataset) -> None:
    """Cosines between two separately trained spaces mean nothing, so they are refused."""
    image, _ = _towers(coloured.split("judge"), TINY)
    _, audio = _towers(coloured.split("judge"), {**TINY, "steps": 3})
    with pytest.raises(ConfigError, match="two networks"):
        judge_accuracy(image, audio, coloured.split("test"), 16)


def test_an_unprepared_extractor_says_so() -> None:
    """Embedding before ``prepare`` is an error of the caller that names the extractor."""
    with pytest.raises(ConfigError, match=r"l3_image was used before prepare"):
        L3Image(ExtractorOptions(16)).embed(np.zeros((8, 16, 16, 3), np.uint8))


@pytest.mark.parametrize("table", [{"widht": 8}, {"image_trunk": "vgg"}, {"image_size": 60}, {"batch_size": 1}, {"steps": 0}])
def test_unfit_settings_are_refused(table: dict[str, object]) -> None:
    """A misspelt name and values that cannot work are said before anything is trained."""
    with pytest.raises(ConfigError, match="l3_image"):
        L3Settings.of(table)


def test_contrastive_loss_by_hand() -> None:
    """Two orthogonal pairs at scale 1: both rows have logits (1, 0), so the loss is log(e + 1) - 1 = 0.3133."""
    eye = torch.eye(2)
    assert float(contrastive_loss(eye, eye, torch.tensor(0.0), eye)) == pytest.approx(0.313262, abs=1e-5)
    # Half of each row's positives on the other one: the mean log-probability is (1 + 0) / 2 - log(e + 1).
    assert float(contrastive_loss(eye, eye, torch.tensor(0.0), torch.full((2, 2), 0.5))) == pytest.approx(0.813262, abs=1e-5)


def test_positives_by_hand() -> None:
    """Segments 0, 1 of one class and 2 of another: 0.4 of a row is shared out among its class, the rest is its own."""
    found = positives(np.array([0, 1, 2]), np.array([7, 7, 8]), 0.4)
    assert found.numpy() == pytest.approx(np.array([[0.8, 0.2, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]]))


def test_batches_are_balanced() -> None:
    """A class with one segment is drawn as often as a class with ninety-nine."""
    labels = np.array([0] * 99 + [1])
    drawn = balanced(labels, 10, np.random.default_rng(0))
    assert (labels[drawn] == 1).sum() == 5
