"""Simulated studies as text, as JSON, and one of them as a CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adis_bench.csv_cells import inert
from adis_bench.errors import DataError
from adis_bench.files import write_text
from adis_bench.printable import printable
from adis_bench.study.long_csv import COLUMNS
from adis_bench.study.power import Power
from adis_bench.study.rankings import SIMULATED
from adis_bench.study.records import ScreeningRules
from adis_bench.study.simulate import Simulated
from adis_bench.study.simulated_studies import Checks, Setup, SimulatedStudies
from adis_bench.study.text_cells import aligned, count

_KINDS = {
    "good": "good (false alarms)",
    "random": "ranks at random",
    "straight": "always the same places",
    "fast": "at random, in no time",
    "inverted": "best last",
}


def write_long_csv(path: Path, simulated: Simulated, items: Sequence[str] = ()) -> None:
    """One study as ``study aggregate`` reads it: a row for each method of each ranking; gold and repeats have no place there.

    The workers' names begin with ``SIMULATED``, by which every page says that no people have ranked.

    Args:
        path: where to.
        simulated: the study.
        items: their ids, in place of ``i1``, ``i2`` ....

    Raises:
        DataError: the path can't be written to.
    """
    rankings = simulated.answers.rankings
    items = items or rankings.items
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    cells = [inert(method) for method in rankings.methods]
    for item, worker, ranks in zip(rankings.item.tolist(), rankings.worker.tolist(), rankings.ranks.tolist(), strict=True):
        who = items[item], f"{SIMULATED}{rankings.workers[worker]}"
        writer.writerows([*who, method, f"{rank:g}"] for method, rank in zip(cells, ranks, strict=True))
    if path.is_dir():
        raise DataError(f"{path} is a folder; name a file in it")
    try:
        write_text(path, text.getvalue())
    except (NotADirectoryError, FileExistsError, PermissionError) as error:
        raise DataError(f"{path} cannot be written ({error.strerror}); name a file in a folder that you can write to") from error


def as_json(setup: Setup, power: Power, studies: SimulatedStudies | None) -> dict[str, Any]:
    """The one object that ``--json`` prints."""
    return {
        "design": asdict(setup.design),
        "population": asdict(setup.population),
        "methods": list(setup.methods),
        "strengths": list(setup.strengths),
        "bad_workers": dict(setup.bad),
        "rules": asdict(setup.rules),
        "smallest_difference": asdict(power),
        "studies": None if studies is None else asdict(studies),
    }


def as_text(setup: Setup, power: Power, studies: SimulatedStudies | None) -> str:
    """Tables of what the studies found, each against what is true."""
    design = setup.design
    n_rankings = count(design.n_items * design.raters, "ranking")
    size = f"{count(design.n_items, 'item')} x {count(design.raters, 'ranking')} by {count(design.n_workers, 'worker')}"
    lines = [f"{size}: {n_rankings}"]
    lines += [_power(power), ""]
    if studies is None:
        return "\n".join(lines[:-1])
    n_studies = f"{studies.n_studies} simulated {'study' if studies.n_studies == 1 else 'studies'}"
    lines += [f"{n_studies}; intervals should cover 95 %", "", "With all workers:", *_checks(studies.everybody), ""]
    lines += [f"Workers left out by the screening rules ({_rules(setup.rules)}):", *_caught(studies), ""]
    lines += ["Without them, as `adis-bench study aggregate` analyses it:", *_checks(studies.screened)]
    if studies.n_lost:
        lines.append(f"in {studies.n_lost} of {n_studies} nobody was left; they are not counted here")
    return "\n".join(lines)


def _rules(rules: ScreeningRules) -> str:
    limits = {
        name: value
        for name in ("min_gold", "min_seconds", "max_same_order", "min_agreement")
        if (value := getattr(rules, name)) is not None
    }
    return ", ".join(f"{name} {value:g}" for name, value in limits.items()) or "none"


def _power(power: Power) -> str:
    spreads = f"workers' tastes {power.worker_sd:g} and items' luck {power.item_sd:g} of a ranking's noise"
    if power.difference is None:
        return f"smallest difference found with {100 * power.power:.0f} % power: none ({power.reason}; {spreads})"
    return (
        f"smallest difference found with {100 * power.power:.0f} % power: {power.difference:.2f} points "
        f"(then the better one stands above in {100 * (power.share_better or 0):.0f} % of the rankings; {spreads})"
    )


def _checks(checks: Checks) -> list[str]:
    methods = [("method", "true points", "found", "covered", "true log worth", "found", "covered")]
    methods += [
        (
            printable(method.method),
            f"{method.points:.3f}",
            f"{method.found:.3f}",
            _share(method.covered),
            f"{method.log_worth:.3f}",
            "none" if method.found_log_worth is None else f"{method.found_log_worth:.3f}",
            _share(method.covered_log_worth),
        )
        for method in checks.methods
    ]
    pairs = [("pair", "true difference", "covered", "found", "found wrong")]
    pairs += [
        (
            f"{printable(pair.method)} - {printable(pair.against)}",
            f"{pair.difference:.3f}",
            _share(pair.covered),
            _share(pair.found),
            _share(pair.found_wrong),
        )
        for pair in checks.pairs
    ]
    return [*aligned(methods), "", *aligned(pairs)] if checks.methods else ["nobody was left in any study"]


def _caught(studies: SimulatedStudies) -> list[str]:
    rows = [("workers", "all studies", "left out", "share")]
    return aligned(
        rows
        + [(_KINDS[kind.kind], str(kind.n_workers), str(kind.n_caught), _share(kind.n_caught / kind.n_workers)) for kind in studies.caught]
    )


def _share(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"
