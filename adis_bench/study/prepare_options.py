"""What a study is asked to be."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from adis_bench.errors import ConfigError
from adis_bench.printable import printable
from adis_bench.study.orders import MOST_REPEATED
from adis_bench.study.records import Reading, ScreeningRules, Texts

SoundFormat = Literal["wav", "mp3"]
MOST_GOLD = 0.5
"""Ours: a study in which more than a third of all items are checks asks for little else."""
MOST_METHODS = 8
"""Ours: images on a page. Of nine or more nobody remembers the first when the last is seen, and each is too small to be judged."""


@dataclass(frozen=True, slots=True)
class PrepareOptions:
    """How to make a study of a run.

    Attributes:
        methods: labels of the run, two to ``MOST_METHODS``.
        texts: what participants read.
        n_samples: pairs to be ranked.
        n_workers: workers wanted.
        reading: whether each worker ranks every item, or they share them.
        ties: whether equal ranks may be given.
        gold_rate: share of ``n_samples`` that is added as items with a known answer, 0 for none; None for 0.05, or 0.1 where workers
            share the items and would meet too few of them to be judged by (50 samples and 5 known answers each, at the paper's size),
            or more where a worker would meet fewer than the rule on them asks for and ``MOST_GOLD`` are enough for that.
        repeat_rate: share of ``n_samples`` that is shown again, 0 for none.
        seed: of sample and orders.
        asset_url: https address under which the media will lie; empty if unknown yet.
        reward: dollars for an item, 0 where nobody is paid. 0.10 is ours.
        seconds_per_item: assumed, for pay by the hour. 30 is ours: a sound of 3 s heard two or three times, and some images to order.
        sound_format: of the sounds; every browser plays both.
        rules: of screening.
    """

    methods: tuple[str, ...]
    texts: Texts
    n_samples: int = 1000
    n_workers: int = 20
    reading: Reading = "each"
    ties: bool = False
    gold_rate: float | None = None
    repeat_rate: float = 0.05
    seed: int = 0
    asset_url: str = ""
    reward: float = 0.10
    seconds_per_item: float = 30.0
    sound_format: SoundFormat = "wav"
    rules: ScreeningRules = field(default_factory=ScreeningRules)

    @property
    def raters(self) -> int:
        """Rankings wanted of every item."""
        return self.n_workers if self.reading == "each" else 1

    @property
    def n_gold(self) -> int:
        """Items with a known answer."""
        return _share(self.share_of_gold, self.n_samples)

    @property
    def share_of_gold(self) -> float:
        """``gold_rate``, or what it is by default."""
        if self.gold_rate is not None:
            return self.gold_rate
        usual = 0.05 if self.reading == "each" else 0.1
        return usual if self.least_gold > MOST_GOLD * self.n_samples else max(usual, self.least_gold / self.n_samples)

    @property
    def least_gold(self) -> int:
        """Items with a known answer from which the rule on them can act on every worker who ranks all items of a part; 0 without it."""
        return 0 if self.rules.min_gold is None else max(self.rules.min_gold_items, 1) * self.n_blocks

    @property
    def n_repeats(self) -> int:
        """Items that are shown again."""
        return _share(self.repeat_rate, self.n_samples)

    @property
    def n_blocks(self) -> int:
        """Lists of items that a worker goes through: one for all, or one for each where they share the items."""
        return 1 if self.reading == "each" else min(self.n_workers, self.n_samples)

    def check(self) -> None:
        """Refuse what makes no study.

        Raises:
            ConfigError: with the option, its value and what it may be.
        """
        _check_methods(self.methods)
        _check_url(self.asset_url)
        check_rules(self.rules)
        for option, value, low, high in (
            ("--samples", self.n_samples, 1, 1_000_000),
            ("--workers", self.n_workers, 1, 100_000),
            ("--gold-rate", self.share_of_gold, 0, MOST_GOLD),
            ("--repeat-rate", self.repeat_rate, 0, MOST_REPEATED),
            ("--reward", self.reward, 0, 1000),
            ("--seconds-per-item", self.seconds_per_item, 1, 3600),
        ):
            if not low <= value <= high:
                raise ConfigError(f"{option} must be from {low} to {high:,}, not {value}")
        if abs(self.reward * 100 - round(self.reward * 100)) > 1e-6:
            raise ConfigError(f"--reward must be whole cents, as Mechanical Turk pays, not {self.reward} dollars")


def _share(rate: float, n: int) -> int:
    """At least one where any are wanted; halves are rounded up."""
    return max(1, int(rate * n + 0.5)) if rate else 0


def _check_methods(methods: tuple[str, ...]) -> None:
    twice = sorted({name for name in methods if methods.count(name) > 1})
    if twice:
        raise ConfigError(f"--methods names {printable(twice[0])} {methods.count(twice[0])} times; name each once")
    if not 2 <= len(methods) <= MOST_METHODS:
        raise ConfigError(
            f"--methods must name 2 to {MOST_METHODS} methods of the run, with commas between, not {len(methods)}: "
            "more images don't fit on a page"
        )


def _check_url(url: str) -> None:
    """Only what can stand in an attribute of a page and in a cell as it is."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_right = urlsplit(""), False
    plain = url.isascii() and url.isprintable() and not set(url) & set(" \"'<>`{}|\\^$?#,;")
    if parts.scheme != "https" or not parts.hostname or parts.username or not url.endswith("/") or not plain or not port_is_right:
        raise ConfigError(f"--asset-url must be an address like https://example.org/study/ (https, a / at its end, no ? or #), not {url!r}")


def check_rules(rules: ScreeningRules) -> None:
    """Refuse limits that no share, time or tau can have.

    Raises:
        ConfigError: one is out of its range.
    """
    for option, value, low, high in (
        ("--min-gold", rules.min_gold, 0, 1),
        ("--min-seconds", rules.min_seconds, 0, 3600),
        ("--max-same-order", rules.max_same_order, 0, 1),
        ("--min-agreement", rules.min_agreement, -1, 1),
    ):
        if value is not None and not low <= value <= high:
            raise ConfigError(f"{option} must be off or from {low} to {high}, not {value}")
