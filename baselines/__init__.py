"""Label-driven baselines on the reference model's trainer and networks."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baselines.original import OriginalModel, import_original

__all__ = ["OriginalModel", "import_original"]


def __getattr__(name: str) -> Any:
    # torch takes seconds to import, and `adis-bench --help` looks into this package.
    if name in __all__:
        from baselines import original

        return getattr(original, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
