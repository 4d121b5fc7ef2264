"""The sentences, list items, rows and headings of a source, each with its place and what stands over it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.content import Block, BlockKind, Content
from core.content.blocks import SEPARATOR
from core.language.sentences import split_sentences

_REPEATED, _LONGEST_LINE = 3, 120
_DIGITS = re.compile(r"\d+")


class Passage(NamedTuple):
    """Characters `start` to `end` of the text of source number `source`, counted from 1.

    `block` and `place` count from 0: its block in the source, its place in the block. Passages of equal
    `paragraph` stand in one paragraph. `heading` is the number of the `Surroundings` over it.
    """

    number: int
    source: int
    start: int
    end: int
    page: int | None
    kind: BlockKind
    block: int
    place: int
    paragraph: int
    heading: int
    text: str


class Surroundings(NamedTuple):
    """What stands over passages: the nearest heading, the headings over that, and a line that leads in."""

    source: int
    heading: str
    above: tuple[str, ...]
    lead: str


class SourceTable(NamedTuple):
    """A table of a source. `spans` are the rows in the source's text, cells parted by tabs."""

    number: int
    source: int
    block: int
    page: int | None
    heading: int
    rows: tuple[tuple[str, ...], ...]
    spans: tuple[tuple[int, int], ...]


class Reading:
    """Takes in source after source and numbers what it finds."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.tables: list[SourceTable] = []
        self.surroundings: list[Surroundings] = []
        self._paragraphs = 0

    def take_in(self, source: int, content: Content) -> None:
        path: dict[int, str] = {}
        lead, begin = "", 0
        heading = self._surroundings(source, path, "")
        for number, block in enumerate(content.blocks):
            if block.kind == "heading":
                level = max(1, block.level)
                path = {above: text for above, text in path.items() if above < level} | {level: block.text}
                lead, heading = "", self._surroundings(source, path, "")
                self._read(source, number, block, begin, heading)
            else:
                if block.kind != "list_item" and lead:
                    lead, heading = "", self._surroundings(source, path, "")
                self._read(source, number, block, begin, heading)
                if block.kind == "paragraph" and block.text.rstrip().endswith(":"):
                    lead = block.text
                    heading = self._surroundings(source, path, lead)
            begin += len(block.text) + len(SEPARATOR)

    def _surroundings(self, source: int, path: dict[int, str], lead: str) -> int:
        texts = [text for _, text in sorted(path.items())]
        self.surroundings.append(
            Surroundings(source, texts[-1] if texts else "", tuple(texts[:-1]), lead[-300:])
        )
        return len(self.surroundings) - 1

    def _read(self, source: int, number: int, block: Block, begin: int, heading: int) -> None:
        if block.kind == "table" and (spans := _row_spans(block, begin)):
            self.tables.append(
                SourceTable(len(self.tables), source, number, block.page, heading, block.rows, spans)
            )
        extents = spans if block.kind == "table" and spans else tuple(_sentences(block.text, begin))
        last = begin
        for place, (start, end) in enumerate(extents):
            if place == 0 or SEPARATOR in block.text[last - begin : start - begin]:
                self._paragraphs += 1
            text = block.text[start - begin : end - begin]
            self.passages.append(
                Passage(
                    len(self.passages), source, start, end, block.page, block.kind, number, place,
                    self._paragraphs, heading, text,
                )
            )  # fmt: skip
            last = end


def repeated(passages: Sequence[Passage]) -> frozenset[int]:
    """Short lines that one source has again and again, as headers and footers are, whatever their number."""
    places: dict[tuple[int, str], list[int]] = defaultdict(list)
    for passage in passages:
        if passage.kind != "table" and len(passage.text) <= _LONGEST_LINE:
            is_prose = passage.text.endswith(".")
            line = passage.text if is_prose else _DIGITS.sub("0", passage.text)
            places[passage.source, line].append(passage.number)
    return frozenset(number for numbers in places.values() if len(numbers) >= _REPEATED for number in numbers)


def _sentences(text: str, begin: int) -> Iterator[tuple[int, int]]:
    for start, end in split_sentences(text):
        yield begin + start, begin + end


def _row_spans(block: Block, begin: int) -> tuple[tuple[int, int], ...]:
    """Where the rows stand; none if the text of the block is not its rows."""
    spans, at = [], 0
    for row in block.rows:
        written = "\t".join(row)
        if block.text[at : at + len(written)] != written:
            return ()
        spans.append((begin + at, begin + at + len(written)))
        at += len(written) + len(SEPARATOR)
    return tuple(spans)
