"""What a run ran on is recorded, and threads follow the machine or the user."""

import os
import subprocess
import sys

import pytest

import adis_bench
from adis_bench import environment
from adis_bench.environment import MAX_THREADS, git_state, set_threads, versions


def test_versions():
    """The versions hold Python's, ours and torch's."""
    import torch

    found = versions()
    assert found["adis-bench"] == adis_bench.__version__
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["torch"].partition("+")[0] == torch.__version__.partition("+")[0]


def test_a_copy_in_a_foreign_repository_has_no_commit(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Installed under somebody else's repository, the commit of that repository is not ours."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    package = tmp_path / "site-packages" / "adis_bench"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(adis_bench, "__file__", str(package / "__init__.py"))
    assert git_state() == environment.GitState(None, None)


def test_a_checkout_has_a_commit(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """In a checkout the commit is recorded, and a changed file makes it dirty."""

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        return subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    package = tmp_path / "adis_bench"
    package.mkdir()
    (package / "__init__.py").write_text("")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "x")
    monkeypatch.setattr(adis_bench, "__file__", str(package / "__init__.py"))
    assert git_state() == environment.GitState(git("rev-parse", "HEAD"), False)
    (package / "__init__.py").write_text("changed")
    assert git_state().dirty is True


def test_without_git(monkeypatch: pytest.MonkeyPatch):
    """Where there is no git, the state is unknown."""
    monkeypatch.setenv("PATH", "")
    assert git_state() == environment.GitState(None, None)


@pytest.mark.parametrize(("cores", "expected"), [(2, 2), (64, MAX_THREADS)])
def test_threads_follow_the_cores(monkeypatch: pytest.MonkeyPatch, cores: int, expected: int):
    """Torch is given the cores that the process may use, up to a bound."""
    given = []
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr("torch.set_num_threads", given.append)
    set_threads()
    assert given == [expected]


def test_the_user_decides_threads(monkeypatch: pytest.MonkeyPatch):
    """OMP_NUM_THREADS is left as it is."""
    given = []
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("torch.set_num_threads", given.append)
    set_threads()
    assert given == []
