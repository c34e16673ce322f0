"""Pages read the same on GitHub and on the site, which has the stricter Markdown."""

import re
from pathlib import Path

import pytest

from tests.docs.written import PAGES, ROOT


def _run_together(text: str) -> list[str]:
    """Items of lists and rows of tables that follow a paragraph without an empty line: the site shows them as its text."""
    found, in_code, before = [], False, ""
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        if not in_code and re.match(r"- |\d+\. |\|", line) and before and not re.match(r"- |\d+\. |\||  |#", before):
            found.append(line)
        before = line
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_lists_and_tables_stand_by_themselves(page: Path):
    """An empty line is ahead of each list and each table."""
    assert _run_together(page.read_text()) == []


def test_a_list_in_a_paragraph_is_found():
    """The look-up above tells wrong from right."""
    assert _run_together("Two things:\n- one\n- two\n") == ["- one"]
    assert _run_together("Two things:\n\n- one,\n  still\n- two\n\n```\na\n- b\n```\n") == []
