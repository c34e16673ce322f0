"""What a model in training makes of a few fixed pairs: one picture per epoch, to be looked at."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from adis_bench.datasets.media import Images, write_png
from reference_model.audio import spectrogram
from reference_model.data import Batches, as_pixels, scaled
from reference_model.objective import TrainBatch

FOLDER_NAME = "samples"
N_PAIRS = 6
LEAST_STEPS = 100
"""A picture is made after an epoch, but not oftener than this."""
FLOOR_DB, CEILING_DB = -40.0, 40.0
"""Shown levels of a spectrogram's cell. A full-scale sine reaches half the window's sum, 100, which is 40 dB."""
_GAP = 4
_GROUND = 255


class Samples:
    """Draws the grid: a row per pair with source, sound (where that is the condition), output and target frame.

    The pairs are those that step 0 draws, in the first process. Nothing of the training changes by it: no random
    number is drawn, and the networks are in eval mode meanwhile.
    """

    def __init__(self, inference: nn.ModuleDict, batches: Batches, folder: Path, fabric: Fabric) -> None:
        self._inference, self._batches, self._folder, self._fabric = inference, batches, folder / FOLDER_NAME, fabric
        epoch_steps = batches.schedule.epoch_steps
        self._every = -(-LEAST_STEPS // epoch_steps) * epoch_steps
        self._pairs: TrainBatch | None = None

    def after(self, done: int) -> Images | None:
        """Make and write the picture that is due when ``done`` steps lie behind; None where none is due.

        The last step is always due. Returns uint8 [H, W, 3], in the first process only.
        """
        schedule = self._batches.schedule
        if not self._fabric.is_global_zero or (done % self._every and done != schedule.n_steps):
            return None
        picture = self._draw()
        write_png(self._folder / f"epoch_{-(-done // schedule.epoch_steps):04d}.png", picture)
        return picture

    def _draw(self) -> Images:
        if self._pairs is None:
            self._pairs = self._batches(0)
        pairs = self._pairs
        source, target, condition = (pixels[:N_PAIRS] for pixels in (pairs.source, pairs.target, pairs.condition))
        columns = [source.permute(0, 2, 3, 1).numpy(), as_pixels(self._restyled(source, condition)), target.permute(0, 2, 3, 1).numpy()]
        if condition.is_floating_point():
            columns.insert(1, sound_pictures(condition, source.shape[-1]))
        return _grid(columns)

    def _restyled(self, source: Tensor, condition: Tensor) -> Tensor:
        """The live networks' outputs for uint8 sources."""
        fabric, networks = self._fabric, self._inference
        placed = fabric.to_device({"source": source, "condition": condition})
        placed["source"] = scaled(placed["source"])
        placed = fabric.strategy.precision.convert_input(placed)
        networks.eval()
        try:
            with torch.inference_mode(), fabric.autocast():
                made: Tensor = networks["G"](placed["source"], networks["C"](placed["condition"]))
        finally:
            networks.train()
        return made


def sound_pictures(waveforms: Tensor, size: int) -> NDArray[np.uint8]:
    """Log-magnitude spectrograms uint8 [N, size, size, 3] of waveforms [N, 48000], low frequencies at the bottom.

    One scale for all sounds and models, so that a louder sound looks brighter.
    """
    level = 20 * torch.log10(spectrogram(waveforms.float()).clamp_min(1e-9))
    shade = ((level - FLOOR_DB) / (CEILING_DB - FLOOR_DB)).clamp(0, 1).flip(1)
    shade = F.interpolate(shade[:, None], (size, size), mode="bilinear", antialias=True)[:, 0]
    return np.asarray(mpl.colormaps["magma"](shade.numpy(), bytes=True)[..., :3])


def _grid(columns: list[NDArray[np.uint8]]) -> Images:
    """Columns of pictures [N, R, R, 3] side by side, with gaps between."""
    n, size = columns[0].shape[:2]
    step = size + _GAP
    grid = np.full((n * step - _GAP, len(columns) * step - _GAP, 3), _GROUND, np.uint8)
    for c, column in enumerate(columns):
        for r, picture in enumerate(column):
            grid[r * step : r * step + size, c * step : c * step + size] = picture
    return grid
