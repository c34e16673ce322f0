"""Generator and discriminator, and how a condition (a sound or a label, as a vector) enters them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.layers import Double, Halve, activated, conv_few, conv_joined, instance_norm, reflect_pad
from reference_model.settings import NetworkSettings


class FiLM(nn.Module):
    """Scale and shift of feature maps by a condition vector (Perez et al. 2018, arXiv 1709.07871)."""

    def __init__(self, condition_size: int, channels: int) -> None:
        super().__init__()
        self.affine = nn.Linear(condition_size, 2 * channels)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """[B, C, H, W] with [B, condition_size]."""
        scale, shift = self.affine(condition)[:, :, None, None].chunk(2, dim=1)
        filmed: Tensor = x * (1 + scale) + shift
        return filmed


class ConditionalNorm(nn.Module):
    """Instance norm, FiLM where the layer is conditioned, and a leaky ReLU."""

    def __init__(self, channels: int, condition_size: int | None) -> None:
        super().__init__()
        self.film = FiLM(condition_size, channels) if condition_size else None

    def forward(self, x: Tensor, condition: Tensor | None, slope: float = 0.0) -> Tensor:
        """[B, C, H, W], with [B, condition_size] where conditioned; slope 0 is ReLU, slope 1 is none."""
        if self.film is None:
            return instance_norm(x, slope)
        return activated(self.film(instance_norm(x), condition), slope)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with instance norm around a skip."""

    def __init__(self, channels: int, condition_size: int | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3)
        self.norm1 = ConditionalNorm(channels, condition_size)
        self.conv2 = nn.Conv2d(channels, channels, 3)
        self.norm2 = ConditionalNorm(channels, condition_size)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """[B, C, H, W] to the same shape."""
        y = self.norm1(self.conv1(reflect_pad(x, 1)), condition)
        changed: Tensor = self.norm2(self.conv2(reflect_pad(y, 1)), condition, slope=1.0)
        return x + changed


class Generator(nn.Module):
    """Residual generator: an encoder that never sees the condition, and a decoder that does.

    With ``conditioning="concat"`` the vector is tiled and joined once, after the residual blocks (the
    release); with ``"film"`` it scales and shifts every normalised map of the decoder (ours, for budgets in
    which the release's way does not learn to listen); with ``"none"`` there is none (models of two domains, as CUT and CycleGAN
    were published). The decoder may begin with ``n_decoder_blocks`` residual
    blocks of its own, at its full width (none in the release; protocol.md B.1 row 4).

    Source: protocol.md B; Tinglok/avstyle b09dc1e, models/networks.py, ResnetGenerator.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        w, size = settings.width, settings.condition_size
        self.conditioning = settings.conditioning
        self.stem = nn.Conv2d(3, w, 7)
        self.down1 = _down(w, 2 * w, settings.antialias)
        self.down2 = _down(2 * w, 4 * w, settings.antialias)
        self.blocks = nn.ModuleList(ResidualBlock(4 * w) for _ in range(settings.n_blocks))
        film = size if settings.conditioning == "film" else None
        # What follows the join keeps the joined width, as in the release: 512 -> 256 -> 128 (protocol.md B).
        wide = 4 * w + size if settings.conditioning == "concat" else 4 * w
        self._last_tap = min(4, settings.n_blocks - 1)
        self.decoder_blocks = nn.ModuleList(ResidualBlock(wide, film) for _ in range(settings.n_decoder_blocks))
        self.up1, self.norm_up1 = _up(wide, wide // 2, settings), ConditionalNorm(wide // 2, film)
        self.up2, self.norm_up2 = _up(wide // 2, wide // 4, settings), ConditionalNorm(wide // 4, film)
        self.out = nn.Conv2d(wide // 4, 3, 7)
        self.apply(initialiser(settings))
        self.apply(_quiet_film)

    def encode(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Bottleneck of [B, 3, H, W] and the five feature maps of the structure loss.

        The maps: padded RGB, both downsampling convolutions before their norm, residual blocks 1 and 5
        (the last one where there are fewer).
        """
        features = list(self._taps(x))
        y = features[-1]
        for block in list(self.blocks)[self._last_tap + 1 :]:
            y = block(y)
        return y, features

    def features(self, x: Tensor) -> list[Tensor]:
        """The feature maps alone: nothing is computed beyond the last of them."""
        return list(self._taps(x))

    def _taps(self, x: Tensor) -> Iterator[Tensor]:
        padded = reflect_pad(x, 3)
        yield padded
        y = self.down1[0](instance_norm(self.stem(padded), slope=0.0))
        yield y
        y = self.down2[0](self.down1[1](instance_norm(y, slope=0.0)))
        yield y
        y = self.down2[1](instance_norm(y, slope=0.0))
        for i, block in enumerate(self.blocks[: self._last_tap + 1]):
            y = block(y)
            if i in (0, self._last_tap):
                yield y

    def decode(self, y: Tensor, condition: Tensor | None) -> Tensor:
        """Image in [-1, 1] from the bottleneck [B, C, h, w] and the condition [B, condition_size]; None where there is none."""
        if self.conditioning == "none":
            condition = None
        elif condition is None:
            raise ValueError(f"a generator with conditioning {self.conditioning!r} was given no condition")
        if condition is not None and self.conditioning == "concat" and not self.decoder_blocks and len(self.up1) > 1:
            y = conv_joined(cast(nn.Conv2d, self.up1[1]), self.up1[0](y), condition)
        else:
            if condition is not None and self.conditioning == "concat":
                y = torch.cat([y, condition[:, :, None, None].expand(-1, -1, *y.shape[2:])], dim=1)
            for block in self.decoder_blocks:
                y = block(y, condition)
            y = self.up1(y)
        y = self.norm_up2(self.up2(self.norm_up1(y, condition)), condition)
        return torch.tanh(conv_few(self.out, reflect_pad(y, 3)))

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Restyle [B, 3, H, W] in [-1, 1] by [B, condition_size]; without one where the conditioning is none."""
        return self.decode(self.encode(x)[0], condition)


def _down(n_in: int, n_out: int, antialias: bool) -> nn.Sequential:
    """A convolution that is tapped, then what follows its norm: the antialiased form halves after the norm."""
    if antialias:
        return nn.Sequential(nn.Conv2d(n_in, n_out, 3, padding=1), Halve())
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride=2, padding=1), nn.Identity())


def _up(n_in: int, n_out: int, settings: NetworkSettings) -> nn.Sequential:
    """Twice the size: values between the values, then a convolution; or both at once by a transposed one."""
    if settings.upsampling == "transposed":
        return nn.Sequential(nn.ConvTranspose2d(n_in, n_out, 3, stride=2, padding=1, output_padding=1))
    conv = nn.Conv2d(n_in, n_out, 3, padding=1)
    return nn.Sequential(Double() if settings.antialias else nn.Upsample(scale_factor=2, mode="nearest"), conv)


class Discriminator(nn.Module):
    """PatchGAN over an image and its condition.

    ``concat``: the condition is a picture (the spectrogram, as in the release) before the RGB channels.
    ``none``: the image alone.
    ``projection``: the condition is a vector; how well it agrees with the image's style is added to every
    patch's score (Miyato & Koyama 2018, arXiv 1802.05637). The style is the mean and spread of each
    convolution's maps before their norm: instance norm takes just that out of what follows.

    Source: protocol.md B (basic, 3 layers, ndf 64, least squares); width and depth from the settings.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.conditioning = settings.discriminator_conditioning
        w, n_layers = settings.discriminator_width, settings.discriminator_layers
        channels = [6 if self.conditioning == "concat" else 3, *(w * min(2**i, 8) for i in range(n_layers + 1))]
        stride = 1 if settings.antialias else 2
        self.convs = nn.ModuleList(
            nn.Conv2d(n_in, n_out, 4, stride=stride if i < n_layers else 1, padding=1)
            for i, (n_in, n_out) in enumerate(zip(channels, channels[1:], strict=False))
        )
        self.halve = Halve() if settings.antialias else nn.Identity()
        self.score = nn.Conv2d(channels[-1], 1, 4, padding=1)
        self.apply(initialiser(settings))
        projects = self.conditioning == "projection"
        self.agreement = Agreement(2 * sum(channels[1:]), settings.condition_size) if projects else None

    def forward(self, image: Tensor, condition: Tensor | None = None) -> Tensor:
        """Patch scores [B, 1, h, w] of [B, 3, H, W] with [B, size] or, for ``concat``, [B, 3, H, W]; alone for ``none``."""
        return self.judge(self.look(image), condition)

    def look(self, image: Tensor) -> "Seen":
        """What is seen of [B, 3, H, W] before the condition is known; many conditions can be judged by it."""
        return Seen(image, None) if self.conditioning == "concat" else self._convolve(image)

    def judge(self, seen: "Seen", condition: Tensor | None) -> Tensor:
        """Patch scores [B, 1, h, w] for one condition per image."""
        if self.conditioning == "none":
            return seen.maps
        if condition is None:
            raise ValueError(f"a discriminator with conditioning {self.conditioning!r} was given no condition")
        if self.conditioning == "concat":
            return self._convolve(torch.cat([condition.to(seen.maps.dtype), seen.maps], dim=1)).maps
        if self.agreement is None or seen.style is None:
            return seen.maps
        agreement: Tensor = self.agreement(seen.style, condition)
        return seen.maps + agreement

    def _convolve(self, y: Tensor) -> "Seen":
        style: list[Tensor] = []
        for i, conv in enumerate(self.convs):
            y = conv(y)
            if self.agreement is not None:
                style += [y.mean(dim=(2, 3)), at_least_float32(y).std(dim=(2, 3))]
            y = instance_norm(y, 0.2) if i else F.leaky_relu(y, 0.2)
            y = self.halve(y) if i < len(self.convs) - 1 else y
        return Seen(self.score(y), torch.cat(style, dim=1) if style else None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a discriminator saw of images: patch scores and style, or (``concat``) the images themselves."""

    maps: Tensor
    style: Tensor | None

    def first(self, n: int) -> "Seen":
        """The first ``n`` images only."""
        return Seen(self.maps[:n], None if self.style is None else self.style[:n])


class Agreement(nn.Module):
    """Scaled cosine between an image's style and a condition, both mapped into one space."""

    def __init__(self, n_style: int, size: int, scale: float = 2.0) -> None:
        super().__init__()
        self.style = nn.Sequential(nn.LayerNorm(n_style), nn.Linear(n_style, 2 * size), nn.ReLU(), nn.Linear(2 * size, size))
        self.condition = nn.Linear(size, size)
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, style: Tensor, condition: Tensor) -> Tensor:
        """[B, 1, 1, 1] from [B, n_style] and [B, size]."""
        cosine = F.cosine_similarity(self.style(style), self.condition(condition), dim=1)
        return (self.scale * cosine)[:, None, None, None]


class PatchSampler(nn.Module):
    """Two-layer MLP per scale from patch features to unit vectors of 256.

    Source: protocol.md A and B (CUT's patch NCE; MLP to 256, L2-normalised).
    """

    def __init__(self, channels: Sequence[int], size: int = 256) -> None:
        super().__init__()
        self.mlps = nn.ModuleList(nn.Sequential(nn.Linear(c, size), nn.ReLU(), nn.Linear(size, size)) for c in channels)
        self.apply(_xavier)

    def forward(self, features: Sequence[Tensor], patch_ids: Sequence[Tensor]) -> list[Tensor]:
        """Unit vectors [B, n_patches, size] of each [B, C, H, W] at flat locations [n_patches] or [B, n_patches]."""
        return [
            F.normalize(at_least_float32(mlp(_at(feature, ids))), dim=-1)
            for mlp, feature, ids in zip(self.mlps, features, patch_ids, strict=True)
        ]


def _at(feature: Tensor, ids: Tensor) -> Tensor:
    """Vectors [B, P, C] of a map [B, C, H, W] at flat locations [P] or [B, P]."""
    rows = torch.arange(len(feature), device=feature.device)[:, None]
    return feature.flatten(2).transpose(1, 2)[rows, ids.expand(len(feature), -1)]


def at_least_float32(x: Tensor) -> Tensor:
    """Half precisions as float32; float64 stays."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


def nce_channels(settings: NetworkSettings) -> list[int]:
    """Channels of the five feature maps that ``Generator.encode`` gives (fewer with fewer blocks)."""
    w, n_taps = settings.width, len({0, min(4, settings.n_blocks - 1)})
    return [3, 2 * w, 4 * w, *[4 * w] * n_taps]


def initialiser(settings: NetworkSettings) -> Callable[[nn.Module], None]:
    """What draws the first weights of G, F and D; to be given to ``nn.Module.apply``."""
    return _xavier if settings.initialisation == "xavier" else _normal


def _xavier(module: nn.Module) -> None:
    """Xavier normal, gain 0.02, biases zero. Source: protocol.md B (init of G, F and D)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_normal_(module.weight, gain=0.02)
        _without_bias(module)


def _normal(module: nn.Module) -> None:
    """Normal with deviation 0.02, biases zero. Source: Zhu et al. 2017 (arXiv 1703.10593), appendix 7.1."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        _without_bias(module)


def _without_bias(module: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> None:
    if module.bias is not None:
        nn.init.zeros_(module.bias)


def _quiet_film(module: nn.Module) -> None:
    """FiLM listens from the first step: torch's default scale, since 0.02 mutes it for thousands of steps."""
    if isinstance(module, FiLM):
        module.affine.reset_parameters()
