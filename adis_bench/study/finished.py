"""A finished study found again: what people may have seen stays, what was lost comes back where the run still has it."""

from collections.abc import Mapping, Sequence

from adis_bench.datasets.parallel import in_order
from adis_bench.errors import DataError
from adis_bench.progress import say
from adis_bench.study.blind_media import BlindMedia
from adis_bench.study.layout import PlannedItem
from adis_bench.study.records import Key, Study, StudyItem
from adis_bench.study.sampling import StudyPair


def restore(media: BlindMedia, study: Study, key: Key, pairs: Sequence[StudyPair]) -> None:
    """Write the media that were lost, by the key; say of how many items that can't be done, and why.

    Args:
        media: of the study.
        study: as it stands in the folder.
        key: as it stands in the folder.
        pairs: of the run, all of them.
    """
    by_id = {pair.pair_id: pair for pair in pairs}
    lost = [item for item in study.items if not media.holds(item)]
    failed = [reason for reason in in_order(lambda item: _restored(media, item, key, by_id), lost, "lost media") if reason]
    if failed:
        say(f"note: media of {len(failed)} of {len(study.items)} items are lost and can't be made anew; take them from a copy; {failed[0]}")


def _restored(media: BlindMedia, item: StudyItem, key: Key, pairs: Mapping[str, StudyPair]) -> str:
    """Why it can't be, or nothing."""
    fact = key.items.get(item.item_id)
    if fact is None or fact.pair_id not in pairs:
        return f"first: {item.item_id}, whose pair is no longer in the run"
    planned = PlannedItem(item.item_id, pairs[fact.pair_id], fact)
    if media.item(planned) != item:
        return f"first: {item.item_id}, whose files another version of adis-bench named"
    try:
        media.write_item(planned)
    except DataError as error:
        return f"first: {item.item_id}: {error}"
    return ""
