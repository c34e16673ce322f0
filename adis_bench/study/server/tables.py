"""The tables of a study's database, the same in SQLite and PostgreSQL; times are seconds since 1970 in UTC."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 2

metadata = MetaData()

study = Table(
    "adis_study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    # In clear, since every start prints it; who has it can begin, not read.
    Column("join_code", String(64), nullable=False),
    # Kept, so that no restart opens what was closed.
    Column("closed", Boolean, nullable=False),
    Column("roles_known", Boolean, nullable=False),
    CheckConstraint("id = 1", name="adis_one_study"),
)
"""One row: whose answers these are. Whoever writes locks it first, so that writers come one after another.

``closed``: nobody joins without a personal link; ``roles_known``: whether the items' ``original`` and ``spread`` were told.
"""

items = Table(
    "adis_items",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("item_id", String(200), nullable=False, unique=True),
    Column("salt", BigInteger, nullable=False),
    # The position of the item that this one shows again; from the key, whose other contents never come here.
    Column("original", Integer, ForeignKey("adis_items.position")),
    Column("shown_again", Boolean, nullable=False),
    # To be met by everybody in equal shares, evenly over their pages; why is not known here.
    Column("spread", Boolean, nullable=False),
    Column("raters", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    # The database itself refuses an answer too many.
    CheckConstraint("answered >= 0 AND answered <= raters", name="adis_quota"),
)

participants = Table(
    "adis_participants",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
    # The order of this participant: (salt * slope + shift) mod a prime.
    Column("slope", Integer, nullable=False),
    Column("shift", Integer, nullable=False),
    Column("consented", Double),
    Column("seen", Double, nullable=False),
    Column("withdrawn", Double),
    Column("done", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
)
"""``token`` is the sha256 of the personal link's secret; ``done`` counts answers kept, ``deleted`` those deleted on request."""

assignments = Table(
    "adis_assignments",
    metadata,
    Column("participant", String(40), ForeignKey("adis_participants.id"), primary_key=True),
    Column("item", Integer, ForeignKey("adis_items.position"), primary_key=True),
    Column("assignment_id", String(40), nullable=False, unique=True),
    Column("status", String(8), nullable=False),
    Column("accepted", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("submitted", Double),
    Column("number", Integer),
    Column("answers", Text),
    CheckConstraint("status IN ('open', 'answered', 'surplus')", name="adis_status"),
    Index("adis_open", "status", "expires"),
    Index("adis_by_item", "item"),
)
"""Who was given what. ``open``: a lease until ``expires``; ``answered``: counted; ``surplus``: came when the item had enough.

The primary key is why nobody answers an item twice; ``number`` is the answer's place among the participant's own, from 1.
"""
