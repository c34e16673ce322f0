"""A result CSV replaces an earlier one, and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from adis_bench.cli.main import main
from adis_bench.errors import DataError
from adis_bench.study import batch_csv, blind_media, estimate, prepare, records
from adis_bench.study.mturk.ledger import ledger_path
from adis_bench.study.mturk.market import PRODUCTION, SANDBOX
from adis_bench.study.result_csv import COLUMNS, Assignment, write_result_csv
from adis_bench.study.result_target import check_target
from adis_bench.study.server.database import SQLITE_NAME
from tests.study.studies import make_study

NAMES = (
    records.STUDY_NAME,
    records.KEY_NAME,
    batch_csv.BATCH_NAME,
    prepare.TEMPLATE_NAME,
    prepare.PREVIEW_NAME,
    estimate.ESTIMATE_NAME,
    SQLITE_NAME,
    f"{SQLITE_NAME}-wal",
    f"{SQLITE_NAME}-shm",
    ledger_path(Path(), SANDBOX).name,
    ledger_path(Path(), PRODUCTION).name,
    f"{blind_media.MEDIA}/new.csv",
    f"{blind_media.MEDIA}/deeper/new.csv",
    f"{blind_media.MEDIA}/../KEY.json",
)


@pytest.mark.parametrize("name", NAMES)
def test_files_of_a_study_are_safe(tmp_path: Path, name: str):
    """Also where they aren't there yet, and by whatever way they are named."""
    make_study(tmp_path / "s")
    with pytest.raises(DataError, match="one of the study's own files"):
        check_target(tmp_path / "s" / name)
    (tmp_path / "link").symlink_to(tmp_path / "s")
    with pytest.raises(DataError, match="one of the study's own files"):
        check_target(tmp_path / "link" / name)


def test_an_earlier_result_may_be_replaced(tmp_path: Path):
    """Inside the study's folder too; a new name is free anywhere, and names of studies are where there is no study."""
    study, _ = make_study(tmp_path / "s")
    now = datetime(2024, 5, 1, tzinfo=UTC)
    path = tmp_path / "s" / "results.csv"
    check_target(path)
    write_result_csv(path, study, [Assignment("a", "h", "w", study.items[0].item_id, now, now, {"rank_A": "1", "other": "2"})])
    check_target(path)
    check_target(tmp_path / "key.json")
    check_target(tmp_path / "media" / "new.csv")


@pytest.mark.parametrize(
    "content", [b"item_id,worker_id,method,rank\n", b"\x00\xff\x89PNG", b"", ",".join(COLUMNS).encode(), b"WorkerId,Answer.rank_A\n"]
)
def test_other_files_stay(tmp_path: Path, content: bytes):
    """Long CSVs, images, empty files, and result files that the requester site made."""
    path = tmp_path / "there.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="no result CSV of adis-bench"):
        check_target(path)
    with pytest.raises(DataError, match="no result CSV of adis-bench"):
        check_target(tmp_path)


def test_exported_answers_replace_no_file_of_the_study(tmp_path: Path):
    """`study export` refuses before it opens the database, in one line."""
    make_study(tmp_path / "s")
    before = (tmp_path / "s" / "key.json").read_bytes()
    result = CliRunner().invoke(main, ["study", "export", str(tmp_path / "s"), "--out", str(tmp_path / "s" / "key.json")])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "one of the study's own files" in result.stderr
    assert (tmp_path / "s" / "key.json").read_bytes() == before
    assert not (tmp_path / "s" / SQLITE_NAME).exists()
