"""Training of the correspondence network on the judge split, once, and finding it again."""

import io
import math
import pickle
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from adis_bench.extractors.efficientnet_lite0 import WEIGHTS_SHA256
from adis_bench.extractors.l3_augment import augment_sounds
from adis_bench.extractors.l3_data import JudgeData, Views, load_judge, n_frames, views_of
from adis_bench.extractors.l3_network import ImageTrunk, L3Network, contrastive_loss
from adis_bench.extractors.l3_settings import L3Settings
from adis_bench.files import cache_dir, digest_bytes, digest_json, write_bytes
from adis_bench.progress import bar

VERSION = 2
"""Of everything that determines the network besides data, settings and seed: towers, loss, augmentation, schedule."""


@dataclass(frozen=True)
class TrainedL3:
    """The frozen network with what is known of its training.

    Attributes:
        network: in evaluation mode.
        settings: with the trunk that was chosen.
        trunk: its image trunk.
        digest: sha256 of the weights and of what surrounds them.
        facts: JSON-compatible.
    """

    network: L3Network
    settings: L3Settings
    trunk: ImageTrunk
    digest: str
    facts: Mapping[str, Any]


_in_process: dict[tuple[Path, str], TrainedL3] = {}
"""Networks by file and device: both towers' extractors share one, and it is trained at most once per process."""


def trained(judge: Dataset, settings: L3Settings, resolution: int, seed: int, device: str = "cpu") -> TrainedL3:
    """The network of this judge split: from this process, from the cache, or trained now.

    It is found again by the digest of (judge split's content, settings, resolution, seed, version). A training
    that was killed leaves nothing behind and begins anew.

    Args:
        judge: the judge split's segments.
        settings: as given; what is left to the data is decided here.
        resolution: side in pixels at which frames are read.
        seed: of the first weights, the batches and the augmentation.
        device: torch device name.

    Raises:
        DataError: the judge split has fewer than two classes.
    """
    if len({segment.label for segment in judge.segments}) < 2:
        raise DataError(
            f"the judge split of {judge.root} has {len(judge.segments)} segments of fewer than two classes, and the offline protocol "
            "trains its correspondence network there; hold back more data with a larger --judge-split"
        )
    n_distinct = n_frames(judge)
    trunk, settings = settings.trunk(n_distinct), settings.resolved(judge.pairing, n_distinct)
    key = digest_json([VERSION, judge.digest, asdict(settings), resolution, seed, WEIGHTS_SHA256])
    path = cache_dir() / "models" / f"l3-{key}.pt"
    if (path, device) not in _in_process:
        with torch.random.fork_rng(devices=[]):  # first weights that are about to be replaced
            network = L3Network(trunk, settings.width, settings.dimensions)
        found = _read(path, network)
        if found is None:
            found = _train(load_judge(judge, resolution), settings, trunk, seed, device)
            buffer = io.BytesIO()
            torch.save(found, buffer)
            write_bytes(path, buffer.getvalue())
            network.load_state_dict(found["weights"])
        network.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        digest = digest_json([VERSION, _weights_digest(found["weights"]), asdict(settings), resolution, WEIGHTS_SHA256])
        _in_process[path, device] = TrainedL3(network, settings, trunk, digest, found["facts"])
    return _in_process[path, device]


def _weights_digest(weights: Mapping[str, torch.Tensor]) -> str:
    return digest_bytes(b"".join(name.encode() + tensor.contiguous().numpy().tobytes() for name, tensor in sorted(weights.items())))


def _read(path: Path, network: L3Network) -> dict[str, Any] | None:
    """A trained network from the cache, its weights put into ``network``; a damaged or foreign file counts as absent."""
    try:
        found = torch.load(path, weights_only=True, map_location="cpu")
        network.load_state_dict(found["weights"])
        return {"weights": dict(found["weights"]), "facts": dict(found["facts"])}
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError):
        return None


def _train(data: JudgeData, settings: L3Settings, trunk: ImageTrunk, seed: int, device: str) -> dict[str, Any]:
    """Weights on the CPU, and facts."""
    started = time.monotonic()
    views = views_of(data, trunk, settings.image_size, seed)
    # Layers draw their first weights and dropout from torch's global generator: it is lent to them and given back.
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = L3Network(trunk, settings.width, settings.dimensions).to(device).to(memory_format=torch.channels_last)
        loss = _optimise(network, data, views, settings, seed)
    facts = {
        "n_segments": len(data.labels),
        "n_frames": len(data.frames),
        "settings": asdict(settings),
        "seed": seed,
        "final_loss": loss,
        "train_seconds": round(time.monotonic() - started, 1),
    }
    return {"weights": {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}, "facts": facts}


def _optimise(network: L3Network, data: JudgeData, views: Views, settings: L3Settings, seed: int) -> float:
    """Train in place; returns the mean loss of the last tenth of the steps."""
    draws, noise, device = np.random.default_rng(seed), torch.Generator().manual_seed(seed), network.log_scale.device
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, settings.steps))
    losses: list[float] = []
    network.train()
    with bar("judge: training the correspondence network", settings.steps) as running:
        for _ in range(settings.steps):
            segments = balanced(data.labels, settings.batch_size, draws)
            rows = [data.frames_of[s][draws.integers(len(data.frames_of[s]))] for s in segments]
            images = network.embed_images(views.draw(rows, noise).to(device))
            sounds = network.embed_sounds(augment_sounds(data.mel[segments], settings.gain_db, noise).to(device))
            positive = positives(segments, data.labels, settings.same_class or 0.0).to(device)
            loss = contrastive_loss(images, sounds, network.log_scale, positive)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
            running.advance()
            running.note(f"loss {losses[-1]:.3f}")
    return float(np.mean(losses[-max(1, settings.steps // 10) :]))


def _rate(step: int, n_steps: int) -> float:
    """Share of the peak learning rate: a short warm-up, then a half cosine to 0."""
    return min((step + 1) / max(1, n_steps // 20), 0.5 + 0.5 * math.cos(math.pi * step / n_steps))


def balanced(labels: NDArray[np.int64], n: int, draws: np.random.Generator) -> NDArray[np.int64]:
    """Draw n segments, the classes as evenly as can be, so that a rare class is heard as often as a common one."""
    classes = np.unique(labels)
    order = np.concatenate([draws.permutation(classes) for _ in range(-(-n // len(classes)))])[:n]
    return np.array([draws.choice(np.flatnonzero(labels == label)) for label in order])


def positives(segments: NDArray[np.int64], labels: NDArray[np.int64], same_class: float) -> torch.Tensor:
    """What counts as belonging together in a batch.

    Args:
        segments: int64 [N], drawn rows; may repeat.
        labels: int64 [S], classes of all rows.
        same_class: share that the segments of the same class get, 0 to 1; the segment itself has the rest.

    Returns:
        float32 [N, N] whose rows sum to 1.
    """
    own = (segments[:, None] == segments).astype(np.float64)
    alike = (labels[segments][:, None] == labels[segments]).astype(np.float64)
    shares = (1 - same_class) * own / own.sum(1, keepdims=True) + same_class * alike / alike.sum(1, keepdims=True)
    return torch.from_numpy(shares.astype(np.float32))
