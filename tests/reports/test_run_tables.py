"""The tables of a run: every number is that of results.json, and every cell without one says why."""

import csv
import json
from io import StringIO

import pytest

from reports.data import RunData
from reports.run_tables import FAMILIES, run_tables
from reports.table_formats import to_csv, to_json, to_latex, to_markdown
from reports.table_record import family


def _named(run):
    return {table.name: table for table in run_tables(run)}


def _cell(table, label, column, against=""):
    row = next(row for row in table.rows if (row.label, row.against) == (label, against))
    return row.cells[[one.in_files for one in table.columns].index(column)]


@pytest.fixture
def rich(edit_results):
    """The run with differences between methods, size curves, classes of enough pairs and a judge that was tried."""

    def change(results):
        for metric in ("avc", "fd"):
            for first, second, value in (("ours", "cut", 0.06), ("ours", "cyclegan", 0.15), ("cut", "cyclegan", 0.09)):
                sign = 1 if metric == "avc" else -10
                ends = sorted((sign * (value - 0.02), sign * (value + 0.02)))
                effects = {"d_z": 0.5, "d_z_low": 0.4, "d_z_high": 0.6, "share_better": 0.7, "share_low": 0.6, "share_high": 0.8}
                tested = {"p": 0.0001, "p_holm": 0.0004, **(effects if metric == "avc" else {})}
                ends_of = {"ci_low": ends[0], "ci_high": ends[1]}
                results["differences"].append(
                    {"method": first, "against": second, "metric": metric, "value": sign * value, **ends_of, **tested}
                )
        results["size_curves"] = [
            {"method": "ours", "metric": "fd", "points": [[6, 20.0], [12, 12.9]], "extrapolated": 5.8, "reason": ""},
            {"method": "cut", "metric": "fd", "points": [[12, 13.5]], "extrapolated": None, "reason": "not extrapolated: too few"},
        ]
        results["class_scores"] = [
            {"method": "ours", "metric": "avc", "label": "rain", "value": 0.1, "n": 10},
            {"method": "ours", "metric": "avc", "label": "ocean", "value": 0.9, "n": 12},
            {"method": "cut", "metric": "avc", "label": "rain", "value": 0.5, "n": 30},
            {"method": "cut", "metric": "avc", "label": "ocean", "value": 0.5, "n": 9},
        ]

    return RunData.open(edit_results(change))


def test_the_tables_of_a_run(rich):
    """Family by family, one per metric where a family has several; names are those of files, and differ."""
    tables = run_tables(rich)
    assert list(dict.fromkeys(table.family for table in tables)) == list(FAMILIES)
    assert [table.name for table in family(tables, "differences")] == [
        *("differences-avc", "differences-label-similarity", "differences-fd-by-class", "differences-fd"),
        "differences-structure-similarity",
    ]
    assert [table.name for table in family(tables, "versus")] == ["versus-avc", "versus-fd"]
    assert [table.name for table in family(tables, "classes-avc")] == ["classes-avc"]


def test_raw_numbers_are_those_of_the_results(rich):
    """Every score with both ends of its interval, in CSV and in JSON, to the last digit."""
    found = _named(rich)
    rows = {row["method"]: row for name in ("scores", "secondary") for row in csv.DictReader(StringIO(to_csv(found[name])))}
    for name in ("scores", "secondary"):
        rows = {row["method"]: row for row in csv.DictReader(StringIO(to_csv(found[name])))}
        cells = {(row["label"], cell["column"]): cell for row in json.loads(to_json(found[name]))["rows"] for cell in row["cells"]}
        for column in found[name].columns:
            for method in rich.methods:
                score = rich.score(method.label, column.name)
                numbers = [score.value, score.ci_low, score.ci_high]
                read = [rows[method.label][f"{column.name}{part}"] for part in ("", "_ci_low", "_ci_high")]
                assert [float(text) if text else None for text in read] == numbers
                assert [cells[method.label, column.name][part] for part in ("value", "ci_low", "ci_high")] == numbers


def test_what_is_not_scored_says_why(rich):
    """In every format; never a 0."""
    table = _named(rich)["scores"]
    cell = _cell(table, "cyclegan", "label_similarity")
    assert (cell.value, cell.raw.value, cell.note) == ("", None, "no prototypes")
    assert "– (no prototypes)" in to_markdown(table)
    assert r"\scriptsize (no prototypes)" in to_latex(table)
    row = next(row for row in csv.DictReader(StringIO(to_csv(table))) if row["method"] == "cyclegan")
    assert (row["label_similarity"], row["label_similarity_note"]) == ("", "no prototypes")


def test_digits_follow_the_methods_uncertainty(rich):
    """Half widths of 0.049 take three digits, of 1.6 one; a control that has none doesn't count."""
    table = _named(rich)["scores"]
    assert [_cell(table, "ours", name).value for name in ("avc", "fd_by_class", "fd")] == ["0.370", "33.7", "12.9"]
    assert _cell(table, "ours", "avc").interval == "[0.321, 0.419]"


def test_bold_is_who_is_shown_to_be_better_than_each_other_method(rich):
    """Ours on avc, and nobody where differences between methods are missing; a note says what bold means."""
    table = _named(rich)["scores"]
    bold = {(row.label, column.name) for row in table.rows for column, cell in zip(table.columns, row.cells, strict=True) if cell.best}
    assert bold == {("ours", "avc"), ("ours", "fd")}
    assert any(note.startswith("Bold: shown to be better than each other method") for note in table.notes)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: next(d for d in r["differences"] if (d["method"], d["against"], d["metric"]) == ("ours", "cut", "avc")).update(
            p_holm=0.2
        ),
        lambda r: next(d for d in r["differences"] if (d["method"], d["against"], d["metric"]) == ("ours", "cut", "avc")).update(
            ci_low=-0.1
        ),
        lambda r: next(m for m in r["metrics"] if m["name"] == "avc").update(failure="blind"),
        lambda r: next(s for s in r["scores"] if (s["method"], s["metric"]) == ("ours", "avc")).update(n=8, n_missing=4),
    ],
    ids=["the test does not stand", "the interval holds 0", "the metric fails", "pairs are missing"],
)
def test_nothing_is_bold_without_a_shown_lead(rich, edit_results, change):
    """Each of these takes the bold of avc away."""
    table = _named(RunData.open(edit_results(change)))["scores"]
    assert not any(_cell(table, label, "avc").best for label in ("ours", "cut", "cyclegan"))


def test_differences_from_the_controls(rich):
    """Methods first, then controls; verdicts in words, and nobody against itself."""
    table = _named(rich)["differences-fd-by-class"]
    assert [row.label for row in table.rows][:4] == ["ours", "cut", "cyclegan", "target"]
    cell = _cell(table, "ours", "minus_identity")
    assert (cell.value, cell.verdict, cell.says) == ("−37.6", "better", "better")
    assert cell.raw.value == pytest.approx(33.7 - 71.3)
    assert _cell(table, "identity", "minus_identity").note == "itself"


def test_methods_against_each_other(rich):
    """Difference with who is better, p with its bound, effect sizes; a distance of sets has none of these."""
    found = _named(rich)
    cells = next(row.cells for row in found["versus-avc"].rows if (row.label, row.against) == ("ours", "cut"))
    assert [cell.value for cell in cells] == ["+0.060", "< 0.001", "+0.50", "0.70"]
    assert (cells[0].verdict, cells[0].says, cells[1].raw.value, cells[3].interval) == ("better", "ours is better", 0.0004, "[0.60, 0.80]")
    assert [column.in_files for column in found["versus-fd"].columns] == ["difference", "p_holm"]
    assert _cell(found["versus-fd"], "ours", "difference", "cut").says == "ours is better"


def test_classes_are_coloured_from_worst_to_best(rich):
    """The extremes get the extremes of the scale; classes of few pairs say so; unequal numbers of pairs are told."""
    table = _named(rich)["classes-avc"]
    assert [(column.name, column.note) for column in table.columns] == [("rain", "30 pairs"), ("ocean", "12 pairs")]
    steps = {(row.label, column.name): cell.step for row in table.rows for column, cell in zip(table.columns, row.cells, strict=True)}
    assert steps == {("ours", "rain"): 0, ("ours", "ocean"): 8, ("cut", "rain"): 4, ("cut", "ocean"): None}
    assert _cell(table, "cut", "ocean").note == "not scored, or too few pairs"
    assert _cell(table, "ours", "rain").note == "10 pairs"


def test_sizes_say_why_nothing_is_extrapolated(rich):
    """A number where there is one, else words, and the reason once below."""
    table = _named(rich)["sizes-fd"]
    assert [cell.value for cell in table.rows[0].cells] == ["20.0", "12.9", "5.8"]
    assert [cell.note for cell in table.rows[1].cells] == ["no such number of outputs", "", "not extrapolated"]
    assert "Not extrapolated: too few (cut)." in table.notes


def test_whether_metrics_and_judges_work(rich, edit_results):
    """The right and the wrong control of each metric; a metric without a wrong one is not called good; a failing one has its reason."""

    def change(results):
        results["metrics"][0]["failure"] = "target is no better than shuffled"

    found = _named(RunData.open(edit_results(change)))
    checks = {row.label: row.cells for row in found["metrics"].rows}
    assert [cell.value for cell in checks["avc"][:3]] == ["0.610", "−0.070", "+0.680"]
    assert (checks["avc"][3].value, checks["avc"][3].note) == ("no", "target is no better than shuffled")
    assert checks["fd"][3].value == "not checked"
    assert checks["structure_similarity"][3].value == "yes"
    (row,) = found["judge"].rows
    assert (row.label, row.cells[0].value, row.cells[0].interval) == ("l3_image", "0.870", "[0.820, 0.910]")
    assert any("⚠" in note for note in found["scores"].notes)


def test_a_distance_at_another_n_is_not_comparable(edit_results):
    """Fréchet distances at unequal n are marked; other rows stay clean; missing outputs are counted."""

    def change(results):
        row = next(s for s in results["scores"] if (s["method"], s["metric"]) == ("ours", "fd"))
        row.update(n=20, n_missing=4)
        next(m for m in results["methods"] if m["label"] == "ours").update(n_missing=4, not_asked="4 targets have no frame")

    found = _named(RunData.open(edit_results(change)))
    assert _cell(found["scores"], "ours", "fd").note == "4 missing, n = 20, not comparable"
    assert _cell(found["scores"], "cut", "fd").note == ""
    missing = _cell(found["counts"], "ours", "n_missing")
    assert (missing.value, missing.note) == ("4", "4 targets have no frame")
    assert _cell(found["counts"], "ours", "n_fd").raw.value == 20


def test_a_run_of_controls_only_has_its_tables(edit_results):
    """No method, no bold, nothing against each other; digits come from the controls."""

    def change(results):
        results["methods"] = [m for m in results["methods"] if m["control"]]
        labels = {m["label"] for m in results["methods"]}
        results["scores"] = [s for s in results["scores"] if s["method"] in labels]
        results["differences"] = [d for d in results["differences"] if d["method"] in labels]
        results["class_scores"] = []

    found = _named(RunData.open(edit_results(change)))
    assert not [name for name in found if name.startswith(("versus", "classes"))]
    assert _cell(found["scores"], "target", "avc").value == "0.610"


def test_metrics_of_plug_ins_make_names_of_files_that_differ(edit_results):
    """Whatever a metric is called, its file stays in the folder."""

    def change(results):
        for kind in ("scores", "differences", "class_scores"):
            for row in results[kind]:
                row["metric"] = {"avc": "../A", "label_similarity": "a"}.get(row["metric"], row["metric"])
        for metric in results["metrics"]:
            metric["name"] = {"avc": "../A", "label_similarity": "a"}.get(metric["name"], metric["name"])

    names = [table.name for table in run_tables(RunData.open(edit_results(change)))]
    assert {"differences-a", "differences-a-2"} <= set(names)
    assert len(set(names)) == len(names)
