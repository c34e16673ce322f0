"""OpenL3 written down plainly: files of random weights in the released format, and the network in Keras' own order."""

from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn.functional as F

from adis_bench.extractors.openl3_weights import WIDTHS

N_CONVOLUTIONS = 8
Layers = list[list[np.ndarray]]


def random_layers(tower: str, seed: int = 0) -> Layers:
    """Weights of the tower's sixteen layers in file order; normalisations of both signs, so that none may be moved past a ReLU."""
    rng = np.random.default_rng(seed)
    channels = {"audio": 1, "image": 3}[tower]
    layers = [_norm(rng, channels)]
    for index, width in enumerate(WIDTHS):
        kernel = rng.standard_normal((3, 3, channels, width), np.float32) * np.float32(np.sqrt(2 / (9 * channels)))
        layers.append([kernel, 0.1 * rng.standard_normal(width, np.float32)])
        layers += [_norm(rng, width)] if index < N_CONVOLUTIONS - 1 else []
        channels = width
    return layers


def _norm(rng: np.random.Generator, n: int) -> list[np.ndarray]:
    gamma = rng.uniform(0.5, 1.5, n) * np.where(rng.random(n) < 0.3, -1, 1)
    parts = gamma, 0.1 * rng.standard_normal(n), 0.1 * rng.standard_normal(n), rng.uniform(0.5, 1.5, n)
    return [part.astype(np.float32) for part in parts]


def write_layers(path: Path, layers: Layers) -> Path:
    """Write a file as Keras does, with names that say nothing and layers without weights between."""
    with h5py.File(path, "w") as file:
        names = []
        for index, arrays in enumerate(layers):
            for name, parts in ((f"z{len(layers) - index:02}", arrays), (f"activation_{index}", [])):
                group = file.create_group(name)
                weights = [f"{name}/w{len(parts) - k}:0" for k in range(len(parts))]
                group.attrs["weight_names"] = [weight.encode() for weight in weights]
                for weight, values in zip(weights, parts, strict=True):
                    group.create_dataset(weight, data=values)
                names.append(name.encode())
        file.attrs["layer_names"] = names
    return path


def write_random(path: Path, tower: str, seed: int = 0) -> Path:
    """Write a file of random weights in the released format."""
    return write_layers(path, random_layers(tower, seed))


@torch.inference_mode()
def plain_features(maps: torch.Tensor, layers: Layers, tower: str) -> torch.Tensor:
    """float32 [N, 512, rows, columns] before the last pooling, of float32 [N, C, rows, columns]: each layer by itself."""
    norms = [layers[0], *layers[2::2]]
    features = _normalised(maps, norms[0])
    for index in range(N_CONVOLUTIONS):
        kernel, bias = layers[1 + 2 * index]
        features = F.conv2d(features, torch.from_numpy(kernel).permute(3, 2, 0, 1), torch.from_numpy(bias), padding=1)
        if index == N_CONVOLUTIONS - 1:
            break
        relu_first = tower == "image" and index == 1
        features = _normalised(features.relu(), norms[index + 1]) if relu_first else _normalised(features, norms[index + 1]).relu()
        features = F.max_pool2d(features, 2) if index in (1, 3, 5) else features
    return features


def _normalised(features: torch.Tensor, norm: list[np.ndarray]) -> torch.Tensor:
    gamma, beta, mean, variance = (torch.from_numpy(part) for part in norm)
    return F.batch_norm(features, mean, variance, gamma, beta, eps=1e-3)
