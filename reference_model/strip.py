"""Drawing a strip: the source, then one picture per sound, each above the spectrogram of what the model heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from adis_bench.datasets.media import Images
from reference_model.audio import N_SAMPLES, SAMPLE_RATE_HZ, Spectrogram

MIN_CELL = 192
"""Pixels: smaller pictures are enlarged by a whole factor (nearest neighbour, so that no pixel is invented)."""
RANGE_DB = 80.0
"""Colours span this much below the loudest cell of the whole strip: a quieter sound looks darker."""
_SOUND_HEIGHT, _GAP, _MARGIN = 72, 8, 14
_TITLE_PT, _CAPTION_PT, _NOTE_PT = 16, 15, 12
_GROUND, _INK, _MUTED = (255, 255, 255), (24, 24, 27), (95, 95, 105)
_NOTE = (
    "Below: the sound as",
    "the model heard it,",
    f"{N_SAMPLES / SAMPLE_RATE_HZ:g} s, 0 to {SAMPLE_RATE_HZ / 2000:g} kHz,",
    f"colours span {RANGE_DB:g} dB",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One picture of a strip.

    Attributes:
        picture: uint8 [H, W, 3].
        caption: gain or weight.
        waveform: float32 [48000] as it reached the model; None for the source.
    """

    picture: Images
    caption: str
    waveform: Tensor | None = None


def draw(columns: Sequence[Column], title: str) -> Images:
    """A strip as uint8 [H, W, 3]: pictures of one size from left to right, with title, captions and spectrograms."""
    factor = max(1, -(-MIN_CELL // columns[0].picture.shape[1]))
    height, width = (factor * side for side in columns[0].picture.shape[:2])
    top = _MARGIN + _TITLE_PT + _GAP
    sound_top = top + height + _CAPTION_PT + 2 * _GAP
    canvas = Image.new("RGB", (2 * _MARGIN + len(columns) * (width + _GAP) - _GAP, sound_top + _SOUND_HEIGHT + _MARGIN), _GROUND)
    pen = ImageDraw.Draw(canvas)
    pen.text((_MARGIN, _MARGIN - 2), _fitted(title, canvas.width - 2 * _MARGIN, _TITLE_PT), _INK, _font(_TITLE_PT))
    spectrograms = _spectrograms([column.waveform for column in columns], width)
    for k, column in enumerate(columns):
        left = _MARGIN + k * (width + _GAP)
        canvas.paste(Image.fromarray(column.picture).resize((width, height), Image.Resampling.NEAREST), (left, top))
        caption = _fitted(column.caption, width, _CAPTION_PT)
        pen.text((left + width / 2, top + height + _GAP - 2), caption, _INK, _font(_CAPTION_PT), anchor="ma")
        shown = spectrograms[k]
        if shown is None:
            pen.multiline_text((left, sound_top), "\n".join(_NOTE), _MUTED, _font(_NOTE_PT), spacing=3)
        else:
            canvas.paste(shown, (left, sound_top))
    return np.asarray(canvas)


def _spectrograms(waveforms: Sequence[Tensor | None], width: int) -> list[Image.Image | None]:
    """Log-magnitude spectrograms with the low frequencies at the bottom, on one scale; None where there is no sound."""
    magnitudes = Spectrogram()
    levels = [None if w is None else 20 * torch.log10(magnitudes(w[None])[0].clamp_min(1e-9)).numpy() for w in waveforms]
    loudest = max((float(level.max()) for level in levels if level is not None), default=0.0)
    return [None if level is None else _coloured(level, loudest, width) for level in levels]


def _coloured(level_db: NDArray[np.float32], loudest_db: float, width: int) -> Image.Image:
    shade = np.clip((level_db[::-1] - loudest_db) / RANGE_DB + 1, 0, 1)
    small = Image.fromarray(shade.astype(np.float32)).resize((width, _SOUND_HEIGHT), Image.Resampling.BOX)
    return Image.fromarray(mpl.colormaps["magma"](np.asarray(small), bytes=True)[..., :3])


def _fitted(text: str, width: int, points: int) -> str:
    """The text, shortened in its middle until it is at most ``width`` pixels wide; names of files may hold anything."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    kept = len(text)
    shown = text
    while _font(points).getlength(shown) > width and kept > 2:
        kept -= 1
        shown = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
    return shown


@cache
def _font(points: int) -> ImageFont.FreeTypeFont:
    # matplotlib brings DejaVu Sans, which knows far more letters of file names than Pillow's own font.
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", points)
