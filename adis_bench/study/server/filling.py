"""The rows of a study in its database, and the roles of its items: which shows which again, which are spread evenly."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, insert, select, update

from adis_bench.files import digest_json
from adis_bench.seeding import generator
from adis_bench.study.records import Study
from adis_bench.study.server import tables

_COUNTED = ("n_methods", "ties_allowed", "plan", "rules", "texts", "items")


@dataclass(frozen=True, slots=True)
class Roles:
    """What the server is told of items; why, it isn't told.

    Attributes:
        repeats: item_id of each second showing -> item_id of the first.
        spread: item_ids that everybody is to meet in equal shares, evenly over the pages.
    """

    repeats: Mapping[str, str] = field(default_factory=dict)
    spread: Collection[str] = frozenset()


def study_digest(study: Study) -> str:
    """sha256 (hex) of what participants see and how often it is wanted; the pay and addresses for MTurk may change."""
    content = TypeAdapter(Study).dump_python(study, mode="json")
    return digest_json({name: content[name] for name in _COUNTED})


def fill(connection: Connection, study: Study) -> None:
    """Write the study and its items, without roles."""
    digest = study_digest(study)
    salts = generator("study server", digest).integers(0, 1 << 31, len(study.items)).tolist()
    row = {"id": 1, "schema_version": tables.SCHEMA_VERSION, "digest": digest, "join_code": secrets.token_urlsafe(16)}
    connection.execute(insert(tables.study), {**row, "closed": False, "roles_known": False})
    plain = {"original": None, "shown_again": False, "spread": False, "raters": study.plan.raters, "answered": 0}
    rows = [{"position": index, "item_id": item.item_id, "salt": salts[index], **plain} for index, item in enumerate(study.items)]
    connection.execute(insert(tables.items), rows)


def tell_roles(connection: Connection, study: Study, roles: Roles) -> None:
    """Write the items' roles, unless they are known or answers are there, which were given out without."""
    known = connection.execute(select(tables.study.c.roles_known)).scalar_one()
    answers = select(func.count()).select_from(tables.assignments).where(tables.assignments.c.status != "open")
    if known or connection.execute(answers).scalar_one():
        return
    position = {item.item_id: index for index, item in enumerate(study.items)}
    again = set(roles.repeats.values())
    for item_id in {*roles.repeats, *again, *roles.spread}:
        first = roles.repeats.get(item_id)
        role = {"original": None if first is None else position[first], "shown_again": item_id in again, "spread": item_id in roles.spread}
        connection.execute(update(tables.items).where(tables.items.c.position == position[item_id]).values(**role))
    connection.execute(update(tables.study).values(roles_known=True))
