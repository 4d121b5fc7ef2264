"""The sections of a document and its list of contents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from core.content import Block
from core.exports.writers.markup.body import Body
from core.exports.writers.markup.escaping import attributes

DEEPEST = 2


def sections(blocks: Sequence[Block]) -> list[tuple[int | None, list[int]]]:
    """The places of each section with that of its heading; None for what stands before the first heading."""
    opening: int | None = None
    openings: list[int | None] = []
    for at, block in enumerate(blocks):
        opening = at if block.kind == "heading" and block.level == 1 else opening
        openings.append(opening)
    return [(key, list(group)) for key, group in groupby(range(len(blocks)), lambda at: openings[at])]


def contents(body: Body) -> str:
    """Links to the headings of the first two levels, as lists within a list; empty without headings."""
    blocks = body.manuscript.content.blocks
    places = [at for at, block in enumerate(blocks) if block.kind == "heading" and block.level <= DEEPEST]
    if not places:
        return ""
    items: list[str] = []
    for top, below in _families(blocks, places):
        inner = "".join(f"<li>{_link(body, at)}</li>" for at in below)
        items.append(f"<li>{_link(body, top)}{f'<ol>{inner}</ol>' if inner else ''}</li>")
    return "<ol>" + "\n".join(items) + "</ol>"


def _families(blocks: Sequence[Block], places: Sequence[int]) -> list[tuple[int, list[int]]]:
    found: list[tuple[int, list[int]]] = []
    for at in places:
        if blocks[at].level == 1 or not found:
            found.append((at, []))
        else:
            found[-1][1].append(at)
    return found


def _link(body: Body, at: int) -> str:
    href = f"{body.places.file_of(at)}#{body.heading_anchor(at)}"
    return f"<a{attributes(href=href)}>{body.heading_text(at)}</a>"
