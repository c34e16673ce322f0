"""``study_results.json``: written and read again."""

import json
from pathlib import Path

import pytest

from adis_bench.errors import DataError
from adis_bench.study.aggregate import aggregate
from adis_bench.study.answers import Answers
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results_file import STUDY_RESULTS_NAME, read_study_results, write_study_results
from tests.study.rankings import crossed_rankings, make_rankings


def test_round_trip(tmp_path: Path):
    """The very same record comes back: whole counts stay whole, reasons and screening are there."""
    rich = aggregate(
        Answers(crossed_rankings(), (Rejection("tie", 2, 5),)),
        rules=ScreeningRules(),
        replicates=50,
        study={"name": "s", "plan": {"seed": 1}},
    )
    poor = aggregate(Answers(make_rankings([[1.5, 1.5, 3]], [0], [0])))
    for results in (rich, poor):
        write_study_results(tmp_path, results)
        again = read_study_results(tmp_path)
        assert again == results
        assert [list(map(type, row.rank_counts)) for row in again.methods] == [list(map(type, row.rank_counts)) for row in results.methods]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is not there"), ("{", "cannot be read"), ('{"n_items": 1}', "cannot be read"), ("version", "schema version 99")],
)
def test_damaged_files(tmp_path: Path, content: str | None, message: str):
    """Missing, cut, of another shape, of another version: one line that says what to do."""
    if content == "version":
        write_study_results(tmp_path, aggregate(Answers(crossed_rankings()), replicates=0))
        content = json.dumps(json.loads((tmp_path / STUDY_RESULTS_NAME).read_text()) | {"schema_version": 99})
    if content is not None:
        (tmp_path / STUDY_RESULTS_NAME).write_text(content)
    with pytest.raises(DataError, match=message) as error:
        read_study_results(tmp_path)
    assert "study report" in str(error.value)
    assert "\n" not in str(error.value)
