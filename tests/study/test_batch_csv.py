"""The batch file of Mechanical Turk."""

import csv
from pathlib import Path

from adis_bench.study.batch_csv import batch_columns, batch_row, write_batch
from tests.study.studies import make_study


def test_columns_are_the_placeholders(tmp_path: Path):
    """One column per place on the page, after the common ones."""
    study, _ = make_study(tmp_path / "study", k=2)
    assert batch_columns(study) == ("item_id", "source_url", "sound_url", "spectrogram_url", "image_A_url", "image_B_url")


def test_rows_are_the_items_in_their_order(tmp_path: Path):
    """Read back, the file has each item once, with full addresses, and no word of the key."""
    study, key = make_study(tmp_path / "study", k=3, asset_url="https://example.org/s/")
    write_batch(tmp_path, study)
    text = (tmp_path / "batch.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert rows == [batch_row(study, item) for item in study.items]
    assert rows[0]["image_B_url"] == f"https://example.org/s/{study.items[0].images[1]}"
    secrets = {*key.methods, "gold", "repeat", "shuffled", "target", *(item.pair_id for item in key.items.values())}
    assert not [word for word in secrets if word in text]


def test_without_an_address_paths_are_relative(tmp_path: Path):
    """For the preview, and for a server of one's own."""
    study, _ = make_study(tmp_path / "study")
    assert batch_row(study, study.items[0])["sound_url"] == study.items[0].sound
