"""Cells of CSV files that no spreadsheet computes, and that are still read back exactly."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def inert(text: str) -> str:
    """The cell that shows ``text``: what begins like a formula gets an apostrophe in front (OWASP, CSV injection).

    So does text that looks like the outcome of this, so that ``plain`` gives every text back.

    >>> inert("=1+1"), inert("'=1+1"), inert("'tis"), inert("2 = 2")
    ("'=1+1", "''=1+1", "'tis", '2 = 2')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """The text that ``inert`` made the cell of; cells of other programs stay as they are unless they look like one of ours.

    >>> plain("'=1+1"), plain("''=1+1"), plain("'tis"), plain("-1")
    ('=1+1', "'=1+1", "'tis", '-1')
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
