"""Table 1: one run of all trainings, and its table in every format beside it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from adis_bench.errors import ConfigError
from adis_bench.files import write_json, write_text
from adis_bench.results import REPORT_NAME, Results
from adis_bench.spec import Flags, RunSpec, resolve
from adis_bench.statistics.seeds import SeedMean
from reports.data import RunData
from reports.table1_page import write_page
from reports.table1_rows import Table1, table1_of
from reports.table1_scores import NAME, RUN_NAME, Table1Scores, trainings
from reports.table_formats import markdown_list, to_csv, to_latex, to_markdown

SCHEMA_VERSION = 1


def table1_spec(flags: Flags, n_seeds: int) -> RunSpec:
    """The run of all trainings, in ``OUT/run``; its default place doesn't depend on their number, so that more go on from fewer.

    Raises:
        ConfigError: an unknown name or a value that does not fit.
    """
    spec = resolve(flags)
    own = spec.method_settings.get("ours", {})
    if asked := [name for name in ("audio_init", "audio_weights") if own.get(name) not in (None, "", "scratch")]:
        raise ConfigError(
            f"preset {spec.preset!r}, table [methods.ours]: {asked[0]} = {own[asked[0]]!r} would be no training from scratch; "
            'say it in [methods."ours:selavi"] or [methods."ours:wav2clip"]'
        )
    out = spec.out if flags.out else spec.out.with_name(f"{NAME}-{spec.out.name}")
    return spec.model_copy(update={"methods": trainings(n_seeds), "out": out / RUN_NAME})


def write_table1(out: Path) -> Table1:
    """Write ``table1.html``, ``.md``, ``.tex``, ``.csv`` and ``.json`` from the finished run in ``out/run``.

    Raises:
        IncompleteRunError: the run has no results yet.
        DataError: a file of the run is damaged.
    """
    run = RunData.open(out / RUN_NAME)
    made = table1_of(run)
    tables = [made.table, *([made.published] if made.published else [])]
    write_text(out / f"{NAME}.md", "\n".join([*map(to_markdown, tables), _warnings(run.results)]))
    write_text(out / f"{NAME}.tex", "\n".join(map(to_latex, tables)))
    # Numbers of different protocols never stand in one column: this file holds the first table only.
    write_text(out / f"{NAME}.csv", to_csv(made.table))
    write_json(out / f"{NAME}.json", record(made.scores))
    write_page(out / f"{NAME}.html", run, made)
    return made


def _warnings(results: Results) -> str:
    """The end of the Markdown file."""
    listed = markdown_list(results.warnings)
    head = ["**Before you quote a number**", "", *listed, ""] if listed else []
    return "\n".join([*head, f"Examples, plots and digests: [the run's report]({RUN_NAME}/{REPORT_NAME}).", ""])


def summary(scores: Table1Scores) -> dict[str, Any]:
    """The object that ``table1 --json`` prints; others rely on its names."""
    return {
        "protocol": scores.results.protocol,
        "rows": [{"variant": one.variant, "metric": one.metric, **_numbers(one.together)} for one in scores.scores.values()],
    }


def record(scores: Table1Scores) -> dict[str, Any]:
    """What ``table1.json`` holds: the numbers unrounded, with every training's own."""
    results = scores.results
    controls = {method.label for method in results.methods if method.control}
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: getattr(results, name) for name in ("protocol", "preset", "command", "created")},
        "dataset": {"name": results.dataset.name, "digest": results.dataset.digest},
        "pairs": {"n": results.pairs.n, "digest": results.pairs.digest},
        "seeds": list(scores.seeds),
        "rows": [
            {
                "variant": one.variant,
                "metric": one.metric,
                **_numbers(one.together),
                "best": scores.best.get(one.metric) == one.variant,
                "values": {str(seed): value for seed, value in one.values},
                "missing": {str(seed): reason for seed, reason in one.missing},
                "reason": one.together.reason,
            }
            for one in scores.scores.values()
        ],
        "differences": [
            {
                "variant": one.variant,
                "against": one.against,
                "metric": one.metric,
                **_numbers(one.together),
                "values": {str(seed): value for seed, value in one.values},
                "reason": one.together.reason,
            }
            for one in scores.differences.values()
        ],
        "controls": [asdict(score) for score in results.scores if score.method in controls],
        "warnings": list(results.warnings),
    }


def _numbers(together: SeedMean) -> dict[str, Any]:
    return {
        "mean": together.mean,
        "sd": together.deviation,
        "ci_low": together.low,
        "ci_high": together.high,
        "n_seeds": together.n,
    }
