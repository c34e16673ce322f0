"""Random generators that depend on names and numbers only, never on global state or on the order of calls."""

import numpy as np

from adis_bench.files import digest_json


def generator(*parts: str | int) -> np.random.Generator:
    """A generator seeded by what it is for: ``generator("pairs", dataset.digest, seed)``."""
    return np.random.default_rng(int(digest_json(list(parts))[:32], 16))
