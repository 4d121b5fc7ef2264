"""Checks plain text: its encoding, the width of its lines, its characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks
from core.exports.validation.report import Check, Issue, Rule, Tool

MAX_COLUMNS = 80
_ADDED = re.compile(r" <(?:https?:|mailto:)[^>\n]*>|\s\[[^\]\s]{1,8}\]|\s\(\*\d+\)")
_AGAIN = "Export the document again."


class PlainTextCheck:
    formats = ("txt",)
    rules: Mapping[str, Rule] = {
        "txt.opens": Rule("formatting", "basic", "The file is UTF-8", _AGAIN),
        "txt.characters": Rule("formatting", "basic", "There are no control characters", _AGAIN),
        "txt.width": Rule("professional", "standard", "Lines fit into 80 columns", _AGAIN),
        "txt.ends": Rule("professional", "professional", "No line ends in blanks", _AGAIN),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (Tool("unicodedata", unicodedata.unidata_version),)

    def text(self, data: bytes) -> str:
        """With its lines joined, without the addresses and signs that the writer puts after words."""
        shown = " ".join(data.decode("utf-8", errors="replace").split())
        return f"{shown}\n{_ADDED.sub('', shown)}"

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        found: dict[str, list[Issue]] = {"txt.opens": []}
        try:
            lines = data.decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            found["txt.opens"].append(Issue(str(error)))
        else:
            code = {
                line.strip() for b in manuscript.content.blocks if b.kind == "code" for line in _lines(b.text)
            }
            found |= {
                "txt.characters": [
                    Issue("A control character.", f"line {at}")
                    for at, line in enumerate(lines, start=1)
                    if any(unicodedata.category(each) == "Cc" for each in line)
                ],
                "txt.width": [
                    Issue(line[:60], f"line {at}")
                    for at, line in enumerate(lines, start=1)
                    if _is_too_wide(line) and line.strip() not in code
                ],
                "txt.ends": [
                    Issue("Blanks at the end.", f"line {at}")
                    for at, line in enumerate(lines, start=1)
                    if line != line.rstrip()
                ],
            }
        yield from checks(self.tools()[0], found)


def _lines(text: str) -> list[str]:
    return text.expandtabs(4).split("\n")


def _is_too_wide(line: str) -> bool:
    """A single long word after its sign may stand out."""
    columns = sum(
        0
        if unicodedata.category(each) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in line
    )
    longest = max((len(word) for word in line.split()), default=0)
    return columns > MAX_COLUMNS and longest < MAX_COLUMNS // 2
