"""Work in threads, in order."""

import threading
import time

import pytest

from adis_bench.datasets.parallel import in_order


def test_results_come_in_the_order_of_the_items():
    """The first items take longest, and their results still come first."""

    def work(item: int) -> int:
        time.sleep(0.002 * (10 - item % 10))
        return -item

    assert list(in_order(work, list(range(40)), "test", threads=8)) == [-item for item in range(40)]
    assert list(in_order(work, [], "test")) == []


def test_several_items_are_worked_on_at_once():
    """Two items that wait for each other both end."""
    meet = threading.Barrier(2, timeout=5)
    assert sorted(in_order(lambda _: meet.wait(), [0, 1], "test", threads=2)) == [0, 1]


def test_an_error_comes_at_its_place_and_ends_the_work():
    """What lies before the error is given; what had not begun is not done."""
    done = []

    def work(item: int) -> int:
        if item == 5:
            raise ValueError("five")
        done.append(item)
        return item

    found = []
    with pytest.raises(ValueError, match="five"):
        found.extend(in_order(work, list(range(10_000)), "test", threads=2))
    assert found == [0, 1, 2, 3, 4]
    assert len(done) < 50
