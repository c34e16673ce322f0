"""The trainings of Table 1 side by side: each in a process of its own, which leaves its model where the run finds it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from adis_bench.contenders import method_options
from adis_bench.environment import set_threads
from adis_bench.files import make_folder, write_text
from adis_bench.outputs import MANIFEST_NAME, OutputFolder
from adis_bench.pipeline import open_dataset
from adis_bench.progress import bar
from adis_bench.registry import load
from adis_bench.spec import MethodSpec, RunSpec

MOST = 8
"""Trainings at a time that nobody asked for: each holds its images and networks in memory."""
LOG_NAME, SPEC_NAME = "training.log", "trainings.json"
_LOOK_S = 0.2


def jobs_for(spec: RunSpec) -> int:
    """How many at a time where nobody says: one per core; a GPU takes one.

    Networks of 64 px gain little from a second thread: on two cores two trainings of one thread each are done in half the
    time of one after the other with two (measured: 22 images/s each against 16 to 30).
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST, len(spec.methods)) if spec.device == "cpu" else 1


def train_side_by_side(spec: RunSpec, n_jobs: int) -> None:
    """Train every method of a run that has no outputs yet, ``n_jobs`` at a time, each with its share of the cores.

    What fails here the run meets again by itself, and reports. Stopped, each training keeps its checkpoint and goes on later.
    """
    open_dataset(spec)  # made once, before several look for it
    make_folder(spec.out)
    told = spec.out / SPEC_NAME
    write_text(told, spec.model_dump_json())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    environment = {**os.environ, "OMP_NUM_THREADS": str(max(1, cores // n_jobs))}
    waiting = [method for method in spec.methods if not (OutputFolder.of(spec.out, method.label).path / MANIFEST_NAME).is_file()]
    running: list[subprocess.Popen[bytes]] = []
    with bar("trainings", len(waiting)) as progress:
        try:
            while waiting or running:
                while waiting and len(running) < n_jobs:
                    running.append(_started(spec, waiting.pop(0), told, environment))
                time.sleep(_LOOK_S)
                ended = [process for process in running if process.poll() is not None]
                running = [process for process in running if process not in ended]
                if ended:
                    progress.advance(len(ended))
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()


def _started(spec: RunSpec, method: MethodSpec, told: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    folder = spec.out / "work" / method.label
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "reports.table1_training", str(told), method.label]
    with (folder / LOG_NAME).open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)


def main(told: Path, label: str) -> None:
    """One training, in its own process."""
    spec = RunSpec.model_validate_json(told.read_text())
    set_threads()
    (wanted,) = (method for method in spec.methods if method.label == label)
    method = load("methods", wanted.name)(method_options(spec, wanted))
    method.fit(open_dataset(spec).split("train"), spec.out / "work" / label)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
