"""Text without what files must not hold, one line a block, marks on their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.content import Block, Mark, moved, with_text

# What XML 1.0 forbids, and the characters that turn the direction of text around (Unicode TR 9, 2.1 and 2.2).
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069]"
)
_BLANKS = re.compile(r"[ \t\r\n\x85\u2028\u2029]+")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def line(words: str) -> str:
    """One clean line with single blanks."""
    return _BLANKS.sub(" ", _FORBIDDEN.sub("", words)).strip()


def cleaned(blocks: Iterable[Block], changes: Counter[str]) -> list[Block]:
    """Every block without forbidden characters; paragraphs and quotes of several lines become several."""
    return [each for block in blocks for each in _lines(_permitted(block, changes))]


def _permitted(block: Block, changes: Counter[str]) -> Block:
    changes["control_characters"] += len(_FORBIDDEN.findall(block.text))
    clean = replace(block, page=None, key=line(block.key), language=line(block.language))
    if block.kind == "table":
        return _table(clean)
    if block.chart:
        chart = replace(
            block.chart,
            categories=tuple(map(line, block.chart.categories)),
            series=tuple(replace(each, name=line(each.name)) for each in block.chart.series),
            alt=line(block.chart.alt),
            category_title=line(block.chart.category_title),
            value_title=line(block.chart.value_title),
        )
        clean = replace(clean, chart=chart)
    if block.picture:
        clean = replace(clean, picture=replace(block.picture, alt=line(block.picture.alt)))
    if _FORBIDDEN.search(block.text):
        clean = with_text(clean, _FORBIDDEN.sub("", block.text))
    return clean


def _table(block: Block) -> Block:
    width = max((len(row) for row in block.rows), default=0)
    rows = tuple(tuple(map(line, row)) + ("",) * (width - len(row)) for row in block.rows)
    made = Block.table(rows)
    return replace(block, rows=rows, text=made.text, marks=moved(block.marks, block.text, made.text))


def _lines(block: Block) -> Iterator[Block]:
    if block.kind == "table":
        yield block
        return
    if block.kind == "code":
        text = _LINE_ENDS.sub("\n", block.text).expandtabs(4).strip("\n")
        yield with_text(block, "\n".join(row.rstrip() for row in text.split("\n")))
        return
    if block.kind in ("paragraph", "quote") and "\n" in block.text.strip():
        yield from _parted(block)
        return
    words = line(block.text)
    yield block if words == block.text else with_text(block, words)


def _parted(block: Block) -> Iterator[Block]:
    position = 0
    for row in block.text.split("\n"):
        marks = tuple(
            Mark(mark.kind, max(0, mark.start - position), min(len(row), mark.end - position), mark.target)
            for mark in block.marks
            if _touches(mark, position, position + len(row))
        )
        position += len(row) + 1
        if words := line(row):
            yield with_text(replace(block, text=row, marks=marks), words)


def _touches(mark: Mark, start: int, end: int) -> bool:
    if mark.kind in ("citation", "footnote"):
        return start <= mark.end <= end
    return mark.start < end and mark.end > start
