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
    lacks = lacking(BEST if wanted == AUTO else wanted)
    if wanted != AUTO:
        if lacks:
            say(f"{wanted}: {lacks}")
        return wanted
    if not lacks:
        say(f"protocol: {BEST}, since all its {len(weights_of(BEST))} weight files are here")
        return BEST
    say(f"protocol: {FALLBACK}, since {lacks}")
    return FALLBACK


def lacking(protocol: str) -> str:
    """How many weight files of a protocol are missing or wrong, which, and what gets them; empty where all are here."""
    needed = weights_of(protocol)
    states = {name: state_of(entry(name)) for name in needed}
    missing, wrong = ([name for name, state in states.items() if state == found] for found in ("missing", "wrong digest"))
    parts = []
    if missing:
        parts.append(f"{len(missing)} of {len(needed)} weight files of {protocol} are not here ({', '.join(missing)})")
    if wrong:
        parts.append(f"{len(wrong)} of {len(needed)} have a wrong digest ({', '.join(wrong)}): damaged, or other files")
    return " and ".join(parts) + f"; `adis-bench weights fetch --protocol {protocol}` gets them" if parts else ""
