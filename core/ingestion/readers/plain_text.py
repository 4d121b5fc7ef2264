"""Plain text: paragraphs are what blank lines divide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.content import Block
from core.ingestion.reader import Extract, Source
from core.ingestion.text_decoding import decode

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


class PlainText:
    name = "txt"
    extensions = (".txt", ".text", ".log")

    def read(self, source: Source) -> Iterator[Extract]:
        decoded = decode(source.data)
        yield Extract(blocks=paragraphs(decoded.text), warnings=decoded.warnings)


def paragraphs(text: str, page: int | None = None) -> tuple[Block, ...]:
    """One paragraph for each stretch between blank lines. Single line ends stay."""
    stretches = (_trim(stretch) for stretch in _BLANK_LINES.split(text.replace("\f", "\n\n")))
    return tuple(Block("paragraph", stretch, page=page) for stretch in stretches if stretch)


def _trim(stretch: str) -> str:
    return "\n".join(line.strip() for line in stretch.split("\n")).strip()
