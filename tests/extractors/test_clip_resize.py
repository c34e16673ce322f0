"""PIL's bicubic resize as matrix products."""

import numpy as np
import pytest
import torch
from PIL import Image

from adis_bench.extractors.clip_resize import exact_bicubic, pil_bicubic


@pytest.mark.parametrize(("side", "size"), [(256, 224), (512, 224), (64, 224), (225, 224), (7, 32), (224, 37)])
def test_square_images_have_pils_own_pixels(side: int, size: int) -> None:
    """Shrunk or enlarged, every pixel of noise equals PIL's, with no tolerance, in both ways of computing."""
    images = np.random.default_rng(side).integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    expected = np.stack([Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC) for image in images])
    products = exact_bicubic(torch.from_numpy(images).permute(0, 3, 1, 2), size, size)
    assert products.dtype == torch.float32
    assert np.array_equal(products.permute(0, 2, 3, 1).numpy(), expected)
    assert np.array_equal(pil_bicubic(images, size, size).permute(0, 2, 3, 1).numpy(), expected)


def test_oblong_images_are_within_a_level_of_pil() -> None:
    """Where PIL may start with the other axis, a shrink that keeps the aspect differs by one grey level at most."""
    images = np.random.default_rng(0).integers(0, 256, (2, 401, 300, 3), dtype=np.uint8)
    expected = np.stack([Image.fromarray(image).resize((224, 299), Image.Resampling.BICUBIC) for image in images])
    products = exact_bicubic(torch.from_numpy(images).permute(0, 3, 1, 2), 299, 224)
    assert np.abs(products.permute(0, 2, 3, 1).numpy() - expected.astype(np.float32)).max() <= 1.0
    assert np.array_equal(pil_bicubic(images, 299, 224).permute(0, 2, 3, 1).numpy(), expected)


def test_an_image_of_the_right_size_passes_unchanged() -> None:
    """No kernel touches an image that already has the size."""
    images = np.random.default_rng(1).integers(0, 256, (2, 24, 24, 3), dtype=np.uint8)
    assert np.array_equal(pil_bicubic(images, 24, 24).permute(0, 2, 3, 1).numpy(), images)
