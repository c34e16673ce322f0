"""The reference ADIS model: networks, losses, audio encoder, objective and trainer."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference_model.released import ReleasedModel, import_released

__all__ = ["ReleasedModel", "import_released"]


def __getattr__(name: str) -> Any:
    # torch takes seconds to import, and `adis-bench --help` looks into this package.
    if name in __all__:
        from reference_model import released

        return getattr(released, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
