"""What ``study simulate`` is asked for, and the study that this means."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adis_bench.errors import ConfigError
from adis_bench.printable import printable
from adis_bench.study.designs import Design
from adis_bench.study.population import Population
from adis_bench.study.prepare_options import MOST_GOLD, check_rules
from adis_bench.study.records import SLOTS, Reading, ScreeningRules, open_key, open_study
from adis_bench.study.simulate import KINDS, Worker
from adis_bench.study.simulated_studies import Setup

_SPREAD = 0.5
"""Ours: without ``--strengths`` the methods lie evenly from half the noise above the middle to half below."""

_MOST_RANKINGS = 2_000_000
"""Ours: a study of so many takes 1 GB and half a minute, and the paper's has 20,000 at most."""


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """The command's options; numbers of gold items and repeats are shares of the items, None for what ``study prepare`` takes."""

    methods: str
    n_methods: int
    strengths: str
    items: int
    workers: int
    reading: Reading
    raters: int | None
    gold_rate: float | None
    repeat_rate: float
    bad_workers: float
    ties: float
    worker_sd: float
    item_sd: float
    rules: ScreeningRules = ScreeningRules()

    def setup(self) -> Setup:
        """What is simulated.

        Raises:
            ConfigError: no study can be so.
        """
        names = tuple(name.strip() for name in self.methods.split(",")) if self.methods else tuple(SLOTS[: self.n_methods])
        if len(names) < 2 or len(set(names)) < len(names) or not all(names):
            raise ConfigError(f"a study needs two or more different methods, not {', '.join(map(printable, names)) or 'none'}")
        for option, share in (("--gold-rate", self.gold_rate), ("--repeat-rate", self.repeat_rate), ("--bad-workers", self.bad_workers)):
            if share is not None and not 0 <= share <= 1:
                raise ConfigError(f"{option} is a share from 0 to 1, not {share}")
        raters = self.raters if self.raters is not None else self.workers if self.reading == "each" else 1
        check_rules(self.rules)
        if self.items * raters > _MOST_RANKINGS:
            raise ConfigError(
                f"{self.items:,} items x {raters:,} rankings are {self.items * raters:,} rankings a study, and at most {_MOST_RANKINGS:,} "
                "are simulated; lower --items, --workers or --raters"
            )
        design = Design(self.items, self.workers, raters, self._n_gold(raters), round(self.repeat_rate * self.items))
        kinds: tuple[Worker, ...] = KINDS[1:]
        bad = {kind: self.bad_workers / len(kinds) for kind in kinds} if self.bad_workers else {}
        return Setup(design, self._strengths(len(names)), Population(self.worker_sd, self.item_sd, ties=self.ties), bad, names, self.rules)

    def _n_gold(self, raters: int) -> int:
        if self.gold_rate is not None:
            return round(self.gold_rate * self.items)
        usual = round((0.05 if raters == self.workers else 0.1) * self.items)
        if self.rules.min_gold is None:
            return usual
        # From so many on the rule on them can act on every worker.
        least = -(-self.rules.min_gold_items * self.workers // raters)
        return usual if least > MOST_GOLD * self.items else max(usual, least)

    def _strengths(self, k: int) -> tuple[float, ...]:
        if not self.strengths:
            return tuple(np.linspace(_SPREAD, -_SPREAD, k).tolist())
        try:
            found = tuple(float(cell) for cell in self.strengths.split(","))
        except ValueError:
            raise ConfigError(f"--strengths takes numbers with commas between, not {printable(self.strengths)}") from None
        if len(found) != k:
            raise ConfigError(f"--strengths has {len(found)} numbers for {k} methods; give one for each")
        return found


OF_A_STUDY = ("methods", "n_methods", "items", "workers", "reading", "raters")
"""The options that a prepared study decides."""


def of_study(folder: Path) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The items of a study that are ranked (without gold and repeats), and its size as options of ``SimulateOptions``.

    Raises:
        DataError: there is no study, or it is damaged.
    """
    study, key = open_study(folder), open_key(folder)
    items = tuple(item.item_id for item in study.items if key.items[item.item_id].kind == "rank")
    plan = study.plan
    return items, {"methods": ",".join(key.methods), "items": len(items), "workers": plan.n_workers, "raters": plan.raters}
