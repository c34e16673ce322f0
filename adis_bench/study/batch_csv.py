"""``batch.csv``: a row per item, for the requester page of Mechanical Turk; the header's names are the template's placeholders."""

import csv
import io
from pathlib import Path

from adis_bench.files import write_text
from adis_bench.study.records import Study, StudyItem

BATCH_NAME = "batch.csv"


def batch_columns(study: Study) -> tuple[str, ...]:
    """``item_id``, the media of an item, and an image for each place: ``image_A_url``, ``image_B_url`` ..."""
    return ("item_id", "source_url", "sound_url", "spectrogram_url", *(f"image_{slot}_url" for slot in study.slots))


def batch_row(study: Study, item: StudyItem) -> dict[str, str]:
    """The cells of an item by column; addresses of media under ``study.asset_url``, or relative to the folder where there is none.

    No cell can begin like a formula: item ids begin with a letter, addresses with ``https`` or ``media``.
    """
    urls = (f"{study.asset_url}{path}" for path in (item.source, item.sound, item.spectrogram, *item.images))
    return dict(zip(batch_columns(study), (item.item_id, *urls), strict=True))


def write_batch(folder: Path, study: Study) -> None:
    """Write ``batch.csv``, atomically: the items in their order, nothing that tells methods or kinds."""
    text = io.StringIO()
    writer = csv.DictWriter(text, batch_columns(study), lineterminator="\n")
    writer.writeheader()
    writer.writerows(batch_row(study, item) for item in study.items)
    write_text(folder / BATCH_NAME, text.getvalue())
