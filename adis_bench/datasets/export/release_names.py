"""Names from which the paper's code finds an image's sound."""

import hashlib
import re
from collections.abc import Sequence

_NATURAL = re.compile(r"(?P<stem>.+)_clip(?P<number>[0-9]+)")


def release_names(segment_ids: Sequence[str]) -> dict[str, str]:
    """Segment id -> ``<stem>_clip<N>``, from which the release's loader derives the right sound; all names are distinct.

    The loader cuts an image's name at its first "clip" and, behind that, at the first "-". So
    the stem may hold anything but the word "clip": an id that is such a name is kept, any other becomes
    ``<id>_clip1``, and where "clip" is in the way it is written "cut", with a digest that keeps names apart.

    Source: Tinglok/avstyle b09dc1e, data/unaligned_dataset.py, __getitem__.
    """
    taken = {segment_id for segment_id in segment_ids if _is_natural(segment_id)}
    names = {segment_id: segment_id for segment_id in taken}
    for segment_id in sorted(set(segment_ids) - taken):
        name = f"{segment_id}_clip1"
        if "clip" in segment_id or name in taken:
            match = _NATURAL.fullmatch(segment_id)
            stem, number = (match["stem"], match["number"]) if match else (segment_id, "1")
            digest = hashlib.sha256(segment_id.encode()).hexdigest()[:8]
            name = f"{stem.replace('clip', 'cut')}-{digest}_clip{number}"
        taken.add(name)
        names[segment_id] = name
    if len(taken) != len(names):
        raise ValueError("two segments have one name in the release's layout")
    return names


def _is_natural(segment_id: str) -> bool:
    match = _NATURAL.fullmatch(segment_id)
    return match is not None and "clip" not in match["stem"]
