"""Audio-visual correspondence: does the output look like what the target sound's scene sounds like."""

from adis_bench.metrics import _cosine
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Batch, Floats, Need, Reference, ReferenceSplit, given


class AVC:
    """Mean-centred cosine of output image and target sound.

    With image mean m and sound mean k of the judge split, the score of an output o and its target sound s is
    cos(o - m, s - k): -1 to 1, and 0 for an average image.
    """

    name = "avc"
    description = (
        "Cosine of output and target sound in the judge network's shared space, means of the judge split subtracted; "
        "blind to the source image."
    )
    source = "Measure: the paper's appendix (OpenL3 cosine); mean-centred and with the suite's own L3 network here."
    unit = "cosine"
    higher_is_better = True
    value_range = (-1.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "l3_image"
    audio_extractor: str | None = "l3_audio"
    needs: frozenset[Need] = frozenset({"sound"})
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = None
    unscored_reason = "an embedding of zero norm, or no judge images and sounds"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where an embedding has no direction."""
        image_mean, sound_mean = _means(given(reference, "reference"))
        outputs = _cosine.centred_unit(batch.outputs, image_mean)
        return _cosine.cosine(outputs, _cosine.centred_unit(given(batch.sounds, "sounds"), sound_mean))


class RawAVC(AVC):
    """The bare cosine of output image and target sound, -1 to 1."""

    name = "avc_raw"
    description = (
        "Bare cosine of output and target sound; the part that all images share is left in, so it can rank wrong; blind to the "
        "source image."
    )
    source = "The paper's appendix: average cosine similarity of image and audio embeddings."
    reference_split: ReferenceSplit | None = None
    beside: str | None = "avc"
    unscored_reason = "an embedding of zero norm"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where an embedding has no direction."""
        return _cosine.cosine(_cosine.unit(batch.outputs), _cosine.unit(given(batch.sounds, "sounds")))


class AVCAccuracy(AVC):
    """Share of outputs whose nearest class is the target's, by the judge sounds' class means, all mean-centred."""

    name = "avc_accuracy"
    description = "Share of outputs nearest to the mean judge sound of the target's class, among all classes; blind to the source image."
    source = "adis-bench: nearest class mean under the same centred cosine as avc."
    unit = "share"
    value_range = (0.0, 1.0)
    beside: str | None = "avc"
    unscored_reason = "an embedding of zero norm, or no judge sound of the target's class"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n]: 1 where the target's class is nearest, 0 elsewhere; NaN where it has no judge sounds."""
        judge = given(reference, "reference")
        image_mean, sound_mean = _means(judge)
        means = _cosine.prototypes(given(judge.sounds, "judge sounds"), given(judge.sound_labels, "labels of them"), judge.n_classes)
        return _cosine.nearest_is_own(
            _cosine.centred_unit(batch.outputs, image_mean), _cosine.centred_unit(means, sound_mean), batch.labels
        )


def _means(judge: Reference) -> tuple[Floats, Floats]:
    return _cosine.mean(judge.images), _cosine.mean(given(judge.sounds, "judge sounds"))
