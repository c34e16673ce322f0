"""Table 1 as a page: the table, its trainings as plots, the published numbers where they belong, and examples."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from adis_bench.files import write_text
from adis_bench.results import REPORT_NAME, MethodRecord
from adis_bench.spec import TARGET
from adis_bench.statistics.seeds import MIN_SEEDS
from reports import examples, findings
from reports.data import RunData
from reports.facts import facts
from reports.html import asset, environment
from reports.media import MediaFolder
from reports.published_table1 import published
from reports.style import css_variables, tones
from reports.table1_figures import seed_panels
from reports.table1_rows import Table1
from reports.table1_scores import LABELS, RUN_NAME, VARIANTS

N_EXAMPLES = 8
"""Pairs on the page; the run's report has more."""


def write_page(path: Path, run: RunData, made: Table1) -> None:
    """Write the page, with its media in a folder beside it; the page is replaced last and at once.

    Args:
        path: of the page, in the folder that holds the run's.
        run: the run.
        made: its table.
    """
    media = MediaFolder(path.parent)
    labels = {variant.training(seed) for seed in made.scores.seeds[:1] for variant in VARIANTS}
    first = [method for method in run.asked if method.label in labels]
    context: dict[str, Any] = {
        "r": run.results,
        "made": made,
        "lead": lead(made),
        "spread": any(score.together.deviation is not None for score in made.scores.scores.values()),
        "min_seeds": MIN_SEEDS,
        "source": published().source,
        "style": asset("table1.css", before=asset("report.css", before=css_variables()).text),
        "panels": seed_panels(made, media),
        "examples": examples.build(_few(run, first), media),
        "first": first,
        "tones": tones([method for method in run.methods if method.control or method in first]),
        "changes": {method.label: findings.trained_differences(method) for method in first},
        "facts": facts,
        "report": f"{RUN_NAME}/{REPORT_NAME}",
    }
    write_text(path, environment().get_template("table1.html.j2").render(context))
    media.prune()


def lead(made: Table1) -> str:
    """The table in a sentence or two."""
    scores = made.scores
    n, n_pairs = len(scores.seeds), scores.results.pairs.n
    trainings = f"{n} training{'s' if n != 1 else ''} of each of {len(VARIANTS)} variants, scored on the same {n_pairs} pairs."
    if n < MIN_SEEDS:
        return f"{trainings} So few can show no difference between them: there is no spread and no interval, and nothing is called better."
    working = {metric.name for metric in scores.metrics if not metric.failure}
    led = {label: [m for m, key in scores.best.items() if LABELS[key] == label and m in working] for label in LABELS.values()}
    ahead = [f"{label} in {', '.join(metrics)}" for label, metrics in led.items() if metrics]
    if not ahead:
        return f"{trainings} No variant is shown to be better than both others."
    return f"{trainings} Better than both others: {'; '.join(ahead)}."


def _few(run: RunData, first: Sequence[MethodRecord]) -> RunData:
    """The run with a few of its pairs, and of its methods the target and those; the target stands in one row with them."""
    target = [replace(method, control=False) for method in run.methods if method.label == TARGET]
    pairs = examples.choose(run.pairs, N_EXAMPLES, run.results.seed)
    return RunData(run.folder, replace(run.results, methods=(*target, *first)), pairs)
