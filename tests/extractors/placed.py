"""Extractors on published weights, as if their file lay among the weights; and what all of them promise."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from adis_bench.datasets.records import Dataset
from adis_bench.extractors import published
from adis_bench.extractors.protocol import ExtractorOptions
from adis_bench.extractors.published import Published
from adis_bench.extractors.weights import Weights
from adis_bench.files import digest_file

Kind = TypeVar("Kind", bound=Published)


def prepared(monkeypatch: pytest.MonkeyPatch, kind: type[Kind], path: Path, resolution: int = 128, **options: object) -> Kind:
    """A prepared extractor on the weights of ``path``."""
    monkeypatch.setattr(published, "located", lambda name: Weights(path, digest_file(path), verified=False))
    extractor = kind(ExtractorOptions(resolution, **options))  # type: ignore[arg-type]
    extractor.prepare(Dataset.__new__(Dataset))
    return extractor


def assert_stamped(first: Published, others: Sequence[Published], same: Published) -> None:
    """Every one of ``others`` has another digest, ``same`` the first's; facts are JSON, and say that nobody vouches for the file."""
    assert len({extractor.digest for extractor in (first, *others)}) == 1 + len(others)
    assert same.digest == first.digest
    facts = first.facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["verified"] is False
