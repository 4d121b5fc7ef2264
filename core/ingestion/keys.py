"""The keys by which marks find headings, footnotes and references, made of the bookmarks of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from core.content import Block, Mark

_PREFIX = re.compile(r"^(?:note|ref)-(?=.)")
_OUTSIDE = ("http://", "https://", "mailto:")


def key_of(bookmark: str) -> str:
    """Of a note or source of ours the key alone."""
    return _PREFIX.sub("", bookmark)


def link_target(address: str) -> str:
    """The address if a reader may follow it, else nothing."""
    address = address.strip()
    return address if address.lower().startswith(_OUTSIDE) or (address[:1] == "#" and address[1:]) else ""


def with_keys(blocks: Iterable[Block], bookmarks: Mapping[int, tuple[str, ...]]) -> Iterator[Block]:
    """`bookmarks` are those in each block, by its place. A heading is named by the one that a link leads to;
    a link to a note or source names it by its key, and one that leads nowhere else is no link.
    """
    found = list(blocks)
    wanted = {mark.target[1:] for block in found for mark in block.marks if mark.target[:1] == "#"}
    notes = {block.key for block in found if block.kind in ("footnote", "reference")}
    headings = {name for at, names in bookmarks.items() if found[at].kind == "heading" for name in names}
    for at, block in enumerate(found):
        names = bookmarks.get(at, ()) if block.kind == "heading" else ()
        key = next((name for name in names if name in wanted), block.key)
        yield replace(block, key=key, marks=tuple(_marks(block.marks, headings, notes)))


def _marks(marks: Iterable[Mark], headings: set[str], notes: set[str]) -> Iterator[Mark]:
    for mark in marks:
        name = mark.target[1:] if mark.kind == "link" and mark.target[:1] == "#" else ""
        if not name or name in headings:
            yield mark
        elif key_of(name) in notes:
            yield replace(mark, target=f"#{key_of(name)}")
