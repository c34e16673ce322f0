"""``adis-bench study publish``: a study goes to Mechanical Turk, is looked after there, and comes back."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option
from adis_bench.errors import ConfigError, DataError

if TYPE_CHECKING:
    from adis_bench.study.mturk.faults import Fault
    from adis_bench.study.mturk.ledger import Ledger, WantedHit
    from adis_bench.study.mturk.market import Market
    from adis_bench.study.mturk.terms import Terms
    from adis_bench.study.records import Study

_DAY_S = 86_400
_MOST_SHOWN = 20  # assignments or HITs that are named one by one


@dataclass(frozen=True, slots=True)
class _Place:
    """A study and where it is published."""

    folder: Path
    study: "Study"
    market: "Market"
    client: Any
    ledger: "Ledger | None"

    @property
    def published(self) -> "Ledger":
        if self.ledger is None:
            raise DataError(
                f"nothing of this study was published {self.market.where}, or published-{self.market.name}.json was lost: publish it, with "
                "the same options as before; HITs that are there are found, and none is made twice"
            )
        return self.ledger


@click.command(short_help="put a study on Mechanical Turk, look after it, fetch the answers")
@click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
@click.option("--sandbox", "place", flag_value="sandbox", help="The place for trying: nobody is paid, nobody works.")
@click.option("--production", "place", flag_value="production", help="The real one: it costs money.")
@click.option("--status", "action", flag_value="status", help="Print how far the HITs are.")
@click.option("--fetch", type=click.Path(path_type=Path), metavar="RESULTS.csv", help="Write all answers; can be repeated at any time.")
@click.option("--approve", "action", flag_value="approve", help="Approve complete and valid answers, the first of each worker on an item.")
@click.option("--dry-run", is_flag=True, help="With --approve: only list.")
@click.option("--stop", "action", flag_value="stop", help="Offer the HITs to nobody any more.")
@click.option("--at-most-nine", is_flag=True, help="HITs of at most nine assignments each, for the fee of 20 % instead of 40 %.")
@click.option("--no-media-check", is_flag=True, help="Don't ask whether the media lie under the study's --asset-url.")
@click.option("--confirm-total", metavar="DOLLARS", help="The total cost, like 1320.00, instead of typing it.")
@click.option("--description", help="For workers, in the list of HITs.")
@click.option("--keywords", help="By which workers find the HITs, with commas between.")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), help="Time for an item, from accepting it.  [default: 30]")
@click.option("--open-days", type=click.IntRange(1, 365), help="Days for which the HITs are open.  [default: 7]")
@click.option("--auto-approve-days", type=click.IntRange(0, 30), help="Days after which answers are approved anyway.  [default: 3]")
@click.option("--min-percent-approved", type=click.IntRange(0, 100), help="Least share of a worker's work that was approved.")
@click.option("--min-approved", type=click.IntRange(0), help="Least number of a worker's approved assignments.")
@click.option("--country", multiple=True, metavar="CODE", help="Two letters, like US; can be repeated. By default all.")
@debug_option
def command(folder: Path, place: str | None, action: str | None, fetch: Path | None, dry_run: bool, **options: Any) -> None:
    """Publish STUDY, a folder of `study prepare` whose media lie under its --asset-url.

    The same call can be repeated: it goes on where it stopped, and makes no HIT twice, even where the file in which it wrote down what
    it made was lost. Credentials are those of boto3. With --at-most-nine a worker may meet an item in two HITs; the second answer
    doesn't count, and --approve leaves it to you.
    """
    if place is None:
        raise ConfigError("say where: --sandbox to try it, --production to pay people")
    if fetch is not None and action is not None:
        raise ConfigError(f"--fetch and --{action} are two calls; make one after the other")
    chosen = "fetch" if fetch is not None else action or "publish"
    if dry_run and chosen != "approve":
        raise ConfigError("--dry-run goes with --approve")
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    if given and chosen != "publish":
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ConfigError(f"{names} say how HITs are published, and --{chosen} changes none; leave them out")
    at = _open(folder.expanduser(), place)
    if chosen == "publish":
        _publish(at, given)
        return
    faults: list[Fault] = []
    if fetch is not None:
        _fetch(at, fetch.expanduser(), faults)
    elif chosen == "approve":
        _approve(at, dry_run, faults)
    else:
        (_status if chosen == "status" else _stop)(at, faults)
    if faults:
        _tell(at, faults)


def _open(folder: Path, place: str) -> _Place:
    from adis_bench.study.mturk.ledger import read_ledger
    from adis_bench.study.mturk.market import PRODUCTION, SANDBOX, open_client
    from adis_bench.study.records import open_study

    market = PRODUCTION if place == "production" else SANDBOX
    study = open_study(folder)
    return _Place(folder, study, market, open_client(market), read_ledger(folder, market, study))


def _terms(at: _Place, options: dict[str, Any]) -> "Terms":
    """As asked for; where HITs are there already and nothing is asked for, as theirs."""
    from adis_bench.study.mturk.terms import Terms

    if at.ledger is not None and not options:
        return at.ledger.terms
    scaled = (("minutes", "assignment_s", 60), ("open_days", "lifetime_s", _DAY_S), ("auto_approve_days", "approval_s", _DAY_S))
    terms = {name: options.pop(option) * unit for option, name, unit in scaled if option in options}
    countries = options.pop("country", ())
    return Terms(**terms, countries=tuple(countries), **options)


def _publish(at: _Place, options: dict[str, Any]) -> None:
    from adis_bench.progress import bar
    from adis_bench.study.mturk.ledger import wanted_hits
    from adis_bench.study.mturk.media_check import check_media
    from adis_bench.study.mturk.publish import check_study, find, publish

    confirmed, unchecked = options.pop("confirm_total", None), options.pop("no_media_check", False)
    terms = _terms(at, options)
    check_study(at.study, at.market, terms, at.ledger)
    before = at.ledger
    if wanted_hits(at.study, terms, before):
        at = replace(at, ledger=find(at.folder, at.study, at.market, at.client, terms, before))
    ledger, wanted = at.ledger, wanted_hits(at.study, terms, at.ledger)
    n_found = (len(ledger.hits) if ledger else 0) - (len(before.hits) if before else 0)
    if n_found:
        click.echo(
            f"{n_found} HITs that were not written down were found {at.market.where}; they are now in published-{at.market.name}.json."
        )
    if wanted:
        if not unchecked:
            check_media(at.study)
        _agree(at, terms, wanted, confirmed)
        with bar(f"HITs ({at.market.name})", len(wanted)) as running:
            for step in publish(at.folder, at.study, at.market, at.client, terms, at.ledger):
                ledger = step
                running.advance()
    if ledger is not None and ledger.hits:
        click.echo(f"{len(ledger.hits)} HITs are {at.market.where}, {len(wanted)} of them new.")
        if ledger.hits[0].group_id:
            click.echo(f"Workers see them at {at.market.workers}/mturk/preview?groupId={ledger.hits[0].group_id}")
    if terms.at_most_nine:
        click.echo("A worker may meet an item in several HITs; of several answers the first counts, the others aren't counted.")


def _agree(at: _Place, terms: "Terms", wanted: "list[WantedHit]", confirmed: str | None) -> None:
    """Say what it costs; in production also look whether the account has it, and let the user type the total."""
    from adis_bench.printable import printable
    from adis_bench.study.fees import cost, hit_sizes
    from adis_bench.study.mturk.market import told

    price = cost(at.study.reward, [hit.size for hit in wanted])
    total = f"{price.total:.2f}"
    click.echo(
        f"{price.n_hits} HITs with {price.n_assignments} assignments: {price.reward:.2f} dollars to workers, {price.fee:.2f} in fees, "
        f"{total} in total{'' if at.market.name == 'production' else ' (in production; the sandbox costs nothing)'}"
    )
    if at.ledger is None and not terms.at_most_nine:
        split = cost(at.study.reward, hit_sizes(at.study.plan.raters, at_most_nine=True) * len(at.study.items))
        if split.fee < price.fee:
            click.echo(f"with --at-most-nine {split.fee:.2f} in fees, {split.total:.2f} in total")
    if at.market.name != "production":
        return
    with told(at.market):
        balance = str(at.client.get_account_balance()["AvailableBalance"])
    if float(balance) < price.total:
        raise DataError(f"the account has {balance} dollars, and these HITs cost {total}; prepay the rest on the requester site")
    if confirmed is None and not _interactive():
        raise ConfigError(f"this costs {total} dollars, and nobody can be asked here; give --confirm-total {total} to go on")
    typed = confirmed if confirmed is not None else click.prompt(f"type {total} to go on", default="", show_default=False)
    if typed.strip() != total:
        raise ConfigError(f"the total is {total} dollars, not {printable(typed)}; nothing was published")


def _interactive() -> bool:
    return sys.stdin.isatty()


def _status(at: _Place, faults: "list[Fault]") -> None:
    from collections import Counter

    from adis_bench.study.mturk.hits import hit_states
    from adis_bench.study.mturk.ledger import wanted_hits

    states = hit_states(at.market, at.client, at.published, faults)
    click.echo(f"{'item':<20} {'status':<13} {'wanted':>6} {'open':>6} {'taken':>6} {'judged':>6}  HIT")
    for hit in states:
        click.echo(
            f"{hit.item_id:<20} {hit.status:<13} {hit.wanted:>6} {hit.available:>6} {hit.pending:>6} {hit.completed:>6}  {hit.hit_id}"
        )
    sums = (sum(getattr(hit, name) for hit in states) for name in ("wanted", "available", "pending", "completed", "waiting"))
    wanted, available, pending, completed, waiting = sums
    kinds = ", ".join(f"{count} {status}" for status, count in sorted(Counter(hit.status for hit in states).items()))
    click.echo(
        f"{len(states)} HITs ({kinds}): {wanted} assignments wanted, {available} open, {pending} being worked on, "
        f"{completed} approved or rejected, {waiting} sent and waiting (or never taken, where a HIT has ended)"
    )
    left = len(wanted_hits(at.study, at.published.terms, at.published))
    if left:
        click.echo(f"{left} HITs are not published yet; run the same without --status")


def _fetch(at: _Place, path: Path, faults: "list[Fault]") -> None:
    from adis_bench.printable import printable
    from adis_bench.study.mturk.assignments import fetch
    from adis_bench.study.result_csv import write_result_csv
    from adis_bench.study.result_target import check_target, holds_hits

    check_target(path)
    given = list(fetch(at.market, at.client, at.study, at.published, faults))
    gone = {hit.hit_id for hit in at.published.hits if hit.name in {fault.name for fault in faults}}
    if path.is_file() and holds_hits(path, gone):
        raise DataError(
            f"{printable(str(path))} may be the only place with the answers to {len(gone)} HITs that Mechanical Turk no longer gives "
            f"(first: {faults[0]}); choose another name"
        )
    n = write_result_csv(path, at.study, given)
    empty = sum(not assignment.answers for assignment in given)
    note = f" ({empty} could not be read and count as missing_answer)" if empty else ""
    click.echo(f"{n} answers to {len({assignment.item_id for assignment in given})} items{note}: {printable(str(path))}")
    click.echo(
        f"Worker ids in it are personal data. Next: adis-bench study aggregate {printable(str(path))} --study {printable(str(at.folder))}"
    )


def _approve(at: _Place, dry_run: bool, faults: "list[Fault]") -> None:
    from adis_bench.study.mturk.assignments import approve, fetch, judge
    from adis_bench.study.rejection import MEANING

    judged = judge(at.study, list(fetch(at.market, at.client, at.study, at.published, faults)))
    held = [one for one in judged if one.reason is not None]
    n = len(judged) - len(held) if dry_run else approve(at.market, at.client, judged, faults)
    click.echo(f"{n} answers {'would be' if dry_run else 'were'} approved, {len(held)} are left to you; none is rejected by itself.")
    for one in held[:_MOST_SHOWN]:
        meaning = MEANING[one.reason] if one.reason else ""
        click.echo(f"  {one.assignment.assignment_id} on {one.assignment.item_id}: {one.reason} ({meaning})")
    if len(held) > _MOST_SHOWN:
        click.echo(f"  ... and {len(held) - _MOST_SHOWN} more")


def _stop(at: _Place, faults: "list[Fault]") -> None:
    from adis_bench.study.mturk.hits import stop

    n = stop(at.market, at.client, at.published, faults)
    click.echo(f"{n} HITs are offered to nobody any more; who works on one may still send it. Fetch and approve as before.")


def _tell(at: _Place, faults: "list[Fault]") -> None:
    """Name what Mechanical Turk refused, on the error stream, and end with code 1; all else was done."""
    shown = "".join(f"\n  {fault}" for fault in faults[:_MOST_SHOWN])
    more = f"\n  ... and {len(faults) - _MOST_SHOWN} more" if len(faults) > _MOST_SHOWN else ""
    click.echo(f"Mechanical Turk ({at.market.name}) refused {len(faults)}, and nothing was done with them:{shown}{more}", err=True)
    click.get_current_context().exit(1)
