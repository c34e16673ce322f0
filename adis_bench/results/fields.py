"""What every record of a run is made of."""

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field


def _whole(value: Any) -> Any:
    """JSON has one kind of number, and JSON Schema calls 2.0 an integer (2020-12 core, 4.2.3); what reads the file has to agree."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number, ``2`` or ``2.0``."""
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A sha256 in hex."""
Count = Annotated[int, Field(ge=0, le=2**53), BeforeValidator(_whole)]
"""JSON readers keep whole numbers up to here exactly (RFC 7493, 2.2)."""
Positive = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_whole)]
"""A count that can't be 0: a picture's side, a number of threads, a version."""
Seed = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
"""Of any size, as the runs take it."""
Share = Annotated[float, Field(ge=0, le=1)]
_LABEL = r"^[^./\x00-\x1f\x7f-\x9f][^/\x00-\x1f\x7f-\x9f]*$"
_NAME = r"^[^\x00-\x1f\x7f-\x9f]+$"
Label = Annotated[str, Field(pattern=_LABEL)]
"""A method's name in a run. Its outputs lie in a folder of that name, so it has no ``/``, no dot first and no control character; labels
that a run is started with are plainer still (``adis_bench.spec.method_specs``)."""
Name = Annotated[str, Field(pattern=_NAME)]
"""A metric's name: text without control characters, which could draw on a terminal."""
PATTERN_WORDS = {
    _LABEL: "cannot be the name of an output (no '/', no control character, no dot first)",
    _NAME: "cannot be a name (no control character, not empty)",
}
"""What a text that misses a pattern is told, in place of the pattern."""


class Record:
    """What ``results.json`` is made of: the fields that are named, no others, and no number that isn't finite."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", allow_inf_nan=False)
