"""Networks of the reference model."""

import pytest
import torch

from reference_model.networks import Discriminator, Double, Generator, Halve, PatchSampler, nce_channels
from reference_model.settings import NetworkSettings

SMALL = NetworkSettings(width=4, n_blocks=2, condition_size=8, discriminator_width=4)
FILM = NetworkSettings(width=4, n_blocks=1, n_decoder_blocks=1, conditioning="film", condition_size=8, antialias=False)


@pytest.mark.parametrize("settings", [SMALL, FILM])
def test_generator_keeps_the_size_and_stays_in_range(settings: NetworkSettings) -> None:
    """An image comes out as large as it went in, in [-1, 1]."""
    made = Generator(settings)(torch.randn(2, 3, 32, 32), torch.randn(2, 8))
    assert made.shape == (2, 3, 32, 32)
    assert made.abs().max() <= 1


@pytest.mark.parametrize("settings", [SMALL, FILM])
def test_the_condition_changes_the_image_but_not_the_encoder(settings: NetworkSettings) -> None:
    """Only the decoder hears: the structure loss compares features that no sound has touched."""
    generator = Generator(settings)
    x = torch.randn(1, 3, 32, 32)
    assert not torch.equal(generator(x, torch.zeros(1, 8)), generator(x, torch.ones(1, 8)))


@pytest.mark.parametrize("settings", [SMALL, FILM, NetworkSettings(width=2, condition_size=4)])
def test_structure_features_have_the_stated_channels(settings: NetworkSettings) -> None:
    """The patch sampler is built for exactly the maps that the encoder gives; the release has five."""
    _, features = Generator(settings).encode(torch.randn(1, 3, 32, 32))
    assert [f.shape[1] for f in features] == nce_channels(settings)
    assert features[0].shape[2:] == (38, 38)  # the padded image: 32 + 2 * 3
    if settings.n_blocks == 9:
        assert len(features) == 5


def test_released_decoder_is_twice_as_wide() -> None:
    """512 -> 256 -> 128 -> 3 at the released width (protocol.md B)."""
    generator = Generator(NetworkSettings())
    assert generator.up1[1].weight.shape == (256, 512, 3, 3)
    assert generator.up2[1].weight.shape == (128, 256, 3, 3)
    assert generator.out.weight.shape == (3, 128, 7, 7)


def test_discriminator_scores_patches_of_both_kinds_of_condition() -> None:
    """70x70 patches of a 256 px image give 30x30 scores, as in the golden data; a vector shifts them all alike."""
    concat = Discriminator(NetworkSettings(discriminator_width=2))
    assert concat(torch.randn(1, 3, 256, 256), torch.randn(1, 3, 256, 256)).shape == (1, 1, 30, 30)
    projection = Discriminator(NetworkSettings(discriminator_width=2, discriminator_conditioning="projection", condition_size=8))
    image = torch.randn(1, 3, 64, 64)
    difference = projection(image, torch.ones(1, 8)) - projection(image, torch.zeros(1, 8))
    torch.testing.assert_close(difference, difference.mean().expand_as(difference))


def test_resampling_keeps_a_constant_image() -> None:
    """Blur kernels sum to one."""
    flat = torch.full((1, 2, 8, 8), 3.0)
    torch.testing.assert_close(Halve()(flat), torch.full((1, 2, 4, 4), 3.0))
    torch.testing.assert_close(Double()(flat), torch.full((1, 2, 16, 16), 3.0))


def test_patch_sampler_gives_unit_vectors_of_the_asked_locations() -> None:
    """Row i of the result belongs to flat location ids[i]."""
    torch.manual_seed(0)
    sampler = PatchSampler([3], size=64)
    feature = torch.randn(2, 3, 4, 4)
    (all_of_them,) = sampler([feature], [torch.arange(16)])
    (two,) = sampler([feature], [torch.tensor([7, 2])])
    torch.testing.assert_close(two, all_of_them[:, [7, 2]])
    torch.testing.assert_close(two.norm(dim=-1), torch.ones(2, 2))
