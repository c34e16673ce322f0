"""What every record of a run is made of."""

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A sha256 in hex."""
Count = Annotated[int, Field(ge=0, le=2**53)]
"""JSON readers keep whole numbers up to here exactly (RFC 7493, 2.2)."""
Share = Annotated[float, Field(ge=0, le=1)]


class Record:
    """What ``results.json`` is made of: the fields that are named, no others, and no number that isn't finite."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", allow_inf_nan=False)
