"""On which terms work is offered."""

import re
from dataclasses import dataclass
from typing import Any

from adis_bench.errors import ConfigError
from adis_bench.study.fees import hit_sizes
from adis_bench.study.records import Study

PERCENT_APPROVED = "000000000000000000L0"
NUMBER_APPROVED = "00000000000000000040"
LOCALE = "00000000000000000071"
"""Ids of Mechanical Turk's own qualifications; source: protocol.md F."""
_COUNTRY = re.compile(r"[A-Z]{2}")
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Terms:
    """What HITs of a study are offered on; the defaults are ours.

    Attributes:
        description: for workers, in the list of HITs.
        keywords: by which they find them.
        assignment_s: seconds that a worker has for an item, from accepting it; thirty minutes let everybody finish.
        lifetime_s: seconds for which the HITs are open.
        approval_s: seconds after which answers are approved by themselves; workers wait for their pay until then.
        min_percent_approved, min_approved: share (percent) and number of a worker's approved assignments; None for anybody's.
        countries: two-letter codes; empty for all.
        at_most_nine: HITs of at most nine assignments, for the lower fee.
    """

    description: str = "Listen to a short sound and put a few images in order by how well they fit it."
    keywords: str = "images, sound, audio, ranking, compare, research"
    assignment_s: int = 1800
    lifetime_s: int = 7 * _DAY_S
    approval_s: int = 3 * _DAY_S
    min_percent_approved: int | None = None
    min_approved: int | None = None
    countries: tuple[str, ...] = ()
    at_most_nine: bool = False

    def __post_init__(self) -> None:
        """Check the countries; a wrong one would leave the study without workers."""
        wrong = [country for country in self.countries if not _COUNTRY.fullmatch(country)]
        if wrong:
            raise ConfigError(f"{len(wrong)} of the countries are no two-letter codes like US or DE: {', '.join(map(repr, wrong))}")

    def hit_type(self, study: Study) -> dict[str, Any]:
        """The parameters of ``create_hit_type``."""
        return {
            "Title": study.texts.title,
            "Description": self.description,
            "Keywords": self.keywords,
            "Reward": reward_text(study),
            "AssignmentDurationInSeconds": self.assignment_s,
            "AutoApprovalDelayInSeconds": self.approval_s,
            "QualificationRequirements": self._qualifications(),
        }

    def sizes(self, raters: int) -> tuple[int, ...]:
        """``MaxAssignments`` of each HIT of one item."""
        return hit_sizes(raters, self.at_most_nine)

    def _qualifications(self) -> list[dict[str, Any]]:
        numbers = ((PERCENT_APPROVED, self.min_percent_approved), (NUMBER_APPROVED, self.min_approved))
        wanted: list[dict[str, Any]] = [
            {"QualificationTypeId": name, "Comparator": "GreaterThanOrEqualTo", "IntegerValues": [least]}
            for name, least in numbers
            if least is not None
        ]
        if self.countries:
            places = [{"Country": country} for country in self.countries]
            wanted.append({"QualificationTypeId": LOCALE, "Comparator": "In", "LocaleValues": places})
        return wanted


def reward_text(study: Study) -> str:
    """Dollars for an item with two decimals, as the API wants them.

    Raises:
        ConfigError: nothing is paid, or parts of a cent.
    """
    text = f"{study.reward:.2f}"
    if study.reward < 0.01 or abs(float(text) - study.reward) > 1e-9:
        raise ConfigError(
            f"the study's reward is {study.reward} dollars for an item; Mechanical Turk wants whole cents, one at least: "
            "prepare the study with --reward"
        )
    return text
