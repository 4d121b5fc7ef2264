"""Formats of pandoc: text that is UTF-8, XML that is well formed, and every word of the document in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from lxml import etree

from core.content import runs
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.comparison import flat
from core.exports.validation.report import Check, Issue, Rule, Tool
from core.exports.writers.long_tail import LONG_TAIL

_OF_XML = ("docbook", "jats", "tei", "fb2")
_OPENS = "The file opens: its text is UTF-8, its XML well formed"
_WORDS = "Every word of the text is in the file"
_FIX = "Choose one of the formats that the product writes itself."


class LongTailCheck:
    """Marks and escapes differ by format, so the text is compared word by word, without what is no letter."""

    formats = tuple(LONG_TAIL)
    rules: Mapping[str, Rule] = {
        **{f"{name}.opens": Rule("formatting", "basic", _OPENS, _FIX) for name in LONG_TAIL},
        **{f"{name}.words": Rule("content", "basic", _WORDS, _FIX) for name in LONG_TAIL},
    }

    def __init__(self, name: str) -> None:
        self._name = name

    def tools(self) -> tuple[Tool, ...]:
        return (Tool("libxml2", ".".join(map(str, etree.LIBXML_VERSION))),)

    def text(self, data: bytes) -> str:
        text = data.decode(errors="replace")
        if self._name not in _OF_XML:
            return text
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(data, parser)
        return "" if root is None else "".join(map(str, root.itertext()))

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        fault = self._fault(data)
        yield self._found("opens", [Issue(fault)] if fault else [])
        if fault:
            return
        leaves_out = LONG_TAIL[self._name].leaves_out
        blocks = [block for block in manuscript.content.blocks if block.kind not in leaves_out]
        texts = [manuscript.title, *(run.text for block in blocks for run in runs(block))]
        there, whole = set(_words(self.text(data))), flat(self.text(data))
        lost = {word for text in texts for word in _words(text) if word not in there}
        yield self._found("words", [Issue(word) for word in sorted(lost) if word not in whole][:50])

    def _fault(self, data: bytes) -> str:
        try:
            data.decode()
            if self._name in _OF_XML:
                etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
            return str(error)
        return ""

    def _found(self, rule: str, issues: list[Issue]) -> Check:
        return Check(f"{self._name}.{rule}", f"libxml2 {etree.LIBXML_VERSION[0]}", tuple(issues))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text))
