"""The tables of a comparison of runs: scores side by side, and every difference with its test and effect sizes."""

from collections.abc import Iterator, Sequence

from adis_bench.comparing.comparison import Comparison, Contender, RunDifference
from adis_bench.comparing.standings import leader
from adis_bench.comparing.words import BOTH, FAILING, SETS, SIGNS, difference_digits, score_digits
from adis_bench.results import MetricRecord
from adis_bench.results.rounding import enough_places
from adis_bench.results.verdicts import Verdict, tested_p, verdict
from adis_bench.statistics.effect import Effect
from reports.comparison_figures import marked
from reports.paper_figures.captions import file_name
from reports.run_difference_tables import SAYS
from reports.run_rows import BOLD, EQUAL_N, INTERVALS, column_of, score_cell
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
    places = {metric.name: score_digits(found, metric.name) for metric in metrics}
    leaders = {metric.name: leader(found, metric) for metric in metrics}
    shades = colours(found)

    def cell(one: Contender, metric: MetricRecord) -> Cell:
        score, best = found.scores.get((one.label, metric.name)), leaders[metric.name] == one.label
        return score_cell(score, found.column(metric.name), metric, places[metric.name], best=best)

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
    sets, failing = (any(metric.kind == "set" for metric in metrics), any(metric.name in found.failures for metric in metrics))
    notes = [INTERVALS, BOLD, *([EQUAL_N] if sets else []), *([FAILING] if failing else [])]
    return Table(name, title, tuple(column_of(marked(found, metric)) for metric in metrics), rows, tuple(notes), "Method")


def _where(found: Comparison, one: Contender) -> str:
    """What a method is, and which runs have it."""
    names = ", ".join(found.runs[place].name for place in one.runs)
    return f"{one.method.description} (in {'every run' if len(one.runs) == len(found.runs) else names})"


def _differences(found: Comparison, metrics: Sequence[MetricRecord], family: str) -> Iterator[Table]:
    shades, taken = colours(found), set[str]()
    columns = {
        "pair": (*_TESTED, Column("d_z"), Column("share of pairs won", key="share_better"), Column("n")),
        "set": (*_TESTED, Column("n")),
    }
    for metric in metrics:
        every = found.differences_in(metric.name)
        places = difference_digits(found, metric.name)
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
    said = verdict(value, metric.higher_is_better)
    says, digits = "no test between runs" if said is Verdict.UNKNOWN else SAYS[said], enough_places(value.value, places)
    cells = [
        rounded(value.value, digits, value.ci_low, value.ci_high, signed=True, verdict=said.value, says=says, missing=value.reason),
        p_value(tested_p(value), "no test"),
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
