"""A human study in a run's report."""

import shutil
from dataclasses import replace

import pytest

from adis_bench.errors import DataError
from adis_bench.study.results_file import STUDY_RESULTS_NAME, read_study_results, write_study_results
from reports.data import RunData
from reports.html import write_report
from reports.human_study import find_study
from tests.reports.study_samples import bare, rich

METHODS = ("ours", "cut", "cyclegan")


def _write(folder, results, **run):
    folder.mkdir(parents=True, exist_ok=True)
    write_study_results(folder, replace(results, study=results.study | {"run": run}) if run else results)
    return folder


def _about_the_run():
    return {"protocol": "offline", "dataset": "d" * 64, "pairs": "e" * 64}


def _made_by(run_dir):
    """The digests of the run's methods, as a study's key keeps them."""
    return {m.label: m.provenance["digest"] for m in RunData.open(run_dir).asked}


def test_results_come_back_as_they_were_written(tmp_path):
    """Every field, through the file."""
    write_study_results(tmp_path, rich())
    assert read_study_results(tmp_path) == rich()


@pytest.mark.parametrize(("text", "says"), [(None, "is missing"), ("{", "cannot be read"), ('{"schema_version": 1}', "cannot be read")])
def test_a_file_that_is_no_study_is_refused_in_a_line(tmp_path, text, says):
    """Missing, damaged or something else: one line that names the command."""
    if text is not None:
        (tmp_path / STUDY_RESULTS_NAME).write_text(text)
    with pytest.raises(DataError, match=says) as error:
        read_study_results(tmp_path)
    assert "\n" not in str(error.value)
    assert "adis-bench study report" in str(error.value)


def test_the_study_of_the_run_is_found_and_told(run_dir):
    """In RUN/study, with answer, metrics, plots and table on the page."""
    results = rich(METHODS)
    _write(run_dir / "study" / "report", results, **_about_the_run(), outputs=_made_by(run_dir))
    found = find_study(RunData.open(run_dir))
    assert found.study.results.methods == results.methods
    assert found.study.doubt == ""
    path = write_report(run_dir)
    text = " ".join(path.read_text(encoding="utf-8").split())
    assert 'href="#people"' in text
    assert "rankings of 30 items" in text
    for name in ("figures/study-points.svg", "figures/study-metrics.svg", "tables/study-mean-points.csv"):
        assert f'href="{name}"' in text
        assert (path.parent / name).is_file()


def test_a_run_without_a_study_has_none(run_dir):
    """Nothing is found where nobody was asked."""
    found = find_study(RunData.open(run_dir))
    assert (found.study, found.problem) == (None, "")


def test_a_bare_table_is_shown_with_its_doubt(run_dir, tmp_path):
    """Results that don't name a run are taken if their methods are here; that it can't be known is said."""
    results = bare()
    methods = tuple(replace(one, method=name) for one, name in zip(results.methods, METHODS, strict=True))
    named = dict(zip((one.method for one in results.methods), METHODS, strict=True))
    differences = tuple(replace(one, method=named[one.method], against=named[one.against]) for one in results.differences)
    folder = _write(tmp_path / "study", replace(results, methods=methods, differences=differences))
    assert "don't say which run's" in find_study(RunData.open(run_dir), folder).study.doubt


@pytest.mark.parametrize(
    ("about", "methods", "says"),
    [
        ({"pairs": "0" * 64}, METHODS, "its pairs have another digest"),
        ({"pairs": "0" * 64, "dataset": "1" * 64}, METHODS, "its dataset and pairs have another digest"),
        ({}, ("ours", "munit", "cut"), "munit not in this one"),
    ],
)
def test_a_study_of_another_run_is_refused_or_named(run_dir, tmp_path, about, methods, says):
    """Asked for, it is an error of one line; found by itself, it is known why it isn't shown."""
    folder = _write(tmp_path / "study", rich(methods), **(_about_the_run() | about))
    with pytest.raises(DataError, match=says):
        find_study(RunData.open(run_dir), folder)
    shutil.copytree(folder, run_dir / "study")
    found = find_study(RunData.open(run_dir))
    assert found.study is None
    assert says in found.problem
    assert str(run_dir) not in found.problem


def test_a_folder_without_results_is_refused(run_dir, tmp_path):
    """A study that was asked for must be there."""
    with pytest.raises(DataError, match="study_results.json is missing"):
        find_study(RunData.open(run_dir), tmp_path)


def test_a_study_of_another_training_is_refused(run_dir, tmp_path):
    """The same pairs and labels, but other outputs: what people saw isn't what this run scored."""
    folder = _write(tmp_path / "study", rich(METHODS), **_about_the_run(), outputs=_made_by(run_dir) | {"cut": "0" * 64})
    with pytest.raises(DataError, match="about another run: cut had other outputs there"):
        find_study(RunData.open(run_dir), folder)


def test_outputs_that_cannot_be_compared_are_a_doubt(run_dir, tmp_path):
    """Studies that were made before keys held digests."""
    folder = _write(tmp_path / "study", rich(METHODS), **_about_the_run())
    doubt = find_study(RunData.open(run_dir), folder).study.doubt
    assert "don't say what made the outputs of ours, cut and cyclegan" in doubt


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"study": {"run": "x"}}, "run of its study must be an object"),
        ({"study": {"run": [1], "plan": 3}}, "run and plan of its study must be an object"),
        ({"study": {"run": {"outputs": 1}}}, "run.outputs of its study must be an object"),
        ({"methods": ()}, "it holds no methods"),
        ({"methods": rich(METHODS).methods[:1]}, "3 of its differences are of methods that it doesn't hold"),
    ],
)
def test_a_damaged_study_costs_no_page(run_dir, change, says):
    """Types that are right and contents that aren't: refused in a line where it was asked for, else told on the page."""
    folder = _write(run_dir / "study", replace(rich(METHODS), **change))
    with pytest.raises(DataError, match=says):
        find_study(RunData.open(run_dir), folder)
    assert says in find_study(RunData.open(run_dir)).problem
