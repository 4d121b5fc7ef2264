"""Whether a file says all that the manuscript says, block by block, in its order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from core.content import Block, BlockKind, Run, cell_runs, runs
from core.exports.manuscript import Manuscript
from core.exports.validation.report import Issue

MOST_ISSUES = 50
_BLANKS = re.compile(r"[\s\u00a0\u200b-\u200f\u2060\ufeff\u00ad]+")


def lost_text(text: str, manuscript: Manuscript, leaves_out: frozenset[BlockKind]) -> Iterator[Issue]:
    """An issue for each text of the manuscript that is not in `text`. Blanks, soft hyphens and ligatures do
    not count, for readers of fixed layouts see them where a line ends; nor do the signs of notes within it.
    """
    found = flat(text)
    position = 0
    for number, piece in _pieces(manuscript, leaves_out):
        wanted = flat(piece)
        at = found.find(wanted, position)
        if at >= 0:
            position = at + len(wanted)
        elif wanted not in found and not (
            _runs_both_ways(piece, manuscript) and _is_there_word_by_word(piece, found)
        ):
            yield Issue(f"“{piece[:80]}” is missing.", f"block {number + 1}" if number >= 0 else "title")


def flat(text: str) -> str:
    """Without blanks and in compatibility form (NFKC), as two readers of one text agree on it."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def _runs_both_ways(piece: str, manuscript: Manuscript) -> bool:
    """Whether readers of pages may give the words in the order in which they are seen."""
    is_mixed = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in piece)
    return manuscript.is_right_to_left or is_mixed


def _is_there_word_by_word(piece: str, found: str) -> bool:
    words = [flat(word) for word in re.findall(r"\w+", unicodedata.normalize("NFKC", piece))]
    return all(word in found or word[::-1] in found for word in words)


def _pieces(manuscript: Manuscript, leaves_out: frozenset[BlockKind]) -> Iterator[tuple[int, str]]:
    """What must be there in one stretch, each with the place of its block: texts cut where signs come in."""
    if "heading" not in leaves_out:
        yield -1, manuscript.title
    for number, block in enumerate(manuscript.content.blocks):
        if block.kind not in leaves_out:
            yield from ((number, piece) for piece in _texts(block))


def _texts(block: Block) -> Iterator[str]:
    if block.kind == "table":
        for row in cell_runs(block):
            for cell in row:
                yield from _stretches(cell)
    elif block.kind == "code":
        yield from block.text.split("\n")
    else:
        yield from _stretches(runs(block))


def _stretches(cut: Sequence[Run]) -> Iterator[str]:
    stretch = ""
    for run in cut:
        stretch += run.text
        if run.signs:
            yield stretch
            stretch = ""
    yield stretch
