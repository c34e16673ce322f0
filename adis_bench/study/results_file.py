"""``study_results.json``: the statistics of a study as a file."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import DataError
from adis_bench.files import write_json
from adis_bench.printable import printable
from adis_bench.study.results import SCHEMA_VERSION, StudyResults

STUDY_RESULTS_NAME = "study_results.json"
_CODEC = TypeAdapter(StudyResults)


def write_study_results(folder: Path, results: StudyResults) -> None:
    """Write ``study_results.json`` into a folder that is there, atomically."""
    write_json(folder / STUDY_RESULTS_NAME, _CODEC.dump_python(results, mode="json"))


def read_study_results(folder: Path) -> StudyResults:
    """Read ``study_results.json`` of a folder.

    Raises:
        DataError: there is none, or it is damaged or of another version.
    """
    path = folder / STUDY_RESULTS_NAME
    name = printable(str(path))
    if not path.is_file():
        raise DataError(f"{name} is missing; `adis-bench study report RESULTS.csv --out {printable(str(folder))}` writes it")
    try:
        results = _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        cause = printable(" ".join(str(error).splitlines()[:3]))
        raise DataError(f"{name} cannot be read ({cause}); write it anew with `adis-bench study report`") from error
    if results.schema_version != SCHEMA_VERSION:
        raise DataError(
            f"{name} has schema version {results.schema_version}, not {SCHEMA_VERSION}; write it anew with `adis-bench study report`"
        )
    if fault := _fault(results):
        raise DataError(f"{name} is damaged: {fault}; write it anew with `adis-bench study report`")
    return results


def _fault(results: StudyResults) -> str:
    """What a whole file can't hold although its fields have the right types; empty where there is nothing."""
    named = {method.method for method in results.methods}
    if not named:
        return "it holds no methods"
    if strange := [one for one in results.differences if not {one.method, one.against} <= named]:
        return f"{len(strange)} of its differences are of methods that it doesn't hold"
    wrong = [part for part in ("run", "plan", "displays") if not isinstance(results.study.get(part, {}), dict)]
    outputs = {} if wrong else results.study.get("run", {}).get("outputs", {})
    if wrong or not isinstance(outputs, dict):
        return f"{' and '.join(wrong or ['run.outputs'])} of its study must be an object"
    return ""
