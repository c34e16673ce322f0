"""The tables of a study: numbers of the results, reasons where there are none, and formats that stay inert."""

import csv
import shutil
import subprocess
from dataclasses import replace
from io import StringIO

import pytest

from reports import study_people_tables, study_tables
from reports.table_formats import to_csv, to_latex
from tests.reports.study_samples import HOSTILE, alike, bare, crowded, rich, tiny


def _all(results):
    return {table.name: table for table in (*study_tables.tables(results), *study_people_tables.tables(results))}


def _csv(results, name):
    return list(csv.DictReader(StringIO(to_csv(_all(results)[name]))))


def test_a_rich_study_has_every_table():
    """Names are those of the files."""
    assert list(_all(rich())) == [
        *("mean_points", "differences", "wins", "mean_ranks", "nemenyi", "conover", "strengths", "places", "classes", "metrics"),
        *("agreement", "screening_rules", "before_after", "workers", "counts"),
    ]
    assert set(_all(bare())) == set(_all(rich())) - {"classes", "metrics", "screening_rules", "before_after", "workers", "counts"}


def test_files_hold_numbers_and_no_display_text():
    """Every cell of a column of numbers reads back as one, at full precision; shares are 0 to 1; counts stand alone."""
    results = rich()
    words = {"method", "against", "shown", "shown_verdict", "groups", "class", "name", "metric", "measure", "rule", "worker", "failed"}
    words |= {"answers", "meaning", "needs", "outcome"}
    for name in _all(results):
        for row in _csv(results, name):
            for column, cell in row.items():
                assert column in words or column.endswith("_note") or not cell or float(cell) is not None
                assert not column.startswith("share") or 0 <= float(cell) <= 1
    first = results.differences[0]
    row = _csv(results, "differences")[0]
    assert [float(row[name]) for name in ("difference", "difference_ci_low", "p", "share_above")] == [
        first.value,
        first.ci_low,
        first.p,
        first.share_better,
    ]
    worker = results.screening.workers[0]
    row = _csv(results, "workers")[0]
    assert (int(row["gold_passed"]), int(row["n_gold"]), float(row["same_order"])) == (worker.gold_passed, worker.n_gold, worker.same_order)
    same_order = next(row for row in _csv(results, "agreement") if row["measure"] == "self_agreement_same_order")
    assert float(same_order["value"]) == results.self_agreement.same_order


def test_mean_points_as_csv():
    """Value, interval and counts of each method; ranks of a method are all rankings; on paper the value is rounded."""
    results = rich()
    rows = _csv(results, "mean_points")
    assert list(rows[0])[:5] == ["method", "mean_points", "mean_points_ci_low", "mean_points_ci_high", "rank_1"]
    first = results.methods[0]
    ours = next(row for row in rows if row["method"] == "ours")
    found = [float(ours[f"mean_points{part}"]) for part in ("", "_ci_low", "_ci_high")]
    assert found == [first.mean_points, first.ci_low, first.ci_high]
    assert f"{first.mean_points:.2f}" in to_latex(_all(results)["mean_points"])
    assert repr(first.mean_points) not in to_latex(_all(results)["mean_points"])
    for row in rows:
        assert sum(float(row[f"rank_{place}"]) for place in range(1, 6)) == results.n_rankings


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
    assert all(row.cells[0].value == "" and row.cells[0].note.startswith("not defined: ") for row in tables["agreement"].rows)
    assert all(row["value"] == "" and row["value_note"].startswith("not defined") for row in _csv(tiny(), "agreement"))
    assert tables["mean_points"].notes[1].startswith("Intervals that are not defined: ")
    assert {row.cells[1].note for row in tables["differences"].rows} == {"not defined"}
    assert {(row["p"], row["p_note"]) for row in _csv(tiny(), "differences")} == {("", "not defined")}


def test_values_without_an_interval_say_so():
    """All rankings alike: means, differences and strengths have cells that name the lack, and a note with the reason."""
    tables = _all(alike())
    for name, column in (("mean_points", 0), ("differences", 0), ("strengths", 1)):
        assert {row.cells[column].note for row in tables[name].rows} == {"interval not defined"}
        assert any(note.startswith("Intervals that are not defined: ") for note in tables[name].notes)
        key = tables[name].columns[column].in_files
        assert all(f"{key}_ci_low" not in row and row[f"{key}_note"] == "interval not defined" for row in _csv(alike(), name))
    assert not any(note.startswith("Intervals") for table in _all(rich()).values() for note in table.notes)


def test_metrics_are_sorted_by_agreement():
    """Best first; those without a value per item last, with their reason."""
    rows = _all(rich())["metrics"].rows
    assert [row.label for row in rows] == [row["metric"] for row in _csv(rich(), "metrics")] == ["avc", "ssim", "fd"]
    assert rows[2].cells[1].note == "not defined: a score of all outputs together: there is none per item"


def test_workers_and_rules():
    """Pseudonyms, why a worker is out, and as many as the rules' counts allow."""
    results = rich()
    rows = _csv(results, "workers")
    assert all(row["worker"].startswith("w-") for row in rows)
    out = [row for row in rows if row["failed"]]
    assert len(out) == sum(bool(worker.failed) for worker in results.screening.workers) > 0
    assert [row["outcome"] == "stays" for row in rows] == [not row["failed"] for row in rows]
    assert sum(int(row["n_workers_left_out"] or 0) for row in _csv(results, "screening_rules")) >= len(out)
    change = next(row for row in _csv(results, "before_after") if row["method"] == "ours")["change"]
    assert float(change) == pytest.approx(results.methods[0].mean_points - results.screening.before[0].mean_points)


def test_rules_that_are_off_say_so():
    """A rule that isn't used leaves nobody out, and no number is made up for it."""
    screening = replace(rich().screening, rules=replace(rich().screening.rules, min_gold=None))
    cells = study_people_tables.rules(screening).rows[0].cells
    assert [cell.value for cell in cells] == ["", "", "off"]


def test_rejected_by_reason():
    """Count, line and meaning; what no line shows has none; the last row is the sum of the others."""
    rows = {row.label: row.cells for row in _all(rich())["counts"].rows}
    assert [cell.value for cell in rows["rejected: incomplete"]] == ["3", "17", "a method is missing"]
    assert rows["rejected: screened_worker"][1].value == ""
    *parts, total = (int(row["count"]) for row in _csv(rich(), "counts"))
    assert sum(parts) == total == rich().n_answers
    old = {row["reason"]: row for row in _csv(replace(rich(), n_answers=0), "rejected")}
    assert (old["incomplete"]["count"], old["incomplete"]["first_line"]) == ("3", "17")


def test_the_best_comes_first_everywhere():
    """In tables, files and matrices; not in the order of the names, in which m10 stands before m2."""
    points = {one.method: one.mean_points for one in crowded().methods}
    ranked = sorted(points, key=lambda label: -points[label])
    assert list(points) != ranked
    tables = _all(crowded())
    for name in ("mean_points", "wins", "nemenyi", "strengths", "places"):
        assert [row.label for row in tables[name].rows] == ranked
    assert [row["method"] for row in _csv(crowded(), "mean_points")] == ranked
    assert [column.name for column in tables["wins"].columns] == ranked


def test_places_have_names():
    """Also beyond the twenties."""
    names = [study_tables.place_name(n) for n in (1, 2, 3, 4, 11, 13, 22, 31, 111)]
    assert " ".join(names) == "1st 2nd 3rd 4th 11th 13th 22nd 31st 111th"


def test_many_methods_have_few_columns_of_ranks():
    """First and last place on the page, all of them in the file; groups have letters beyond z."""
    assert [column.name for column in _all(crowded())["mean_points"].shown.columns] == ["mean points", "ranked 1st", "ranked 60th"]
    row = _csv(crowded(), "mean_points")[0]
    assert sum(float(row[f"rank_{place}"]) for place in range(1, 61)) == pytest.approx(48)
    assert study_tables.groups_of([("a",)] * 28, "a").split()[24:] == ["y", "z", "aa", "ab"]


def test_hostile_labels_stay_text():
    """No cell begins like a formula, and no control character reaches a file."""
    results = rich(HOSTILE, ("=1+1", "+SUM(A1)"))
    for table in _all(results).values():
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
    head = r"\documentclass{article}\usepackage{booktabs,graphicx}\usepackage[T1]{fontenc}\begin{document}"
    (tmp_path / "all.tex").write_text("\n\\clearpage\n".join([head, *map(to_latex, tables.values()), r"\end{document}"]))
    done = subprocess.run(
        ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
