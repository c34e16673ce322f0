"""What lies between the convolutions, and two convolutions whose form saves work.

All give what torch's plain modules give, to rounding, in every floating type. They are shaped for CPUs and channels_last:
there torch's own instance norm copies to the other layout and back, its reflection padding and its convolutions keep maps
for the backward pass that nobody needs, and a blur in bfloat16 takes ten times as long backwards as forwards.
"""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-5
"""Added to the variance. Source: torch's nn.InstanceNorm2d, which the release uses unchanged."""


def instance_norm(x: Tensor, slope: float = 1.0) -> Tensor:
    """Instance norm of [B, C, H, W] (no weights), then a leaky ReLU: slope 0 is ReLU, slope 1 is none."""
    if x.device.type == "cpu":
        return cast(Tensor, _Norm.apply(x, slope))
    return activated(F.instance_norm(x, eps=EPS), slope)


def activated(x: Tensor, slope: float) -> Tensor:
    """Leaky ReLU: slope 0 is ReLU, slope 1 is none."""
    if slope == 1:
        return x
    return F.relu(x) if slope == 0 else F.leaky_relu(x, slope)


def _layout(x: Tensor) -> torch.memory_format:
    return torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format


class _Norm(torch.autograd.Function):
    """Keeps one map for the backward pass: the normalised one, before the activation."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: float) -> Tensor:
        x = x.contiguous(memory_format=_layout(x))
        normed = torch.empty_like(x)
        # Weights of float32 keep the statistics of half precision in float32.
        dtype = torch.promote_types(x.dtype, torch.float32)
        weight, bias = x.new_ones(x.shape[1], dtype=dtype), x.new_zeros(x.shape[1], dtype=dtype)
        mean, scale = x.new_empty((2, *x.shape[:2]), dtype=dtype)
        # One image's batch norm is its instance norm. torch's group norm would do all at once, but takes the variance
        # as a difference of large numbers: ten times the error in the generator's gradients.
        for i in range(len(x)):
            out = (normed[i : i + 1], mean[i], scale[i])
            torch.native_batch_norm(x[i : i + 1], weight, bias, None, None, True, 0.0, EPS, out=out)
        ctx.save_for_backward(normed, scale)
        ctx.slope = slope
        return activated(normed, slope)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        normed, scale = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=_layout(normed))
        if ctx.slope == 0:
            gradient = torch.ops.aten.threshold_backward(gradient, normed, 0)
        elif ctx.slope != 1:
            gradient = torch.ops.aten.leaky_relu_backward(gradient, normed, ctx.slope, False)
        # dx = scale (g - mean(g) - normed mean(g normed)); torch's mean would copy half precision to float32.
        n, scale = normed[0, 0].numel(), scale[:, :, None, None]
        made = gradient * normed
        along = -scale * made.sum((2, 3), keepdim=True) / n
        shift = -scale * gradient.sum((2, 3), keepdim=True) / n
        torch.addcmul(shift.to(made.dtype), normed, along.to(made.dtype), out=made)
        return made.addcmul_(gradient, scale.to(made.dtype)), None


def reflect_pad(x: Tensor, width: int) -> Tensor:
    """[B, C, H, W] with ``width`` reflected values on each side."""
    return cast(Tensor, _ReflectPad.apply(x, width))


class _ReflectPad(torch.autograd.Function):
    """Keeps nothing for the backward pass; torch's own keeps its input, though only the shape matters."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, width: int) -> Tensor:
        ctx.width, ctx.shape = width, x.shape
        return F.pad(x, (width,) * 4, mode="reflect")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        like = torch.empty(ctx.shape, dtype=gradient.dtype, device=gradient.device, memory_format=_layout(gradient))
        return torch.ops.aten.reflection_pad2d_backward(gradient, like, [ctx.width] * 4), None


class Halve(nn.Module):
    """Blur with the taps 1, 2, 1 over reflected edges, and keep every second value.

    Source: Tinglok/avstyle b09dc1e, models/networks.py, Downsample (3 taps).
    """

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, ceil(H / 2), ceil(W / 2)]."""
        return cast(Tensor, _Halve.apply(x))


class _Halve(torch.autograd.Function):
    """A depthwise convolution; backwards, linear interpolation, which is the same sum, and quick in every precision."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.size = x.shape[2:]
        taps = torch.tensor([1.0, 2.0, 1.0], dtype=x.dtype, device=x.device) / 4
        kernel = torch.outer(taps, taps).expand(x.shape[1], 1, 3, 3)
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, stride=2, groups=x.shape[1])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        # Even places hear from one output by 1/2, odd ones from two by 1/4: per direction half of what lies
        # between the outputs. After the last one of an even size comes nothing.
        even = [1 - n % 2 for n in ctx.size]
        gradient = F.pad(gradient / 4, (0, even[1], 0, even[0]))
        size = [2 * n - 1 for n in gradient.shape[2:]]
        spread = F.interpolate(gradient, size=size, mode="bilinear", align_corners=True)
        spread = spread[:, :, : ctx.size[0], : ctx.size[1]]
        for dim in (2, 3):
            # What lay beyond the edge is the value next to it.
            spread.select(dim, 1).add_(spread.select(dim, 0), alpha=0.5)
            if not even[dim - 2]:
                spread.select(dim, -2).add_(spread.select(dim, -1), alpha=0.5)
        return spread


class Double(nn.Module):
    """Put zeros between the values and blur with the taps 1, 3, 3, 1: just what bilinear doubling does."""

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, 2H, 2W]."""
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def conv_joined(conv: nn.Conv2d, maps: Tensor, vector: Tensor) -> Tensor:
    """A 3x3 convolution, padded with zeros, of ``maps`` [B, C, H, W] and a vector [B, V] tiled behind them; H, W >= 2.

    Tiles are equal everywhere, and so is what the convolution makes of them, but for the outermost places: nine
    values per channel, which tiles of 3x3 give. At the released width that halves the layer's work.
    """
    n, (height, width) = maps.shape[1], maps.shape[2:]
    made = F.conv2d(maps, conv.weight[:, :n], conv.bias, padding=1)
    nine = F.conv2d(vector[:, :, None, None].expand(-1, -1, 3, 3), conv.weight[:, n:], padding=1)
    rows = torch.cat([nine[:, :, :1], nine[:, :, 1:2].expand(-1, -1, height - 2, -1), nine[:, :, 2:]], dim=2)
    return made + torch.cat([rows[..., :1], rows[..., 1:2].expand(-1, -1, -1, width - 2), rows[..., 2:]], dim=3)


def conv_few(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A k x k convolution of [B, C, H, W] to few channels, without padding; of half precision, in float32.

    CPUs compute 16 channels at a time, and a convolution to RGB throws 13 of them away. So each row of the kernel gives
    three channels of its own, 21 in one convolution of 1 x k, and what lies on top of each other is added.
    """
    if x.device.type != "cpu":
        return cast(Tensor, conv(x))
    k, n_out = conv.kernel_size[0], conv.out_channels
    by_row = F.conv2d(x, conv.weight.transpose(0, 2).transpose(1, 2).flatten(0, 1)[:, :, None])
    dtype, (b, _, full, width) = torch.promote_types(by_row.dtype, torch.float32), by_row.shape
    by_row = by_row.to(dtype).view(b, k, n_out, full, width)
    height = full - k + 1
    made = sum((by_row[:, i, :, i : i + height] for i in range(k)), torch.zeros((), dtype=dtype))
    return made if conv.bias is None else made + conv.bias[:, None, None]
