"""Diversity: do different sounds make different images of one and the same source."""

import numpy as np

from adis_bench.metrics import _cosine
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Batch, Floats, Need, Reference, ReferenceSplit, given


class SoundDiversity:
    """Mean cosine distance of a pair's output to the outputs of the same source image with other sounds.

    With the judge frames' mean m the distance of outputs o and p is (1 - cos(o - m, p - m)) / 2: 0 for a method
    that doesn't listen, 0.5 for unrelated images.
    """

    name = "sound_diversity"
    description = (
        "Mean cosine distance between outputs of one source image for different sounds, mean of the judge split subtracted: 0 for a "
        "method that ignores the sound. Blind to whether the differences fit the sounds."
    )
    source = "adis-bench; after the pairwise diversity of Zhu et al. 2017 (BicycleGAN, arXiv 1711.11586), in EfficientNet-Lite0's space."
    unit = "distance"
    higher_is_better = True
    value_range = (0.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "efficientnet_lite0"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = "structure_similarity"
    right_control, wrong_control = "target", "identity"
    unscored_reason = (
        "the only pair of its source image (give more pairs than there are test images), an embedding of zero norm, or no judge frames"
    )

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to 1; NaN for a source image that has one output only."""
        ids = np.unique(given(batch.source_ids, "source ids"), return_inverse=True)[1]
        units = _cosine.centred_unit(batch.outputs, _cosine.mean(given(reference, "reference").images))
        usable = np.asarray(np.isfinite(units).all(axis=1))
        kept = np.where(usable[:, None], units, 0.0)
        # The sum over the others is the sum over all, less one's own: no pair is compared one by one.
        sums = np.zeros((ids.max(initial=-1) + 1, units.shape[1]))
        np.add.at(sums, ids, kept)
        n_others = np.bincount(ids, weights=usable)[ids] - 1
        cosines = (np.einsum("ij,ij->i", kept, sums[ids]) - 1) / np.maximum(n_others, 1)
        return np.where(usable & (n_others > 0), np.clip((1 - cosines) / 2, 0.0, 1.0), np.nan)
