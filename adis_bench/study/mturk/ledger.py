"""What was published: one file per market in the study's folder, written after each HIT, without any credentials."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_json, write_json
from adis_bench.study.mturk.market import Market
from adis_bench.study.mturk.terms import Terms
from adis_bench.study.records import Study, StudyItem

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class WantedHit:
    """A HIT to be: ``part`` of the HITs of one item, from 0, wanted of ``size`` workers."""

    item: StudyItem
    part: int
    size: int

    @property
    def annotation(self) -> str:
        """What the requester sees beside the HIT: the item, and which part of it unless the first."""
        return f"{self.item.item_id} part {self.part + 1}" if self.part else self.item.item_id


@dataclass(frozen=True, slots=True)
class PublishedHit:
    """A HIT that is there.

    Attributes:
        item_id, part: as wanted.
        size: assignments that it was made with.
        hit_id: Mechanical Turk's.
        group_id: of all HITs of the type; workers see them together.
        created, expires: aware times.
    """

    item_id: str
    part: int
    size: int
    hit_id: str
    group_id: str
    created: datetime
    expires: datetime

    @property
    def name(self) -> str:
        """For messages."""
        return f"HIT {self.hit_id} of {self.item_id}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """``published-sandbox.json`` or ``published-production.json``.

    Attributes:
        market: its name.
        study: digest of ``study.json``'s content at the first HIT.
        terms: as at the first HIT.
        hit_type_id: Mechanical Turk's.
        hits: in the order in which they were made.
    """

    market: str
    study: str
    terms: Terms
    hit_type_id: str
    hits: tuple[PublishedHit, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)

    def plus(self, hit: PublishedHit) -> "Ledger":
        """With one HIT more."""
        return replace(self, hits=(*self.hits, hit))


def study_digest(study: Study) -> str:
    """Sha256 (hex) of all that a study says."""
    return digest_json(asdict(study))


def ledger_path(folder: Path, market: Market) -> Path:
    """Where the ledger of a market lies."""
    return folder / f"published-{market.name}.json"


def read_ledger(folder: Path, market: Market, study: Study) -> Ledger | None:
    """What was published so far; None where nothing was.

    Raises:
        ConfigError: the study was changed since.
        DataError: the file is damaged.
    """
    path = ledger_path(folder, market)
    if not path.is_file():
        return None
    try:
        ledger = TypeAdapter(Ledger).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(
            f"{path} cannot be read ({str(error).splitlines()[0]}); take it from a copy, or move it away and publish again: HITs are found"
        ) from error
    if ledger.schema_version != SCHEMA_VERSION or ledger.market != market.name:
        raise DataError(f"{path} is of schema {ledger.schema_version} for {ledger.market}; it comes from elsewhere")
    if ledger.study != study_digest(study):
        raise ConfigError(
            f"study.json is no longer what it was when the {len(ledger.hits)} HITs of {path.name} were made; put it back, "
            "or prepare another study into another folder"
        )
    return ledger


def save_ledger(folder: Path, market: Market, ledger: Ledger) -> None:
    """Write it atomically."""
    write_json(ledger_path(folder, market), TypeAdapter(Ledger).dump_python(ledger, mode="json"))


def wanted_hits(study: Study, terms: Terms, ledger: Ledger | None) -> list[WantedHit]:
    """The HITs that aren't there yet, in the order of the items, the first parts of all items first."""
    there = {(hit.item_id, hit.part) for hit in ledger.hits} if ledger else set()
    sizes = terms.sizes(study.plan.raters)
    wanted = (WantedHit(item, part, size) for part, size in enumerate(sizes) for item in study.items)
    return [hit for hit in wanted if (hit.item.item_id, hit.part) not in there]
