"""What ``adis-bench check`` looks at."""

import importlib.util
import os
import shutil
from collections import defaultdict
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import adis_bench
from adis_bench.configuration import load_protocol, names_in
from adis_bench.environment import git_state, versions
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.needed import lacking
from adis_bench.files import cache_dir
from adis_bench.registry import GROUPS, load, plugins

_OUR_PACKAGES = ("adis_bench", "baselines", "reference_model", "reports")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check; not ``fine`` means that something stands in the way."""

    what: str
    text: str
    fine: bool = True


def diagnose() -> list[Finding]:
    """Look at everything that a run needs."""
    return [
        Finding("versions", ", ".join(f"{name} {version}" for name, version in versions().items())),
        _code(),
        *_devices(),
        _cache(),
        _weights(),
        _models(),
        *_protocols(),
        *_plugins(),
        *_shadowed_plugins(),
        *_shadowed_packages(),
    ]


def _code() -> Finding:
    state = git_state()
    where = Path(adis_bench.__file__).parent
    if state.commit is None:
        return Finding("code", f"{where} (installed, no checkout)")
    return Finding("code", f"{where} at {state.commit[:12]}{', changed' if state.dirty else ''}")


def _devices() -> list[Finding]:
    import torch

    gpus = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [Finding("device", f"{cores} CPU cores, {', '.join(gpus) if gpus else 'no GPU that torch can use'}")]


def _cache() -> Finding:
    folder = cache_dir()
    above = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(above, os.W_OK):
        return Finding("cache", f"{folder} cannot be written; set ADIS_BENCH_CACHE to a folder of yours", fine=False)
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
    free = shutil.disk_usage(above).free
    return Finding("cache", f"{folder}: {used / 1e6:.0f} MB used, {free / 1e9:.1f} GB free", fine=free > 1e9)


def _weights() -> Finding:
    """Whether the weights that come inside a package are the ones that scores rest on."""
    from adis_bench.extractors.efficientnet_lite0 import WEIGHTS_SHA256, load_network

    try:
        load_network(128, "cpu")
    except WeightsError as error:
        return Finding("weights", str(error), fine=False)
    return Finding("weights", f"EfficientNet-Lite0 (ImageNet), sha256 {WEIGHTS_SHA256[:12]}, as it should be")


def _models() -> Finding:
    names = sorted(path.stem for path in (cache_dir() / "models").glob("*") if not path.name.startswith("."))
    return Finding("trained here", ", ".join(names) or "no models in the cache yet: `adis-bench run` trains what it needs")


def _protocols() -> list[Finding]:
    """Whether each protocol's extractors and metrics can be imported, and which weight files it lacks: no fault, `offline` needs none."""
    found = []
    for name in names_in("protocols"):
        protocol = load_protocol(name)
        problems = [_problem("extractors", e) for e in protocol.extractors] + [_problem("metrics", m) for m in protocol.metrics]
        bad = [problem for problem in problems if problem]
        counts = f"{len(protocol.metrics)} metrics, {len(protocol.extractors)} extractors"
        found.append(
            Finding(f"protocol {name}", "; ".join(bad) or f"{counts}; {lacking(name) or 'all its weight files are here'}", not bad)
        )
    return found


def _problem(group: str, name: str) -> str:
    try:
        load(group, name)  # type: ignore[arg-type]
    except ConfigError as error:
        return str(error)
    return ""


def _plugins() -> list[Finding]:
    found = []
    for group in GROUPS:
        known = plugins(group)
        bad = [problem for plugin in known if (problem := _problem(group, plugin.name))]
        others = sorted({p.distribution for p in known if not p.distribution.startswith("adis-bench ")})
        origin = f" ({', '.join(others)} among their packages)" if others else ""
        found.append(Finding(group, "; ".join(bad) or f"{len(known)} can be imported{origin}", not bad))
    return found


def _shadowed_plugins() -> list[Finding]:
    """Names that several packages registered: only the first one found is used."""
    found = []
    for group in GROUPS:
        values: dict[str, set[str]] = defaultdict(set)
        for entry in entry_points(group=f"adis_bench.{group}"):
            values[entry.name].add(entry.value)
        used = {plugin.name: plugin.value for plugin in plugins(group)}
        for name, registered in values.items():
            found += [
                Finding(f"{group} {name!r}", f"{value} is shadowed by {used[name]}; rename one of them", fine=False)
                for value in sorted(registered - {used[name]})
            ]
    return found


def _shadowed_packages() -> list[Finding]:
    """Our import packages that Python would take from elsewhere, such as a folder ``reports`` on PYTHONPATH."""
    home = Path(adis_bench.__file__).resolve().parent.parent
    found = []
    for name in _OUR_PACKAGES:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin is None or origin.parent.parent != home:
            found.append(
                Finding(
                    f"import {name}",
                    f"comes from {origin or 'nowhere'}, not from {home / name}; mend PYTHONPATH or the current folder",
                    fine=False,
                )
            )
    return found or [Finding("imports", f"{', '.join(_OUR_PACKAGES)} come from {home}")]
