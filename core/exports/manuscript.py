"""What a writer is given: content that is ready to be written, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from core.content import Block, Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """How the company looks. Colours are #rrggbb; `logo` is a PNG; empty means the design's own.

    `header` and `footer` are a line of plain text on each page.
    """

    name: str = ""
    logo: bytes = field(default=b"", repr=False)
    primary: str = "#1d4ed8"
    accent: str = "#0f766e"
    body_font: str = ""
    heading_font: str = ""
    header: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """A document as every writer gets it; `preparation.prepare` makes it.

    The title is not in `content`. Headings there go from level 1 to 5 and skip none. Pictures are PNG or JPEG
    with their bytes in `content.media`. Every text is free of characters that XML forbids and of bidi
    overrides. Marks lie within their text; each citation and footnote points to a block that is there, and
    each link to http, https, mailto, or "#key". Every row of a table has the same number of cells.

    `written` is the date on the document and in its metadata; nothing in a file tells when it was made, so
    the same manuscript gives the same bytes. `fields` are the lines of a letter's or memo's head, as label
    and value, in the document's language.
    """

    title: str
    content: Content
    language: str = "en"
    subtitle: str = ""
    author: str = ""
    written: date | None = None
    keywords: tuple[str, ...] = ()
    version: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    branding: Branding = field(default_factory=Branding)

    @property
    def is_right_to_left(self) -> bool:
        return self.language.partition("-")[0] in ("ar", "he", "fa", "ur", "yi")

    def note(self, key: str) -> Block | None:
        """The footnote or reference of this key."""
        return next((each for each in self.content.blocks if each.key == key and each.kind in _NOTES), None)

    @property
    def body(self) -> Iterator[Block]:
        """The blocks without footnotes, which a writer places where their sign is."""
        return (each for each in self.content.blocks if each.kind != "footnote")

    def caption_of(self, place: int) -> Block | None:
        """The caption of the table, picture or chart at this place of `content.blocks`."""
        owners = caption_owners(self.content.blocks)
        return next((self.content.blocks[at] for at, owner in owners.items() if owner == place), None)


def caption_owners(blocks: tuple[Block, ...]) -> dict[int, int]:
    """The place of each caption and that of the table, picture or chart it belongs to."""
    owners: dict[int, int] = {}
    for at, block in enumerate(blocks):
        if block.kind != "caption":
            continue
        for owner in (at - 1, at + 1):
            is_there = 0 <= owner < len(blocks) and blocks[owner].kind in ("table", "picture", "chart")
            if is_there and owner not in owners.values():
                owners[at] = owner
                break
    return owners


_NOTES = ("footnote", "reference")
