"""Plain text: paragraphs are what blank lines divide; underlined lines are headings, dashed ones lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.content import Block
from core.ingestion.reader import Extract, Source
from core.ingestion.text_decoding import decode

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_UNDERLINE = re.compile(r"(={3,}|-{3,})$")
_BULLET = re.compile(r"[-*•] +(?=\S)")
MAX_HEADING_CHARACTERS = 120


class PlainText:
    name = "txt"
    extensions = (".txt", ".text", ".log")

    def read(self, source: Source) -> Iterator[Extract]:
        decoded = decode(source.data)
        yield Extract(blocks=paragraphs(decoded.text), warnings=decoded.warnings)


def paragraphs(text: str) -> tuple[Block, ...]:
    """One paragraph for each stretch between blank lines. Single line ends stay.

    A line with "===" or "---" under it is a heading of level 1 or 2; a stretch that begins with "- ", "* "
    or "• " is a list.
    """
    stretches = _BLANK_LINES.split(text.replace("\f", "\n\n"))
    return tuple(block for stretch in stretches for block in _blocks(_lines(stretch)))


def _lines(stretch: str) -> list[str]:
    return [line for line in (line.strip() for line in stretch.split("\n")) if line]


def _blocks(lines: list[str]) -> Iterator[Block]:
    if len(lines) > 1 and _is_heading(lines[0], lines[1]):
        yield Block("heading", lines[0], level=1 if lines[1][0] == "=" else 2)
        lines = lines[2:]
    if not lines:
        return
    if not _BULLET.match(lines[0]):
        yield Block("paragraph", "\n".join(lines))
        return
    items: list[list[str]] = []
    for line in lines:
        if bullet := _BULLET.match(line):
            items.append([line[bullet.end() :]])
        else:
            items[-1].append(line)
    yield from (Block("list_item", "\n".join(item)) for item in items)


def _is_heading(line: str, under: str) -> bool:
    return len(line) <= MAX_HEADING_CHARACTERS and _UNDERLINE.match(under) is not None
