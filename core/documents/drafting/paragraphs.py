"""Chosen passages as blocks of a draft, in the order in which a person would read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from core.content import BlockKind
from core.documents.draft import DraftBlock
from core.documents.drafting.passages import Passage
from core.documents.drafting.shelf import SourceShelf


def in_reading_order(passages: Iterable[Passage]) -> list[Passage]:
    """Source by source, that of the first passage first, each in its own order."""
    listed = list(passages)
    order = {source: at for at, source in enumerate(dict.fromkeys(one.source for one in listed))}
    return sorted(listed, key=lambda passage: (order[passage.source], passage.start))


def as_paragraphs(shelf: SourceShelf, passages: Sequence[Passage]) -> tuple[DraftBlock, ...]:
    """Sentences of one paragraph stand in one paragraph; points of a list stay points."""
    blocks = []
    for _, group in groupby(in_reading_order(passages), key=lambda passage: passage.paragraph):
        members = list(group)
        kind: BlockKind = "list_item" if members[0].kind == "list_item" else "paragraph"
        blocks.append(DraftBlock(kind, tuple(shelf.statement(passage) for passage in members)))
    return tuple(blocks)


def as_items(shelf: SourceShelf, passages: Iterable[Passage]) -> tuple[DraftBlock, ...]:
    """A point for each passage that stood in a paragraph, and for each point with its sentences."""
    blocks = []
    for _, group in groupby(passages, key=_item):
        blocks.append(DraftBlock("list_item", tuple(shelf.statement(passage) for passage in group)))
    return tuple(blocks)


def _item(passage: Passage) -> tuple[str, int]:
    is_item = passage.kind == "list_item"
    return ("item", passage.paragraph) if is_item else ("sentence", passage.number)
