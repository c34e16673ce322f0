"""Weight files of Inception V3 with random numbers: NVIDIA's TorchScript program, and pytorch-fid's state dict.

The program is written after the public transcriptions of inception-2015-12-05.pt: parameters ``weight``, ``beta``,
``mean`` and ``var`` of a convolution, blocks ``layers.mixed_N``, TensorFlow 1's resize in front.
"""

import warnings
from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adis_bench.extractors.inception_kernels import kernel_specs
from adis_bench.extractors.weights import ADMITTED_SUFFIX, digests_of, entry, place


class Conv(nn.Module):
    """A convolution, a batch norm without scale, ReLU."""

    def __init__(self, n_in: int, n_out: int, height: int = 1, width: int = 1, stride: int = 1, pad: bool = True) -> None:
        super().__init__()
        self.stride = stride
        self.padding = [height // 2, width // 2] if pad and stride == 1 else [0, 0]
        self.weight = nn.Parameter(torch.randn(n_out, n_in, height, width) * (2 / (n_in * height * width)) ** 0.5)
        self.beta = nn.Parameter(torch.randn(n_out) * 0.3)
        self.mean = nn.Parameter(torch.randn(n_out) * 0.3)
        self.var = nn.Parameter(torch.rand(n_out) + 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Padded to keep the size, or not at all."""
        x = F.conv2d(x, self.weight.to(x.dtype), stride=[self.stride, self.stride], padding=self.padding)
        return F.relu(F.batch_norm(x, self.mean, self.var, bias=self.beta, eps=1e-3))


def tower(*convs: nn.Module) -> nn.Sequential:
    """Layers named conv, conv_1, ...; a pool comes before them."""
    named: OrderedDict[str, nn.Module] = OrderedDict()
    for layer in convs:
        n = sum(name.startswith("conv") for name in named)
        named["pool" if not isinstance(layer, Conv) else f"conv_{n}" if n else "conv"] = layer
    return nn.Sequential(named)


def mean_pool() -> nn.AvgPool2d:
    """3 x 3, the padding out of the count."""
    return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)


class Block35(nn.Module):
    """Mixed_5b-5d."""

    def __init__(self, n: int, n_pool: int) -> None:
        super().__init__()
        self.conv = Conv(n, 64)
        self.tower = tower(Conv(n, 48), Conv(48, 64, 5, 5))
        self.tower_1 = tower(Conv(n, 64), Conv(64, 96, 3, 3), Conv(96, 96, 3, 3))
        self.tower_2 = tower(mean_pool(), Conv(n, n_pool))

    def forward(self, x: Tensor) -> Tensor:
        """Four branches."""
        return torch.cat([self.conv(x), self.tower(x), self.tower_1(x), self.tower_2(x)], dim=1)


class BlockTo17(nn.Module):
    """Mixed_6a."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = Conv(288, 384, 3, 3, stride=2)
        self.tower = tower(Conv(288, 64), Conv(64, 96, 3, 3), Conv(96, 96, 3, 3, stride=2))
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Three branches."""
        return torch.cat([self.conv(x), self.tower(x), self.pool(x)], dim=1)


class Block17(nn.Module):
    """Mixed_6b-6e."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv = Conv(768, 192)
        self.tower = tower(Conv(768, c), Conv(c, c, 1, 7), Conv(c, 192, 7, 1))
        self.tower_1 = tower(Conv(768, c), Conv(c, c, 7, 1), Conv(c, c, 1, 7), Conv(c, c, 7, 1), Conv(c, 192, 1, 7))
        self.tower_2 = tower(mean_pool(), Conv(768, 192))

    def forward(self, x: Tensor) -> Tensor:
        """Four branches."""
        return torch.cat([self.conv(x), self.tower(x), self.tower_1(x), self.tower_2(x)], dim=1)


class BlockTo8(nn.Module):
    """Mixed_7a."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = tower(Conv(768, 192), Conv(192, 320, 3, 3, stride=2))
        self.tower_1 = tower(Conv(768, 192), Conv(192, 192, 1, 7), Conv(192, 192, 7, 1), Conv(192, 192, 3, 3, stride=2))
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Three branches."""
        return torch.cat([self.tower(x), self.tower_1(x), self.pool(x)], dim=1)


class Block8(nn.Module):
    """Mixed_7b and 7c: towers are not modules of their own here."""

    def __init__(self, n: int, pool: nn.Module) -> None:
        super().__init__()
        self.conv = Conv(n, 320)
        self.tower_conv = Conv(n, 384)
        self.tower_mixed_conv = Conv(384, 384, 1, 3)
        self.tower_mixed_conv_1 = Conv(384, 384, 3, 1)
        self.tower_1_conv = Conv(n, 448)
        self.tower_1_conv_1 = Conv(448, 384, 3, 3)
        self.tower_1_mixed_conv = Conv(384, 384, 1, 3)
        self.tower_1_mixed_conv_1 = Conv(384, 384, 3, 1)
        self.tower_2_pool = pool
        self.tower_2_conv = Conv(n, 192)

    def forward(self, x: Tensor) -> Tensor:
        """Six branches."""
        a, b = self.tower_conv(x), self.tower_1_conv_1(self.tower_1_conv(x))
        forks = [self.tower_mixed_conv(a), self.tower_mixed_conv_1(a), self.tower_1_mixed_conv(b), self.tower_1_mixed_conv_1(b)]
        return torch.cat([self.conv(x), forks[0], forks[1], forks[2], forks[3], self.tower_2_conv(self.tower_2_pool(x))], dim=1)


class Program(nn.Module):
    """The network as clean-fid calls it: ``layers`` on scaled planes, the whole on grey levels with ``return_features``."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            OrderedDict(
                conv=Conv(3, 32, 3, 3, stride=2),
                conv_1=Conv(32, 32, 3, 3, pad=False),
                conv_2=Conv(32, 64, 3, 3),
                pool0=nn.MaxPool2d(3, stride=2),
                conv_3=Conv(64, 80),
                conv_4=Conv(80, 192, 3, 3, pad=False),
                pool1=nn.MaxPool2d(3, stride=2),
                mixed=Block35(192, 32),
                mixed_1=Block35(256, 64),
                mixed_2=Block35(288, 64),
                mixed_3=BlockTo17(),
                mixed_4=Block17(128),
                mixed_5=Block17(160),
                mixed_6=Block17(160),
                mixed_7=Block17(192),
                mixed_8=BlockTo8(),
                mixed_9=Block8(1280, mean_pool()),
                mixed_10=Block8(2048, nn.MaxPool2d(3, stride=1, padding=1)),
                pool2=nn.AvgPool2d(8),
            )
        )
        self.output = nn.Linear(2048, 1008)

    def forward(self, img: Tensor, return_features: bool = False) -> Tensor:
        """Features or logits of [N, 3, H, W], 0-255, by TensorFlow 1's bilinear resize."""
        n, _, height, width = img.shape
        theta = torch.eye(2, 3, device=img.device)
        theta[0, 2] += 1.0 / width - 1.0 / 299
        theta[1, 2] += 1.0 / height - 1.0 / 299
        grid = F.affine_grid(theta.unsqueeze(0).repeat([n, 1, 1]), [n, 3, 299, 299], align_corners=False)
        x = F.grid_sample(img.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)
        features = self.layers((x - 128) / 128).reshape(-1, 2048)
        return features if return_features else self.output(features)


def random_program(seed: int = 0) -> Program:
    """The network with seeded weights under which activations neither die nor explode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Program().eval().requires_grad_(False)


def write_program(program: nn.Module, path: Path) -> Path:
    """Script a program and save it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*torch.jit.*is deprecated")
        torch.jit.script(program).save(path)
    return path


def state_dict_of(program: Program) -> dict[str, Tensor]:
    """The program's weights under pytorch-fid's names, with a scale in the batch norms, which its file has as well."""
    parts = {name.removeprefix("layers.").replace(".", "_"): part for name, part in program.named_modules() if isinstance(part, Conv)}
    found: dict[str, Tensor] = {"fc.weight": program.output.weight, "fc.bias": program.output.bias}
    for spec in kernel_specs():
        name = spec.torch_name.replace("_branch", ".branch")
        conv = parts[spec.script_name]
        found |= {
            f"{name}.conv.weight": conv.weight,
            f"{name}.bn.weight": torch.ones_like(conv.beta),
            f"{name}.bn.bias": conv.beta,
            f"{name}.bn.running_mean": conv.mean,
            f"{name}.bn.running_var": conv.var,
        }
    return {key: tensor.detach().clone() for key, tensor in found.items()}


def admit(name: str, path: Path) -> None:
    """Say of a file that lies in the folder of weights that it may be used though it isn't the published one."""
    weight = entry(name)
    if path != place(weight):
        place(weight).parent.mkdir(parents=True, exist_ok=True)
        place(weight).hardlink_to(path)
    marker = place(weight).with_name(weight.file_name + ADMITTED_SUFFIX)
    marker.write_text(digests_of(place(weight)).sha256)
