"""What a writer of files promises."""

from __future__ import annotations

from typing import Protocol

from core.content import BlockKind
from core.exports.design import Design
from core.exports.manuscript import Manuscript


class Writer(Protocol):
    """Writes one file format.

    The same manuscript and design give the same bytes, on every machine. Text from the manuscript is text in
    the file: it is escaped, never markup, formula or instruction. A writer opens no address and no file but
    the fonts and templates that ship with it, and keeps nothing. It raises ExportFailed where this manuscript
    cannot be written, with what to do; a file that is written is whole.
    """

    @property
    def name(self) -> str:
        """The format: "pdf", "docx"."""
        ...

    @property
    def extension(self) -> str:
        """With its dot."""
        ...

    @property
    def media_type(self) -> str: ...

    @property
    def leaves_out(self) -> frozenset[BlockKind]:
        """The kinds of blocks for which the format has no place: text files hold no pictures."""
        ...

    def write(self, manuscript: Manuscript, design: Design) -> bytes: ...
