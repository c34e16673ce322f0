"""Units of work in several processes: each leaves a record when it is done, and is not done again."""

import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path
from typing import Any

from adis_bench.files import write_json
from adis_bench.progress import Bar, bar

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work whose result is a JSON record.

    Attributes:
        path: where its record lies.
        key: what the result depends on; a record of another key is not taken.
        work: a function of a module (processes must find it) that gives the record.
        arguments: picklable arguments of ``work``.
        weight: share of the progress bar.
        holds: whether a record that a former call left can be taken: its files are there, and it has all that is wanted.
    """

    path: Path
    key: str
    work: Callable[..., Record]
    arguments: tuple[Any, ...]
    weight: int = 1
    holds: Callable[[Record], bool] | None = None


def records(units: Sequence[Unit], description: str, processes: int) -> list[Record]:
    """The record of every unit, in their order: read where a former call left it, else made now.

    A unit whose process dies (a decoder that crashes on a damaged file) is tried once more by itself; then its record
    is ``{"crashed": True}``, and it is tried again in the next call. Any error that ``work`` raises is raised here, after which
    all records that were made remain.

    Args:
        units: the work.
        description: text of the progress bar.
        processes: how many at once; 0 stays in this process, where a decoder that crashes takes everything with it.
    """
    found = {place: record for place, unit in enumerate(units) if (record := _left(unit)) is not None}
    todo = [place for place in range(len(units)) if place not in found]
    with bar(description, sum(unit.weight for unit in units)) as running:
        running.begin(sum(units[place].weight for place in found))
        found.update(_made(units, todo, processes, running))
    return [found[place] for place in range(len(units))]


def _left(unit: Unit) -> Record | None:
    """The record that a former call left, if it is this unit's and still holds."""
    try:
        held = json.loads(unit.path.read_bytes())
        record: Record = held["record"]
        if held["key"] != unit.key or not isinstance(record, dict):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if unit.holds is None or unit.holds(record) else None


def _order(unit: Unit) -> tuple[Path, str, Callable[..., Record], tuple[Any, ...]]:
    """What a process needs of a unit."""
    return unit.path, unit.key, unit.work, unit.arguments


def _done(path: Path, key: str, work: Callable[..., Record], arguments: tuple[Any, ...]) -> Record:
    """Do a unit's work and leave its record; runs in any process."""
    record = work(*arguments)
    write_json(path, {"key": key, "record": record})
    return record


def _made(units: Sequence[Unit], todo: list[int], processes: int, running: Bar) -> Iterator[tuple[int, Record]]:
    if processes == 0:
        for place in todo:
            yield place, _done(*_order(units[place]))
            running.advance(units[place].weight)
        return
    left = todo
    while left:
        suspects = []
        for place, record in _in_pool(units, left, min(processes, len(left))):
            left = [other for other in left if other != place]
            if record is None:
                suspects.append(place)
                continue
            yield place, record
            running.advance(units[place].weight)
        for suspect in suspects:  # one of them killed its process, and the others died with it
            for place, record in _in_pool(units, [suspect], 1):
                yield place, {"crashed": True} if record is None else record
                running.advance(units[place].weight)


def _in_pool(units: Sequence[Unit], todo: Sequence[int], processes: int) -> Iterator[tuple[int, Record | None]]:
    """Records as they come; where a process dies, None for what was being worked on, and the end."""
    with _pool(processes) as pool:
        waiting: dict[Future[Record], int] = {}
        queue = deque(todo)
        broken = False
        while waiting or (queue and not broken):
            while queue and not broken and len(waiting) < 2 * processes:
                try:
                    waiting[pool.submit(_done, *_order(units[queue[0]]))] = queue[0]
                    queue.popleft()
                except BrokenProcessPool:
                    broken = True
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                place = waiting.pop(future)
                try:
                    yield place, future.result()
                except BrokenProcessPool:
                    broken = True
                    yield place, None


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    # Forked copies of a process with threads (torch, numpy) can hang: every worker starts fresh.
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _quiet)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _quiet() -> None:
    """Ctrl-C ends a worker without a traceback of its own, and no worker outlives the first process, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
