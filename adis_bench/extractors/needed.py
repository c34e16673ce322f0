"""Which weight files a protocol needs, and which protocol this machine has the files for."""

from adis_bench.configuration import load_protocol
from adis_bench.extractors.weights import entry, state_of
from adis_bench.progress import say
from adis_bench.registry import load

AUTO, BEST, FALLBACK = "auto", "paper", "offline"
"""``auto`` is ``paper`` where all its files are here, else ``offline``, which needs none."""


def weights_of(protocol: str) -> tuple[str, ...]:
    """Catalogue names of the files that a protocol's extractors open, each once."""
    kinds = (load("extractors", name) for name in load_protocol(protocol).extractors)
    names = (getattr(kind, "weights_name", None) for kind in kinds)
    return tuple(dict.fromkeys(name for name in names if name))


def protocol_for(wanted: str) -> str:
    """``wanted``, or what ``auto`` means on this machine, which is said."""
    if wanted != AUTO:
        return wanted
    needed = weights_of(BEST)
    lacking = [name for name in needed if state_of(entry(name)) in ("missing", "wrong digest")]
    if not lacking:
        say(f"protocol: {BEST}, since all its {len(needed)} weight files are here")
        return BEST
    say(
        f"protocol: {FALLBACK}, since {len(lacking)} of {len(needed)} weight files of {BEST} are not here; "
        f"`adis-bench weights fetch --protocol {BEST}` gets them"
    )
    return FALLBACK
