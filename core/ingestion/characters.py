"""Characters that no text should carry into storage: they come from broken files and break other programs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from core.content import Block, moved, with_text
from core.content.blocks import SEPARATOR

# C0 controls but tab and newline, DEL, surrogates, byte order marks, noncharacters. C1 controls and the soft
# hyphen after Â or Ã stay: text repair reads them as what is left of a letter.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff\ufdd0-\ufdef\ufffe\uffff]|(?<![\u00c2\u00c3])\u00ad"
)


def clean_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks in composed form (NFC), without unwanted characters and without blocks that hold nothing."""
    cleaned = (_clean_block(block) for block in blocks)
    return tuple(block for block in cleaned if block.picture or block.chart or not _is_blank(block.text))


def clean_line(text: str) -> str:
    """For titles and names of people: one line, single spaces."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _UNWANTED.sub("", unicodedata.normalize("NFC", text))


def with_rows(block: Block, rows: tuple[tuple[str, ...], ...]) -> Block:
    """The table with other cells, its text in step with them."""
    text = SEPARATOR.join("\t".join(row) for row in rows)
    return replace(block, rows=rows, text=text, marks=moved(block.marks, block.text, text))


def _clean_block(block: Block) -> Block:
    if block.kind == "table":
        return with_rows(block, tuple(tuple(clean(cell).strip() for cell in row) for row in block.rows))
    text = clean(block.text)
    return block if text is block.text else with_text(block, text)


def _is_blank(text: str) -> bool:
    return not text or text.isspace()
