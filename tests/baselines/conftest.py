"""The reference model's small world and its own cache, for baselines too."""

from tests.reference_model.conftest import _own_cache, world

__all__ = ["_own_cache", "world"]
