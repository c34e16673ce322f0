"""Clean-FID's own resize and network as a backend, for who doubts ours; slower, and it runs the weight file's program."""

import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.inception_network import FEATURES
from adis_bench.extractors.weights import Weights

_FILE_NAME = "inception-2015-12-05.pt"
"""Clean-FID takes a folder, and this name in it. Source: GaParmar/clean-fid 0.1.35, inception_torchscript.py."""

Network = Callable[[torch.Tensor], torch.Tensor]


class CleanFid:
    """One of Clean-FID's modes, from a weight file that is already there: nothing is fetched.

    Args:
        mode: ``clean``, ``legacy_pytorch`` or ``legacy_tensorflow``.
        weights: TorchScript programs are code: the file must come from ``located``, which knows its digest or was
            told to admit it.
        device: torch device name.

    Raises:
        ConfigError: the package is not installed.
        WeightsError: the file has another name than the one that Clean-FID looks for.
    """

    def __init__(self, mode: str, weights: Weights, device: str) -> None:
        self.version = "clean-fid " + _required_version()
        self._resize: Callable[[NDArray[np.uint8]], NDArray[Any]] = _part("resize").build_resizer(mode)
        self._device = torch.device(device)
        self._network = _state_dict_network(weights.path) if mode == "legacy_pytorch" else _script_network(weights.path, mode)
        self._network.to(self._device)

    @torch.inference_mode()
    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """float32 [N, 2048] of uint8 [N, H, W, 3], image by image up to the network, as Clean-FID's loader does."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it passes a mode that Pillow deprecates
            resized = np.stack([self._resize(image).transpose(2, 0, 1) for image in images])
        # Images that the network file resizes are scaled to 0-1 and back by its loader; it moves them by 1e-5.
        planes = resized.astype(np.float32) / np.float32(255) * np.float32(255) if resized.dtype == np.uint8 else resized
        features: torch.Tensor = self._network(torch.from_numpy(planes).to(self._device))
        return features.reshape(-1, FEATURES).float().cpu().numpy()


def _required_version() -> str:
    try:
        _part("resize")
        return version("clean-fid")
    except ImportError as error:
        raise ConfigError(f'backend = "clean-fid" needs its package ({error}); install it with `pip install clean-fid`') from error


def _part(name: str) -> ModuleType:
    return import_module(f"cleanfid.{name}")


def _script_network(path: Path, mode: str) -> torch.nn.Module:
    if path.name != _FILE_NAME:
        raise WeightsError(f'{path}: clean-fid looks for the name {_FILE_NAME}; rename the file, or leave out backend = "clean-fid"')
    with warnings.catch_warnings():
        # The file is a TorchScript program and nothing else; that torch moves on to another format is no news for its user.
        warnings.filterwarnings("ignore", message=".*torch.jit.*is deprecated")
        network: torch.nn.Module = _part("inception_torchscript").InceptionV3W(
            str(path.parent), download=False, resize_inside=mode == "legacy_tensorflow"
        )
    return network.eval()


class _ScaledToOne(torch.nn.Module):
    """pytorch-fid's network takes 0-1. Source: GaParmar/clean-fid 0.1.35, features.py: ``feature_extractor``."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.network(planes / 255)[0]
        return features


def _state_dict_network(path: Path) -> torch.nn.Module:
    module: Any = _part("inception_pytorch")
    fetch = module.load_state_dict_from_url
    # Its constructor knows a URL only; the file that the URL would give is here, and was checked.
    module.load_state_dict_from_url = lambda *_, **__: torch.load(path, map_location="cpu", weights_only=True)
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore", UserWarning)  # it builds torchvision's network in a way that torchvision deprecates
            network: torch.nn.Module = module.InceptionV3(output_blocks=[3], resize_input=False)
    finally:
        module.load_state_dict_from_url = fetch
    return _ScaledToOne(network).eval()
