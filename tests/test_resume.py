"""A run that is killed anywhere goes on with the same command and ends with exactly the same numbers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from adis_bench.results import PER_PAIR_NAME

ARGUMENTS = ["run", "--preset", "tiny", "--methods", "ours", "--device", "cpu", "--json"]

# Runs the command line in a process that kills itself (SIGKILL: no handler, no cleaning up) at the n-th file
# whose path ends as told, just before the finished file takes its name.
_DRIVER = """
import os, pathlib, signal, sys
from adis_bench.cli.main import main

fragment, count = sys.argv[1], int(sys.argv[2])
replace = pathlib.Path.replace

def replace_or_die(self, target):
    global count
    if fragment in str(target):
        count -= 1
        if count == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)

if fragment:
    pathlib.Path.replace = replace_or_die
main(sys.argv[3:])
"""

KILLS = [
    ("index.parquet", 1),  # the demo world's media are there, its index is not
    ("models/l3-", 1),  # the judge is trained and not kept
    ("outputs/identity/", 20),  # generation: in the middle of a chunk
    ("checkpoint", 2),  # training: the second checkpoint
    ("outputs/ours/", 35),  # generation: in the second chunk
    ("embeddings/", 2),  # extraction: the second shard
    ("per_pair.parquet", 1),  # scoring
    ("results.json", 1),
    ("report/", 3),
]


def _run(folder: Path, fragment: str = "", count: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _DRIVER, fragment, str(count), *ARGUMENTS, "--out", str(folder / "run")],
        env={**os.environ, "ADIS_BENCH_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


def _content(folder: Path, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Everything that must not depend on kills: numbers, outputs, scores per pair."""
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    return {
        **{name: printed[name] for name in ("dataset", "pairs", "scores", "differences")},
        "outputs": {str(path.relative_to(folder)): path.read_bytes() for path in sorted((folder / "run" / "outputs").rglob("[!.]*.png"))},
        "per_pair": pq.read_table(folder / "run" / PER_PAIR_NAME).to_pylist(),
    }


def _assert_nothing_is_half_written(folder: Path) -> None:
    """Every file that bears its final name can be read to its end."""
    for path in folder.rglob("*"):
        if path.name.startswith(".tmp-") or not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".json":
            json.loads(content)
        elif path.suffix == ".png":
            assert content.endswith(b"IEND\xaeB`\x82"), path
        elif path.suffix == ".parquet":
            assert content.endswith(b"PAR1"), path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which Windows does not have")
def test_kills_change_nothing(tmp_path: Path):
    """Killed in nine places one after the other, a run ends with the outputs and scores of an uninterrupted one."""
    expected = _content(tmp_path / "whole", _run(tmp_path / "whole"))
    for fragment, count in KILLS:
        killed = _run(tmp_path / "killed", fragment, count)
        assert killed.returncode == -signal.SIGKILL, (fragment, killed.stderr)
        _assert_nothing_is_half_written(tmp_path / "killed")
    assert _content(tmp_path / "killed", _run(tmp_path / "killed")) == expected
