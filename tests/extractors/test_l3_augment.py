"""Augmentation: seeded, in range, and changing what it should."""

import pytest
import torch

from adis_bench.extractors.l3_augment import augment_images, augment_sounds


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def planes() -> torch.Tensor:
    """Sixteen noise images [16, 3, 16, 16] in -1 to 1."""
    return torch.rand(16, 3, 16, 16, generator=_generator(9)) * 2 - 1


@pytest.fixture
def mel() -> torch.Tensor:
    """Sixteen spectrograms [16, 64, 151] about 0."""
    return 0.2 * torch.randn(16, 64, 151, generator=_generator(9))


def test_the_seed_decides(planes: torch.Tensor, mel: torch.Tensor) -> None:
    """Equal generators give equal views, others don't, and the input is left as it was."""
    kept = planes.clone(), mel.clone()
    assert torch.equal(augment_images(planes, _generator()), augment_images(planes, _generator()))
    assert torch.equal(augment_sounds(mel, 2.0, _generator()), augment_sounds(mel, 2.0, _generator()))
    assert not torch.equal(augment_images(planes, _generator()), augment_images(planes, _generator(1)))
    assert torch.equal(planes, kept[0])
    assert torch.equal(mel, kept[1])


def test_images_stay_images(planes: torch.Tensor) -> None:
    """Shape and range are kept for many draws, and every image is changed."""
    for seed in range(20):
        views = augment_images(planes, _generator(seed))
        assert views.shape == planes.shape
        assert views.abs().max() <= 1
        assert bool((views - planes).abs().amax(dim=(1, 2, 3)).gt(0.01).all())


def test_the_style_of_an_image_survives() -> None:
    """A red image stays red: its mean colour moves by less than 0.25 of the range's 2."""
    red = torch.tensor([0.6, -0.4, -0.4]).view(1, 3, 1, 1).expand(32, 3, 16, 16)
    moved = augment_images(red, _generator()).mean(dim=(2, 3)) - red.mean(dim=(2, 3))
    assert moved.abs().max() < 0.25


def test_sounds_keep_their_level_within_the_gain(mel: torch.Tensor) -> None:
    """With no gain the mean level of a loud sound stays; with 20 dB it moves, by 0.5 at most."""
    loud = mel + 1.0
    still = augment_sounds(loud, 0.0, _generator()).mean(dim=(1, 2)) - loud.mean(dim=(1, 2))
    moved = augment_sounds(loud, 20.0, _generator()).mean(dim=(1, 2)) - loud.mean(dim=(1, 2))
    assert still.abs().max() < 0.05
    assert 0.1 < moved.abs().max() < 0.55
