"""CLIP similarity of the output and its target class's name."""

import numpy as np

from adis_bench.metrics import _cosine
from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Batch, Floats, Need, Reference, ReferenceSplit, given


class ClipSimilarity:
    """Cosine of the output and the label's text, CLIP ViT-B/32: the paper's CLIP score."""

    name = "clip_similarity"
    description = (
        "Cosine of the output and its target label's text, CLIP ViT-B/32: the paper's CLIP score. What all images share with all "
        "texts is left in; blind to the source image and to everything of the sound but its class."
    )
    source = "The paper's appendix: cosine of image and label, ViT-B/32; the prompt isn't stated there: the bare label unless set."
    unit = "cosine"
    higher_is_better = True
    value_range = (-1.0, 1.0)
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "clip_vit_b32"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset({"label_text"})
    reference_split: ReferenceSplit | None = None
    beside: str | None = None
    unscored_reason = "an embedding of zero norm, or a target class without a name"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where an embedding has no direction."""
        texts = _cosine.unit(given(given(reference, "reference").label_texts, "label texts"))
        return _cosine.cosine(_cosine.unit(batch.outputs), texts[batch.labels])


class ClipSimilarityCentred(ClipSimilarity):
    """The cosine with the mean judge image and the mean label text subtracted; 0 for an average image."""

    name = "clip_similarity_centred"
    description = (
        "Cosine of output and label text, CLIP ViT-B/32, mean judge image and mean label text subtracted: 0 for an average image. Blind "
        "to the source image and to everything of the sound but its class."
    )
    source = "adis-bench: the part that all images share with all texts taken out."
    reference_split: ReferenceSplit | None = "judge"
    beside: str | None = "clip_similarity"
    unscored_reason = "an embedding of zero norm, a target class without a name, or no judge images"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], -1 to 1; NaN where there is no direction."""
        judge = given(reference, "reference")
        texts = given(judge.label_texts, "label texts")
        named = np.isfinite(texts).all(axis=1)
        own = _cosine.centred_unit(texts, _cosine.mean(texts[named]))[batch.labels]
        return _cosine.cosine(_cosine.centred_unit(batch.outputs, _cosine.mean(judge.images)), own)


class ClipAccuracy(ClipSimilarity):
    """Share of outputs whose nearest label text, of all classes, is the target's: zero-shot classification."""

    name = "clip_accuracy"
    description = (
        "Share of outputs that CLIP ViT-B/32 takes for their target class, zero-shot among the dataset's labels; blind to the source."
    )
    source = "Radford et al. 2021, arXiv 2103.00020 (zero-shot classification)."
    unit = "share"
    value_range = (0.0, 1.0)
    beside: str | None = "clip_similarity"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n]: 1 where the target's text is nearest, 0 elsewhere; NaN where an embedding has no direction."""
        texts = _cosine.unit(given(given(reference, "reference").label_texts, "label texts"))
        return _cosine.nearest_is_own(_cosine.unit(batch.outputs), texts, batch.labels)


class AIC(ClipAccuracy):
    """SonicDiffusion's audio-image content score: zero-shot accuracy by CLIP ViT-L/14."""

    name = "aic"
    description = "Share of outputs that CLIP ViT-L/14 takes for their target class, zero-shot (SonicDiffusion's AIC); blind to the source."
    source = "SonicDiffusion, arXiv 2405.00878, evaluation.py."
    image_extractor = "clip_vit_l14"
    beside: str | None = None
