"""What Mechanical Turk refuses of a single HIT or answer: put aside and told at the end, so that the others are done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from adis_bench.printable import printable
from adis_bench.study.mturk.market import DENIED, error_code

_ITS_OWN = (
    "DoesNotExist",
    "does not exist",
    "InvalidHITState",
    "InvalidAssignmentState",
    "with a status of",
    "in the state",
)
"""In the code or the message of an error that is about one HIT or assignment: deleted, or in a state in which this can't be done."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What was put aside: ``name`` of the HIT or answer, and ``why`` in Mechanical Turk's words."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


@contextmanager
def aside(name: str, faults: list[Fault], all_refusals: bool = False) -> Iterator[None]:
    """Add a refusal of what is asked in the block to ``faults`` instead of raising it; belongs inside ``told``.

    Args:
        name: of the HIT or answer.
        faults: is appended to.
        all_refusals: put aside whatever is refused but credentials, also because Mechanical Turk is busy; else only what is about this
            HIT or answer.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if not (_its_own(error) or (all_refusals and error.response.get("Error", {}).get("Code") not in DENIED)):
            raise
        why = error.response.get("Error", {}).get("Message") or error.response.get("Message") or error_code(error)
        faults.append(Fault(name, printable(str(why))))


def _its_own(error: Any) -> bool:
    text = f"{error_code(error)} {error}"
    return any(sign in text for sign in _ITS_OWN)
