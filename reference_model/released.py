"""Checkpoints of the paper's release (``{epoch}_net_{G,Audio,D,F}.pth``): their names, their checks, their import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.files import digest_file, digest_json, make_folder
from adis_bench.registry import unknown
from reference_model import store
from reference_model.audio import SoundEncoder, audio_encoder
from reference_model.checkpoint_files import Entries, entries_of, read_state, translated
from reference_model.networks import Discriminator, Generator, PatchSampler, nce_channels
from reference_model.settings import NetworkSettings, Settings

Kind = Literal["G", "Audio", "D", "F"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The release's names of its networks, as in its files' names."""
NEEDED: tuple[Kind, ...] = ("G", "Audio")
"""What a model is; D and F are for training."""
RESOLUTION = 256
"""Side of the images that the release was trained on, in pixels. Source: protocol.md B."""
_BLOCK = "model_down.{}.conv_block.{}"
NAMES: Mapping[Kind, Mapping[str, str]] = {
    "G": {
        "model_down.1": "stem",
        "model_down.4": "down1.0",
        "model_down.8": "down2.0",
        **{_BLOCK.format(12 + i, 1): f"blocks.{i}.conv1" for i in range(9)},
        **{_BLOCK.format(12 + i, 5): f"blocks.{i}.conv2" for i in range(9)},
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
    for kind in NEEDED:
        if kind not in paths:
            raise ConfigError(f"no file for {kind}: a model takes {' and '.join(NEEDED)} (latest_net_G.pth and latest_net_Audio.pth)")
    read = {kind: _read(kind, Path(paths[kind])) for kind in KINDS if kind in paths}
    return ReleasedModel(read["G"], read["Audio"], read.get("D"), read.get("F"))


def _read(kind: Kind, path: Path) -> Any:
    """One network in eval mode, with the weights of its file."""
    weights = _translated(read_state(path), kind, path)
    # The initial weights are overwritten: drawing them must not move the caller's random numbers.
    with torch.random.fork_rng(devices=[]):
        network = _BUILD[kind](NetworkSettings())
    network.load_state_dict(weights, strict=False)  # without the batch norms' counters, which nothing uses
    return network.eval()


def import_files(files: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Make a model folder from the release's files, told apart by their entries, and return its provenance.

    G and Audio are kept; D and F are checked where they are among the files, but only a training has a use for them.

    Raises:
        ConfigError: two files of one network, one that a model needs is not among them, or another model is in the folder.
        WeightsError: a file that is no network of the release, or not a whole one.
    """
    paths: dict[str, Path] = {}
    for path in files:
        kind = _kind_of(path)
        if kind in paths:
            raise ConfigError(f"{paths[kind]} and {path} are both the release's {kind}; give one of them")
        paths[kind] = path
    model = import_released(paths)
    sources = [{"network": kind, "file": paths[kind].name, "sha256": digest_file(paths[kind])} for kind in NEEDED]
    digest = digest_json([store.CODE_VERSION, "released", [source["sha256"] for source in sources]])
    _check_free(folder, digest)
    provenance = {
        "method": "ours",
        "settings": Settings().flat(),
        "resolution": RESOLUTION,
        "seed": 0,
        "labels": [],
        "imported_from": sources,
        "digest": digest,
    }
    store.save(nn.ModuleDict({"G": model.generator, "C": model.audio_encoder}), folder, provenance)
    return store.read_provenance(folder)


def _check_free(folder: Path, digest: str) -> None:
    make_folder(folder)
    if (folder / "checkpoint.pt").exists():
        raise ConfigError(f"{folder} holds a training that has not ended; choose another folder")
    if (folder / store.PROVENANCE_NAME).exists() and store.read_provenance(folder).get("digest") != digest:
        raise ConfigError(f"{folder} holds another model already; choose another folder")


def _kind_of(path: Path) -> Kind:
    state = read_state(path)
    kind = recognised(state)
    if kind is None:
        first = ", ".join(list(state)[:3])
        raise WeightsError(
            f"{path} is no network of the release ({', '.join(KINDS)}): most of its {len(state)} entries are unknown ({first}, ...)"
        )
    return kind


def recognised(state: Mapping[str, Any]) -> Kind | None:
    """Which network most of a checkpoint's names belong to; None where they are of none."""
    shares = {kind: len(state.keys() & _expected(kind).keys()) / max(1, len(state)) for kind in KINDS}
    best = max(KINDS, key=lambda kind: shares[kind])
    return best if shares[best] > 0.5 else None


def _translated(state: Mapping[str, Tensor], kind: Kind, path: Path) -> dict[str, Tensor]:
    """A checkpoint's entries under our names; what looks like another network of the release is called by its name."""
    looks = recognised(state)
    hint = "" if looks in (None, kind) else f", it looks like {looks} (are the files exchanged?)"
    return translated(state, _expected(kind), path, f"the release's {kind}{hint}")


@cache
def _expected(kind: Kind) -> Entries:
    return entries_of(lambda: _BUILD[kind](NetworkSettings()), NAMES[kind])


_BUILD: Mapping[Kind, Callable[[NetworkSettings], nn.Module]] = {
    "G": Generator,
    "Audio": audio_encoder,
    "D": Discriminator,
    "F": lambda settings: PatchSampler(nce_channels(settings)),
}
