"""The sentences of blocks: what a draft is put together from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.content import Block, Content
from core.content.blocks import SEPARATOR
from core.language.sentences import split_sentences
from core.redundancy.consolidation.draft import Origin
from core.redundancy.evidence import Span
from core.redundancy.subject import WORD


@dataclass(eq=False, slots=True)
class Unit:
    """A sentence, a row of a table, or a whole piece of code. `gap` is the space before it in its block."""

    text: str
    words: tuple[str, ...]
    origin: Origin
    gap: str = " "
    cells: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class UnitBlock:
    """A block and its units. `page` is not kept: a draft has no pages yet."""

    kind: Block
    units: list[Unit] = field(default_factory=list)

    @property
    def is_table(self) -> bool:
        return bool(self.kind.rows)

    def is_open_to(self, other: UnitBlock) -> bool:
        """Whether sentences of the other block can stand in this one."""
        return self.is_table == other.is_table and self.kind.kind not in ("heading", "code")

    def starts(self) -> list[int]:
        """Where each unit begins in the block's text."""
        starts, place = [], 0
        for number, unit in enumerate(self.units):
            place += 0 if not number else len(SEPARATOR if self.is_table else unit.gap)
            starts.append(place)
            place += len(unit.text)
        return starts

    def block(self) -> Block:
        """The block with the units that it has now."""
        if self.is_table:
            rows = tuple(unit.cells for unit in self.units)
            return Block("table", SEPARATOR.join(unit.text for unit in self.units), rows=rows)
        text = "".join(
            unit.text if not number else unit.gap + unit.text for number, unit in enumerate(self.units)
        )
        return Block(self.kind.kind, text, level=self.kind.level)


def unit_blocks(id: str, content: Content) -> Iterator[UnitBlock]:
    """The blocks of a document, without those that have no text."""
    start = 0
    for block in content.blocks:
        units = list(_table_units(id, block, start) if block.rows else _text_units(id, block, start))
        if units:
            yield UnitBlock(block, units)
        start += len(block.text) + len(SEPARATOR)


def _table_units(id: str, block: Block, start: int) -> Iterator[Unit]:
    for cells in block.rows:
        text = "\t".join(cells)
        if text.strip():
            yield _unit(id, text, start, SEPARATOR, cells)
        start += len(text) + len(SEPARATOR)


def _text_units(id: str, block: Block, start: int) -> Iterator[Unit]:
    before = 0
    whole = block.text.strip()
    first = block.text.find(whole)
    code = ((first, first + len(whole)),) if whole else ()
    for begin, end in code if block.kind == "code" else split_sentences(block.text):
        yield _unit(id, block.text[begin:end], start + begin, block.text[before:begin] or " ", ())
        before = end


def _unit(id: str, text: str, start: int, gap: str, cells: tuple[str, ...]) -> Unit:
    words = tuple(WORD.findall(text.lower())) or (text,)
    return Unit(text, words, Origin(id, Span(start, start + len(text))), gap, cells)
