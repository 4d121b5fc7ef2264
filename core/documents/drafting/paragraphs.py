"""Chosen passages as blocks of a draft, in the order in which a person would read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from core.content import BlockKind
from core.documents.draft import DraftBlock
from core.documents.drafting.passages import Passage
from core.documents.drafting.sentence_signs import leans_on_previous
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
    """A point for each sentence of a paragraph, with those that lean on it, and for each point of a list."""
    items: list[list[Passage]] = []
    for passage in passages:
        if items and _goes_on(items[-1][-1], passage):
            items[-1].append(passage)
        else:
            items.append([passage])
    return tuple(
        DraftBlock("list_item", tuple(shelf.statement(passage) for passage in item)) for item in items
    )


def _goes_on(last: Passage, passage: Passage) -> bool:
    if last.paragraph != passage.paragraph:
        return False
    is_next = passage.number == last.number + 1
    return passage.kind == "list_item" or (is_next and leans_on_previous(passage.text))
