"""Outputs are kept by what they were made by, and made again where they are not whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adis_bench.datasets.media import Images, read_image
from adis_bench.datasets.pairs import make_pairs
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import DataError
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.outputs import CHUNK, MANIFEST_NAME, OutputFolder, generate, manifest_of

SIDE = 16


class Painter:
    """A method that paints every output in one grey, and counts what it is asked for."""

    name = "painter"
    description = "grey"
    citation = ""
    conditions_on: Conditioning = "nothing"

    def __init__(self, grey: int = 7) -> None:
        self.grey = grey
        self.asked: list[int] = []

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Nothing to train."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield grey."""
        self.asked.append(len(pairs))
        for _ in pairs:
            yield np.full((SIDE, SIDE, 3), self.grey, np.uint8)

    def provenance(self) -> Mapping[str, Any]:
        """The grey decides."""
        return {"digest": f"grey-{self.grey}", "differences": []}


@pytest.fixture
def pairs(tiny_dataset: Callable[..., Dataset]) -> tuple[Pair, ...]:
    """More pairs than a chunk holds."""
    made = make_pairs(tiny_dataset(labels=4, per_split=3).split("test"), CHUNK + 8, seed=0)
    assert len(made) == CHUNK + 8
    return made


@pytest.fixture
def folder(tmp_path: Path) -> OutputFolder:
    """Where the painter's outputs go."""
    return OutputFolder.of(tmp_path / "run", "painter")


def _paint(painter: Painter, folder: OutputFolder, pairs: Sequence[Pair], **options: Any) -> None:
    folder.begin(manifest_of(painter, "painter", MethodOptions(SIDE, **options), control=False))
    generate(painter, "painter", folder, pairs, SIDE)


def test_outputs_are_kept(folder: OutputFolder, pairs: tuple[Pair, ...]):
    """Asked a second time, a method of the same digest makes nothing."""
    _paint(Painter(), folder, pairs)
    again = Painter()
    _paint(again, folder, pairs)
    assert again.asked == []
    assert folder.missing(pairs) == []
    assert read_image(folder.image_path(pairs[0])).mean() == 7


@pytest.mark.parametrize("change", ["digest", "device", "precision"])
def test_other_outputs_go(folder: OutputFolder, pairs: tuple[Pair, ...], change: str):
    """Another digest, device or precision makes every output anew."""
    _paint(Painter(7), folder, pairs)
    other = Painter(9 if change == "digest" else 7)
    _paint(other, folder, pairs, **({} if change == "digest" else {change: "other"}))
    assert other.asked == [CHUNK, 8]
    assert read_image(folder.image_path(pairs[0])).mean() == other.grey


def test_a_chunk_is_made_whole(folder: OutputFolder, pairs: tuple[Pair, ...]):
    """One missing output makes its whole chunk again, and no other."""
    _paint(Painter(), folder, pairs)
    folder.image_path(pairs[-1]).unlink()
    again = Painter()
    _paint(again, folder, pairs)
    assert again.asked == [8]
    assert folder.missing(pairs) == []


def test_truncated_manifest(folder: OutputFolder, pairs: tuple[Pair, ...], capsys: pytest.CaptureFixture[str]):
    """A damaged manifest vouches for nothing: outputs are made anew, and it is said; reading it is an error."""
    _paint(Painter(), folder, pairs)
    manifest = folder.path / MANIFEST_NAME
    manifest.write_text(manifest.read_text()[:40])
    with pytest.raises(DataError, match="manifest.json is damaged"):
        folder.read_manifest()
    again = Painter()
    _paint(again, folder, pairs)
    assert again.asked == [CHUNK, 8]
    assert "made anew" in capsys.readouterr().err


class Misshapen(Painter):
    """Gives images of two sizes."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield a second image that is too large."""
        yield np.zeros((SIDE, SIDE, 3), np.uint8)
        yield np.zeros((SIDE + 1, SIDE, 3), np.uint8)


class Float(Painter):
    """Gives floats."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Any]:
        """Yield floats."""
        yield np.zeros((SIDE, SIDE, 3), np.float32)


class Lazy(Painter):
    """Forgets an image."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield one image less than asked for."""
        yield from super().stylize(pairs[1:])


@pytest.mark.parametrize(("method", "part"), [(Misshapen, r"uint8 \[17, 16, 3\]"), (Float, "float32"), (Lazy, "31 images for 32 pairs")])
def test_bad_images_are_refused(folder: OutputFolder, pairs: tuple[Pair, ...], method: type[Painter], part: str):
    """Images of another size, kind or number are refused, and none of their chunk is written."""
    with pytest.raises(DataError, match=part):
        _paint(method(), folder, pairs)
    assert len(folder.missing(pairs)) == len(pairs)


class Nameless(Painter):
    """Has no digest."""

    def provenance(self) -> Mapping[str, Any]:
        """No digest."""
        return {"differences": []}


class Unwritable(Painter):
    """Has a provenance that JSON can't hold."""

    def provenance(self) -> Mapping[str, Any]:
        """A NaN."""
        return {"digest": "x", "loss": float("nan")}


@pytest.mark.parametrize(("method", "part"), [(Nameless, "no 'digest'"), (Unwritable, "does not fit into JSON")])
def test_provenance_is_checked(folder: OutputFolder, pairs: tuple[Pair, ...], method: type[Painter], part: str):
    """A method that can't say what its outputs were made by is refused before it makes any."""
    with pytest.raises(DataError, match=part):
        _paint(method(), folder, pairs)


def test_key_is_content(folder: OutputFolder):
    """The manifest keeps the method's facts, and its key leaves out what does not decide the images."""
    options = MethodOptions(SIDE)
    first = manifest_of(Painter(), "a", options, control=False)
    second = manifest_of(Painter(), "b", replace(options, preset="other", retrain=True), control=True)
    assert first.key == second.key
    folder.begin(first)
    assert folder.read_manifest() == first
