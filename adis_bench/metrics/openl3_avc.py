"""The paper's audio-visual correspondence: OpenL3 cosine of output and target sound, and what must stand beside it."""

import numpy as np

from adis_bench.metrics import _cosine
from adis_bench.metrics._rank import percentile_among_others
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Array, Batch, Floats, Need, Reference, ReferenceSplit, given


class OpenL3AVC:
    """Mean over a sound's windows of the cosine of window and image: the literal reading of "average cosine similarity".

    Nothing in OpenL3's training makes the two towers comparable by cosine, and both end in a maximum over places, so all
    vectors share a large common part: values lie near each other whatever the image. It's the paper's measure; to believe a
    difference, look at the controls and at the centred cosine and the percentile beside it (protocol.md, E).
    """

    name = "openl3_avc"
    description = (
        "Mean cosine of the output and the windows of the target sound, OpenL3 (env, linear, 512): the paper's AVC. What all vectors "
        "share is left in, so values lie close together and can rank wrong; blind to the source image."
    )
    source = "The paper's appendix: OpenL3 env, linear, 512-d, average cosine similarity; windows, hop and pooling aren't stated there."
    unit = "cosine"
    higher_is_better = True
    value_range = (-1.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "openl3_image"
    audio_extractor: str | None = "openl3_audio"
    needs: frozenset[Need] = frozenset({"sound"})
    reference_split: ReferenceSplit | None = None
    beside: str | None = None
    unscored_reason = "an embedding of zero norm"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where an embedding has no direction."""
        # The mean of the unit windows: its product with a unit image vector is the mean of the cosines.
        return _cosine.cosine(_cosine.unit(batch.outputs), np.asarray(_halves(given(batch.sounds, "sounds"))[0], np.float64))


class OpenL3AVCOfMeans(OpenL3AVC):
    """Cosine of the output and the mean of the sound's windows: the other reading."""

    name = "openl3_avc_of_means"
    description = (
        "Cosine of the output and the mean over the target sound's OpenL3 windows; as openl3_avc otherwise, and "
        "as blind to the source image."
    )
    beside: str | None = "openl3_avc"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where an embedding has no direction."""
        return _cosine.cosine(_cosine.unit(batch.outputs), _cosine.unit(_halves(given(batch.sounds, "sounds"))[1]))


class OpenL3AVCCentred(OpenL3AVC):
    """Cosine of output and sound with the judge split's mean image and mean sound subtracted; 0 for an average image."""

    name = "openl3_avc_centred"
    description = (
        "Cosine of output and mean sound window, OpenL3, means of the judge split subtracted: 0 for an average image. Blind to the "
        "source image."
    )
    source = "adis-bench: protocol.md E; the towers' common part taken out."
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = "openl3_avc"
    unscored_reason = "an embedding of zero norm, or no judge images and sounds"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where an embedding has no direction."""
        judge = given(reference, "reference")
        sound_mean = _cosine.mean(_halves(given(judge.sounds, "judge sounds"))[1])
        outputs = _cosine.centred_unit(batch.outputs, _cosine.mean(judge.images))
        return _cosine.cosine(outputs, _cosine.centred_unit(_halves(given(batch.sounds, "sounds"))[1], sound_mean))


class OpenL3AVCPercentile(OpenL3AVC):
    """How often the target sound is nearer to the output than a judge sound of another class; 0.5 is chance."""

    name = "openl3_avc_percentile"
    description = (
        "Share of the judge split's sounds of other classes (other recordings, all of them) whose OpenL3 cosine with the output "
        "the target sound beats; 0.5 is chance. Not moved by what all vectors share; blind to the source image."
    )
    source = "Rank form after SonicDiffusion (arXiv 2405.00878), AIS."
    unit = "share"
    value_range = (0.0, 1.0)
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = "openl3_avc"
    unscored_reason = "an embedding of zero norm, or no judge sound of another class"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to 1, 0.5 by chance; NaN where it can't be said."""
        judge = given(reference, "reference")
        return percentile_among_others(
            _cosine.unit(batch.outputs),
            _cosine.unit(_halves(given(batch.sounds, "sounds"))[1]),
            _cosine.unit(_halves(given(judge.sounds, "judge sounds"))[1]),
            batch.labels,
            given(judge.sound_labels, "labels of them"),
        )


def _halves(sounds: Array) -> tuple[Array, Array]:
    """The mean of the unit windows and the mean of the windows, [n, d] each, of what ``openl3_audio`` gives."""
    middle = sounds.shape[1] // 2
    return sounds[:, :middle], sounds[:, middle:]
