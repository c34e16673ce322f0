"""What ``study prepare`` says on a terminal: what the study is, what it costs, and what to do next."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adis_bench.printable import printable
from adis_bench.study.records import Study
from adis_bench.study.texts import CONTACT_MISSING


def as_text(folder: Path, study: Study, estimate: Mapping[str, Any]) -> str:
    """The lines, without an end of the last one.

    Args:
        folder: of the study.
        study: that was made.
        estimate: as in ``estimate.json``.
    """
    return "\n".join([*_what(folder, study), *_money(estimate), _power(estimate["power"]), *_next(folder, study)])


def _what(folder: Path, study: Study) -> list[str]:
    plan = study.plan
    who = (
        f"each item is ranked by {plan.raters} workers"
        if plan.reading == "each"
        else f"{plan.n_workers} workers share the items, at most {plan.items_per_worker} each"
    )
    ties = "images may share a rank" if study.ties_allowed else "no images may share a rank (the paper doesn't say whether they could)"
    return [
        f"study: {printable(str(folder))}",
        f"  {len(study.items):,} items: {plan.n_samples:,} to rank, {plan.n_gold:,} with a known answer, {plan.n_repeats:,} shown again",
        f"  {study.n_methods} methods, {who}: {len(study.items) * plan.raters:,} rankings",
        f"  {ties}",
    ]


def _money(estimate: Mapping[str, Any]) -> list[str]:
    hours = f"{estimate['hours_per_worker']:g} hours for a worker's items at {estimate['seconds_per_item']:g} s each (assumed)"
    if not estimate["ways"]:
        return [f"  {hours}; nobody is paid"]
    lines = [f"  ${estimate['reward']:.2f} an item is ${estimate['hourly_pay']:.2f} an hour; {hours}"]
    for way in estimate["ways"]:
        cost = way["cost"]
        lines.append(
            f"  Mechanical Turk, {way['name']}: ${cost['total']:,.2f} (${cost['reward']:,.2f} to workers, ${cost['fee']:,.2f} fee)"
        )
    return lines


def _power(power: Mapping[str, Any]) -> str:
    if power["difference"] is None:
        return f"  power: {power['reason']}"
    return (
        f"  finds differences of {power['difference']:.2f} points or more between two methods with {power['power']:.0%} power "
        f"(simulated; assumptions in estimate.json)"
    )


def _next(folder: Path, study: Study) -> list[str]:
    quoted = shlex.quote(str(folder))
    lines = ["next:"]
    if CONTACT_MISSING in study.texts.consent:
        lines.append(
            "  the consent text names nobody whom participants can ask: before you publish, prepare again with --contact into a new folder"
        )
    lines += [
        "  look at preview.html in a browser; keep key.json at home",
        f"  own server:      adis-bench study serve {quoted}",
    ]
    if study.asset_url:
        lines.append(f"  Mechanical Turk: put media/ under {study.asset_url}, then adis-bench study publish {quoted} --sandbox")
        lines.append("                   (or use template.html and batch.csv on the requester page)")
    else:
        lines.append("  Mechanical Turk: prepare with --asset-url, the https address where the media will lie, into a new folder")
    return lines
