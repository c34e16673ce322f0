"""`adis-bench check` names what stands in the way."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from adis_bench import diagnosis, registry
from adis_bench.diagnosis import diagnose
from adis_bench.errors import WeightsError


def _not_fine() -> dict[str, str]:
    return {finding.what: finding.text for finding in diagnose() if not finding.fine}


def test_all_is_well():
    """In this environment nothing stands in the way, and what counts is shown."""
    found = {finding.what: finding.text for finding in diagnose()}
    assert _not_fine() == {}
    assert "torch" in found["versions"]
    assert "10 metrics" in found["protocol offline"]
    assert "EfficientNet-Lite0" in found["weights"]


def test_shadowed_and_broken_plugins(monkeypatch: pytest.MonkeyPatch):
    """A name that two packages registered, and a plug-in that cannot be imported, are named with the cause."""
    real = registry.entry_points
    added = [
        EntryPoint("ours", "elsewhere.method:Mine", "adis_bench.methods"),
        EntryPoint("torn", "no_such_module:Torn", "adis_bench.methods"),
    ]

    def more(*, group: str) -> list[EntryPoint]:
        return [*real(group=group), *(added if group == "adis_bench.methods" else [])]

    monkeypatch.setattr(registry, "entry_points", more)
    monkeypatch.setattr(diagnosis, "entry_points", more)
    registry._entries.cache_clear()
    try:
        found = _not_fine()
    finally:
        monkeypatch.undo()
        registry._entries.cache_clear()
    assert "elsewhere.method:Mine is shadowed by reference_model.ours:Ours" in found["methods 'ours'"]
    assert "ModuleNotFoundError: No module named 'no_such_module'" in found["methods"]
    assert len(found) == 2


def test_shadowed_package(tmp_path: Path):
    """A folder `reports` that Python finds before ours is named with the place where it lies."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").write_text("")
    code = "import sys; sys.path.insert(0, sys.argv[1]); from adis_bench.diagnosis import _shadowed_packages as s; print(s()[0])"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "import reports" in done.stdout
    assert str(tmp_path / "reports") in done.stdout


def test_other_weights(monkeypatch: pytest.MonkeyPatch):
    """Weights that are not the ones that scores rest on are named with the remedy."""

    def refuse(*_: object) -> None:
        raise WeightsError("not the ones; reinstall")

    monkeypatch.setattr("adis_bench.extractors.efficientnet_lite0.load_network", refuse)
    assert _not_fine() == {"weights": "not the ones; reinstall"}


def test_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch):
    """A cache folder that cannot be written is named with the variable that chooses another one."""
    monkeypatch.setattr(diagnosis.os, "access", lambda *_: False)
    assert "ADIS_BENCH_CACHE" in _not_fine()["cache"]
