"""``study_results.json``: everything of the record is in it."""

import json
from pathlib import Path

from pydantic import TypeAdapter

from adis_bench.study.aggregate import aggregate
from adis_bench.study.answers import Answers
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import StudyResults
from adis_bench.study.results_file import STUDY_RESULTS_NAME, write_study_results
from tests.study.rankings import crossed_rankings, make_rankings


def test_all_of_the_record_is_written(tmp_path: Path):
    """The very same record can be made of it: whole counts stay whole, reasons and screening are there, and it says its schema."""
    rich = aggregate(
        Answers(crossed_rankings(), (Rejection("tie", 2, 5),)),
        rules=ScreeningRules(),
        replicates=50,
        study={"name": "s", "plan": {"seed": 1}},
    )
    poor = aggregate(Answers(make_rankings([[1.5, 1.5, 3]], [0], [0])))
    for results in (rich, poor):
        write_study_results(tmp_path, results)
        content = (tmp_path / STUDY_RESULTS_NAME).read_bytes()
        again = TypeAdapter(StudyResults).validate_json(content)
        assert again == results
        assert [list(map(type, row.rank_counts)) for row in again.methods] == [list(map(type, row.rank_counts)) for row in results.methods]
        assert json.loads(content)["schema_version"] == 1
