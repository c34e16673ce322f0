"""SeLaVi's and Wav2CLIP's published weights as the audio encoder's initial ones (protocol.md C)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.files import digest_file
from adis_bench.state_dicts import Shapes, compare, shapes_built, shapes_of
from reference_model.audio import ResNetAudioEncoder, SoundEncoder
from reference_model.checkpoint_files import is_fixed, read_state
from reference_model.front_ends import LogFilterbank, Wav2ClipSpectrogram

Idea = Literal["selavi", "wav2clip"]
TRUNK: Mapping[Idea, str] = {"selavi": "audio_network.base.", "wav2clip": "audio_encoder."}
"""Where a published file has the layers that are ``trunk.net`` here; the rest of their names is torchvision's, as here.

Source: facebookresearch/selavi 39b677c, model.py; wav2clip 0.1.0, model/encoder.py.
"""
UNUSED: Mapping[Idea, tuple[str, ...]] = {"selavi": ("video_network.", "mlp_v"), "wav2clip": ("image_transform.",)}
"""The image side: what it holds does not matter."""
N_HEADS = 10
"""Of each published SeLaVi model. Source: facebookresearch/selavi 1279372, README (model zoo)."""
PADDING = 3
"""Of both ideas' first convolution. Source: as of ``TRUNK``."""
_OURS = "trunk.net."
_WHAT: Mapping[Idea, str] = {"selavi": "a published SeLaVi model", "wav2clip": "the published Wav2CLIP model"}
_VGG_SOUND_CLUSTERS = 309


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of numbers.

    Attributes:
        source: its name in the published file; "" for what is not from there.
        target: its name in the encoder; "" for what has no place there.
        n_values: how many numbers it holds.
    """

    source: str
    target: str
    n_values: int


@dataclass(frozen=True, slots=True)
class KeyMapping:
    """What became of a published file's weights and of an encoder's; batch norms' counters are left out, which nothing uses.

    Attributes:
        idea: whose weights they are.
        file: the file's name.
        sha256: the file's digest.
        loaded: entries that the encoder now has from the file.
        skipped: entries of the file that have no place in the encoder.
        at_random: entries of the encoder that the file has nothing for: as they were initialised.
        departures: where what the encoder hears differs from what the weights were trained on.
    """

    idea: Idea
    file: str
    sha256: str
    loaded: tuple[Entry, ...]
    skipped: tuple[Entry, ...]
    at_random: tuple[Entry, ...]
    departures: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the encoder's numbers (parameters, and batch norms' running statistics), those that were loaded: 0 to 1."""
        return _count(self.loaded) / self._size

    def lines(self) -> list[str]:
        """What is printed: a head line, then a line for each part, with its share of the encoder's numbers or of the file's."""
        told = self.facts()
        return [
            f"{self.idea}: {self.share:.1%} of the audio encoder's {self._size:,} parameters and statistics are from {self.file}",
            *(f"  loaded {part['source']} as {part['target']}: {_told(part, 'the encoder')}" for part in told["loaded"]),
            *(f"  left at random {part['target']}: {_told(part, 'the encoder')}" for part in told["left_at_random"]),
            *(f"  skipped {part['source']}: {_told(part, 'the file')}" for part in told["skipped"]),
            *(f"  note: {departure}" for departure in self.departures),
        ]

    def facts(self) -> dict[str, Any]:
        """The same for a model's provenance: JSON-compatible."""
        return {
            "idea": self.idea,
            "file": self.file,
            "sha256": self.sha256,
            "share": self.share,
            "loaded": _parts(self.loaded, self._size),
            "left_at_random": _parts(self.at_random, self._size),
            "skipped": _parts(self.skipped, _count(self.loaded) + _count(self.skipped)),
            "departures": list(self.departures),
        }

    @property
    def _size(self) -> int:
        return _count(self.loaded) + _count(self.at_random)


def initialise(encoder: SoundEncoder, idea: Idea, path: Path) -> KeyMapping:
    """Put a published file's weights into an encoder, as far as they have a place there, and say what went where.

    SeLaVi's one block a layer fills a ``resnet9`` whole, and of a ``resnet18`` the first block of each layer: the second
    ones stay random. Wav2CLIP's two blocks a layer fill a ``resnet18``. The projection to the condition stays random always.

    Args:
        encoder: a fresh one; it keeps its device and precision.
        idea: whose file it is.
        path: the file; read as a table of weights, no code in it is run.

    Raises:
        ConfigError: an encoder that these weights do not fit.
        WeightsError: a file that is missing, damaged, holds more than weights, or isn't exactly what was published: the
            first entries that are missing, unexpected or of another shape are named.
    """
    trunk = encoder.trunk
    if not isinstance(trunk, ResNetAudioEncoder):
        raise ConfigError(f"audio_init = {idea}: its published weights are a ResNet's; set audio_encoder to resnet18 or resnet9")
    if idea == "wav2clip" and len(trunk.net.layer1) != 2:
        raise ConfigError("audio_init = wav2clip: its published weights are a ResNet18's; set audio_encoder to resnet18")
    state = read_state(path, key="model" if idea == "selavi" else None, unused=UNUSED[idea])
    found = {name: value for name, value in state.items() if not name.startswith(UNUSED[idea])}
    if difference := compare(_expected(idea, _n_clusters(found)), shapes_of(found)):
        raise WeightsError(f"{path} is not {_WHAT[idea]}: {difference}; give the file that its authors published")
    return _loaded(encoder, idea, path, state)


def _loaded(encoder: SoundEncoder, idea: Idea, path: Path, state: Mapping[str, Tensor]) -> KeyMapping:
    ours = {name: value for name, value in encoder.state_dict().items() if not is_fixed(name)}
    places = {name: _OURS + name.removeprefix(TRUNK[idea]) for name in state if name.startswith(TRUNK[idea])}
    places = {name: place for name, place in places.items() if place in ours}
    encoder.load_state_dict({place: state[name] for name, place in places.items()}, strict=False)
    filled = set(places.values())
    return KeyMapping(
        idea,
        path.name,
        digest_file(path),
        loaded=tuple(Entry(name, place, ours[place].numel()) for name, place in places.items()),
        skipped=tuple(Entry(name, "", value.numel()) for name, value in state.items() if name not in places),
        at_random=tuple(Entry("", name, value.numel()) for name, value in ours.items() if name not in filled),
        departures=tuple(_departures(encoder, idea)),
    )


def _departures(encoder: SoundEncoder, idea: Idea) -> Iterable[str]:
    own = {"selavi": LogFilterbank, "wav2clip": Wav2ClipSpectrogram}[idea]
    if not isinstance(encoder.front_end, own):
        yield f"front_end is not {idea}, on which these weights were trained"
    elif getattr(encoder.front_end, "z_normalise", False):
        yield "front_end is selavi-z; SeLaVi's trainings left the z-normalisation out"
    padding = encoder.trunk.net.conv1.padding[0]  # type: ignore[union-attr, index]
    if padding != PADDING:
        yield f"audio_padding is {padding}; these weights were trained with {PADDING}"


def _n_clusters(found: Mapping[str, Tensor]) -> int:
    """Outputs of each of SeLaVi's heads, which depend on its data (28 to 400), by the first of them."""
    last = found.get("mlp_a0.block_forward.8.weight")
    return len(last) if last is not None and last.ndim else _VGG_SOUND_CLUSTERS


@cache
def _expected(idea: Idea, n_clusters: int) -> Shapes:
    """Shape of every entry of a published file's sound side, by its name there."""
    if idea == "wav2clip":
        from adis_bench.extractors.wav2clip import Wav2ClipNetwork

        shapes = shapes_built(Wav2ClipNetwork)
    else:
        trunk = shapes_built(lambda: ResNetAudioEncoder(1, PADDING, "resnet9").net)
        shapes = {TRUNK[idea] + name: shape for name, shape in trunk.items()} | _heads(n_clusters)
    return {name: shape for name, shape in shapes.items() if not is_fixed(name)}


def _heads(n_clusters: int) -> dict[str, tuple[int, ...]]:
    """Entries of SeLaVi's sound heads. Source: facebookresearch/selavi 39b677c, model.py (MLPv2)."""
    norm = {f"4.{name}": (512,) for name in ("weight", "bias", "running_mean", "running_var")}
    head = {"2.weight": (512, 512), **norm, "8.weight": (n_clusters, 512), "8.bias": (n_clusters,)}
    return {f"mlp_a{i}.block_forward.{name}": shape for i in range(N_HEADS) for name, shape in head.items()}


def _count(entries: Iterable[Entry]) -> int:
    return sum(entry.n_values for entry in entries)


def _parts(entries: Iterable[Entry], whole: int) -> list[dict[str, Any]]:
    """Entries by the part of the network that they belong to, with its share of ``whole`` numbers."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((_part(entry.source), _part(entry.target)), []).append(entry)
    return [
        {"source": source, "target": target, "n_entries": len(group), "n_values": _count(group), "share": _count(group) / whole}
        for (source, target), group in groups.items()
    ]


def _part(name: str) -> str:
    """The part of a network that an entry belongs to: a ResNet's layer or block; of a published file's rest its first name."""
    prefix = next((p for p in (_OURS, "trunk.", *TRUNK.values()) if name.startswith(p)), "")
    rest = name.removeprefix(prefix).split(".")
    if prefix:
        return prefix + ".".join(rest[: 2 if rest[0].startswith("layer") else 1])
    return re.sub(r"\d+$", "*", rest[0])  # SeLaVi's heads are numbered


def _told(part: Mapping[str, Any], whole: str) -> str:
    return f"{part['n_values']:,} numbers, {part['share']:.1%} of {whole}"
