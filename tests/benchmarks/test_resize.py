"""The clean resize: ours in batches, against Clean-FID's image by image."""

import warnings

import numpy as np
import pytest
import torch

from adis_bench.extractors.resize import clean_resize

SHAPES = [(64, 128), (64, 224), (256, 224), (512, 299)]
N = 32


@pytest.fixture(autouse=True)
def one_thread():
    """PIL uses one core: so does torch here, and the ratio is per core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=SHAPES, ids=[f"{source}-to-{size}" for source, size in SHAPES])
def job(request) -> tuple[np.ndarray, int]:
    """Noise images and the wanted size."""
    source, size = request.param
    return np.random.default_rng(0).integers(0, 256, (N, source, source, 3), dtype=np.uint8), size


def group(job) -> str:
    """One group per shape, so that the table shows the ratio."""
    images, size = job
    return f"clean resize of {N} images, {images.shape[1]} to {size} px"


def test_ours(benchmark, job):
    """One batched call."""
    benchmark.group = group(job)
    assert benchmark(clean_resize, *job).shape == (N, 3, job[1], job[1])


def test_clean_fid(benchmark, job):
    """Clean-FID's resizer on one image after the other, to the same values."""
    benchmark.group = group(job)
    images, size = job
    resize = pytest.importorskip("cleanfid.resize").make_resizer("PIL", False, "bicubic", (size, size))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # clean-fid passes a mode that Pillow deprecates
        theirs = benchmark(lambda: np.stack([resize(image) for image in images]))
    np.testing.assert_allclose(clean_resize(images, size).permute(0, 2, 3, 1).numpy(), theirs, rtol=0, atol=1e-4)
