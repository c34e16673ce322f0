"""Table 1 as a record in no format yet: its rows, and the notes without which it misleads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from adis_bench.results import MetricRecord, Score
from adis_bench.results.rounding import places_for
from adis_bench.statistics.seeds import MIN_SEEDS, SeedMean
from reports import published_table1
from reports.data import RunData
from reports.findings import FAILING, decimals
from reports.table1_scores import LABELS, NAME, VARIANTS, Table1Scores, Variant
from reports.table_cells import rounded
from reports.table_record import Cell, Column, Row, Table

TONES = {variant.key: f"m{place}" for place, variant in enumerate(VARIANTS)}


@dataclass(frozen=True, slots=True)
class Table1:
    """Table 1 of a run, in no format yet.

    Attributes:
        scores: its numbers.
        table: controls above the rule, variants below, and the published rows where they can be compared.
        published: the published table by itself where they can't; its notes say why.
        differences: the variants against each other.
        places: digits behind the point, by metric.
    """

    scores: Table1Scores
    table: Table
    published: Table | None
    differences: Table
    places: Mapping[str, int]


def table1_of(run: RunData) -> Table1:
    """The table of a finished run that holds the variants' trainings."""
    scores, results = Table1Scores.of(run.results), run.results
    columns = tuple(Column(m.name, m.higher_is_better, m.unit, m.description, m.failure) for m in scores.metrics)
    places = {metric.name: _places(scores, metric, run) for metric in scores.metrics}
    apart = published_table1.obstacles(results)
    rows = [*_control_rows(scores, run, places), *(_variant_row(scores, variant, places) for variant in VARIANTS)]
    notes = _notes(scores)
    if not apart:
        rows += published_table1.rows_beside(LABELS, columns, TONES)
        notes += published_table1.remarks(results)
    table = Table(NAME, _title(scores), columns, tuple(rows), notes)
    published = published_table1.own_table(LABELS, (*apart, *published_table1.remarks(results))) if apart else None
    return Table1(scores, table, published, _difference_table(scores, columns, places), places)


def _title(scores: Table1Scores) -> str:
    results, n = scores.results, len(scores.seeds)
    return (
        f"Table 1 remade on {results.dataset.name}: protocol {results.protocol}, preset {results.preset}, {results.pairs.n} pairs, "
        f"{n} training{'s' if n != 1 else ''} of each variant"
    )


def _places(scores: Table1Scores, metric: MetricRecord, run: RunData) -> int:
    """By the intervals of the variants; below three trainings, by those of the single ones over pairs."""
    halves = [
        (score.together.high - score.together.low) / 2
        for variant in VARIANTS
        if (score := scores.scores[variant.key, metric.name]).together.high is not None and score.together.low is not None
    ]
    singles = [scores.single(variant.training(seed), metric.name) for variant in VARIANTS for seed in scores.seeds]
    halves = halves or [(s.ci_high - s.ci_low) / 2 for s in singles if s and s.ci_high is not None and s.ci_low is not None]
    found = places_for(halves)
    return decimals(metric.name, run) if found is None else found


def _control_rows(scores: Table1Scores, run: RunData, places: Mapping[str, int]) -> list[Row]:
    def cell(label: str, metric: str) -> Cell:
        return _single_cell(scores.single(label, metric), places[metric])

    return [
        Row(method.label, "control", tuple(cell(method.label, m.name) for m in scores.metrics), description=method.description)
        for method in run.methods
        if method.control
    ]


def _single_cell(score: Score | None, places: int) -> Cell:
    if score is None:
        return Cell(note="not scored")
    return rounded(score.value, places, score.ci_low, score.ci_high, missing="not scored")


def _variant_row(scores: Table1Scores, variant: Variant, places: Mapping[str, int]) -> Row:
    cells = []
    for metric in scores.metrics:
        score = scores.scores[variant.key, metric.name]
        best = scores.best.get(metric.name) == variant.key
        cells.append(_cell(score.together, score.values, len(scores.seeds), places[metric.name], best=best))
    methods = {method.label: method for method in scores.results.methods}
    described = next((methods[label].description for seed in scores.seeds if (label := variant.training(seed)) in methods), "")
    return Row(variant.label, "variant", tuple(cells), TONES[variant.key], described)


def _cell(together: SeedMean, values: Sequence[tuple[int, float]], n_seeds: int, places: int, *, best: bool = False) -> Cell:
    """A mean with what can be said of it: spread and interval from three trainings on, both values of two."""
    return rounded(
        together.mean,
        places,
        together.low,
        together.high,
        spread=together.deviation,
        singles=[value for _, value in values] if 1 < len(values) < MIN_SEEDS else (),
        missing="not scored",
        note=f"{together.n} of {n_seeds} seeds" if together.n < n_seeds else "",
        best=best,
    )


def _difference_table(scores: Table1Scores, columns: tuple[Column, ...], places: Mapping[str, int]) -> Table:
    rows = []
    for against, variant in combinations(VARIANTS, 2):
        found = [scores.differences[variant.key, against.key, metric.name] for metric in scores.metrics]
        cells = tuple(_cell(one.together, one.values, len(scores.seeds), places[one.metric]) for one in found)
        rows.append(Row(variant.short, "variant", cells, TONES[variant.key], "", against.short, TONES[against.key]))
    return Table(f"{NAME}-differences", "Paired differences between the variants", columns, tuple(rows))


def _notes(scores: Table1Scores) -> tuple[str, ...]:
    failing = [FAILING] if any(metric.failure for metric in scores.metrics) else []
    return (*_reading(len(scores.seeds)), *_missing(scores), *failing, *_initialised(scores))


def _reading(n_seeds: int) -> tuple[str, ...]:
    controls = "Controls have no training: their brackets are 95 % intervals over test pairs."
    if n_seeds < MIN_SEEDS:
        both = "The mean of two trainings, with both values" if n_seeds == 2 else "One training of each variant"
        return f"{both}: no spread, no interval and nothing bold below {MIN_SEEDS}.", controls
    return (
        f"Mean over {n_seeds} trainings ± standard deviation between them; in brackets the 95 % interval over trainings and test pairs.",
        controls,
        "Bold: better than each other variant by the 95 % interval of their paired difference, over trainings and pairs.",
    )


def _missing(scores: Table1Scores) -> list[str]:
    """What is not there and why, a sentence each; with its metrics where the others have it."""
    where: dict[tuple[str, str], list[str]] = defaultdict(list)
    for score in scores.scores.values():
        said = [f"seed {seed} is missing ({reason})" for seed, reason in score.missing]
        if len(scores.seeds) >= MIN_SEEDS and score.together.n and score.together.low is None:
            said.append(score.together.reason)
        for text in said:
            where[score.variant, text].append(score.metric)
    return [_of(LABELS[variant], metrics if len(metrics) < len(scores.metrics) else [], text) for (variant, text), metrics in where.items()]


def _of(label: str, metrics: Sequence[str], text: str) -> str:
    return f"{', '.join([label, *metrics])}: {text}."


def _initialised(scores: Table1Scores) -> list[str]:
    """What each variant's sound encoder began with, in the method's own words."""
    methods = {method.label: method for method in scores.results.methods}
    found = []
    for variant in VARIANTS:
        texts: dict[str, list[int]] = defaultdict(list)
        for seed in scores.seeds:
            method = methods.get(variant.training(seed))
            if method is not None and (text := str(method.provenance.get("audio_init") or "").rstrip(".")):
                texts[text].append(seed)
        if texts:
            told = texts if len(texts) == 1 else [f"{text} (seed {' and '.join(map(str, seeds))})" for text, seeds in texts.items()]
            found.append(_of(variant.label, [], "; ".join(told)))
    return found
