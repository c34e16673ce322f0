"""Work on many files at once: decoding, hashing and counting let go of the interpreter."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from adis_bench.progress import bar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 4  # items begun for each thread before the first is taken: none waits, and memory does not grow with their number


def n_threads() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(work: Callable[[Item], Result], items: Sequence[Item], description: str, threads: int | None = None) -> Iterator[Result]:
    """Yield ``work(item)`` for every item, in the order of the items, computed in threads and with a progress bar.

    An error of ``work`` is raised at its place; what has not begun by then is not done.

    Args:
        work: called from several threads.
        items: what to work on.
        description: text of the progress bar.
        threads: number of threads; by default one for each core.
    """
    if not items:
        return
    threads = threads or n_threads()
    pool = ThreadPoolExecutor(threads)
    try:
        with bar(description, len(items)) as running:
            begun: deque[Future[Result]] = deque()
            for item in items:
                begun.append(pool.submit(work, item))
                if len(begun) >= _AHEAD * threads:
                    yield begun.popleft().result()
                    running.advance()
            while begun:
                yield begun.popleft().result()
                running.advance()
    finally:
        pool.shutdown(cancel_futures=True)
