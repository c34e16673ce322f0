"""The page of an item as Mechanical Turk takes it, and the answer as it gives it back: both are XML."""

import xml.etree.ElementTree as ElementTree
from typing import Any

from adis_bench.errors import DataError
from adis_bench.study.page import render_question
from adis_bench.study.records import Study, StudyItem

MAX_BYTES = 65_535
"""Of the question with its XML and white space; source: protocol.md F."""
_SCHEMA = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/HTMLQuestion.xsd"


def question_xml(study: Study, item: StudyItem, sandbox: bool) -> str:
    """An HTMLQuestion with the page of an item; the frame is as high as the worker's window (height 0, protocol.md F).

    Raises:
        DataError: it is too large, or no XML.
    """
    # A CDATA section ends at the first "]]>": where the page has one, two sections share it.
    page = render_question(study, item, sandbox).replace("]]>", "]]]]><![CDATA[>")
    text = f'<HTMLQuestion xmlns="{_SCHEMA}"><HTMLContent><![CDATA[{page}]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>'
    size = len(text.encode())
    if size > MAX_BYTES:
        raise DataError(
            f"the page of {item.item_id} has {size:,} bytes as a question, and Mechanical Turk takes {MAX_BYTES:,}; "
            "shorten the instructions or the consent text"
        )
    try:
        ElementTree.fromstring(text)  # what we wrote ourselves, and nothing that a worker did
    except ElementTree.ParseError as error:
        raise DataError(f"the page of {item.item_id} is no XML ({error}); the study's texts have characters that can't be sent") from error
    return text


def read_answer(xml: str) -> dict[str, str] | None:
    """The fields of a QuestionFormAnswers document, by name; None where it is none. Untrusted: document types are refused.

    Several values of one field are joined by ``|``, as on the requester site.
    """
    target = _Answers()
    parser = ElementTree.XMLParser(target=target)
    try:
        parser.feed(xml)
        parser.close()
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None
    return target.fields if target.root == "QuestionFormAnswers" else None


class _Answers:
    """Takes the parser's events; no tree is built, so that depth and size of a document cost nothing."""

    def __init__(self) -> None:
        self.root = ""
        self.fields: dict[str, str] = {}
        self._name = ""
        self._text: list[str] = []

    def doctype(self, *_: Any) -> None:
        # Entities are declared there, also those that grow without end or name files of this machine.
        raise ValueError("an answer has no document type")

    def start(self, tag: str, _: Any) -> None:
        self.root = self.root or _local(tag)
        self._text = []

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        kind, text = _local(tag), "".join(self._text)
        self._text = []
        if kind == "QuestionIdentifier":
            self._name = text.strip()
        elif kind in ("FreeText", "SelectionIdentifier", "OtherSelectionText") and self._name:
            before = self.fields.get(self._name)
            self.fields[self._name] = text if before is None else f"{before}|{text}"

    def close(self) -> None:
        """Nothing is left to be done."""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
