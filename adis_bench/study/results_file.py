"""``study_results.json``: the statistics of a study as a file."""

from pathlib import Path

from pydantic import TypeAdapter

from adis_bench.files import write_json
from adis_bench.study.results import StudyResults

STUDY_RESULTS_NAME = "study_results.json"
_CODEC = TypeAdapter(StudyResults)


def write_study_results(folder: Path, results: StudyResults) -> None:
    """Write ``study_results.json`` into a folder that is there, atomically."""
    write_json(folder / STUDY_RESULTS_NAME, _CODEC.dump_python(results, mode="json"))
