"""Sweeps of a run on disk: how records are written and read, and what goes when another one takes a record's place."""

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from adis_bench.errors import DataError
from adis_bench.files import write_json
from adis_bench.outputs import MANIFEST_NAME
from adis_bench.printable import printable
from adis_bench.results.json_text import content_of, in_words, not_finite, parsed
from adis_bench.sweeps.records import CODEC, SCHEMA_VERSION, Curve, Kind, Sweep, outputs_folder, record_path, shown_sound


def write_sweep(run_dir: Path, sweep: Sweep) -> Path:
    """Write ``sweeps/<kind>.json`` atomically, and return its path."""
    path = record_path(run_dir, sweep.kind)
    write_json(path, CODEC.dump_python(sweep, mode="json"))
    return path


def read_sweep(run_dir: Path, kind: Kind) -> Sweep | None:
    """A sweep of a run; None where none was made.

    Raises:
        DataError: its record is damaged or of another schema.
    """
    path = record_path(run_dir, kind)
    if not path.exists():
        return None
    named, mend = printable(str(path)), f"delete it and make it anew with `{command_for(run_dir, kind)}`"
    try:
        content = content_of(path)
        raw = parsed(content)
        if isinstance(raw, dict) and (version := raw.get("schema_version")) != SCHEMA_VERSION and isinstance(version, int | float):
            raise DataError(f"{named} has schema version {version}, not {SCHEMA_VERSION}; {mend}")
        if broken := next(not_finite(raw), None):
            raise DataError(f"{named} cannot be read ({broken} is no finite number); {mend}")
        sweep = CODEC.validate_json(content)
    except ValidationError as error:
        raise DataError(f"{named} cannot be read ({in_words(error)}); {mend}") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{named} cannot be read ({printable(str(error))}); {mend}") from error
    if sweep.kind != kind:
        raise DataError(f"{named} holds a sweep of the {sweep.kind}, not of the {kind}; {mend}")
    if not sweep.steps or any(not _fits(curve, sweep) for method in sweep.methods for curve in method.curves):
        raise DataError(f"{named} has curves that do not fit its {len(sweep.pairs)} pairs and {len(sweep.steps)} steps; {mend}")
    return sweep


def command_for(run_dir: Path, kind: Kind) -> str:
    """What makes a sweep of a run."""
    return f"adis-bench sweep {printable(str(run_dir))} --kind {kind}"


def _fits(curve: Curve, sweep: Sweep) -> bool:
    n_pairs, n_steps = len(sweep.pairs), len(sweep.steps)
    rows = (curve.steps, *curve.scores)
    return len(curve.scores) == len(curve.rhos) == n_pairs and all(len(row) == n_steps for row in rows)


def in_short(sweep: Sweep) -> str:
    """Pairs, steps, seed and methods, in a phrase."""
    labels, ends = ", ".join(method.label for method in sweep.methods), f"{sweep.steps[0].text} to {sweep.steps[-1].text}"
    return f"{len(sweep.pairs)} pairs, {len(sweep.steps)} steps of {ends}, seed {sweep.seed}, {labels}"


def forget(run_dir: Path, old: Sweep, new: Sweep) -> None:
    """Remove the pictures and sounds that the old record names and the new one doesn't; whatever else lies there is left alone."""
    orphans = _files(run_dir, old) - _files(run_dir, new)
    for path in orphans:
        # A folder that leads elsewhere is not ours.
        if path.parent.resolve() == path.parent:
            path.unlink(missing_ok=True)
    folders = {parent for path in orphans for parent in (path.parent, path.parent.parent)}
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        with suppress(OSError):  # something is left in it
            folder.rmdir()


def _files(run_dir: Path, sweep: Sweep) -> set[Path]:
    found: set[Path] = set()
    for method in (method for method in sweep.methods if method.state == "swept"):
        for step in sweep.steps:
            folder = outputs_folder(run_dir, sweep.kind, method.label, step.name)
            found |= {folder / MANIFEST_NAME, *(folder / f"{pair.pair_id}.png" for pair in sweep.pairs)}
            found |= {shown_sound(run_dir, sweep.kind, method.label, step.name, pair_id) for pair_id in sweep.shown}
    return found
