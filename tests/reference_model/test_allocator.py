"""Keeping memory between steps."""

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
from reference_model.allocator import keep_memory
if sys.argv[1] == "kept":
    assert keep_memory()
def fill():
    for _ in range(5):
        bytearray(b"x" * (64 * 2**20))
fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
fill()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's mallopt is Linux's")
def test_large_pieces_are_served_from_memory_that_is_held() -> None:
    """Taking 64 MiB again and again costs hardly a page fault any more; in a process of its own, since it lasts."""
    faults = {
        how: int(subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True).stdout)
        for how in ("fresh", "kept")
    }
    assert faults["kept"] < faults["fresh"] / 10
