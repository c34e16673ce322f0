"""``adis-bench study report``: from a table to a folder."""

import json
import re

import pytest

TABLE = "item_id,worker_id,method,rank\n" + "".join(
    f"i{item},w{worker},{method},{rank}\n"
    for item in range(6)
    for worker in range(4)
    for rank, method in enumerate(("ours", "cut", "cyclegan") if (item + worker) % 3 else ("cut", "ours", "cyclegan"), 1)
)


@pytest.fixture
def table(tmp_path):
    """A bare long table of three methods."""
    path = tmp_path / "results.csv"
    path.write_text(TABLE)
    return path


def test_a_bare_table_becomes_a_report(invoke, table, tmp_path):
    """Neither study nor run is needed; the page is named, and says where it comes from."""
    result = invoke("study", "report", table, "--out", tmp_path / "report", "--replicates", "50")
    assert result.exit_code == 0
    page = tmp_path / "report" / "index.html"
    assert result.stdout.strip() == str(page)
    text = page.read_text()
    assert "results.csv" in text
    assert "50, seed 0" in text
    assert (tmp_path / "report" / "tables" / "mean_points.tex").is_file()
    assert (tmp_path / "report" / "figures" / "mean_points.svg").is_file()


def test_its_numbers_are_those_of_aggregate(invoke, table, tmp_path):
    """One analysis, two ways to see it."""
    plain = json.loads(invoke("study", "aggregate", table, "--json").stdout)
    found = json.loads(invoke("study", "report", table, "--out", tmp_path / "report", "--json").stdout)
    assert found.pop("report") == str(tmp_path / "report" / "index.html")
    assert found == plain
    written = json.loads((tmp_path / "report" / "study_results.json").read_text())
    assert written["methods"][0]["mean_points"] == plain["methods"][0]["mean_points"]


def test_worker_ids_stay_at_home(invoke, table, tmp_path):
    """No file of the report names a worker."""
    table.write_text(re.sub(r",w(?=\d)", ",A2SECRETWORKER", TABLE))
    assert invoke("study", "report", table, "--out", tmp_path / "report").exit_code == 0
    for path in (tmp_path / "report").rglob("*"):
        assert path.is_dir() or b"A2SECRET" not in path.read_bytes()


def test_options_reach_the_analysis(invoke, table, tmp_path):
    """Ties are refused where they are forbidden; methods can be named."""
    table.write_text(TABLE.replace("i0,w1,cut,2", "i0,w1,cut,1").replace("i0,w1,cyclegan,3", "i0,w1,cyclegan,1"))
    common = ("study", "report", table, "--out", tmp_path / "report", "--json")
    assert json.loads(invoke(*common, "--no-ties").stdout)["rejected"] == {"tie": 1}
    refused = invoke(*common, "--methods", "ours,cut,cyclegan,munit")
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


def test_foreign_folders_are_refused_in_one_line(invoke, table, tmp_path):
    """The user reads what is in the way, and nothing is lost."""
    (tmp_path / "media").mkdir()
    refused = invoke("study", "report", table, "--out", tmp_path)
    assert refused.exit_code == 2
    assert "media of something else" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_out_must_be_named(invoke, table):
    """A report is many files: nobody wants them just anywhere."""
    refused = invoke("study", "report", table)
    assert refused.exit_code == 2
    assert "--out" in refused.stderr
