"""The source distribution is the checkout: what it is tested, documented and built with is in it."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.docs.written import ROOT

_STAYS = (".ci/", ".gitignore")
"""What only the repository's own machines and git need; the builder adds the latter by itself."""


def _listed(*options: str) -> set[str]:
    done = subprocess.run(["git", "ls-files", *options], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout: there are no tracked files to compare with")
    return {name for name in done.stdout.splitlines() if not name.startswith(_STAYS) and (ROOT / name).is_file()}


def test_every_tracked_file_is_in_the_source_distribution(tmp_path: Path):
    """Packages, tests, and the pages and settings that tests read are all there; nothing that git ignores is."""
    tracked, with_new = _listed(), _listed("-co", "--exclude-standard")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        found = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert tracked - found == set()
    assert found - with_new <= {"PKG-INFO", ".gitignore"}
