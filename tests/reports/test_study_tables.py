"""The tables of a study: numbers of the results, reasons where there are none, and formats that stay inert."""

import csv
import shutil
import subprocess
from dataclasses import replace
from io import StringIO

import pytest

from reports import study_people_tables, study_tables
from reports.table_formats import to_csv, to_latex
from tests.reports.study_samples import HOSTILE, bare, rich, tiny


def _all(results):
    return {table.name: table for table in (*study_tables.tables(results), *study_people_tables.tables(results))}


def _csv(table):
    return list(csv.DictReader(StringIO(to_csv(table))))


def test_a_rich_study_has_every_table():
    """Names are those of the files."""
    assert list(_all(rich())) == [
        *("mean_points", "differences", "wins", "mean_ranks", "nemenyi", "conover", "strengths", "places", "classes", "metrics"),
        *("agreement", "screening_rules", "before_after", "workers", "rejected"),
    ]
    assert set(_all(bare())) == set(_all(rich())) - {"classes", "metrics", "screening_rules", "before_after", "workers", "rejected"}


def test_mean_points_as_csv():
    """Value, interval and counts of each method, no column without content; ranks of a method are all rankings."""
    results = rich()
    rows = _csv(_all(results)["mean_points"])
    assert list(rows[0])[:4] == ["Method", "mean points", "mean points ci_low", "mean points ci_high"]
    first = results.methods[0]
    assert rows[0]["Method"] == "ours"
    assert float(rows[0]["mean points"]) == pytest.approx(first.mean_points, abs=0.005)
    assert float(rows[0]["mean points ci_low"]) == pytest.approx(first.ci_low, abs=0.005)
    for row in rows:
        assert sum(int(row[f"ranked {place}"]) for place in ("1st", "2nd", "3rd", "4th", "5th")) == results.n_rankings


def test_the_best_is_bold_only_where_shown():
    """A lead of hardly anything is not set in bold."""
    assert [row.cells[0].best for row in _all(rich())["mean_points"].rows].count(True) <= 1
    assert not any(row.cells[0].best for row in _all(bare())["mean_points"].rows)
    clear = bare(30, 12, (2.0, 0.0, -2.0))
    assert [row.cells[0].best for row in _all(clear)["mean_points"].rows] == [True, False, False]


def test_wins_mirror_each_other():
    """Shares above and below the diagonal sum to 100 %, and nobody is above itself."""
    table = _all(rich())["wins"]
    shares = [[float(cell.value.removesuffix(" %")) if cell.value else None for cell in row.cells] for row in table.rows]
    for row in range(5):
        assert shares[row][row] is None
        for column in range(row):
            assert shares[row][column] + shares[column][row] == pytest.approx(100, abs=0.11)


def test_undefined_values_say_so():
    """No 0 and no empty cell stands for what isn't defined."""
    tables = _all(tiny())
    assert not {"mean_ranks", "nemenyi", "places"} & set(tables)
    notes = {row["Measure"]: (row["value"], row["value note"]) for row in _csv(tables["agreement"])}
    assert all(value == "" and note.startswith("not defined: ") for value, note in notes.values())
    assert tables["mean_points"].notes[1].startswith("No intervals: ")
    assert {row["p note"] for row in _csv(tables["differences"])} == {"not defined"}


def test_metrics_are_sorted_by_agreement():
    """Best first; those without a value per item last, with their reason."""
    rows = _csv(_all(rich())["metrics"])
    assert [row["Metric"] for row in rows] == ["avc", "ssim", "fd"]
    assert rows[2]["Kendall's tau-b per item note"] == "not defined: a score of all outputs together: there is none per item"


def test_workers_and_rules():
    """Pseudonyms, why a worker is out, and as many as the rules' counts allow."""
    results = rich()
    tables = _all(results)
    rows = _csv(tables["workers"])
    assert all(row["Worker"].startswith("w-") for row in rows)
    out = [row for row in rows if row["left out, because the worker"] != "stays"]
    assert len(out) == sum(bool(worker.failed) for worker in results.screening.workers) > 0
    assert sum(int(row["workers left out"]) for row in _csv(tables["screening_rules"])) >= len(out)
    change = _csv(tables["before_after"])[0]["change"]
    assert float(change) == pytest.approx(results.methods[0].mean_points - results.screening.before[0].mean_points, abs=0.006)


def test_rules_that_are_off_say_so():
    """A rule that isn't used leaves nobody out, and no number is made up for it."""
    screening = replace(rich().screening, rules=replace(rich().screening.rules, min_gold=None))
    cells = study_people_tables.rules(screening).rows[0].cells
    assert (cells[0].value, cells[1].value) == ("off", "")


def test_rejected_by_reason():
    """Count, line and meaning; what no line shows has none."""
    rows = {row["Reason"]: row for row in _csv(_all(rich())["rejected"])}
    assert (rows["incomplete"]["rankings"], rows["incomplete"]["first at line"]) == ("3", "17")
    assert rows["screened_worker"]["first at line"] == ""
    assert rows["incomplete"]["meaning"]


def test_controls_come_first():
    """The order of tables and plots is that of a run's report."""
    assert study_tables.labels(rich(HOSTILE))[0] == "identity"


def test_hostile_labels_stay_text():
    """No cell begins like a formula, and no control character reaches a file."""
    for table in _all(rich(HOSTILE, ("=1+1", "+SUM(A1)"))).values():
        text = to_csv(table)
        cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) and not cell[1:].replace(".", "").isdigit()]
        assert "\x1b" not in text + to_latex(table)
        assert "\u202e" not in text + to_latex(table)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_latex_compiles(tmp_path):
    """All tables with hostile labels, in one document."""
    tables = _all(rich(HOSTILE, ("=1+1", "a & b_c")))
    head = r"\documentclass{article}\usepackage{booktabs}\usepackage[T1]{fontenc}\begin{document}"
    (tmp_path / "all.tex").write_text("\n\\clearpage\n".join([head, *map(to_latex, tables.values()), r"\end{document}"]))
    done = subprocess.run(
        ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
