"""What extractors share whose weights others publish: the file, the settings, and what is stamped on results."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.weights import Weights, located
from adis_bench.files import digest_json

Network = TypeVar("Network")


class Origin(Protocol):
    """Where weights come from: a file of the catalogue (``weights.Weights``), or another package's own."""

    @property
    def sha256(self) -> str:
        """Of the weights, with all else that decides their numbers."""

    @property
    def verified(self) -> bool:
        """Whether that is a published digest."""

    def fact(self) -> str:
        """One line for a report."""


class Published(ABC, Generic[Network]):
    """An extractor on published weights: nothing is trained, and ``prepare`` opens them."""

    name: str
    description: str
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0
    batch_size: int
    version: ClassVar[int] = 1
    """Of the code between pixels or samples and the embedding."""
    weights_name: str
    """Row of the catalogue of weights."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Settings that a preset may change."""

    def __init__(self, options: ExtractorOptions) -> None:
        if unknown := sorted(set(options.settings) - set(self.defaults)):
            known = f"known: {', '.join(self.defaults)}" if self.defaults else "it has none"
            raise ConfigError(f"extractor {self.name} has no setting {', '.join(unknown)}; {known}")
        self._settings: dict[str, Any] = {**self.defaults, **options.settings}
        self._options = options
        self._loaded: tuple[Network, Origin] | None = None

    def _checked_backend(self, known: tuple[str, str]) -> str:
        """The setting ``backend``: our own code, or the original package, which has no bf16."""
        backend = self._settings["backend"]
        if backend not in known:
            raise ConfigError(f"extractor {self.name}: backend must be one of {', '.join(known)}, not {backend!r}")
        if backend != known[0] and self._options.precision != "float32":
            raise ConfigError(f"extractor {self.name}: backend = {backend!r} runs in float32 only, not in {self._options.precision}")
        return str(backend)

    def prepare(self, judge: Dataset) -> None:
        """Open the weights; nothing is trained."""
        self._loaded = self._opened()

    def _opened(self) -> tuple[Network, Origin]:
        weights = located(self.weights_name)
        return self._network(weights), weights

    @abstractmethod
    def _network(self, weights: Weights) -> Network:
        """The frozen network of a file of the catalogue."""

    @property
    def _ready(self) -> Network:
        return self._prepared[0]

    @property
    def _prepared(self) -> tuple[Network, Origin]:
        if self._loaded is None:
            raise ConfigError(f"extractor {self.name} was used before prepare(judge)")
        return self._loaded

    @property
    def digest(self) -> str:
        """sha256 over weights, settings, precision, code version, and the run's resolution for images."""
        resolution = self._options.resolution if self.modality == "image" else 0
        facts = [self.name, self.version, self._prepared[1].sha256, self._settings, resolution, self._options.precision]
        return digest_json([*facts, *self._stamps()])

    def _stamps(self) -> tuple[str, ...]:
        """What else decides the numbers."""
        return ()

    @abstractmethod
    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """See ``protocol.Extractor``."""

    def facts(self) -> Mapping[str, Any]:
        """Weights, what becomes of the input, every setting, and the precision."""
        origin = self._prepared[1]
        told = {"weights": origin.fact(), "verified": origin.verified, **self._input(), **self._told(), **self._settings}
        return {**told, "precision": self._options.precision}

    def _input(self) -> Mapping[str, str]:
        size = self._options.resolution
        return {"input": f"files brought to {size} x {size} px first (PIL bicubic, 8 bits)"} if self.modality == "image" else {}

    @abstractmethod
    def _told(self) -> Mapping[str, Any]:
        """Network and preprocessing in words, JSON-compatible."""
