"""What the judge must not care about: small changes of images and sounds, drawn anew at every step."""

import math
from functools import cache

import torch

Generator = torch.Generator


def _uniform(n: int, low: float, high: float, generator: Generator) -> torch.Tensor:
    return torch.rand(n, generator=generator) * (high - low) + low


def augment_images(planes: torch.Tensor, generator: Generator) -> torch.Tensor:
    """Flip, crop, shift colours a little, and damage as a generator might: blur, noise, checkerboards, blocks.

    The judge sees generated images, and without the damage it would take an artefact for a style.

    Args:
        planes: float32 [N, 3, S, S] in -1 to 1, S a multiple of 8.
        generator: draws everything.

    Returns:
        float32 [N, 3, S, S] in -1 to 1.
    """
    n = len(planes)
    planes = _crop_and_flip(planes, generator)
    contrast, offset = _uniform(n, 0.9, 1.1, generator), _uniform(n * 3, -0.06, 0.06, generator).view(n, 3, 1, 1)
    planes = planes * contrast.view(n, 1, 1, 1) + offset
    # Each damage falls on a part of the batch, so that most images stay sharp.
    chosen = torch.rand(4, n, generator=generator) < torch.tensor([0.35, 0.35, 0.15, 0.25])[:, None]
    planes = torch.where(_rows(chosen[0]), _blurred(planes, generator), planes)
    strength = _uniform(n, 0.01, 0.12, generator).view(n, 1, 1, 1)
    planes = torch.where(_rows(chosen[1]), planes + strength * torch.randn(planes.shape, generator=generator), planes)
    planes = torch.where(_rows(chosen[2]), planes + strength * _checkerboard(planes.shape[-1]), planes)
    planes = torch.where(_rows(chosen[3]), _block_coded(planes, generator), planes)
    return planes.clamp(-1.0, 1.0)


def _rows(chosen: torch.Tensor) -> torch.Tensor:
    return chosen.view(-1, 1, 1, 1)


def _crop_and_flip(planes: torch.Tensor, generator: Generator) -> torch.Tensor:
    n = len(planes)
    scale = _uniform(n, 0.7, 1.0, generator)
    mirrored = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    shift = (torch.rand(n, 2, generator=generator) * 2 - 1) * (1 - scale)[:, None]
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = scale * mirrored, scale, shift
    grid = torch.nn.functional.affine_grid(theta, list(planes.shape), align_corners=False)
    return torch.nn.functional.grid_sample(planes, grid, padding_mode="reflection", align_corners=False)


def _blurred(planes: torch.Tensor, generator: Generator) -> torch.Tensor:
    """A Gaussian of 0.4 to 1.5 pixels, one width for the batch."""
    sigma = float(_uniform(1, 0.4, 1.5, generator))
    taps = torch.exp(-(torch.arange(-4, 5) ** 2) / (2 * sigma**2))
    kernel = (taps / taps.sum()).view(1, 1, 1, -1).expand(3, 1, 1, -1)
    padded = torch.nn.functional.pad(planes, (4, 4, 4, 4), mode="reflect")
    across = torch.nn.functional.conv2d(padded, kernel, groups=3)
    return torch.nn.functional.conv2d(across, kernel.transpose(2, 3), groups=3)


def _checkerboard(size: int) -> torch.Tensor:
    """What transposed convolutions leave: [1, 1, S, S] of -1 and 1 with a period of 2 pixels."""
    steps = torch.arange(size)
    return (1.0 - 2.0 * ((steps[:, None] + steps) % 2)).view(1, 1, size, size)


@cache
def _cosine_basis() -> torch.Tensor:
    """The orthonormal 8-point DCT-II: float32 [8, 8]."""
    k, i = torch.arange(8.0)[:, None], torch.arange(8.0)
    basis = torch.cos(math.pi * (i + 0.5) * k / 8) / 2
    basis[0] /= math.sqrt(2)
    return basis


def _block_coded(planes: torch.Tensor, generator: Generator) -> torch.Tensor:
    """8 x 8 DCT coefficients rounded more coarsely the higher they are, as JPEG does; one quality for the batch."""
    n, channels, size, _ = planes.shape
    basis = _cosine_basis()
    coarseness = float(_uniform(1, 0.03, 0.12, generator))
    step = coarseness * (1 + torch.arange(8.0)[:, None] + torch.arange(8.0))
    blocks = planes.reshape(n, channels, size // 8, 8, size // 8, 8).transpose(3, 4)
    coefficients = basis @ blocks @ basis.T
    coded = basis.T @ (torch.round(coefficients / step) * step) @ basis
    return coded.transpose(3, 4).reshape(n, channels, size, size)


def augment_sounds(mel: torch.Tensor, gain_db: float, generator: Generator) -> torch.Tensor:
    """Shift in time, change the level, add a noise floor and hide a band and a while.

    Args:
        mel: float32 [N, M, T], ``log_mel``'s scale (1 is a factor of 100 in amplitude).
        gain_db: largest change of the level.
        generator: draws everything.

    Returns:
        float32 [N, M, T].
    """
    n, n_mels, n_steps = mel.shape
    shifts = torch.randint(n_steps, (n, 1, 1), generator=generator)
    # A circular shift: by the released rule short sounds are repeated as well.
    mel = mel.gather(2, ((torch.arange(n_steps) + shifts) % n_steps).expand(n, n_mels, n_steps))
    mel = mel + _uniform(n, -gain_db, gain_db, generator).view(n, 1, 1) / 40.0
    tilt = torch.linspace(-1, 1, n_mels).view(1, -1, 1) * _uniform(n, -0.05, 0.05, generator).view(n, 1, 1)
    noise = _uniform(n, -1.6, -0.7, generator).view(n, 1, 1) + 0.15 * torch.randn(mel.shape, generator=generator)
    scale = math.log(1e2)
    mel = torch.logaddexp((mel + tilt) * scale, noise * scale) / scale
    hidden = _span(n, n_mels, n_mels // 8, generator)[:, :, None] | _span(n, n_steps, n_steps // 6, generator)[:, None]
    return torch.where(hidden, mel.mean(dim=(1, 2), keepdim=True), mel)


def _span(n: int, length: int, longest: int, generator: Generator) -> torch.Tensor:
    """Rows of bool [n, length] with one run of True of 0 to ``longest`` places in each row."""
    width = torch.randint(longest + 1, (n, 1), generator=generator)
    start = torch.randint(length, (n, 1), generator=generator)
    place = torch.arange(length)
    return (place >= start) & (place < start + width)
