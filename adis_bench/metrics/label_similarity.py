"""Image-label similarity: does the output look like the real images of the target's class."""

from adis_bench.metrics import _cosine
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Batch, Floats, Need, Reference, ReferenceSplit, given


class LabelSimilarity:
    """Mean-centred cosine of the output and its target class's prototype.

    With mean m of all judge frames and mean p of those of the target's class, the score of an output o is
    cos(o - m, p - m): -1 to 1, and 0 for an average image.
    """

    name = "label_similarity"
    description = (
        "Cosine of the output and the mean judge frame of the target's class, the mean of all judge frames subtracted; "
        "blind to the source image and to everything of the sound but its class."
    )
    source = "Measure: the paper's appendix (CLIP image-label cosine); by image prototypes of the judge split here."
    unit = "cosine"
    higher_is_better = True
    value_range = (-1.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "efficientnet_lite0"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = None
    unscored_reason = "an embedding of zero norm, or no judge frame of the target's class"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where there is no direction or no prototype."""
        judge = given(reference, "reference")
        mean = _cosine.mean(judge.images)
        means = _cosine.centred_unit(_prototypes(judge), mean)
        return _cosine.cosine(_cosine.centred_unit(batch.outputs, mean), means[batch.labels])


class RawLabelSimilarity(LabelSimilarity):
    """Bare cosine of the output and its target class's prototype, -1 to 1."""

    name = "label_similarity_raw"
    description = (
        "Bare cosine of the output and the mean judge frame of the target's class; what all images share is left in, so it can rank wrong. "
        "Blind as label_similarity is."
    )
    beside: str | None = "label_similarity"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where there is no direction or no prototype."""
        means = _cosine.unit(_prototypes(given(reference, "reference")))
        return _cosine.cosine(_cosine.unit(batch.outputs), means[batch.labels])


class LabelAccuracy(LabelSimilarity):
    """Share of outputs whose nearest prototype, mean-centred, is their target class's."""

    name = "label_accuracy"
    description = "Share of outputs nearest to the mean judge frame of the target's class, among all classes; blind to the source image."
    source = "adis-bench: nearest class mean under the same centred cosine as label_similarity."
    unit = "share"
    value_range = (0.0, 1.0)
    beside: str | None = "label_similarity"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n]: 1 where the target's class is nearest, 0 elsewhere; NaN where it has no judge frames."""
        judge = given(reference, "reference")
        mean = _cosine.mean(judge.images)
        means = _cosine.centred_unit(_prototypes(judge), mean)
        return _cosine.nearest_is_own(_cosine.centred_unit(batch.outputs, mean), means, batch.labels)


def _prototypes(judge: Reference) -> Floats:
    return _cosine.prototypes(judge.images, judge.image_labels, judge.n_classes)
