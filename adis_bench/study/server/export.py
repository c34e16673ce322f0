"""The answers of a server as the result CSV of Mechanical Turk."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from adis_bench.study.records import Study
from adis_bench.study.result_csv import Assignment, write_result_csv
from adis_bench.study.server.database import Database
from adis_bench.study.server.status import Status, count_status
from adis_bench.study.server.tables import assignments


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows, by so many workers; and how far the study is."""

    n_rows: int
    n_workers: int
    status: Status


def export(database: Database, study: Study, out: Path) -> Exported:
    """Write the answers that count, in the order in which they came; the server may run meanwhile.

    Surplus answers and those that participants had deleted are not in it. Workers are the random names of participants.

    Args:
        database: of the study, checked.
        study: whose answers they are.
        out: path of the CSV.
    """
    with database.reading() as connection:
        status = count_status(connection)
        rows = connection.execute(
            select(assignments)
            .where(assignments.c.status == "answered")
            .order_by(assignments.c.submitted, assignments.c.participant, assignments.c.number)
        ).all()
    answers = [
        Assignment(
            assignment_id=row.assignment_id,
            hit_id=study.items[row.item].item_id,
            worker_id=row.participant,
            item_id=study.items[row.item].item_id,
            accepted=datetime.fromtimestamp(row.accepted, UTC),
            submitted=datetime.fromtimestamp(row.submitted, UTC),
            answers=json.loads(row.answers),
        )
        for row in rows
    ]
    return Exported(write_result_csv(out, study, answers), len({row.participant for row in rows}), status)
