"""The tables of a comparison of runs: scores side by side, and every difference with its test and effect sizes."""

from collections.abc import Iterator, Sequence

from adis_bench.comparing.comparison import Comparison, Contender, RunDifference
from adis_bench.comparing.words import BOTH, FAILING, SETS, SIGNS, verdict
from adis_bench.results import MetricRecord, Score
from adis_bench.statistics.effect import Effect
from reports.comparison_figures import marked
from reports.findings import Verdict
from reports.paper_figures.captions import file_name
from reports.rounding import places_of
from reports.run_difference_tables import SAYS
from reports.run_rows import column_of
from reports.run_tables import BOLD, INTERVALS
from reports.style import tones
from reports.table_cells import counted, p_value, rounded
from reports.table_record import Cell, Column, Row, Table

_EFFECT_PLACES = 2
_TESTED = (Column("difference"), Column("p after Holm", key="p_holm"))


def comparison_tables(found: Comparison) -> tuple[Table, ...]:
    """All tables: headline scores, secondary scores, and the differences of each metric, headline metrics first."""
    secondary = tuple(metric for metric in found.metrics if metric.beside is not None)
    made = [
        _scores(found, found.headline, "scores", "Headline scores of all runs with 95 % intervals"),
        _scores(found, secondary, "secondary", "Secondary scores of all runs with 95 % intervals"),
        *_differences(found, found.headline, "differences"),
        *_differences(found, secondary, "secondary-differences"),
    ]
    return tuple(table for table in made if table.columns and table.rows)


def colours(found: Comparison) -> dict[str, str]:
    """The name of every contender's colour by its label: that of its method, in whatever run."""
    by_method = tones(list({one.method.label: one.method for one in found.contenders}.values()))
    return {one.label: by_method[one.method.label] for one in found.contenders}


def _scores(found: Comparison, metrics: Sequence[MetricRecord], name: str, title: str) -> Table:
    places = {
        m.name: places_of((s.value for s in found.column(m.name)), ((s.ci_low, s.ci_high) for s in found.column(m.name))) for m in metrics
    }
    leaders = {metric.name: leader(found, metric) for metric in metrics}
    shades = colours(found)

    def cell(one: Contender, metric: MetricRecord) -> Cell:
        score = found.scores.get((one.label, metric.name))
        if score is None or score.value is None:
            return Cell(note=(score and score.reason) or "not scored")
        best, note = leaders[metric.name] is one, _count_note(score)
        return rounded(score.value, places[metric.name], score.ci_low, score.ci_high, note=note, best=best)

    rows = tuple(
        Row(
            one.label,
            "control" if one.method.control else "method",
            tuple(cell(one, metric) for metric in metrics),
            shades[one.label],
            _where(found, one),
        )
        for one in found.contenders
    )
    notes = [INTERVALS, BOLD, *([FAILING] if any(metric.name in found.failures for metric in metrics) else [])]
    return Table(name, title, tuple(column_of(marked(found, metric)) for metric in metrics), rows, tuple(notes), "Method")


def _count_note(score: Score) -> str:
    return f"n = {score.n}, {score.n_missing} missing" if score.n_missing else ""


def _where(found: Comparison, one: Contender) -> str:
    """What a method is, and which runs have it."""
    names = ", ".join(found.runs[place].name for place in one.runs)
    return f"{one.method.description} (in {'every run' if len(one.runs) == len(found.runs) else names})"


def leader(found: Comparison, metric: MetricRecord) -> Contender | None:
    """The method that is shown to be better than each other one; None where none is, or the metric fails in a run."""
    if metric.name in found.failures:
        return None
    scored = [one for one in found.methods if (score := found.scores.get((one.label, metric.name))) is not None and score.value is not None]
    for one in scored:
        against = [difference for difference in found.differences_in(metric.name) if one in (difference.later, difference.earlier)]
        if len(scored) > 1 and len(against) >= len(scored) - 1 and all(_favours(difference, one, metric, scored) for difference in against):
            return one
    return None


def _favours(difference: RunDifference, one: Contender, metric: MetricRecord, scored: Sequence[Contender]) -> bool:
    if not (difference.later in scored and difference.earlier in scored):
        return True  # the other one has no value
    wanted = "better" if difference.later is one else "worse"
    return verdict(difference.value, metric.higher_is_better) == wanted


def _differences(found: Comparison, metrics: Sequence[MetricRecord], family: str) -> Iterator[Table]:
    shades, taken = colours(found), set[str]()
    columns = {
        "pair": (*_TESTED, Column("d_z"), Column("share of pairs won", key="share_better"), Column("n")),
        "set": (*_TESTED, Column("n")),
    }
    for metric in metrics:
        every = found.differences_in(metric.name)
        places = places_of((one.value.value for one in every), ((one.value.ci_low, one.value.ci_high) for one in every))
        rows = tuple(
            Row(
                one.later.label,
                "plain",
                _cells(one, metric, places),
                shades[one.later.label],
                "",
                one.earlier.label,
                shades[one.earlier.label],
            )
            for one in every
        )
        notes = [SIGNS, BOTH, *([SETS] if metric.kind == "set" else []), *([FAILING] if metric.name in found.failures else [])]
        name = file_name(family, metric)
        while name in taken:  # metrics of plug-ins may differ in what file names can't hold
            name += "-2"
        taken.add(name)
        title = f"Differences between methods and runs in {metric.name}"
        yield Table(name, title, columns[metric.kind], rows, tuple(notes), "Later minus earlier", family, column_of(marked(found, metric)))


def _cells(one: RunDifference, metric: MetricRecord, places: int) -> tuple[Cell, ...]:
    value, n_pairs = one.value, one.value.n + one.value.n_missing
    said = Verdict(verdict(value, metric.higher_is_better))
    says = "no test between runs" if said == Verdict.UNKNOWN else SAYS[said]
    cells = [
        rounded(value.value, places, value.ci_low, value.ci_high, signed=True, verdict=said.value, says=says, missing=value.reason),
        p_value(value.p if value.p_holm is None else value.p_holm, "no test"),
    ]
    if metric.kind == "pair":
        cells += _effect_cells(value.effect)
    return (*cells, counted(value.n, note=f"of {n_pairs:,}" if value.n and value.n_missing else ""))


def _effect_cells(effect: Effect | None) -> tuple[Cell, Cell]:
    if effect is None:
        return Cell(note="not scored"), Cell(note="not scored")
    d_z, share = effect.d_z_interval, effect.share_interval
    return (
        rounded(effect.d_z, _EFFECT_PLACES, d_z.low, d_z.high, signed=True, missing="nothing scatters"),
        rounded(effect.share_better, _EFFECT_PLACES, share.low, share.high, missing="not defined"),
    )
