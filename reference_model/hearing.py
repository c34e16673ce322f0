"""Sound-conditioned models given any waveform: what ``adis-bench sweep`` asks for louder, softer and mixed sounds."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.datasets.records import Pair, Segment
from reference_model.audio import SAMPLE_RATE_HZ, normalise_peak
from reference_model.data import sounds
from reference_model.method import TrainedMethod


class HearingMethod(TrainedMethod):
    """A trained method that is conditioned on sound, and takes it past its own loading (``TakesSounds``)."""

    sound_rate_hz: ClassVar[int] = SAMPLE_RATE_HZ

    @property
    def erases_level(self) -> bool:
        """Whether it was trained on peak-normalised sounds, as the release is."""
        return self.settings.network.peak_normalisation

    def sounds(self, segments: Sequence[Segment]) -> NDArray[np.float32]:
        """Waveforms float32 [N, 48000] of segments, peak-normalised where the model was trained so."""
        return sounds(segments, self.settings.network).numpy()

    def levelled(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """[N, 48000] divided by 1.1 times each one's peak where the model was trained so; silence stays silence."""
        return normalise_peak(torch.from_numpy(waveforms)).numpy() if self.erases_level else waveforms

    def stylize_sounds(self, pairs: Sequence[Pair], waveforms: NDArray[np.float32]) -> Iterator[NDArray[np.uint8]]:
        """Yield uint8 [resolution, resolution, 3] per pair, in order: its source by float32 [48000], its row of ``waveforms``."""
        for start in range(0, len(pairs), self.stylize_batch):
            part = slice(start, start + self.stylize_batch)
            yield from self.restyled(pairs[part], torch.from_numpy(waveforms[part]))
