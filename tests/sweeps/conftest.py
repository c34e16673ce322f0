"""A finished run of made-up methods, judged by their mean colour: made in a second."""

import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from adis_bench import registry
from adis_bench.datasets.records import Dataset
from tests.conftest import tiny_dataset
from tests.sweeps.plugins import Painter

METHODS = ("levelled", "painter", "deaf", "labelled", "elsewhere")
OTHERS = {
    "extractors": {"mean_color": "MeanColor"},
    "metrics": {"heard": "Heard", "darkness": "Brightness", "like_target": "TargetFrame"},
    "reports": {"html": "no_report"},  # nobody looks at it, and it takes a second
    "methods": {name: name.capitalize() for name in METHODS},
}
PRESET = 'description = "tests"\nresolution = 16\nn_pairs = 18\n[demo]\nn_train = 8\nn_judge = 8\nn_test = 8\nseed = 0\n'
PROTOCOL = """version = 1
description = "tests"
extractors = ["mean_color"]
metrics = ["heard", "darkness", "like_target"]
"""


def _with_ours(entries: Callable[[Any], dict[str, EntryPoint]]) -> Callable[[Any], dict[str, EntryPoint]]:
    def found(group: Any) -> dict[str, EntryPoint]:
        ours = {
            name: EntryPoint(name, f"tests.sweeps.plugins:{part}", f"adis_bench.{group}") for name, part in OTHERS.get(group, {}).items()
        }
        return {**entries(group), **ours}

    return found


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run's folder with its dataset and cache beside it; the plug-ins are known for as long as the module's tests run."""
    from adis_bench.pipeline import run
    from adis_bench.spec import Flags, resolve

    base = tmp_path_factory.mktemp("sweeps")
    (base / "swept.toml").write_text(PRESET)
    (base / "colors.toml").write_text(PROTOCOL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_entries", _with_ours(registry._entries))
        patch.setenv("ADIS_BENCH_CACHE", str(base / "cache"))
        dataset = _dataset(base)
        flags = Flags(
            data=dataset.root,
            methods=METHODS,
            preset=str(base / "swept.toml"),
            protocol=str(base / "colors.toml"),
            device="cpu",
            out=base / "run",
        )
        assert run(resolve(flags), "adis-bench run").failures == ()
        yield base / "run"


def _dataset(base: Path) -> Dataset:
    make = tiny_dataset.__wrapped__(base)  # type: ignore[attr-defined]  # the function behind the fixture, for a folder of the module
    made: Dataset = make(labels=3, per_split=4)
    return made


@pytest.fixture
def run_dir(template: Path, tmp_path: Path) -> Iterator[Path]:
    """A run of its own; painters forget what they were asked."""
    Painter.asked.clear()
    yield shutil.copytree(template, tmp_path / "run")
    Painter.dies_after, Painter.breaks, Painter.digest = None, False, "painter"
