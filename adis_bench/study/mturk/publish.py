"""Making HITs, so that the same call can be made again at any time: after a kill, a lost connection, a full day."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.mturk.ledger import Ledger, PublishedHit, WantedHit, save_ledger, study_digest, wanted_hits
from adis_bench.study.mturk.market import Market, error_code, told
from adis_bench.study.mturk.question import question_xml
from adis_bench.study.mturk.terms import Terms, reward_text
from adis_bench.study.records import Study
from adis_bench.study.texts import CONTACT_MISSING

_HIT_ID = re.compile(r"\b[A-Z0-9]{20,64}\b")  # the API allows 1 to 64; real ones have 30, and no word of a message has 20
_EXISTS = ("HitAlreadyExists", "already exists", "already been processed")


def check_study(study: Study, market: Market, terms: Terms, ledger: Ledger | None) -> None:
    """Refuse what can't or mustn't be published; all of it before anything is sent.

    Raises:
        ConfigError: no reward, no https address, other terms than before; in production also a consent text without a contact.
        DataError: a page is too large.
    """
    reward_text(study)
    if not study.asset_url.startswith("https://"):
        raise ConfigError(
            f"the study's media have no https address (asset_url is {study.asset_url!r}), and workers' browsers load nothing else: "
            "upload media/ and prepare the study with --asset-url https://..."
        )
    if market.name == "production" and CONTACT_MISSING in study.texts.consent:
        raise ConfigError("the consent text names nobody whom participants can ask; prepare the study with --contact or --consent")
    if ledger and ledger.terms != terms:
        other = [name for name, value in asdict(terms).items() if value != asdict(ledger.terms)[name]]
        raise ConfigError(
            f"{len(ledger.hits)} HITs were published on other terms ({', '.join(other)}); repeat the options of the first call, "
            "so that all workers have the same"
        )
    for item in study.items:
        question_xml(study, item, market.name == "sandbox")


def find(folder: Path, study: Study, market: Market, client: Any, terms: Terms, ledger: Ledger | None) -> Ledger | None:
    """Write HITs into the ledger that were made but aren't in it: by a killed call, or because the ledger was lost.

    They are found by their annotation, whose item ids no other study has; so none is made twice, or paid for, even when the request
    tokens have expired (after 24 hours). Nothing is made here but, where there are such HITs, the HIT type, which costs nothing.

    Returns:
        The ledger with what was found; as it was where nothing was.

    Raises:
        ConfigError: credentials.
        DataError: such HITs were published with other terms; or Mechanical Turk refused, or can't be reached.
    """
    missing = {wanted.annotation: wanted for wanted in wanted_hits(study, terms, ledger)}
    known = {hit.hit_id for hit in ledger.hits} if ledger else set()
    with told(market):
        found = [hit for hit in _hits_of(client, study) if hit["HITId"] not in known]
        if not found:
            return ledger
        type_id = ledger.hit_type_id if ledger else client.create_hit_type(**terms.hit_type(study))["HITTypeId"]
    ledger = ledger or Ledger(market.name, study_digest(study), terms, type_id)
    faults = [fault for hit in found if (fault := _other_terms(hit, missing.get(hit["RequesterAnnotation"]), type_id))]
    if faults:
        raise DataError(
            f"{len(faults)} HITs of this study are {market.where}, published before with other terms (first: {faults[0]}); "
            "repeat the options of that call, or prepare the study again into a new folder"
        )
    for hit in found:
        ledger = ledger.plus(_published(missing[hit["RequesterAnnotation"]], hit))
    save_ledger(folder, market, ledger)
    return ledger


def publish(folder: Path, study: Study, market: Market, client: Any, terms: Terms, ledger: Ledger | None) -> Iterator[Ledger]:
    """Make the HITs that aren't in the ledger yet; it is written after each, and yielded.

    Args:
        folder: the study's.
        study: checked by ``check_study``.
        market: of the client.
        client: of boto3.
        terms: as in the ledger, where there is one.
        ledger: of ``find``.

    Raises:
        ConfigError: credentials.
        DataError: Mechanical Turk refused, or can't be reached.
    """
    with told(market):
        type_id = client.create_hit_type(**terms.hit_type(study))["HITTypeId"]
    ledger = ledger or Ledger(market.name, study_digest(study), terms, type_id)
    if ledger.hit_type_id != type_id:
        raise DataError(
            f"Mechanical Turk gave HIT type {type_id} to what was {ledger.hit_type_id}; are these another account's credentials?"
        )
    save_ledger(folder, market, ledger)
    for wanted in wanted_hits(study, terms, ledger):
        with told(market):
            hit = _make(client, study, market, ledger, wanted)
        ledger = ledger.plus(_published(wanted, hit))
        save_ledger(folder, market, ledger)
        yield ledger


def request_token(ledger: Ledger, wanted: WantedHit) -> str:
    """64 characters that are the same for the same HIT of the same study in the same market, and for nothing else."""
    return hashlib.sha256("\n".join((ledger.study, ledger.market, ledger.hit_type_id, wanted.annotation)).encode()).hexdigest()


def _hits_of(client: Any, study: Study) -> list[Any]:
    """The requester's HITs whose annotation names an item of the study, of whatever type and state."""
    names = {item.item_id for item in study.items}
    pages = client.get_paginator("list_hits").paginate(PaginationConfig={"PageSize": 100})
    return [hit for page in pages for hit in page["HITs"] if hit.get("RequesterAnnotation", "").partition(" ")[0] in names]


def _other_terms(hit: Any, wanted: WantedHit | None, type_id: str) -> str:
    """In which way a HIT isn't the one that is wanted; empty where it is."""
    if hit.get("HITTypeId") != type_id:
        why = "title, description, keywords, times, qualifications or pay are others"
    elif wanted is None:
        why = "it isn't among those that are wanted"
    elif hit["MaxAssignments"] != wanted.size:
        why = f"{hit['MaxAssignments']} assignments, not {wanted.size}"
    else:
        return ""
    return f"{hit['HITId']} of {hit['RequesterAnnotation']}: {why}"


def _make(client: Any, study: Study, market: Market, ledger: Ledger, wanted: WantedHit) -> Any:
    from botocore.exceptions import ClientError

    try:
        return client.create_hit_with_hit_type(
            HITTypeId=ledger.hit_type_id,
            MaxAssignments=wanted.size,
            LifetimeInSeconds=ledger.terms.lifetime_s,
            Question=question_xml(study, wanted.item, market.name == "sandbox"),
            RequesterAnnotation=wanted.annotation,
            UniqueRequestToken=request_token(ledger, wanted),
        )["HIT"]
    except ClientError as error:
        # A try that got no reply was heard nevertheless: the error is about the token, and mostly names the HIT.
        found = _existing(client, study, error, ledger.hit_type_id, wanted) if _exists(error) else None
        if found is None:
            raise
        return found


def _exists(error: Any) -> bool:
    text = f"{error_code(error)} {error}"
    return any(sign in text for sign in _EXISTS)


def _existing(client: Any, study: Study, error: Any, type_id: str, wanted: WantedHit) -> Any | None:
    from botocore.exceptions import ClientError

    for name in _HIT_ID.findall(str(error)):
        with suppress(ClientError):  # a word that looks like an id
            hit = client.get_hit(HITId=name)["HIT"]
            if hit.get("RequesterAnnotation") == wanted.annotation:
                return hit
    found = (hit for hit in _hits_of(client, study) if hit["RequesterAnnotation"] == wanted.annotation and hit.get("HITTypeId") == type_id)
    return next(found, None)


def _published(wanted: WantedHit, hit: Any) -> PublishedHit:
    return PublishedHit(
        wanted.item.item_id,
        wanted.part,
        hit["MaxAssignments"],
        hit["HITId"],
        hit.get("HITGroupId", ""),
        hit["CreationTime"],
        hit["Expiration"],
    )
