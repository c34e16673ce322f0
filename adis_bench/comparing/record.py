"""A comparison as one JSON object; others rely on its names."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from adis_bench.comparing.answer import answer
from adis_bench.comparing.comparison import Comparison
from adis_bench.comparing.conditions import Judged
from adis_bench.comparing.runs import OpenRun
from adis_bench.metrics.comparison import Compared
from adis_bench.results.verdicts import verdict

SCHEMA_VERSION = 1
KIND = "adis-bench comparison"


def record(found: Comparison, judged: Sequence[Judged] = ()) -> dict[str, Any]:
    """What ``compare --json`` prints and ``comparison.json`` holds.

    Args:
        found: the comparison.
        judged: the conditions of ``--fail-if``; ``regression`` says whether one holds.
    """
    first = found.runs[0].results
    higher = {metric.name: metric.higher_is_better for metric in found.metrics}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "regression": any(one.holds for one in judged),
        "answer": list(answer(found)),
        "runs": [_run(run) for run in found.runs],
        "dataset": {"name": first.dataset.name, "digest": first.dataset.digest},
        "pairs": {"n": first.pairs.n, "digest": first.pairs.digest},
        "protocol": {"name": first.protocol, "version": first.protocol_version, "digest": first.protocol_digest},
        "resolution": first.resolution,
        "metrics": [
            {
                **{name: getattr(metric, name) for name in ("name", "kind", "unit", "higher_is_better", "beside")},
                "failures": dict(found.failures.get(metric.name, {})),
            }
            for metric in found.metrics
        ],
        "methods": [
            {
                "label": one.label,
                "method": one.method.label,
                "control": one.method.control,
                "runs": [found.runs[place].name for place in one.runs],
                "digest": one.method.provenance.get("digest"),
            }
            for one in found.contenders
        ],
        "scores": [asdict(score) for score in found.scores.values()],
        "differences": [
            {
                "metric": one.metric,
                "method": one.later.label,
                "against": one.earlier.label,
                "between_runs": one.between_runs,
                **_difference(one.value, higher[one.metric]),
            }
            for one in found.differences
        ],
        "conditions": [
            {"condition": one.text, "holds": one.holds, **_difference(one.value, one.metric.higher_is_better)} for one in judged
        ],
        "not_in_every_run": list(found.not_everywhere),
    }


def _run(run: OpenRun) -> Mapping[str, Any]:
    names = ("created", "preset", "seed", "command", "git_commit", "git_dirty")
    return {
        "name": run.name,
        "path": str(run.folder),
        **{name: getattr(run.results, name) for name in names},
        "warnings": list(run.results.warnings),
    }


def _difference(value: Compared, higher_is_better: bool) -> Mapping[str, Any]:
    effect = value.effect
    return {
        "value": value.value,
        "ci_low": value.ci_low,
        "ci_high": value.ci_high,
        "p": value.p,
        "p_holm": value.p_holm,
        "verdict": verdict(value, higher_is_better).value,
        "d_z": effect.d_z if effect else None,
        "d_z_low": effect.d_z_interval.low if effect else None,
        "d_z_high": effect.d_z_interval.high if effect else None,
        "share_better": effect.share_better if effect else None,
        "share_low": effect.share_interval.low if effect else None,
        "share_high": effect.share_interval.high if effect else None,
        "n": value.n,
        "n_missing": value.n_missing,
        "reason": value.reason or None,
    }
