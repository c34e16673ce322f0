"""The columns of a result CSV: the requester's, and the fields that workers posted, whose names are untrusted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from adis_bench.errors import DataError
from adis_bench.study.answer_fields import JSON_FIELD, KNOWN, last
from adis_bench.study.csv_table import Table, folded, name, refuse_twice

INPUT_ITEM = "Input.item_id"
_ANSWER = "Answer."
_OWN = ("WorkerId", INPUT_ITEM, "AssignmentStatus", "AcceptTime", "SubmitTime", "WorkTimeInSeconds", "Reject")
_FOLDED = {part.casefold(): part for part in KNOWN}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the cells of a row are.

    Attributes:
        own: places of the requester's columns, by name; those that the file lacks are missing.
        fields: (place, name without ``Answer.``) of all fields of answers; a name may come twice.
    """

    own: dict[str, int]
    fields: tuple[tuple[int, str], ...]


def is_result_csv(header: Sequence[str]) -> bool:
    """Whether a header is that of a result CSV: it names workers as Mechanical Turk does, and has answers."""
    names = folded(header)
    return "workerid" in names and any(_is_answer(cell) for cell in names)


def find_columns(table: Table) -> Columns:
    """Look columns up: the requester's without regard to case and spaces.

    Fields of answers come from workers, who can post whatever names they like: names must be exact there, and what is unknown or odd
    is a matter of the answer that has it. Only where nobody has the exact name may case and spaces differ.

    Raises:
        DataError: a column that is needed is missing, or one that is used is there twice.
    """
    header = folded(table.header)
    refuse_twice(table.path, header, [column.casefold() for column in _OWN])
    own = {column: header.index(column.casefold()) for column in _OWN if column.casefold() in header}
    places = [place for place, cell in enumerate(header) if _is_answer(cell)]
    fields = _settled([table.header[place].lstrip()[len(_ANSWER) :] for place in places])
    _check(table, own, fields)
    return Columns(own, tuple(zip(places, fields, strict=True)))


def _check(table: Table, own: dict[str, int], fields: list[str]) -> None:
    packed = any(last(field) == JSON_FIELD for field in fields)
    absent = [
        text
        for text, there in (
            ("WorkerId", "WorkerId" in own),
            ("Input.item_id or Answer.item_id", packed or INPUT_ITEM in own or "item_id" in fields),
            ("Answer.rank_A ... (or Answer.taskAnswers)", packed or any("rank_" in field for field in fields)),
        )
        if not there
    ]
    if absent:
        raise DataError(
            f"{name(table.path)} lacks {len(absent)} of 3 kinds of columns of a result CSV: {', '.join(absent)}; download it anew"
        )
    refuse_twice(table.path, [_ANSWER + field for field in fields], [_ANSWER + field for field in KNOWN])


def _is_answer(folded_cell: str) -> bool:
    return folded_cell.startswith(_ANSWER.casefold())


def _settled(fields: list[str]) -> list[str]:
    """The names, where nobody has the known one and just one is meant so, made into it."""
    meant = [".".join(_FOLDED.get(part.strip().casefold(), part) for part in field.split(".")) for field in fields]
    taken = set(fields)
    counts = Counter(meant)
    return [text if counts[text] == 1 and text not in taken else field for field, text in zip(fields, meant, strict=True)]
