"""A folder of a run's tables, every format, with a record of what it holds."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from adis_bench.printable import printable
from adis_bench.results.fields import Record
from reports.data import RunData
from reports.html import asset, printing_environment
from reports.own_folder import OwnFolder
from reports.run_facts import RunFacts, facts_of
from reports.style import css_variables
from reports.table_formats import WRITERS
from reports.table_record import Table
from reports.wording import some

RECORD_NAME = "tables.json"
PAGE_NAME: Literal["tables.html"] = "tables.html"
FORMATS = ("html", *WRITERS)
SCHEMA_VERSION: Literal[1] = 1
# Files that a later call may remove: a record must not be able to name any other.
_FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.(md|tex|csv|json)$")]


@dataclass(frozen=True, slots=True)
class TableEntry(Record):
    """A table and its files."""

    name: str
    title: str
    files: tuple[_FileName, ...]


@dataclass(frozen=True, slots=True)
class TablesRecord(Record):
    """``tables.json``, field by field; ``page`` is empty where there is none."""

    schema_version: Literal[1]
    run: RunFacts
    page: Literal["", "tables.html"]
    tables: tuple[TableEntry, ...]

    @property
    def files(self) -> frozenset[str]:
        """All files beside the record."""
        return frozenset([*filter(None, [self.page]), *(name for table in self.tables for name in table.files)])


_CODEC = TypeAdapter(TablesRecord)


@dataclass(frozen=True, slots=True)
class WrittenTables:
    """What a call left: paths of the files that it wrote, the page first, and in a sentence what of earlier calls is gone."""

    paths: tuple[Path, ...]
    removed: str


def write_tables(run: RunData, tables: Sequence[Table], chosen: Collection[str], formats: Collection[str], out: Path) -> WrittenTables:
    """Write tables; what earlier calls wrote of the same results stays, and nothing of others.

    Args:
        run: whose tables.
        tables: all of the run's, in their order, with different names.
        chosen: names of those that are written.
        formats: of ``FORMATS``; HTML is one page of all that are chosen.
        out: folder to write to; made where there is none.

    Raises:
        DataError: the folder can't be one, or a file is in the way that no earlier call made.
        ValueError: a name that is none of a table's files.
    """
    reserved = Path(RECORD_NAME).stem
    if strange := [table.name for table in tables if table.name == reserved or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", table.name)]:
        raise ValueError(f"{strange[0]!r} cannot be the name of a table's files")
    folder = OwnFolder(out, RECORD_NAME)
    before = folder.earlier(_read)
    contents = dict(_contents(run, [table for table in tables if table.name in chosen], formats))
    folder.refuse_others(contents, before.files if before else frozenset())
    facts = facts_of(run)
    kept = before.files if before and before.run == facts else frozenset()
    record = _record(facts, tables, kept | contents.keys())
    gone = (before.files if before else frozenset()) - record.files
    folder.replace(_CODEC.dump_python(record, mode="json"), contents, gone)
    return WrittenTables(tuple(out / name for name in contents), _removed(sorted(gone), before is not None and before.run == facts))


def _read(path: Path) -> TablesRecord | None:
    try:
        return _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _contents(run: RunData, tables: Sequence[Table], formats: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of a call."""
    if "html" in formats:
        yield (
            PAGE_NAME,
            page_of(tables, f"Tables of {', '.join(m.label for m in run.asked) or 'the controls'} on {run.results.dataset.name}").encode(),
        )
    for table in tables:
        for suffix, convert in (WRITERS[name] for name in WRITERS if name in formats):
            yield f"{table.name}{suffix}", convert(table).encode()


def _record(facts: RunFacts, tables: Sequence[Table], files: Collection[str]) -> TablesRecord:
    """Of the files those that are of the run's tables."""
    suffixes = [suffix for suffix, _ in WRITERS.values()]
    entries = ((t, tuple(name for suffix in suffixes if (name := f"{t.name}{suffix}") in files)) for t in tables)
    return TablesRecord(
        SCHEMA_VERSION,
        facts,
        PAGE_NAME if PAGE_NAME in files else "",
        tuple(TableEntry(table.name, printable(table.title), names) for table, names in entries if names),
    )


def _removed(gone: Sequence[str], same_results: bool) -> str:
    if not gone:
        return ""
    why = "of tables that the run has no more" if same_results else "of other results than the run's now; write them anew"
    return f"removed {some(gone, 'files')} {why}"


def page_of(tables: Sequence[Table], title: str) -> str:
    """A page of tables that opens from disk: no script, and no style but its own."""
    style = asset("report.css", before=css_variables())
    return printing_environment().get_template("tables.html.j2").render(tables=tables, title=title, style=style)
