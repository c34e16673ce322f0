"""Networks of the reference model."""

import pytest
import torch
import torch.nn.functional as F

from reference_model.networks import Discriminator, Double, Generator, Halve, PatchSampler, nce_channels
from reference_model.settings import NetworkSettings

SMALL = NetworkSettings(width=4, n_blocks=2, condition_size=8, discriminator_width=4)
FILM = NetworkSettings(width=4, n_blocks=1, n_decoder_blocks=1, conditioning="film", condition_size=8, antialias=False)


JOINED = NetworkSettings(width=4, n_blocks=1, n_decoder_blocks=2, condition_size=8)


@pytest.mark.parametrize("settings", [SMALL, FILM, JOINED])
def test_generator_keeps_the_size_and_stays_in_range(settings: NetworkSettings) -> None:
    """An image comes out as large as it went in, in [-1, 1]."""
    made = Generator(settings)(torch.randn(2, 3, 32, 32), torch.randn(2, 8))
    assert made.shape == (2, 3, 32, 32)
    assert made.abs().max() <= 1


@pytest.mark.parametrize("settings", [SMALL, FILM, JOINED])
def test_the_condition_changes_the_image_but_not_the_encoder(settings: NetworkSettings) -> None:
    """Only the decoder hears: the structure loss compares features that no sound has touched."""
    generator = Generator(settings)
    x = torch.randn(1, 3, 32, 32)
    assert not torch.equal(generator(x, torch.zeros(1, 8)), generator(x, torch.ones(1, 8)))


def test_blocks_after_the_join_have_the_joined_width() -> None:
    """The appendix's reading (5 blocks before the sound, 4 after it) at the released sizes: 256 + 256 channels."""
    with torch.device("meta"):
        generator = Generator(NetworkSettings(n_blocks=5, n_decoder_blocks=4))
    assert len(generator.blocks) == 5
    assert [block.conv2.weight.shape for block in generator.decoder_blocks] == [(512, 512, 3, 3)] * 4
    assert generator.up1[1].weight.shape == (256, 512, 3, 3)


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


def test_an_unconditioned_discriminator_sees_the_image_alone() -> None:
    """``none``: three channels, and whatever condition is given changes nothing."""
    discriminator = Discriminator(NetworkSettings(discriminator_width=2, discriminator_conditioning="none"))
    assert discriminator.convs[0].in_channels == 3
    image = torch.randn(2, 3, 64, 64)
    assert torch.equal(discriminator(image, torch.zeros(2, 8)), discriminator(image, torch.ones(2, 48_000)))
    assert not torch.equal(discriminator(image, torch.zeros(2, 8)), discriminator(-image, torch.zeros(2, 8)))


@pytest.mark.parametrize("conditioning", ["concat", "projection", "none"])
def test_seen_images_are_judged_as_if_just_seen(conditioning: str) -> None:
    """Looking once and judging the first images later gives what judging them at once gives."""
    settings = NetworkSettings(discriminator_width=2, discriminator_conditioning=conditioning, condition_size=8)
    discriminator = Discriminator(settings)
    image = torch.randn(3, 3, 32, 32)
    condition = torch.randn(2, 3, 32, 32) if conditioning == "concat" else torch.randn(2, 8)
    torch.testing.assert_close(discriminator.judge(discriminator.look(image).first(2), condition), discriminator(image[:2], condition))


def test_doubling_is_the_released_filter() -> None:
    """Zeros between the values, replicated edges and the taps 1, 3, 3, 1, as a transposed convolution makes them."""
    x = torch.randn(2, 3, 5, 7, dtype=torch.float64)
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=torch.float64) / 4
    kernel = torch.outer(taps, taps).expand(3, 1, 4, 4)
    whole = F.conv_transpose2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), kernel, stride=2, padding=2, groups=3)
    torch.testing.assert_close(Double()(x), whole[:, :, 1:-1, 1:-1])


def test_halving_is_the_released_filter() -> None:
    """Reflected edges and the taps 1, 2, 1, then every second value, by hand on a row."""
    row = torch.tensor([1.0, 5.0, 3.0, 7.0]).expand(1, 1, 4, 4)
    # (5 + 2*1 + 5) / 4 = 3 at the first value, (5 + 2*3 + 7) / 4 = 4.5 at the third.
    torch.testing.assert_close(Halve()(row), torch.tensor([3.0, 4.5]).expand(1, 1, 2, 2))


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
    # One row of locations per image.
    (own,) = sampler([feature], [torch.tensor([[7, 2], [0, 5]])])
    torch.testing.assert_close(own, torch.stack([all_of_them[0, [7, 2]], all_of_them[1, [0, 5]]]))


def test_networks_keep_double_precision() -> None:
    """Checks of gradients run in float64 from end to end: scores with their style, and unit vectors."""
    settings = NetworkSettings(discriminator_width=2, discriminator_conditioning="projection", condition_size=8)
    image, condition = torch.randn(2, 3, 32, 32, dtype=torch.float64), torch.randn(2, 8, dtype=torch.float64)
    assert Discriminator(settings).double()(image, condition).dtype == torch.float64
    (vectors,) = PatchSampler([3]).double()([image], [torch.arange(4)])
    assert vectors.dtype == torch.float64
