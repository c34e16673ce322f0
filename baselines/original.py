"""Checkpoints of the original CUT and CycleGAN (``{epoch}_net_{G,D,F,G_A,...}.pth``): label-free models between two domains.

Source: taesungp/contrastive-unpaired-translation b3ac297, models/networks.py (both methods; numbers in its names count the layers
without weights, too); junyanz/pytorch-CycleGAN-and-pix2pix has the same names for strided and transposed convolutions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal, get_args

import torch
from torch import nn

from adis_bench.errors import ConfigError
from adis_bench.registry import unknown
from reference_model.checkpoint_files import entries_of, read_state, translated
from reference_model.networks import Discriminator, Generator, PatchSampler, nce_channels
from reference_model.settings import NetworkSettings

Original = Literal["cut", "cyclegan"]
NETWORKS: Mapping[Original, tuple[str, ...]] = {"cut": ("G", "D", "F"), "cyclegan": ("G_A", "G_B", "D_A", "D_B")}
"""Networks by their names in the files' names; the first one is what a model is, the others are for training."""
ANTIALIASED: Mapping[Original, bool] = {"cut": True, "cyclegan": False}
"""CUT blurs before it samples, and so does the CycleGAN of its repository unless told otherwise; the original CycleGAN doesn't."""


def _blocks(first: int) -> dict[str, str]:
    return {f"model.{first + i}.conv_block.{place}": f"blocks.{i}.{ours}" for i in range(9) for place, ours in ((1, "conv1"), (5, "conv2"))}


def _in_order(*places: int) -> dict[str, str]:
    return {f"model.{place}": f"convs.{i}" for i, place in enumerate(places[:-1])} | {f"model.{places[-1]}": "score"}


_GENERATOR = {
    True: {
        **{"model.1": "stem", "model.4": "down1.0", "model.8": "down2.0"},
        **_blocks(12),
        **{"model.22": "up1.1", "model.26": "up2.1", "model.30": "out"},
    },
    False: {
        **{"model.1": "stem", "model.4": "down1.0", "model.7": "down2.0"},
        **_blocks(10),
        **{"model.19": "up1.0", "model.22": "up2.0", "model.26": "out"},
    },
}
_DISCRIMINATOR = {True: _in_order(0, 3, 7, 11, 14), False: _in_order(0, 2, 5, 8, 11)}
_SAMPLER = {f"mlp_{i}": f"mlps.{i}" for i in range(5)}


@dataclass(frozen=True, slots=True)
class OriginalModel:
    """The networks of an original checkpoint, in eval mode, on the CPU, float32.

    Attributes:
        networks: those that were given, by their original names. A generator takes source [B, 3, H, W] in [-1, 1] (H and W
            multiples of 4) and gives images in [-1, 1]; a discriminator gives patch scores [B, 1, h, w] of images.
        main: name of the generator that goes from the source's domain to the target's (CycleGAN: G_A).
    """

    networks: Mapping[str, nn.Module]
    main: str

    @property
    def generator(self) -> nn.Module:
        """``generator(source [B, 3, H, W])``: the source in the target's domain."""
        return self.networks[self.main]


def import_original(method: Original, paths: Mapping[str, str | PathLike[str]], *, antialias: bool | None = None) -> OriginalModel:
    """Read original checkpoints, weights only: ``import_original("cut", {"G": path})``.

    Args:
        method: ``cut`` or ``cyclegan``.
        paths: file by network: G, D and F, or G_A, G_B, D_A and D_B; the first of them is needed.
        antialias: blurred instead of strided sampling, and bilinear doubling instead of transposed convolutions; None: as the
            method's authors have it (CUT yes, CycleGAN no).

    Raises:
        ConfigError: another method, or a network that it doesn't have, or without its generator.
        WeightsError: a file that is missing, damaged, a pickle of more than weights, or of another network (the first entries
            that are missing, unexpected or of another shape are named).
    """
    if method not in get_args(Original):
        raise ConfigError(unknown("original method", str(method), list(get_args(Original))))
    known = NETWORKS[method]
    for name in paths:
        if name not in known:
            raise ConfigError(unknown(f"network of {method}", str(name), list(known)))
    if known[0] not in paths:
        raise ConfigError(f"no file for {known[0]}: a model of {method} takes at least latest_net_{known[0]}.pth")
    blurred = ANTIALIASED[method] if antialias is None else antialias
    return OriginalModel({name: _read(name, Path(paths[name]), blurred) for name in known if name in paths}, known[0])


def _read(name: str, path: Path, antialias: bool) -> nn.Module:
    """One network in eval mode, with the weights of its file."""
    build, names = _layout(name, antialias)
    how = "antialiased" if antialias else "with strided convolutions"
    weights = translated(read_state(path), entries_of(build, names), path, f"an original {name}, {how}")
    # The initial weights are overwritten: drawing them must not move the caller's random numbers.
    with torch.random.fork_rng(devices=[]):
        network = build()
    network.load_state_dict(weights)
    return network.eval()


def _layout(name: str, antialias: bool) -> tuple[Callable[[], nn.Module], Mapping[str, str]]:
    """How a network is built, and its modules' original names with ours."""
    upsampling: Literal["resize", "transposed"] = "resize" if antialias else "transposed"
    settings = NetworkSettings(conditioning="none", discriminator_conditioning="none", antialias=antialias, upsampling=upsampling)
    if name.startswith("G"):
        return lambda: Generator(settings), _GENERATOR[antialias]
    if name.startswith("D"):
        return lambda: Discriminator(settings), _DISCRIMINATOR[antialias]
    return lambda: PatchSampler(nce_channels(settings)), _SAMPLER
