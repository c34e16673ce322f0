"""Folders that a command keeps its files in: a record names them, and what it doesn't name is somebody's and stays as it is."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, TypeVar

from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_bytes, write_json
from adis_bench.printable import printable
from reports.wording import some

Record = TypeVar("Record")


def refuse_link(folder: Path) -> None:
    """A link would make a command write, replace and remove files outside the folder that it was given.

    Raises:
        DataError: it is one, wherever it leads.
    """
    if folder.is_symlink():
        raise DataError(f"{printable(str(folder))} is a link to another folder; remove the link, or choose another folder with --out")


def place_in(run: Path, *parts: str) -> Path:
    """A command's own folder in a run's.

    Args:
        run: folder of the run.
        parts: names of the folders that lead there.

    Raises:
        DataError: one of them is a link.
    """
    for part in parts:
        run = run / part
        refuse_link(run)
    return run


class OwnFolder:
    """Files are written at the end, all of them: a call that fails or is stopped before leaves the folder as it was.

    No file is there that no record names: it would be taken for somebody's the next time.
    """

    def __init__(self, path: Path, record_name: str) -> None:
        """The folder is made where there is none; nothing is written yet.

        Args:
            path: the folder.
            record_name: of the file in it that names the others.

        Raises:
            DataError: a file is in the way.
        """
        make_folder(path)
        self.path, self._record = path, path / record_name

    def earlier(self, read: Callable[[Path], Record | None], *beside: str) -> Record | None:
        """The record of an earlier call; None where there was none.

        Args:
            read: a record of a file; None for anything else of its name.
            beside: files that every call writes and no record names.

        Raises:
            DataError: the folder holds a record, or one of those, of something else.
        """
        taken = self._taken((self._record.name, *beside))
        if not taken:
            return None
        # A record of another folder says nothing of the files here.
        found = None if self._record.is_symlink() else read(self._record)
        if found is None:
            raise DataError(f"{printable(str(self.path))} holds {taken[0]} of something else; choose another folder with --out")
        return found

    def refuse_others(self, names: Iterable[str], ours: Set[str]) -> None:
        """Ahead of writing files.

        Args:
            names: of what will be written.
            ours: of what an earlier call wrote.

        Raises:
            DataError: a file is in the way that no earlier call made.
        """
        if taken := self._taken([name for name in names if name not in ours]):
            raise DataError(
                f"{printable(str(self.path))} holds {some(taken, 'files')}, which no earlier call of this command made; move what is "
                "yours, or choose another folder with --out"
            )

    def replace(self, record: Any, contents: Mapping[str, bytes], gone: Iterable[str]) -> None:
        """Remove what no record names any more, and write record and files, each at once.

        Args:
            record: JSON.
            contents: of files, by name.
            gone: names of files of earlier calls.
        """
        for name in gone:
            (self.path / name).unlink(missing_ok=True)
        # Before the files: stopped between the two, the next call still knows them as ours.
        write_json(self._record, record)
        for name, content in contents.items():
            write_bytes(self.path / name, content)

    def _taken(self, names: Sequence[str]) -> list[str]:
        # Links count wherever they lead, and those that lead nowhere.
        return [name for name in names if os.path.lexists(self.path / name)]
