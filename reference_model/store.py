"""Where trained models live: in the package (the demo world's), or in the cache, found by what determines them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import BaseModel, Field, ValidationError
from torch import nn

from adis_bench.errors import WeightsError
from adis_bench.files import atomic_path, cache_dir, digest_file, digest_json, write_json
from adis_bench.state_dicts import compare, read_table, shapes_built, shapes_of, unusable_entries

CODE_VERSION = 3
"""Raised when the networks, the losses, the draw of batches or the loop change what training ends with."""
PACKAGED = Path(__file__).parent / "demo_models"
"""Models that come with the package; one file per method and its provenance beside it."""
WEIGHTS_NAME, PROVENANCE_NAME = "model.pt", "provenance.json"
Network = TypeVar("Network", bound=nn.Module)
_AGAIN = "train it again (a run's own with --retrain), or import it again"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What determines a trained model.

    Attributes:
        method: the method's name.
        settings: every setting, flat.
        telling: those of them that the digest rests on.
        resolution: side of the images in pixels.
        seed: seed of the training.
        labels: the dataset's labels, in order.
        data_digest: digest of the training segments.
        data_recipe: how the dataset was made. The packaged demo models are found by this: the demo world's
            bytes may differ in a last bit between processors, its recipe doesn't.
        initial: digest of the weights that it starts from; empty where those are random.
    """

    method: str
    settings: Mapping[str, Any]
    telling: Mapping[str, Any]
    resolution: int
    seed: int
    labels: tuple[str, ...]
    data_digest: str
    data_recipe: Mapping[str, Any]
    initial: str = ""

    @property
    def digest(self) -> str:
        """sha256 over everything but the data's recipe, and the code version."""
        return digest_json([CODE_VERSION, self._without_data(), self.data_digest])

    @property
    def packaged_digest(self) -> str:
        """sha256 with the data's recipe in place of its content."""
        # The demo world's other splits do not reach the training.
        counts = {"train": self.data_recipe.get("counts", {}).get("train")}
        return digest_json([CODE_VERSION, self._without_data(), {**self.data_recipe, "counts": counts}])

    def _without_data(self) -> list[Any]:
        return [self.method, dict(self.telling), self.resolution, self.seed, list(self.labels), self.initial]


def find(recipe: Recipe) -> Path | None:
    """The folder of a finished model for this recipe: in the cache, else in the package."""
    cached = folder(recipe)
    if (cached / PROVENANCE_NAME).is_file():
        return cached
    packaged = PACKAGED / folder_name(recipe.method)
    provenance = packaged / PROVENANCE_NAME
    if provenance.is_file() and json.loads(provenance.read_text())["packaged_digest"] == recipe.packaged_digest:
        return packaged
    return None


def folder(recipe: Recipe) -> Path:
    """Where this recipe's model and its checkpoint belong in the cache."""
    return cache_folder(recipe.method, recipe.digest)


def cache_folder(method: str, digest: str) -> Path:
    """The cache's folder of a model by its digest."""
    return cache_dir() / "models" / f"{folder_name(method)}-{digest[:16]}"


def folder_name(method: str) -> str:
    """A method's name as part of a path: named variants have a colon in theirs."""
    return method.replace(":", "-")


class _Told(BaseModel):
    """What a provenance must say before it is believed: the file may come from anybody."""

    method: str
    digest: str
    settings: dict[str, Any]
    weights_sha256: str
    resolution: int = Field(strict=True, ge=16, le=4096, multiple_of=4)
    labels: list[str]
    n_parameters: int = 0
    imported_from: list[dict[str, str]] = []


def save(inference: nn.Module, path: Path, provenance: Mapping[str, Any]) -> None:
    """Write weights (floats as float32), then the provenance that makes them count as finished."""
    # Half would be enough for the weights, but not for a batch norm's running variance of raw magnitudes.
    state = {name: (v.float() if v.is_floating_point() else v).cpu().contiguous() for name, v in inference.state_dict().items()}
    # A stream, since torch writes a path's name into the file: equal weights shall give equal bytes.
    with atomic_path(path / WEIGHTS_NAME) as temporary, temporary.open("wb") as stream:
        torch.save(state, stream)
    n_parameters = sum(p.numel() for p in inference.parameters())
    write_json(path / PROVENANCE_NAME, {**provenance, "n_parameters": n_parameters, "weights_sha256": digest_file(path / WEIGHTS_NAME)})


def read_provenance(path: Path, method: str | None = None) -> dict[str, Any]:
    """What a model folder says of its model.

    Raises:
        WeightsError: no model, a damaged one, or the model of another method than the one that is asked for.
    """
    try:
        provenance: dict[str, Any] = json.loads((path / PROVENANCE_NAME).read_text())
        _Told.model_validate(provenance)
        made_by = provenance["method"]
    except ValidationError as error:
        first = error.errors()[0]
        named = ".".join(str(part) for part in first["loc"])
        raise WeightsError(f"{path / PROVENANCE_NAME}: {named or 'table'}: {first['msg']}; make or import the model again") from error
    except (OSError, ValueError, RecursionError) as error:
        cause = f"{type(error).__name__}: {error}"
        raise WeightsError(f"{path / PROVENANCE_NAME} cannot be read ({cause}); make or import the model again") from error
    if method not in (None, made_by):
        raise WeightsError(f"{path} holds a model of method {made_by!r}, not {method!r}; write its own name before the path")
    return provenance


def load(build: Callable[[], Network], path: Path) -> tuple[Network, dict[str, Any]]:
    """The networks that ``build`` makes, with a folder's weights, and the provenance of these.

    Raises:
        WeightsError: the file is damaged or of another model (the entries that differ are named).
    """
    weights = path / WEIGHTS_NAME
    try:
        provenance: dict[str, Any] = json.loads((path / PROVENANCE_NAME).read_text())
        found, told = digest_file(weights), provenance["weights_sha256"]
        if found != told:
            raise WeightsError(f"{weights} has digest {found[:12]}, its provenance says {told[:12]}; {_AGAIN}")
        state = read_table(weights)
        shapes = shapes_of(state)
        if unusable := unusable_entries(state):
            raise WeightsError(f"{weights}: {unusable}; {_AGAIN}")
    except WeightsError:
        raise
    except Exception as error:  # torch raises many kinds for a damaged file
        raise WeightsError(f"{weights} cannot be read ({type(error).__name__}); {_AGAIN}") from error
    difference = compare(shapes_built(build), shapes)  # a foreign provenance may ask for networks of any size
    if difference:
        raise WeightsError(f"{weights} is of another model: {difference}; {_AGAIN}")
    inference = build()
    inference.load_state_dict(state)
    return inference, provenance
