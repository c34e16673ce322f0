"""Table 1 as files: what a cell says, what stands under the table, and that no text of a run becomes markup."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adis_bench.results import ExtractorRecord, Results, write_results
from adis_bench.spec import Flags
from reports.style import color
from reports.table1 import summary, table1_spec, write_table1
from reports.table1_figures import seeds
from reports.table1_rows import Table1
from tests.reports.table1_runs import VALUES, add_outputs, table1_results, with_scores, without

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def written(run_dir: Path) -> Callable[..., tuple[Table1, Path]]:
    """Write the table of a synthetic run: ``written(3, change)`` with a change of its records."""

    def write(n_seeds: int = 3, change: Callable[[Results], Results] = lambda results: results) -> tuple[Table1, Path]:
        add_outputs(run_dir, n_seeds)
        write_results(run_dir, change(table1_results(run_dir, n_seeds)), [])
        return write_table1(run_dir.parent), run_dir.parent

    return write


def _cells(made: Table1, label: str) -> dict[str, Any]:
    row = next(row for row in made.table.rows if row.label == label)
    return {column.name: cell for column, cell in zip(made.table.columns, row.cells, strict=True)}


def test_the_run_of_the_table():
    """Its trainings, its folder below --out, and a default folder that more seeds share and another preset doesn't."""
    spec = table1_spec(Flags(preset="tiny", out=Path("/somewhere")), 2)
    assert spec.out == Path("/somewhere/run")
    assert len(spec.methods) == 6
    few, more, other = (table1_spec(Flags(preset=p), n).out for p, n in (("tiny", 1), ("tiny", 5), ("quick", 1)))
    assert few == more != other
    assert re.fullmatch(r"table1-demo-tiny-[0-9a-f]{8}", few.parent.name)


def test_three_trainings(written):
    """Mean, spread, interval and bold, with as many digits as the uncertainty allows and as many in all of a column."""
    made, _ = written()
    best, other = _cells(made, "+ Wav2CLIP"), _cells(made, "+ SeLaVi")
    assert (best["avc"].value, best["avc"].spread, best["avc"].interval, best["avc"].best) == ("0.420", "0.010", "[0.396, 0.444]", True)
    assert (other["fd_by_class"].value, other["fd_by_class"].spread, other["fd_by_class"].best) == ("33.5", "0.5", False)
    assert _cells(made, "target")["avc"].value == "0.610"
    assert _cells(made, "target")["fd_by_class"].value == "12.5"
    assert [row.kind for row in made.table.rows] == ["control"] * 5 + ["variant"] * 3


def test_two_trainings(written):
    """Both values beside the mean; no spread, no interval, nothing bold, and a sentence that says why."""
    made, out = written(2)
    cell = _cells(made, "+ SeLaVi")["avc"]
    assert (cell.value, cell.singles, cell.spread, cell.interval, cell.best) == ("0.315", ("0.330", "0.300"), "", "", False)
    assert "no spread, no interval and nothing bold below 3" in made.table.notes[0]
    assert "**" not in (out / "table1.md").read_text().splitlines()[9]


def test_one_training(written):
    """The value, with nothing else."""
    made, _ = written(1)
    cell = _cells(made, "Ours (from scratch)")["fd"]
    assert (cell.value, cell.beside, cell.spread) == ("12.00", "", "")


def test_a_failed_training_is_told(written):
    """The others stand, with their number; the reason stands once under the table, not under every cell."""
    made, _ = written(3, lambda results: without(results, "selavi-1", "the training diverged"))
    assert _cells(made, "+ SeLaVi")["avc"].beside == "(0.330 and 0.315) (2 of 3 seeds)"
    assert made.table.notes.count("+ SeLaVi: seed 1 is missing (the training diverged).") == 1
    assert "+ SeLaVi: no spread and no interval: 2 trainings, 3 are needed." in made.table.notes
    made, _ = written(3, lambda results: with_scores(results, lambda s: {"n": 5} if (s.method, s.metric) == ("selavi-1", "fd") else {}))
    assert "+ SeLaVi, fd: seed 1 is missing (rests on 5 pairs, not 12)." in made.table.notes


def test_a_variant_without_any_training_keeps_its_row(written):
    """Not scored is a state, not a dropped row; the files are written, and nothing is bold."""
    made, out = written(1, lambda results: without(results, "selavi-0", "the weights are missing"))
    assert {cell.beside for cell in _cells(made, "+ SeLaVi").values()} == {"(not scored)"}
    assert "+ SeLaVi: seed 0 is missing (the weights are missing)." in made.table.notes
    row = next(row for row in summary(made.scores)["rows"] if (row["variant"], row["metric"]) == ("selavi", "avc"))
    assert row == {"variant": "selavi", "metric": "avc", "mean": None, "sd": None, "ci_low": None, "ci_high": None, "n_seeds": 0}
    assert (out / "table1.html").is_file()


def test_what_the_encoders_began_with_is_told(written):
    """In the method's own words, by seeds where they differ."""

    def differ(results: Results) -> Results:
        methods = (
            replace(m, provenance={**m.provenance, "audio_init": "found nothing."}) if m.label == "selavi-2" else m for m in results.methods
        )
        return replace(results, methods=tuple(methods))

    made, _ = written(3, differ)
    assert made.table.notes[-3:] == (
        "Ours (from scratch): random weights.",
        "+ SeLaVi: trained here for 600 steps (seed 0 and 1); found nothing (seed 2).",
        "+ Wav2CLIP: the published file.",
    )


def test_failing_metrics_are_marked_in_every_format(written):
    """As other tables do; the page's first sentence passes over them."""

    def fail(results: Results) -> Results:
        return replace(results, metrics=tuple(replace(m, failure="blind here") if m.name == "avc" else m for m in results.metrics))

    _, out = written(3, fail)
    assert "avc ↑ ⚠" in (out / "table1.md").read_text()
    assert r"avc $\uparrow$ $^{\dagger}$" in (out / "table1.tex").read_text()
    page = (out / "table1.html").read_text()
    assert "fails: blind here" in page
    assert "Better than both others: + Wav2CLIP in fd_by_class." in page


def test_the_record_holds_every_number(written):
    """Unrounded in JSON and CSV, with every training's value in JSON; --json prints the promised names only."""
    made, out = written()
    record = json.loads((out / "table1.json").read_text())
    rows = {(row["variant"], row["metric"]): row for row in record["rows"]}
    assert rows["selavi", "fd"]["values"] == {str(seed): value for seed, value in enumerate(VALUES["fd"]["selavi"])}
    assert rows["wav2clip", "avc"]["best"]
    assert len(record["differences"]) == 3 * 5
    read = {row["row"]: row for row in csv.DictReader((out / "table1.csv").open())}
    for column, part in (("mean", ""), ("sd", "_sd"), ("ci_low", "_ci_low"), ("ci_high", "_ci_high")):
        assert float(read["'+ Wav2CLIP"][f"avc{part}"]) == rows["wav2clip", "avc"][column]
    printed = summary(made.scores)
    assert list(printed) == ["protocol", "rows"]
    assert {tuple(row) for row in printed["rows"]} == {("variant", "metric", "mean", "sd", "ci_low", "ci_high", "n_seeds")}
    assert len(printed["rows"]) == 3 * 5


def test_published_numbers_stand_apart_on_other_data(written):
    """A table of their own with the reasons, in the page, Markdown and LaTeX; none in the CSV file."""
    made, out = written()
    assert made.published is not None
    assert not any(row.kind == "published" for row in made.table.rows)
    for name in ("table1.md", "table1.tex", "table1.html"):
        text = " ".join((out / name).read_text().split())
        assert "34.139" in text
        assert "The protocol is offline, not paper" in text
    assert "34.139" not in (out / "table1.csv").read_text()


def test_published_numbers_stand_beside_on_the_papers_data(written):
    """By the paper's protocol on Into the Wild they are rows of the table, with a remark on the budget."""

    def paper(results: Results) -> Results:
        dataset = replace(results.dataset, recipe={"kind": "into_the_wild"})
        return replace(results, protocol="paper", dataset=dataset, extractors=(ExtractorRecord("clip", "", "4" * 64, {"verified": True}),))

    made, out = written(3, paper)
    assert made.published is None
    assert [row.label for row in made.table.rows if row.kind == "published"] == ["Ours (from scratch)", "+ SeLaVi", "+ Wav2CLIP"]
    assert any("The preset is demo" in note for note in made.table.notes)
    rows = list(csv.DictReader((out / "table1.csv").open()))
    assert [row["kind"] for row in rows][-3:] == ["published"] * 3
    assert "so the published numbers stand in the table above" in (out / "table1.html").read_text()


def test_the_page_leads_to_files_that_are_there(written):
    """Its media, the table's other formats and places in the page; the run's report at its place."""
    _, out = written()
    (out / "run" / "report").mkdir()
    (out / "run" / "report" / "index.html").write_text("a report")
    links = re.findall(r'(?:src|href|srcset)="([^"]+)"', (out / "table1.html").read_text())
    assert len([link for link in links if link.startswith("media/")]) > 8 * 6
    for link in links:
        place = link.partition("#")
        assert place[0] == "" or (out / place[0]).is_file(), link


def test_the_page_tells_what_it_shows(written):
    """Warnings, examples with player and all three outputs, plots in words, the command."""
    _, out = written()
    page = " ".join((out / "table1.html").read_text().split())
    for words in (
        "Intervals rest on 38 sound groups",
        "avc of every training, with 95 % intervals of the means",
        "+ Wav2CLIP 0.410, 0.430, 0.420, mean 0.420 [0.396, 0.444]",
        "<audio controls",
        "1,267 steps, not 300 epochs",
        "adis-bench run --methods ours,cut,cyclegan --out runs/demo",
    ):
        assert words in page
    assert page.count('data-method="wav2clip-0"') == page.count('data-method="target"') == 8
    assert 'data-method="wav2clip-1"' not in page


def test_the_same_run_gives_the_same_files(written, run_dir):
    """Written twice, the folder holds the same bytes."""
    _, out = written()
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    write_table1(out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_values_of_data_files_cannot_become_markup(written):
    """Whatever text a run holds is shown as text: no script, no handler, no picture of its own."""

    def poison(results: Results) -> Results:
        results = without(results, "selavi-1", HOSTILE)
        methods = (
            replace(m, description=HOSTILE, provenance={"differences": [HOSTILE], "audio_init": HOSTILE, HOSTILE: HOSTILE})
            for m in results.methods
        )
        metrics = (replace(m, description=HOSTILE, unit=HOSTILE, failure=HOSTILE) for m in results.metrics)
        dataset = replace(results.dataset, name=HOSTILE, displays=dict.fromkeys(results.dataset.displays, HOSTILE))
        changed = {"methods": tuple(methods), "metrics": tuple(metrics), "dataset": dataset}
        return replace(results, warnings=(HOSTILE,), command=HOSTILE, preset=HOSTILE, protocol=HOSTILE, **changed)

    _, out = written(3, poison)
    page = (out / "table1.html").read_text()
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "unsafe" not in page
    assert "<script" not in (out / "table1.md").read_text()


@pytest.mark.parametrize(("n_seeds", "rings", "lines"), [(1, 3, 0), (2, 6, 0), (3, 9, 3)])
def test_figures_show_every_training(written, n_seeds, rings, lines):
    """A ring per training in its variant's colour; a line with a diamond per mean from three trainings on."""
    made, _ = written(n_seeds)
    drawing = seeds(made, made.scores.metrics[0])
    assert drawing is not None
    colors = "|".join(color(f"m{place}").light for place in range(3))
    assert len(re.findall(rf'<use [^>]*style="fill-opacity: 0; stroke: (?:{colors})', drawing.svg)) == rings
    assert len(re.findall(rf'<use [^>]*style="fill: (?:{colors})', drawing.svg)) == lines
    assert len(re.findall(rf'style="fill: none; stroke: (?:{colors}); stroke-width: 2.2', drawing.svg)) == lines


def test_no_figure_without_a_value(written):
    """A metric that no training was scored on has none."""
    made, _ = written(1, lambda results: with_scores(results, lambda s: {"value": None} if s.metric == "avc" else {}))
    assert seeds(made, made.scores.metrics[0]) is None
