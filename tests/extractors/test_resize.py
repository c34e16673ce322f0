"""The resizes of Clean-FID's modes against its own."""

import warnings

import numpy as np
import pytest
import torch

from adis_bench.extractors.resize import clean_resize, legacy_pytorch_resize, legacy_tensorflow_resize


def clean_fid_resized(images: np.ndarray, size: int) -> np.ndarray:
    """What Clean-FID makes of the images: float32 [N, 3, size, size]."""
    resize = pytest.importorskip("cleanfid.resize").make_resizer("PIL", False, "bicubic", (size, size))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # clean-fid passes a mode that Pillow deprecates
        return np.stack([resize(image) for image in images]).transpose(0, 3, 1, 2)


@pytest.mark.parametrize(("height", "width", "size"), [(64, 64, 224), (256, 256, 224), (300, 200, 224), (37, 91, 64), (512, 512, 299)])
def test_equals_clean_fid(height, width, size):
    """Upscaled, downscaled and squeezed noise is within 1e-4 grey levels of Clean-FID's resize."""
    images = np.random.default_rng(size).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    np.testing.assert_allclose(clean_resize(images, size).numpy(), clean_fid_resized(images, size), rtol=0, atol=1e-4)


def test_overshoot_is_clamped():
    """A black-white edge, at which the bicubic kernel overshoots, stays in 0-255 as in Clean-FID."""
    images = np.zeros((1, 32, 32, 3), np.uint8)
    images[:, :, 16:] = 255
    resized = clean_resize(images, 96).numpy()
    assert resized.min() == 0.0
    assert resized.max() == 255.0
    np.testing.assert_allclose(resized, clean_fid_resized(images, 96), rtol=0, atol=1e-4)


def test_same_size_is_unchanged():
    """An image of the wanted size keeps its values; only the axes and the type change."""
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
    resized = clean_resize(images, 48)
    assert resized.numpy().dtype == np.float32
    np.testing.assert_array_equal(resized.numpy(), images.transpose(0, 3, 1, 2))


def test_batch_equals_single():
    """An image's values do not depend on its batch."""
    images = np.random.default_rng(1).integers(0, 256, (4, 50, 70, 3), dtype=np.uint8)
    np.testing.assert_array_equal(clean_resize(images, 32)[2].numpy(), clean_resize(images[2:3], 32)[0].numpy())


SHAPES = [(64, 64), (256, 256), (300, 200), (37, 91), (512, 512), (299, 299), (700, 300)]


def noise(n: int, height: int, width: int) -> np.ndarray:
    """Uint8 [n, height, width, 3], the hardest picture for positions that are off."""
    return np.random.default_rng(height + width).integers(0, 256, (n, height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_legacy_pytorch_equals_clean_fid(height, width):
    """The legacy_pytorch resize is within 1e-3 grey levels of Clean-FID's for any shape."""
    images = noise(2, height, width)
    resize = pytest.importorskip("cleanfid.resize").build_resizer("legacy_pytorch")
    expected = np.stack([resize(image) for image in images]).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(legacy_pytorch_resize(images, 299).numpy(), expected, rtol=0, atol=1e-3)


def tensorflow_1_bilinear(image: np.ndarray, size: int) -> np.ndarray:
    """TensorFlow 1's resize in float64 from its definition: pixel i is looked up at i * side / size."""
    for axis in (0, 1):
        places = np.arange(size) * (image.shape[axis] / size)
        low = np.floor(places).astype(int)
        high = np.minimum(low + 1, image.shape[axis] - 1)
        share = np.expand_dims(places - low, (1, 2) if axis == 0 else (0, 2))
        image = image.take(low, axis) * (1 - share) + image.take(high, axis) * share
    return image


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_legacy_tensorflow_equals_the_programs(height, width):
    """The legacy_tensorflow resize is the grid of NVIDIA's program to 1e-3 grey levels, and follows TensorFlow 1's definition.

    The program's positions are float32 on a scale of -1 to 1: up to 3e-5 pixels off, on noise 2e-2 grey levels.
    """
    images = noise(2, height, width)
    found = legacy_tensorflow_resize(images, 299).numpy()
    planes = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    theta = torch.eye(2, 3)
    theta[0, 2] += theta[0, 0] / width - theta[0, 0] / 299
    theta[1, 2] += theta[1, 1] / height - theta[1, 1] / 299
    grid = torch.nn.functional.affine_grid(theta.unsqueeze(0).repeat([2, 1, 1]), [2, 3, 299, 299], align_corners=False)
    program = torch.nn.functional.grid_sample(planes, grid, mode="bilinear", padding_mode="border", align_corners=False)
    np.testing.assert_allclose(found, program.numpy(), rtol=0, atol=1e-3)
    defined = np.stack([tensorflow_1_bilinear(image.astype(np.float64), 299) for image in images]).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found, defined, rtol=0, atol=2e-2)


def test_legacy_tensorflow_equals_torch_fidelity():
    """The legacy_tensorflow resize is torch-fidelity's, which was checked against TensorFlow 1 bit by bit, to 2e-2 grey levels on noise."""
    theirs = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow").interpolate_bilinear_2d_like_tensorflow1x
    images = noise(2, 500, 180)
    expected = theirs(torch.from_numpy(images).permute(0, 3, 1, 2).float(), size=(299, 299), align_corners=False)
    np.testing.assert_allclose(legacy_tensorflow_resize(images, 299).numpy(), expected.numpy(), rtol=0, atol=2e-2)


@pytest.mark.parametrize("resize", [legacy_pytorch_resize, legacy_tensorflow_resize])
def test_legacy_resizes_do_not_depend_on_the_batch(resize):
    """An image's values do not depend on its batch."""
    images = noise(4, 50, 70)
    np.testing.assert_array_equal(resize(images, 32)[2].numpy(), resize(images[2:3], 32)[0].numpy())


def test_only_the_clean_resize_has_antialiasing():
    """A chessboard of single pixels becomes grey when it shrinks to a third; the legacy resizes keep black and white in it."""
    images = np.broadcast_to((np.indices((900, 900)).sum(0) % 2 * 255).astype(np.uint8)[None, :, :, None], (1, 900, 900, 3))
    assert clean_resize(images, 299)[:, :, 8:-8, 8:-8].std() < 1
    for resize in (legacy_pytorch_resize, legacy_tensorflow_resize):
        assert resize(images, 299).std() > 30
