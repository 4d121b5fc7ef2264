"""Typst files, by compiling them alone: with no folder beside them, and the fonts that ship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from core.errors import ExportFailed
from core.exports import typesetter
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.portable_document import tagged_text
from core.exports.validation.report import Check, Issue, Rule, Tool

_WHEN = datetime(2000, 1, 1, tzinfo=UTC)
_OPENS_FILES = ("#import", "#include", "read(", "sys.inputs", "plugin(")


class TypstSourceCheck:
    formats = ("typst",)

    @property
    def rules(self) -> Mapping[str, Rule]:
        return _RULES

    def tools(self) -> tuple[Tool, ...]:
        return Tool("typst", version("typst")), Tool("pikepdf", version("pikepdf"))

    def text(self, data: bytes) -> str:
        """As it is read on the pages."""
        return tagged_text(typesetter.pdf(data.decode(), _WHEN))

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        by = f"typst {version('typst')}"
        try:
            source = data.decode("utf-8")
        except UnicodeDecodeError as error:
            yield Check("typst.opens", by, (Issue(str(error)),))
            return
        try:
            shown = self.text(data)
        except ExportFailed as error:
            yield Check("typst.opens", by, (Issue(error.message),))
            return
        yield Check("typst.opens", by)
        yield Check("typst.alone", by, tuple(_opened(source)))
        yield Check("typst.headings", by, tuple(_lost_headings(shown, manuscript)))


def _opened(source: str) -> Iterator[Issue]:
    """Outside of strings, where they would be text."""
    for number, line in enumerate(source.split("\n"), start=1):
        code = _without_strings(line)
        yield from (Issue(f"{each} is used", f"line {number}") for each in _OPENS_FILES if each in code)


def _without_strings(line: str) -> str:
    kept, is_inside, is_escaped = "", False, False
    for each in line:
        if is_escaped:
            is_escaped = False
        elif each == "\\" and is_inside:
            is_escaped = True
        elif each == '"':
            is_inside = not is_inside
        elif not is_inside:
            kept += each
    return kept


def _lost_headings(shown: str, manuscript: Manuscript) -> Iterator[Issue]:
    """Word by word: in a document from right to left, Latin words stand in an order of their own."""
    text = _letters(shown)
    for block in manuscript.content.blocks:
        words = block.text.split() if block.kind == "heading" and block.text.isascii() else ()
        if not all(_letters(word) in text for word in words):
            yield Issue(f"{block.text!r} does not show")


def _letters(text: str) -> str:
    return "".join(each for each in text if each.isascii() and each.isalnum())


_RULES = {
    "typst.opens": Rule("formatting", "basic", "The file compiles.", "Write the document again."),
    "typst.alone": Rule(
        "professional", "standard", "The file needs no other file.", "Write the document again from its text."
    ),
    "typst.headings": Rule(
        "content", "standard", "All headings show on the pages.", "Write the document again."
    ),
}
