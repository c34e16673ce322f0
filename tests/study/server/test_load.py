"""Many participants at once against a real server process, over loopback: quotas are exact and no answer is lost."""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import select

from adis_bench.study.records import Study, save
from adis_bench.study.server.database import Database, open_database
from adis_bench.study.server.status import read_status
from adis_bench.study.server.tables import assignments
from tests.study.postgres import postgres
from tests.study.server.crowd import Participant, Server, serving, work_at_once
from tests.study.studies import make_study

PEOPLE = 200
CROWD = ("--participants", "0")  # more than the study has places


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def options(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The options of ``serve`` for one kind of database."""
    with postgres() if request.param == "postgresql" else nullcontext() as url:
        yield [] if url is None else ["--database", url]


def study_of(folder: Path, n_items: int, raters: int, per_worker: int) -> Study:
    """A saved study with gold and repeats among the items."""
    study, key = make_study(folder, n_items=n_items - 4, n_gold=2, n_repeats=2, raters=raters)
    study = replace(study, plan=replace(study.plan, items_per_worker=per_worker))
    save(folder, study, key)
    return study


def kept(database: Database, study: Study) -> dict[str, set[str]]:
    """By participant's path, as the comments say it, the items answered."""
    found: dict[str, set[str]] = {}
    with database.reading() as connection:
        for item, answers in connection.execute(select(assignments.c.item, assignments.c.answers).where(assignments.c.status != "open")):
            path = re.search(r"/p/[\w-]+", answers)
            assert path
            found.setdefault(path.group(), set()).add(study.items[item].item_id)
    return found


def agree(people: list[Participant], database: Database, study: Study) -> bool:
    """Whether the database has exactly what participants were told that it has, or late answers beside."""
    stored = kept(database, study)
    return all(set(person.acknowledged) <= stored.get(person.path, set()) for person in people)


def test_two_hundred_at_once(tmp_path: Path, options: list[str]):
    """A fifth leaves midway with a page open; the others take over, and every item has exactly its answers."""
    study = study_of(tmp_path / "study", n_items=24, raters=20, per_worker=4)
    with serving(tmp_path / "study", "--lease-minutes", "0.1", *CROWD, *options) as server:
        people = [Participant(server.address, study) for _ in range(PEOPLE)]
        work_at_once(people, server.links[0], [1 if n % 5 == 0 else 1000 for n in range(PEOPLE)])
    database = open_database(tmp_path / "study", options[-1] if options else None)
    status = read_status(database)
    assert (status.per_item, status.participants) == ({20: 24}, PEOPLE)
    assert agree(people, database, study)
    assert sum(map(len, kept(database, study).values())) == 480 + status.surplus
    assert all(len(person.acknowledged) == len(set(person.acknowledged)) <= 4 for person in people)
    database.close()


def test_a_killed_server_loses_nothing(tmp_path: Path, options: list[str]):
    """Killed under load, three times: what a participant was told to be saved is there after the next start."""
    study = study_of(tmp_path / "study", n_items=60, raters=20, per_worker=60)
    links: list[str] = []
    people: list[Participant] = []
    for _ in range(3):
        with serving(tmp_path / "study", *CROWD, *options) as server:
            links.append(server.links[0].rpartition("/join")[2])
            crowd = [Participant(server.address, study) for _ in range(20)]
            people += crowd
            killer = threading.Thread(target=lambda crowd=crowd, server=server: kill_after(crowd, server, 40))
            killer.start()
            with ThreadPoolExecutor(len(crowd)) as pool:
                outcomes = [pool.submit(lambda one: (one.join(server.links[0]), one.work()), person) for person in crowd]
                # Each saw the connection end, and no wrong answer before.
                assert all(isinstance(outcome.exception(), OSError | HTTPException) for outcome in outcomes)
            killer.join()
    assert len(set(links)) == 1  # the link that was given out stays good
    assert sum(len(person.acknowledged) for person in people) >= 120
    database = open_database(tmp_path / "study", options[-1] if options else None)
    assert agree(people, database, study)
    database.close()


def kill_after(crowd: list[Participant], server: Server, n: int) -> None:
    """Kill the server when the crowd has ``n`` answers acknowledged."""
    deadline = time.monotonic() + 300
    while sum(len(person.acknowledged) for person in crowd) < n and time.monotonic() < deadline:
        time.sleep(0.01)
    server.kill()


def test_two_servers_share_a_database(tmp_path: Path, options: list[str]):
    """Participants of both together meet each quota exactly."""
    study = study_of(tmp_path / "study", n_items=10, raters=12, per_worker=10)
    with serving(tmp_path / "study", *CROWD, *options) as one, serving(tmp_path / "study", *CROWD, *options) as two:
        assert one.links[0].rpartition("/")[2] == two.links[0].rpartition("/")[2]
        people = [Participant(server.address, study) for server in (one, two) for _ in range(8)]
        work_at_once(people, one.links[0], [1000] * 16)
    database = open_database(tmp_path / "study", options[-1] if options else None)
    assert (read_status(database).per_item, agree(people, database, study)) == ({12: 10}, True)
    database.close()
