"""The catalogue of weight files that others publish, and the folder of those that are here.

Nothing is opened before its digest matched: some of these files hold code that runs when they are loaded.
"""

import csv
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.files import cache_dir
from adis_bench.registry import unknown

State = Literal["verified", "unpublished digest", "admitted", "wrong digest", "missing"]
ADMITTED_SUFFIX = ".unverified"
"""A file of this name beside a weight file holds the sha256 that somebody admitted with ``--allow-unverified``."""


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A row of the catalogue.

    Source: the suite's table of weights with the origin of every digest (protocol.md, D); OpenAI's digests are part of their URLs;
    that of pytorch-fid's Inception (its name has the first eight digits; torch-fidelity publishes the same bytes) is pinned in full,
    with its size, by public projects that use either address.

    Attributes:
        name: what ``adis-bench weights`` calls it.
        purpose: what rests on it.
        url: where it is published; empty where there is no direct address.
        file_name: as published, and here.
        n_bytes: size, or None where it isn't known.
        sha256: all 64 hex digits, or None where none is published.
        git_blob_sha1: git's digest of the file, where it is published in a repository.
        licence: of the weights.
        commercial_use: ``yes``, ``no`` or ``unknown``.
    """

    name: str
    purpose: str
    url: str
    file_name: str
    n_bytes: int | None
    sha256: str | None
    git_blob_sha1: str | None
    licence: str
    commercial_use: Literal["yes", "no", "unknown"]

    def matches(self, digests: "Digests") -> bool:
        """Whether a file has the published digest; False where none is published."""
        if self.sha256:
            return digests.sha256 == self.sha256
        return self.git_blob_sha1 is not None and digests.git_blob_sha1 == self.git_blob_sha1

    @property
    def published(self) -> str:
        """The published digest in words; empty where there is none."""
        if self.sha256:
            return f"sha256 {self.sha256}"
        return f"git blob sha1 {self.git_blob_sha1}" if self.git_blob_sha1 else ""


@dataclass(frozen=True, slots=True)
class Digests:
    """Of a file's bytes, as hex."""

    sha256: str
    git_blob_sha1: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A file that may be opened.

    Attributes:
        path: where it lies.
        sha256: of its bytes.
        verified: whether that is the published digest.
        reason: why it is not verified; empty otherwise.
    """

    path: Path
    sha256: str
    verified: bool
    reason: str = ""

    def fact(self) -> str:
        """One line for what an extractor says of itself."""
        return f"{self.path.name}, sha256 {self.sha256}" + (f", UNVERIFIED: {self.reason}" if self.reason else "")


@cache
def catalogue() -> Mapping[str, WeightFile]:
    """All rows by name, in the order of the file."""
    text = files("adis_bench.extractors").joinpath("weight_catalogue.csv").read_text(encoding="utf-8")
    return {row["name"]: _row(row) for row in csv.DictReader(text.splitlines())}


def _row(row: Mapping[str, str]) -> WeightFile:
    return WeightFile(
        name=row["name"],
        purpose=row["purpose"],
        url=row["url"],
        file_name=row["file_name"],
        n_bytes=int(row["n_bytes"]) if row["n_bytes"] else None,
        sha256=row["sha256"] or None,
        git_blob_sha1=row["git_blob_sha1"] or None,
        licence=row["licence"],
        commercial_use=row["commercial_use"],  # type: ignore[arg-type]
    )


def entry(name: str) -> WeightFile:
    """A row of the catalogue.

    Raises:
        ConfigError: no such name; near ones are suggested.
    """
    if name not in catalogue():
        raise ConfigError(unknown("weight file", name, list(catalogue())))
    return catalogue()[name]


def weights_dir() -> Path:
    """The folder of weight files: ``ADIS_BENCH_WEIGHTS``, or ``weights`` in the cache."""
    named = os.environ.get("ADIS_BENCH_WEIGHTS")
    return Path(named).expanduser().resolve() if named else cache_dir() / "weights"


def place(weight: WeightFile) -> Path:
    """Where a weight file lies, or would."""
    return weights_dir() / weight.file_name


def digests_of(path: Path) -> Digests:
    """Digests of a file; computed once per process while it stays the same."""
    facts = path.stat()
    return _digests(path, facts.st_size, (facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns))


@lru_cache(maxsize=64)
def _digests(path: Path, n_bytes: int, identity: tuple[int, int, int]) -> Digests:
    sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % n_bytes, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            sha256.update(chunk)
            blob.update(chunk)
    return Digests(sha256.hexdigest(), blob.hexdigest())


def state_of(weight: WeightFile) -> State:
    """What is known of the file that is here."""
    path = place(weight)
    if not path.is_file():
        return "missing"
    digests = digests_of(path)
    if weight.matches(digests):
        return "verified"
    if not weight.published:
        return "unpublished digest"
    return "admitted" if _admitted(path) == digests.sha256 else "wrong digest"


def _admitted(path: Path) -> str:
    try:
        return path.with_name(path.name + ADMITTED_SUFFIX).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def located(name: str) -> Weights:
    """The file of a catalogue row, ready to be opened.

    Raises:
        ConfigError: no such row.
        WeightsError: the file isn't there, or is another one.
    """
    weight = entry(name)
    path, state = place(weight), state_of(weight)
    if state == "missing":
        raise WeightsError(f"weights {name!r} are not here ({path.name}); {remedy(weight)}")
    sha256 = digests_of(path).sha256
    if state == "wrong digest":
        raise WeightsError(f"{mismatch(weight, path)}; delete it and {remedy(weight)}")
    reasons = {
        "unpublished digest": "no digest was ever published for this file",
        "admitted": "admitted with --allow-unverified",
    }
    return Weights(path, sha256, state == "verified", reasons.get(state, ""))


def mismatch(weight: WeightFile, path: Path) -> str:
    """Both digests of a file that is not the published one."""
    found = digests_of(path)
    mine = f"sha256 {found.sha256}" if weight.sha256 else f"git blob sha1 {found.git_blob_sha1}"
    return f"{path} is not {weight.name}: {mine}, published {weight.published}"


def remedy(weight: WeightFile) -> str:
    """What to do about a file that is missing or wrong."""
    if not weight.url:
        return f"get {weight.file_name} and run `adis-bench weights import FILE`"
    return f"run `adis-bench weights fetch {weight.name}`, or get {weight.url} elsewhere and run `adis-bench weights import FILE`"
