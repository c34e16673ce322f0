"""How many people take part at once, and who is let in."""

from dataclasses import replace
from pathlib import Path

from adis_bench.study.server.places import AWAY_S, places_of
from adis_bench.study.server.status import read_status
from tests.study.server.test_store import lab


def test_as_many_as_the_study_wants(tmp_path: Path):
    """One more dilutes a design in which each ranks everything; who withdraws or stays away for a day makes room."""
    here = lab(tmp_path, n_items=2, raters=2)
    code = here.store.join_code()
    first = here.store.enter(code)[1]
    assert here.store.enter(code)[0] == "open"
    assert (here.store.door(code), here.store.enter(code)) == ("full", ("full", ""))
    here.store.withdraw(first, erase=True)
    assert here.store.door(code) == "open"
    here.store.enter(code)
    assert here.store.door(code) == "full"
    here.clock.now += AWAY_S + 1
    assert here.store.door(code) == "open"
    assert "2 places are taken" in read_status(here.database, places_of(here.study)).text()


def test_replacements_fill_the_quotas(tmp_path: Path):
    """Somebody leaves midway; who comes instead and who stayed give each item what it wants."""
    here = lab(tmp_path, n_items=3, raters=2)
    code = here.store.join_code()
    gone, stays = (here.store.enter(code)[1] for _ in range(2))
    here.answer(gone, here.item(gone))
    here.store.withdraw(gone, erase=True)
    instead = here.store.enter(code)[1]
    for token in (stays, instead) * 3:
        here.answer(token, here.item(token))
    assert set(here.answered().values()) == {2}
    here.clock.now += AWAY_S + 1
    assert here.store.door(code) == "full"  # who finished keeps the place: nothing is left to do


def test_the_limit(tmp_path: Path):
    """Only where each ranks every item, and as the operator says."""
    study = lab(tmp_path, n_items=4, raters=3, per_worker=2).study
    assert places_of(study).most == 6  # it takes as many
    assert places_of(study, 0).most is None
    assert places_of(study, 9).most == 9
    assert places_of(replace(study, plan=replace(study.plan, reading="shared"))).most is None


def test_a_closed_door(tmp_path: Path):
    """It stays closed for the open link, whatever the program; a wrong code is never let in."""
    here = lab(tmp_path)
    code = here.store.join_code()
    assert (here.store.door("no"), here.store.enter("no")) == ("closed", ("closed", ""))
    here.store.close(closed=True)
    assert (here.store.is_closed(), here.store.door(code), here.store.enter(code)) == (True, "closed", ("closed", ""))
    assert "only those who were invited" in read_status(here.database).text()
    here.store.close(closed=False)
    assert here.store.door(code) == "open"
