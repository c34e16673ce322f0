"""The media of a study under names that tell nothing, encoded anew so that nothing else tells either."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

from adis_bench.datasets.media import read_audio, read_image, wav_bytes
from adis_bench.datasets.parallel import in_order
from adis_bench.datasets.spectrogram import spectrogram
from adis_bench.files import write_bytes
from adis_bench.study.layout import PlannedItem
from adis_bench.study.prepare_options import SoundFormat
from adis_bench.study.pseudonyms import keyed_digest
from adis_bench.study.records import StudyItem, has_content
from adis_bench.study.sampling import output_path

MEDIA = "media"
RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Sample rates that sounds are written with. Source: those of MPEG audio layer III, ISO/IEC 11172-3 and 13818-3, and MPEG 2.5."""

_DIGITS = 20
_OUR_NAMES = re.compile(rf"[0-9a-f]{{{_DIGITS}}}\.[a-z0-9]+|\.tmp-[a-z0-9_]{{8}}\.[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class BlindMedia:
    """Names and writes the media of a study.

    Every item has files of its own, also where two show the same pair: names tell nothing about that.

    Attributes:
        folder: of the study.
        run_dir: where the outputs come from.
        secret: names are keyed hashes under it.
        content: digest of the run; outputs of another run get other names.
        side: images are shown as [side, side], the resolution of the run, the source picture too: as the methods saw it.
        sound_format: of the sounds.
    """

    folder: Path
    run_dir: Path
    secret: str
    content: str
    side: int
    sound_format: SoundFormat

    def item(self, planned: PlannedItem) -> StudyItem:
        """The item as it stands in ``study.json``; writes nothing."""
        images = tuple(self._name(planned, f"image {method}", "png") for method in planned.key.methods)
        sound = self._name(planned, "sound", self.sound_format)
        return StudyItem(planned.item_id, self._name(planned, "source", "png"), sound, self._name(planned, "spectrogram", "png"), images)

    def write(self, items: Sequence[PlannedItem]) -> None:
        """Write what isn't there yet, with a progress bar; a file that holds anything is whole, since files appear at once.

        Raises:
            DataError: a picture or sound of the run or its dataset is missing or damaged.
        """
        waiting = [planned for planned in items if not self.holds(self.item(planned))]
        for _ in in_order(self.write_item, waiting, "media"):
            pass

    def holds(self, item: StudyItem) -> bool:
        """Whether all media of an item are there; empty files, as a full disk leaves them, are not."""
        return all(has_content(self.folder / path) for path in _paths(item))

    def write_item(self, planned: PlannedItem) -> None:
        """Write what isn't there of one item; errors as those of ``write``."""
        for name, content in self._contents(planned, self.item(planned)):
            write_bytes(self.folder / name, content)

    def prune(self, items: Iterable[StudyItem]) -> None:
        """Remove what a stopped call with other options, or one that was killed while writing, has left; only files of our names."""
        kept = {_base(path) for item in items for path in _paths(item)}
        for path in (self.folder / MEDIA).glob("*"):
            if _OUR_NAMES.fullmatch(path.name) and path.name not in kept and path.is_file():
                path.unlink()

    def _name(self, planned: PlannedItem, what: str, suffix: str) -> str:
        digest = keyed_digest(self.secret, "\n".join(("media", self.content, planned.item_id, planned.pair.pair_id, what)))
        return f"{MEDIA}/{digest[:_DIGITS]}.{suffix}"

    def _contents(self, planned: PlannedItem, item: StudyItem) -> Iterator[tuple[str, bytes]]:
        """Names and contents of the files that aren't there."""
        pictures = {item.source: planned.pair.source}
        for name, method in zip(item.images, planned.key.methods, strict=True):
            pictures[name] = output_path(self.run_dir, method, planned.pair.pair_id)
        for name, path in pictures.items():
            if not has_content(self.folder / name):
                yield name, png_bytes(read_image(path, self.side))
        if not has_content(self.folder / item.sound) or not has_content(self.folder / item.spectrogram):
            for name, content in zip((item.sound, item.spectrogram), _heard(planned.pair.sound, self.sound_format), strict=True):
                # A stopped call may have left one of the two.
                if not has_content(self.folder / name):
                    yield name, content


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """uint8 [H, W, 3] as a PNG of pixels and nothing else."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def sound_bytes(path: Path, sound_format: SoundFormat) -> tuple[bytes, NDArray[np.float32], int]:
    """A sound of the dataset as mono WAV (16 bit) or MP3, which every browser plays, with its samples and their rate in Hz.

    The rate is that of the file where MP3 has it, else the next one above, at most 48 kHz.

    Raises:
        DataError: missing or not decodable.
    """
    samples, rate = read_audio(path)
    wanted = next((hz for hz in RATES_HZ if hz >= rate), RATES_HZ[-1])
    if wanted != rate:
        samples, rate = read_audio(path, wanted)
    if sound_format == "wav":
        return wav_bytes(samples, rate), samples, rate
    buffer = BytesIO()
    soundfile.write(buffer, np.clip(samples, -1.0, 1.0), rate, format="MP3", subtype="MPEG_LAYER_III")
    return buffer.getvalue(), samples, rate


@lru_cache(maxsize=64)
def _heard(path: Path, sound_format: SoundFormat) -> tuple[bytes, bytes]:
    """Sound and spectrogram; kept for a while, since repeats and neighbours share sounds."""
    content, samples, rate = sound_bytes(path, sound_format)
    return content, png_bytes(spectrogram(samples, rate))


def _paths(item: StudyItem) -> tuple[str, ...]:
    return item.source, item.sound, item.spectrogram, *item.images


def _base(path: str) -> str:
    return path.rpartition("/")[2]
