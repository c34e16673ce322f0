"""Checkpoints of the paper's release (``{epoch}_net_{G,Audio,D,F}.pth``): their names, their checks, their import."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.registry import unknown
from reference_model.audio import SoundEncoder, audio_encoder
from reference_model.networks import Discriminator, Generator, PatchSampler, nce_channels
from reference_model.settings import NetworkSettings
from reference_model.store import compare

Kind = Literal["G", "Audio", "D", "F"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The release's names of its networks, as in its files' names; running a model takes the first two."""

_BLOCK, _N_BLOCKS = "model_down.{}.conv_block.{}", 9
_FIRST_BLOCK = 12
NAMES: Mapping[Kind, Mapping[str, str]] = {
    "G": {
        "model_down.1": "stem",
        "model_down.4": "down1.0",
        "model_down.8": "down2.0",
        **{_BLOCK.format(_FIRST_BLOCK + i, 1): f"blocks.{i}.conv1" for i in range(_N_BLOCKS)},
        **{_BLOCK.format(_FIRST_BLOCK + i, 5): f"blocks.{i}.conv2" for i in range(_N_BLOCKS)},
        "model_up.1": "up1.1",
        "model_up.5": "up2.1",
        "model_up.9": "out",
    },
    "Audio": {
        "AudioInconv.0": "trunk.net.conv1",
        "AudioInconv.1": "trunk.net.bn1",
        **{f"AudioLayer{i}": f"trunk.net.layer{i}" for i in (1, 2, 3, 4)},
        "proj": "trunk.proj",
    },
    "D": {**{f"model.{place}": f"convs.{i}" for i, place in enumerate((0, 3, 7, 11))}, "model.14": "score"},
    "F": {f"mlp_{i}": f"mlps.{i}" for i in range(5)},
}
"""Where the release's modules are here, by the beginnings of their entries' names.

Source: Tinglok/avstyle b09dc1e, models/networks.py and models/model.py (numbers count the layers without weights, too).
"""


@dataclass(frozen=True, slots=True)
class ReleasedModel:
    """The networks of a released checkpoint, in eval mode, on the CPU, float32.

    Attributes:
        generator: ``generator(source [B, 3, H, W] in [-1, 1], embedding [B, 256])`` gives images in [-1, 1].
        audio_encoder: waveforms [B, 48000] at 16 kHz to [B, 256]; the peak is not normalised inside.
        discriminator: ``discriminator(image, picture)``, see ``audio.DiscriminatorPicture``; None where its file isn't given.
        sampler: the structure loss's patch MLPs; None where its file isn't given.
    """

    generator: Generator
    audio_encoder: SoundEncoder
    discriminator: Discriminator | None = None
    sampler: PatchSampler | None = None


def import_released(paths: Mapping[str, str | PathLike[str]]) -> ReleasedModel:
    """Read released checkpoints: ``{"G": path, "Audio": path}``, and ``"D"`` and ``"F"`` where wanted.

    Raises:
        ConfigError: a network that the release doesn't have, or without G or Audio.
        WeightsError: a file that is missing, damaged, a pickle of more than weights, or of another network
            (entries that are missing, unexpected or of another shape are named).
    """
    for kind in paths:
        if kind not in KINDS:
            raise ConfigError(unknown("network of the release", str(kind), list(KINDS)))
    for kind in ("G", "Audio"):
        if kind not in paths:
            raise ConfigError(f"no path for {kind!r}: a model is at least G and Audio (latest_net_G.pth and latest_net_Audio.pth)")
    networks = _fresh()
    for kind in KINDS:
        if kind in paths:
            path = Path(paths[kind])
            networks[kind].load_state_dict(_translated(read_state(path), kind, path, networks[kind]), strict=False)
    wanted = {kind: networks[kind].eval() if kind in paths else None for kind in KINDS}
    return ReleasedModel(wanted["G"], wanted["Audio"], wanted["D"], wanted["F"])


def read_state(path: Path) -> dict[str, Tensor]:
    """Entries of a checkpoint by their released names, without a leading ``module.`` and without fixed buffers.

    Raises:
        WeightsError: no file there, or no plain table of weights.
    """
    if not path.is_file():
        raise WeightsError(f"no checkpoint at {path}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file, and one for code in a pickle
        raise WeightsError(
            f"{path} cannot be read as a table of weights ({type(error).__name__}): it is damaged, or holds more than weights, "
            "which is not opened because such a file can run code"
        ) from error
    if not isinstance(state, Mapping) or not state or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()):
        raise WeightsError(f"{path} holds a {type(state).__name__}, not a table of weights by name; give the release's *_net_*.pth files")
    return {name: value for full, value in state.items() if not _is_fixed(name := full.removeprefix("module."))}


def recognised(state: Mapping[str, Any]) -> Kind | None:
    """Which network most of a checkpoint's names belong to; None where they are of none."""
    shares = {kind: len(state.keys() & _expected(network, kind).keys()) / len(state) for kind, network in _skeletons().items()}
    best = max(KINDS, key=lambda kind: shares[kind])
    return best if shares[best] > 0.5 else None


def _translated(state: Mapping[str, Tensor], kind: Kind, path: Path, network: nn.Module) -> dict[str, Tensor]:
    """A checkpoint's entries under our names.

    Raises:
        WeightsError: not exactly the entries of that network.
    """
    expected = _expected(network, kind)
    difference = compare({name: shape for name, (_, shape) in expected.items()}, {name: tuple(v.shape) for name, v in state.items()})
    if difference:
        looks = recognised(state) if state else None
        hint = f"it looks like {looks}: the files are exchanged" if looks not in (None, kind) else "get the whole file of the release again"
        raise WeightsError(f"{path} is not the release's {kind}: {difference}; {hint}")
    return {expected[name][0]: value for name, value in state.items()}


def _expected(network: nn.Module, kind: Kind) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Released names of a network's entries, each with our name and its shape, in our order."""
    ours = {our: released for released, our in NAMES[kind].items()}
    found = {}
    for name, value in network.state_dict().items():
        if not _is_fixed(name):
            prefix = next(prefix for prefix in ours if name.startswith(f"{prefix}."))
            found[ours[prefix] + name.removeprefix(prefix)] = (name, tuple(value.shape))
    return found


def _is_fixed(name: str) -> bool:
    """Buffers that hold no weights: blur filters, the STFT's kernels, counters."""
    return name.startswith("stft.") or name.endswith((".filt", "num_batches_tracked"))


def _fresh() -> dict[Kind, Any]:
    settings = NetworkSettings()
    return {
        "G": Generator(settings),
        "Audio": audio_encoder(settings),
        "D": Discriminator(settings),
        "F": PatchSampler(nce_channels(settings)),
    }


def _skeletons() -> dict[Kind, Any]:
    """The networks without memory for their weights: just names and shapes."""
    with torch.device("meta"):
        return _fresh()
