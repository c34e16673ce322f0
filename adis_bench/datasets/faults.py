"""What is wrong with a file, and how it is told: file by file, with a reason and a remedy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from adis_bench.errors import DataError
from adis_bench.printable import printable

FaultKind = Literal["manifest", "structure", "outside", "empty", "unreadable", "class", "missing", "changed", "index", "leak"]
RemarkKind = Literal["duplicate", "shared", "silent", "clipped", "flat"]

_LISTED = 40
"""Files that an error lists; `adis-bench data check` lists all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One file (or class, or row) with what was found.

    Attributes:
        kind: what sort of finding; faults keep a dataset from being used, remarks do not.
        where: path relative to the folder.
        reason: in words.
    """

    kind: FaultKind | RemarkKind
    where: str
    reason: str

    @property
    def is_fault(self) -> bool:
        """Whether the dataset should not be used before this is mended."""
        return self.kind not in get_args(RemarkKind)

    def __str__(self) -> str:
        # Names come from anybody: a newline or an escape sequence in one must not write lines of its own.
        return printable(f"{self.where}: {self.reason}")


def counted(findings: Sequence[Finding]) -> str:
    """Findings by kind in words, the most frequent first: ``2 unreadable, 1 empty``."""
    return ", ".join(f"{n} {kind}" for kind, n in Counter(finding.kind for finding in findings).most_common())


def refuse(src: Path, faults: Sequence[Finding]) -> DataError:
    """The error for a source folder with faults: a line that says all, then the files one by one."""
    n, shown = len(faults), printable(str(src))
    lines = [
        f"{shown} has {n} fault{'s' if n > 1 else ''} ({counted(faults)}), first: {faults[0]}; "
        "mend or remove what is listed, or leave it out with --skip-bad"
    ]
    if n > 1:
        lines += [f"  {fault}" for fault in faults[:_LISTED]]
    if n > _LISTED:
        lines.append(f"  ... and {n - _LISTED} more: `adis-bench data check {shown}` lists all")
    return DataError("\n".join(lines))
