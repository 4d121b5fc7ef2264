"""Whether a file says all that the manuscript says, block by block, in its order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from core.content import Block, BlockKind
from core.exports.manuscript import Manuscript
from core.exports.validation.report import Issue

MOST_ISSUES = 50
_BLANKS = re.compile(r"[\s\u00a0\u200b-\u200f\u2060\ufeff\u00ad]+")


def lost_text(text: str, manuscript: Manuscript, leaves_out: frozenset[BlockKind]) -> Iterator[Issue]:
    """An issue for each text of the manuscript that is not in `text`. Blanks, soft hyphens and ligatures do
    not count, for readers of fixed layouts see them where a line ends.
    """
    found = flat(text)
    position = 0
    for number, piece in _pieces(manuscript, leaves_out):
        wanted = flat(piece)
        if not wanted:
            continue
        at = found.find(wanted, position)
        if at >= 0:
            position = at + len(wanted)
        elif wanted not in found:
            yield Issue(f"“{piece[:80]}” is missing.", f"block {number + 1}" if number >= 0 else "title")


def flat(text: str) -> str:
    """Without blanks and in compatibility form (NFKC), as two readers of one text agree on it."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def _pieces(manuscript: Manuscript, leaves_out: frozenset[BlockKind]) -> Iterator[tuple[int, str]]:
    yield -1, manuscript.title
    for number, block in enumerate(manuscript.content.blocks):
        if block.kind not in leaves_out:
            yield from ((number, piece) for piece in _texts(block))


def _texts(block: Block) -> Iterator[str]:
    if block.kind == "table":
        yield from (cell for row in block.rows for cell in row)
    elif block.kind == "code":
        yield from block.text.split("\n")
    else:
        yield block.text
