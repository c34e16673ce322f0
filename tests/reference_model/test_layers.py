"""Each layer gives what torch's plain modules give, forward and backward."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.layers import Double, Halve, conv_few, conv_joined, instance_norm, reflect_pad

LAYOUTS = [torch.contiguous_format, torch.channels_last]


def maps(*shape: int, layout: torch.memory_format = torch.contiguous_format) -> Tensor:
    """Seeded float64 maps that want a gradient."""
    made = torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return made.contiguous(memory_format=layout).requires_grad_()


def assert_same(ours: Tensor, plain: Tensor, *leaves: Tensor) -> None:
    """Equal values, and equal gradients of a sum that weighs every place differently."""
    torch.testing.assert_close(ours, plain)
    weights = torch.linspace(-1, 2, plain.numel(), dtype=plain.dtype).view(plain.shape)
    for mine, expected in zip(
        torch.autograd.grad((ours * weights).sum(), leaves), torch.autograd.grad((plain * weights).sum(), leaves), strict=True
    ):
        torch.testing.assert_close(mine, expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
def test_norm_with_its_activation(slope: float, layout: torch.memory_format) -> None:
    """nn.InstanceNorm2d, then ReLU, leaky ReLU or nothing."""
    x = maps(2, 3, 6, 5, layout=layout)
    assert_same(instance_norm(x, slope), F.leaky_relu(nn.InstanceNorm2d(3)(x), slope), x)


def test_norm_has_right_gradients() -> None:
    """By finite differences."""
    assert torch.autograd.gradcheck(lambda x: instance_norm(x, 0.2), maps(2, 2, 3, 4))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_padding(layout: torch.memory_format) -> None:
    """nn.ReflectionPad2d."""
    x = maps(2, 3, 6, 5, layout=layout)
    assert_same(reflect_pad(x, 3), nn.ReflectionPad2d(3)(x), x)


@pytest.mark.parametrize("size", [(8, 8), (7, 7), (8, 7), (63, 127)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_halving(size: tuple[int, int], layout: torch.memory_format) -> None:
    """A depthwise blur of 1, 2, 1 over reflected edges with stride 2, of even and odd sides."""
    x = maps(2, 3, *size, layout=layout)
    taps = torch.tensor([1.0, 2.0, 1.0], dtype=x.dtype) / 4
    kernel = torch.outer(taps, taps).expand(3, 1, 3, 3)
    assert_same(Halve()(x), F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, stride=2, groups=3), x)


def test_doubling() -> None:
    """A transposed depthwise convolution with 1, 3, 3, 1 over replicated edges, as the release has it."""
    x = maps(2, 3, 5, 4)
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype) / 4
    kernel = torch.outer(taps, taps).expand(3, 1, 4, 4)
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    assert_same(Double()(x), F.conv_transpose2d(padded, kernel, stride=2, padding=2, groups=3)[:, :, 1:-1, 1:-1], x)


@pytest.mark.parametrize("size", [(2, 2), (3, 5), (8, 6)])
def test_a_tiled_vector_is_convolved_once(size: tuple[int, int]) -> None:
    """The convolution of maps and tiles side by side, edges included."""
    x, vector = maps(2, 3, *size), maps(2, 4)
    conv = nn.Conv2d(7, 5, 3, padding=1).double()
    tiled = vector[:, :, None, None].expand(-1, -1, *size)
    assert_same(conv_joined(conv, x, vector), conv(torch.cat([x, tiled], dim=1)), x, vector, conv.weight)


def test_a_convolution_to_few_channels() -> None:
    """The plain convolution, with its gradients."""
    x, conv = maps(2, 4, 11, 9), nn.Conv2d(4, 3, 7).double()
    assert_same(conv_few(conv, x), conv(x), x, conv.weight, conv.bias)


def test_half_precision_stays_near() -> None:
    """In bfloat16 the norm is that of float32 to its eight bits."""
    x = maps(2, 3, 16, 16).detach().float()
    near = instance_norm(x.bfloat16(), 0.0)
    assert near.dtype == torch.bfloat16
    torch.testing.assert_close(near.float(), F.relu(nn.InstanceNorm2d(3)(x)), atol=0.03, rtol=0.02)
