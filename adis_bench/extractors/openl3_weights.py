"""OpenL3's released weight files: HDF5 as Keras writes it, read by order and checked shape by shape."""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import WeightsError

Array = NDArray[np.float32]
TowerName = Literal["audio", "image"]

WIDTHS = (64, 64, 128, 128, 256, 256, 512, 512)
"""Channels out of the eight 3x3 convolutions. Source: marl/openl3 0.4.2 (3bb35fd), models.py."""
_CHANNELS_IN: dict[TowerName, int] = {"audio": 1, "image": 3}
_NORM_EPSILON = 1e-3
"""Source: the default of Keras' BatchNormalization, which models.py leaves."""
_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST_BYTES = 256 << 20  # a tower is 18.7 MB; a damaged or hostile archive must not fill the memory


@dataclass(frozen=True, slots=True)
class Convolution:
    """A 3x3 convolution and the batch normalisation that belongs to it.

    Attributes:
        kernel: float32 [out, in, 3, 3].
        bias: float32 [out].
        scale, shift: float64 [out], what the normalisation does at inference (x * scale + shift); None where there is none.
    """

    kernel: Array
    bias: Array
    scale: NDArray[np.float64] | None
    shift: NDArray[np.float64] | None

    def folded(self) -> tuple[Array, Array]:
        """Kernel and bias with the normalisation that follows directly taken in."""
        if self.scale is None or self.shift is None:
            return self.kernel, self.bias
        kernel = self.kernel * self.scale[:, None, None, None]
        return kernel.astype(np.float32), (self.bias * self.scale + self.shift).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TowerWeights:
    """What a weight file holds, in the order of the network.

    Attributes:
        scale, shift: float64 [in], the normalisation of the input.
        convolutions: eight; all but the last have a normalisation.
    """

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]
    convolutions: tuple[Convolution, ...]


def read_tower(path: Path, tower: TowerName) -> TowerWeights:
    """Read ``openl3_{audio,image}_linear_env-v0_4_0.h5``, or the ``.h5.gz`` that is released.

    The layers are taken in the order of the ``layer_names`` and ``weight_names`` attributes, as Keras does: the names
    themselves count up through whatever session wrote the file. Links that leave the file are not followed.

    Raises:
        WeightsError: missing, not such a file, external or soft links, or another network's shapes (named).
    """
    content = _content(path)
    try:
        with h5py.File(BytesIO(content), "r") as file:
            layers = _layers(file, path, tower)
    except WeightsError:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:  # h5py's ways to say that a file is damaged
        raise WeightsError(f"{path} cannot be read as HDF5 ({error}); fetch it again") from error
    input_norm, rest = layers[0], layers[1:]
    convolutions = []
    for index in range(len(WIDTHS)):
        kernel, bias = rest[2 * index]
        scale, shift = _affine(rest[2 * index + 1]) if index < len(WIDTHS) - 1 else (None, None)
        convolutions.append(Convolution(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)), bias, scale, shift))
    return TowerWeights(*_affine(input_norm), tuple(convolutions))


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if not content.startswith(_GZIP_MAGIC):
            return content
        with gzip.open(BytesIO(content)) as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise WeightsError(f"{path} cannot be read ({error}); fetch it again") from error
    if len(content) > _LARGEST_BYTES:
        raise WeightsError(f"{path} unpacks to more than {_LARGEST_BYTES >> 20} MiB; OpenL3's files have 19 MB: fetch it again")
    return content


def _affine(norm: Sequence[Array]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and shift of a normalisation at inference, from gamma, beta, mean and variance."""
    gamma, beta, mean, variance = (values.astype(np.float64) for values in norm)
    scale = gamma / np.sqrt(variance + _NORM_EPSILON)
    return scale, beta - mean * scale


def _expected(tower: TowerName) -> list[list[tuple[int, ...]]]:
    """Shapes of the layers that have weights: the input's normalisation, then convolutions and theirs by turns."""
    channels = _CHANNELS_IN[tower]
    shapes: list[list[tuple[int, ...]]] = [[(channels,)] * 4]
    for width in WIDTHS:
        shapes += [[(3, 3, channels, width), (width,)], [(width,)] * 4]
        channels = width
    return shapes[:-1]


def _layers(file: h5py.File, path: Path, tower: TowerName) -> list[list[Array]]:
    if "layer_names" not in file.attrs:
        raise WeightsError(f"{path} has no layer_names: it is no weight file of Keras; expected OpenL3's {tower} tower (linear, env)")
    named = [(name, _member(file, name, path)) for name in _names(file.attrs["layer_names"])]
    weighted = [(name, group, weights) for name, group in named if (weights := _names(group.attrs.get("weight_names", ())))]
    expected = _expected(tower)
    layers = []
    for index, (name, group, weights) in enumerate(weighted[: len(expected)]):
        datasets = [_member(group, weight, path) for weight in weights]
        found = [getattr(dataset, "shape", None) for dataset in datasets]
        if found != expected[index]:
            raise WeightsError(
                f"{path}: layer {index + 1} of {len(expected)} ({name}) has the shapes {_text(found)}, but OpenL3's {tower} tower "
                f"(linear, env) has {_text(expected[index])}; this is another network's file"
            )
        layers.append([_values(dataset, f"{path}: {name}") for dataset in datasets])
    if len(weighted) != len(expected):
        raise WeightsError(
            f"{path} has {len(weighted)} layers with weights, OpenL3's {tower} tower (linear, env) has {len(expected)}; "
            "this is another network's file"
        )
    return layers


def _names(attribute: Any) -> list[str]:
    return [name.decode() if isinstance(name, bytes) else str(name) for name in attribute]


def _text(shapes: Sequence[tuple[int, ...] | None]) -> str:
    return ", ".join("no array" if shape is None else "x".join(map(str, shape)) for shape in shapes)


def _member(group: h5py.Group, name: str, path: Path) -> Any:
    """A member by its path, each step a hard link: nothing outside the file is opened."""
    member: Any = group
    for part in name.split("/"):
        if not isinstance(member, h5py.Group) or (link := member.get(part, getlink=True)) is None:
            raise WeightsError(f"{path} names {name}, but doesn't hold it; fetch it again")
        if not isinstance(link, h5py.HardLink):
            raise WeightsError(f"{path}: {name} is a link ({type(link).__name__}), which is not followed; fetch the released file")
        member = member[part]
    return member


def _values(dataset: h5py.Dataset, where: str) -> Array:
    if dataset.external or dataset.is_virtual:
        raise WeightsError(f"{where} keeps its values in another file, which is not opened; fetch the released file")
    if dataset.dtype.kind != "f":
        raise WeightsError(f"{where} holds {dataset.dtype}, not floating-point numbers; this is another network's file")
    values = np.asarray(dataset[()], np.float32)
    if not np.isfinite(values).all():
        raise WeightsError(f"{where} holds values that are not finite; fetch it again")
    return values
