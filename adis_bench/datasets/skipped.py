"""What an importer leaves out: a closed list of reasons, so that counts compare between datasets."""

from dataclasses import asdict, dataclass
from typing import Literal, get_args

SkipReason = Literal["no_audio", "silent", "too_short", "unreadable", "music"]
SKIP_REASONS: tuple[SkipReason, ...] = get_args(SkipReason)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a piece of one, that was left out.

    Attributes:
        path: relative to the folder that was imported; of a piece of a video with its time (``a.mp4#t=48,51``, a media fragment).
        reason: from the closed list.
        detail: what exactly, in words; may be empty.
    """

    path: str
    reason: SkipReason
    detail: str

    def to_json(self) -> dict[str, str]:
        """For a dataset's notes."""
        return asdict(self)
