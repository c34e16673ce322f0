"""What a run found: scores, differences, curves; the docstrings are the schema's descriptions."""

from dataclasses import dataclass

from adis_bench.results.fields import Count, Record, Share


@dataclass(frozen=True, slots=True)
class Score(Record):
    """A method's value with its 95 % interval, or None with the reason.

    Attributes:
        method: its label.
        metric: its name.
        value: of the method over all its pairs; None where not scored.
        ci_low, ci_high: ends of the 95 % interval; None where there is none.
        n: pairs that the value rests on.
        n_missing: pairs that it lacks.
        reason: why something is not scored; None where all is.
    """

    method: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: Count
    n_missing: Count
    reason: str | None


@dataclass(frozen=True, slots=True)
class Difference(Record):
    """``method`` minus ``against`` on the same pairs, with its 95 % interval.

    Attributes:
        method: label of the one.
        against: label of the one that is subtracted.
        metric: its name.
        value: None where one of the two is not scored.
        ci_low, ci_high: ends of the 95 % interval; None where there is none.
        p: of the paired two-way clustered t test; below 0.05 just where the interval leaves 0 out. None where there is no test.
        p_holm: after Holm's correction over all comparisons of the metric that have a method in them; None for the controls' own.
        d_z: Cohen's d_z, above 0 where ``method`` is better; pair metrics only.
        d_z_low, d_z_high: ends of its 95 % interval.
        share_better: share of the pairs on which ``method`` is better, ties counting half; pair metrics only.
        share_low, share_high: ends of its 95 % interval.
    """

    method: str
    against: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    p: Share | None = None
    p_holm: Share | None = None
    d_z: float | None = None
    d_z_low: float | None = None
    d_z_high: float | None = None
    share_better: Share | None = None
    share_low: Share | None = None
    share_high: Share | None = None


@dataclass(frozen=True, slots=True)
class SizeCurve(Record):
    """How a method's value moves with the number of outputs.

    Attributes:
        method: its label.
        metric: its name.
        points: (number of outputs, value), smallest first; the last is the score itself.
        extrapolated: the value at endless outputs; None where there is none.
        reason: why there is none; empty where there is one.
    """

    method: str
    metric: str
    points: tuple[tuple[float, float], ...]
    extrapolated: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClassScore(Record):
    """A method's value over the pairs of one target class.

    Attributes:
        method: its label.
        metric: its name.
        label: of the target class.
        value: None where not scored.
        n: pairs of the class that it rests on.
    """

    method: str
    metric: str
    label: str
    value: float | None
    n: Count


@dataclass(frozen=True, slots=True)
class PairScore:
    """One row of ``scores/per_pair.parquet``: a value, or None with the reason."""

    pair_id: str
    method: str
    metric: str
    value: float | None
    reason: str | None
