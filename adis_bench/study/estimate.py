"""What a study will cost, what its workers earn in an hour, and how small a difference it can find."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from adis_bench.study.fees import MOST_OF_SMALL_HITS, Cost, cost, hit_sizes
from adis_bench.study.power import Power, smallest_difference
from adis_bench.study.records import Study

ESTIMATE_NAME = "estimate.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Way:
    """A way to put the items on Mechanical Turk; ``hit_sizes`` are the assignments of each HIT of one item."""

    name: str
    hit_sizes: tuple[int, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Estimate:
    """``estimate.json``.

    Attributes:
        n_items: pages, gold and repeats included.
        n_rankings: pages times the rankings wanted of each.
        reward: dollars for an item.
        seconds_per_item: assumed.
        hourly_pay: dollars, for a worker who takes just so long.
        hours_per_worker: for the items that one worker is given.
        ways: on Mechanical Turk, where somebody is paid; empty else.
        power: smallest difference found.
        assumptions: in words.
    """

    n_items: int
    n_rankings: int
    reward: float
    seconds_per_item: float
    hourly_pay: float
    hours_per_worker: float
    ways: tuple[Way, ...]
    power: Power
    assumptions: tuple[str, ...]

    def to_json(self) -> Mapping[str, Any]:
        """All of it, with the total of each way."""
        record = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        for way, written in zip(self.ways, record["ways"], strict=True):
            written["cost"]["total"] = way.cost.total
        return record


def read_estimate(path: Path) -> Estimate | None:
    """What ``estimate.json`` holds, or None where it is missing, damaged or of another schema: it can be made anew."""
    try:
        content = path.read_bytes()
        found = TypeAdapter(Estimate).validate_json(content)
    except (OSError, ValidationError):
        return None
    return found if json.loads(content).get("schema_version") == SCHEMA_VERSION else None


def estimate(study: Study, seconds_per_item: float) -> Estimate:
    """Count, add up, and simulate (seconds for 20,000 rankings).

    Args:
        study: to be carried out.
        seconds_per_item: that a worker takes for an item, as assumed.
    """
    plan = study.plan
    n_items = len(study.items)
    power = smallest_difference(plan.n_samples, plan.n_workers, plan.raters, study.n_methods, plan.seed)
    return Estimate(
        n_items,
        n_items * plan.raters,
        study.reward,
        seconds_per_item,
        round(study.reward * 3600 / seconds_per_item, 2),
        round(plan.items_per_worker * seconds_per_item / 3600, 2),
        _ways(n_items, plan.raters, study.reward) if study.reward else (),
        power,
        _assumptions(study, seconds_per_item, power),
    )


def _ways(n_items: int, raters: int, reward: float) -> tuple[Way, ...]:
    names = {hit_sizes(raters, at_most_nine=False): "one HIT per item"}
    names.setdefault(hit_sizes(raters, at_most_nine=True), f"HITs of at most {MOST_OF_SMALL_HITS} assignments")
    return tuple(Way(name, sizes, cost(reward, sizes * n_items)) for sizes, name in names.items())


def _assumptions(study: Study, seconds_per_item: float, power: Power) -> tuple[str, ...]:
    told = [
        f"a worker takes {seconds_per_item:g} s for an item (a guess; time a few and set --seconds-per-item)",
        f"spreads of workers and of items of {power.worker_sd:g} and {power.item_sd:g} times what a single ranking adds (ours; "
        "a pilot study tells better)",
        f"{study.plan.n_workers} workers, of whom screening leaves out none",
    ]
    if study.plan.raters > 1:
        told.append("on Mechanical Turk every item has so many different workers, but not every worker ranks every item")
    if study.plan.raters > MOST_OF_SMALL_HITS and study.reward:
        told.append("with several HITs for one item a worker may meet it twice; the second answer is paid, but not counted")
    return tuple(told)
