"""``study_results.json``: the one codec that writes and reads the statistics of a study."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import DataError
from adis_bench.files import write_json
from adis_bench.study.results import SCHEMA_VERSION, StudyResults

STUDY_RESULTS_NAME = "study_results.json"
_CODEC = TypeAdapter(StudyResults)
_REMEDY = "write it anew with `adis-bench study report RESULTS.csv --out DIR`"


def write_study_results(folder: Path, results: StudyResults) -> None:
    """Write ``study_results.json`` into a folder that is there, atomically."""
    write_json(folder / STUDY_RESULTS_NAME, _CODEC.dump_python(results, mode="json"))


def read_study_results(folder: Path) -> StudyResults:
    """Read ``study_results.json``.

    Raises:
        DataError: there is none, or it is damaged or of another schema.
    """
    path = folder / STUDY_RESULTS_NAME
    if not path.is_file():
        raise DataError(f"{path} is not there; {_REMEDY}")
    try:
        results = _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"{path} cannot be read ({str(error).splitlines()[0]}); {_REMEDY}") from error
    if results.schema_version != SCHEMA_VERSION:
        raise DataError(f"{path} has schema version {results.schema_version}, not {SCHEMA_VERSION}; {_REMEDY}")
    return results
