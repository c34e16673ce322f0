"""SonicDiffusion's rank scores: does the output go with its sound, and with the sound's own frame, more than with others."""

from adis_bench.metrics import _cosine
from adis_bench.metrics._rank import percentile_among_others
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Batch, Floats, Need, Reference, ReferenceSplit, given


class AIS:
    """Audio-image similarity: how often the target sound beats a judge sound of another class, in Wav2CLIP's shared space."""

    name = "ais"
    description = (
        "Share of the judge split's sounds of other classes whose Wav2CLIP-CLIP cosine with the output the target sound beats; 0.5 is "
        "chance; blind to the source image."
    )
    source = (
        "SonicDiffusion, arXiv 2405.00878, evaluation.py; there with random sounds of all classes at 44.1 kHz, zero-padded; here with all "
        "judge sounds of other classes at Wav2CLIP's own 16 kHz."
    )
    unit = "share"
    higher_is_better = True
    value_range = (0.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "clip_vit_b32"
    audio_extractor: str | None = "wav2clip_audio"
    needs: frozenset[Need] = frozenset({"sound"})
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = None
    unscored_reason = "an embedding of zero norm, or no judge sound of another class"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to 1, 0.5 by chance; NaN where it can't be said."""
        judge = given(reference, "reference")
        return percentile_among_others(
            _cosine.unit(batch.outputs),
            _cosine.unit(given(batch.sounds, "sounds")),
            _cosine.unit(given(judge.sounds, "judge sounds")),
            batch.labels,
            given(judge.sound_labels, "labels of them"),
        )


class IIS:
    """Image-image similarity: how often the target segment's own frame beats a judge frame of another class, CLIP ViT-L/14."""

    name = "iis"
    description = (
        "Share of the judge split's frames of other classes whose CLIP ViT-L/14 cosine with the output the target segment's own frame "
        "beats; 0.5 is chance; blind to the source image. `target` shows that very frame: its 1 says nothing of the network."
    )
    source = "SonicDiffusion, arXiv 2405.00878, evaluation.py; with all judge frames of other classes in place of random ones."
    unit = "share"
    higher_is_better = True
    value_range = (0.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "clip_vit_l14"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset({"target"})
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = None
    unscored_reason = "a target without a frame, an embedding of zero norm, or no judge frame of another class"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to 1, 0.5 by chance; NaN where it can't be said."""
        judge = given(reference, "reference")
        return percentile_among_others(
            _cosine.unit(batch.outputs),
            _cosine.unit(given(batch.targets, "targets")),
            _cosine.unit(judge.images),
            batch.labels,
            judge.image_labels,
        )
