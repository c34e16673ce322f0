"""What ``study simulate`` is asked for, and the study that this means."""

from dataclasses import dataclass

import numpy as np

from adis_bench.errors import ConfigError
from adis_bench.printable import printable
from adis_bench.study.designs import Design
from adis_bench.study.population import Population
from adis_bench.study.records import SLOTS, Reading
from adis_bench.study.simulate import KINDS, Worker
from adis_bench.study.simulated_studies import Setup

_SPREAD = 0.5
"""Ours: without ``--strengths`` the methods lie evenly from half the noise above the middle to half below."""


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """The command's options; numbers of gold items and repeats are shares of the items."""

    methods: str
    n_methods: int
    strengths: str
    items: int
    workers: int
    reading: Reading
    raters: int | None
    gold_rate: float
    repeat_rate: float
    bad_workers: float
    ties: float
    worker_sd: float
    item_sd: float

    def setup(self) -> Setup:
        """What is simulated.

        Raises:
            ConfigError: no study can be so.
        """
        names = tuple(name.strip() for name in self.methods.split(",")) if self.methods else tuple(SLOTS[: self.n_methods])
        if len(names) < 2 or len(set(names)) < len(names) or not all(names):
            raise ConfigError(f"a study needs two or more different methods, not {', '.join(map(printable, names)) or 'none'}")
        for option, share in (("--gold-rate", self.gold_rate), ("--repeat-rate", self.repeat_rate), ("--bad-workers", self.bad_workers)):
            if not 0 <= share <= 1:
                raise ConfigError(f"{option} is a share from 0 to 1, not {share}")
        raters = self.raters if self.raters is not None else self.workers if self.reading == "each" else 1
        sizes = (self.items, self.workers, raters)
        design = Design(*sizes, round(self.gold_rate * self.items), round(self.repeat_rate * self.items))
        kinds: tuple[Worker, ...] = KINDS[1:]
        bad = {kind: self.bad_workers / len(kinds) for kind in kinds} if self.bad_workers else {}
        return Setup(design, self._strengths(len(names)), Population(self.worker_sd, self.item_sd, ties=self.ties), bad, names)

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
