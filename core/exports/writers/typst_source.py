"""Typst: one .typ file with its pictures in it. Compiles alone, with the fonts that ship with the product."""

from __future__ import annotations

from core.content import BlockKind
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.writers.typesetting.source import source


class TypstSource:
    name = "typst"
    extension = ".typ"
    media_type = "text/vnd.typst"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        return source(manuscript, design).encode()
