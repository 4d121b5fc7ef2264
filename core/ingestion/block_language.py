"""Which language a block is in, where a file says so for its letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.content import Block

_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = (
    ("bidi", re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")),
    ("eastAsia", re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")),
    ("val", _LETTER),
)


def script_of(text: str) -> str | None:
    """ "bidi", "eastAsia" or "val" as Word calls them, by the letters in the text; None without letters."""
    return next((name for name, letters in _SCRIPTS if letters.search(text)), None)


def is_same(one: str, other: str) -> bool:
    """Whether both tags name one language, in whatever country."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


def with_language(block: Block) -> Block:
    """A language that all of the text is in belongs to the block; the document's own needs no mark."""
    told = {mark.target for mark in block.marks if mark.kind == "language"}
    whole = next(iter(told)) if len(told) == 1 else ""
    kept = tuple(
        mark for mark in block.marks if mark.kind != "language" or (mark.target and mark.target != whole)
    )
    return replace(block, marks=kept, language=whole or block.language)


def without_own_language(blocks: Sequence[Block]) -> Iterator[Block]:
    """The language that most of the text is in is the document's, whatever its styles say."""
    sizes: dict[str, int] = {}
    for block in blocks:
        sizes[block.language] = sizes.get(block.language, 0) + len(block.text)
    most = max(sizes, key=lambda each: sizes[each], default="")
    return (replace(block, language="") if block.language == most else block for block in blocks)
