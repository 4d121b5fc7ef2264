"""Blocks that reports are put together from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.content import Block
from core.language.catalogues import Wording

MOST_ROWS = 1_000
"""Of each list; what is cut is said."""


def heading(text: str, level: int = 1) -> Block:
    return Block("heading", text, level=level)


def paragraph(text: str) -> Block:
    return Block("paragraph", text)


def figures(header: tuple[str, str], rows: Sequence[tuple[str, str]]) -> Block:
    return Block.table([list(header), *map(list, rows)], header_rows=1)


def listing(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    num_found: int,
    num_shown: int,
    wording: Wording,
) -> Iterator[Block]:
    """A section with a table, or the word that there is nothing."""
    _ = wording.say
    yield heading(title)
    if not rows:
        yield paragraph(_("None."))
        return
    if num_shown < num_found:
        said = _("{shown} of {found} are listed.")
        yield paragraph(said.format(shown=wording.number(num_shown), found=wording.number(num_found)))
    yield Block.table([list(header), *map(list, rows)], header_rows=1)
