"""References of a document to its own parts, and whether those parts exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from core.quality.document import PlacedBlock
from core.quality.part import Evidence
from core.redundancy.evidence import Span

_KINDS = {
    "section": r"sections?|sec\.|secci[óo]n(?:es)?|secç(?:ão|ões)|seç(?:ão|ões)|apartados?|"
    r"clauses?|cláusulas?|chapters?|cap[íi]tulos?",
    "annex": r"annex(?:es)?|appendix|appendices|exhibits?|anexos?|apéndices?|apêndices?",
    "figure": r"figures?|fig\.|figuras?",
    "table": r"tables?|tablas?|tabelas?|cuadros?|quadros?",
}
_NUMBER = r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?![\w'’])|[IVX]{1,5}(?![\w'’]))"
_REFERENCE = re.compile(
    "|".join(rf"(?P<{kind}>\b(?i:{words}))\s+(?:n[.º°o]*\s*)?" for kind, words in _KINDS.items())
)
_NUMBERED = re.compile(_NUMBER)
_HEADING_NUMBER = re.compile(r"\s*(?:[^\W\d_]+\.?\s+)?(\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}(?=[.\s)]))")
_ELSEWHERE = re.compile(
    r"\W{0,2}(?:of|de|del|da|do|dos|das|from|in|to)\s+(?:(?:the|la|el|las|los|o|a|este|esta|this)\s+)?(?P<whose>\w+)"
)
_OWN = frozenset(
    word
    for line in (
        "document documento agreement contract contrato policy política manual report informe",
        "relatório",
    )
    for word in line.split()
)
_ARTICLE = r"(?:\s+(?:the|our|la|el|o|a|los|las|os|as|su|nuestr[ao]|noss[ao]))?\s*$"
_POINTING = re.compile(
    r"(?:\bsee|\bsee also|\brefer to|\bv[ée]ase|\bver|\bvea|\bconsult[ea]r?|\bvide|\bveja|\bse detalla en|"
    r"\bdescribed in|\bset out in|\bdescrito en|\bdescrito n[oa])" + _ARTICLE,
    re.IGNORECASE,
)
_MAYBE_POINTING = re.compile(
    r"(?:\bunder|\bper|\bin|\bof|\bto|\bseg[úu]n|\bsegundo|\bconforme|\ben|\bn[oa]|\bdel?|\bd[ao]|\bal?|\bao|\bà)"
    + _ARTICLE,
    re.IGNORECASE,
)
"""Points into the document only where its own parts of that kind carry numbers or letters."""


class _Target(NamedTuple):
    kind: str
    number: str


def broken_references(blocks: list[PlacedBlock]) -> Iterator[Evidence]:
    """References such as "see section 9" or "ver anexo B" to a part that is not in the document.

    Only what points and names a number or letter counts, and not "section 9 of the Act". Where no heading
    carries a number, sections are counted; a table counts if so many tables stand in the document.
    """
    targets = _targets(blocks)
    for placed in blocks:
        if placed.block.kind in ("heading", "code"):
            continue
        for kind, number, match in _references(placed.block.text, {target.kind for target in targets}):
            if not _exists(_Target(kind, number), targets, blocks):
                span = Span(placed.span.start + match.start(), placed.span.start + match.end() + len(number))
                text = placed.block.text[match.start() : match.end() + len(number)]
                yield Evidence("broken_reference", {"reference": text}, span)


def _references(text: str, own_kinds: set[str]) -> Iterator[tuple[str, str, re.Match[str]]]:
    for match in _REFERENCE.finditer(text):
        number = _NUMBERED.match(text, match.end())
        before = text[max(0, match.start() - 30) : match.start()]
        is_own = match.lastgroup in own_kinds and _MAYBE_POINTING.search(before)
        if number is None or not (is_own or _POINTING.search(before)):
            continue
        elsewhere = _ELSEWHERE.match(text, number.end())
        if elsewhere is None or elsewhere["whose"].casefold() in _OWN:
            yield str(match.lastgroup), number[0], match


def _targets(blocks: list[PlacedBlock]) -> set[_Target]:
    """Parts by the word and number at the beginning of a block, sections by the number of a heading too."""
    found: set[_Target] = set()
    for placed in blocks:
        text = placed.block.text
        if placed.block.kind == "heading" and (number := _HEADING_NUMBER.match(text)):
            found |= {_Target("section", each) for each in (number[1], number[1].split(".")[0])}
        for line in text.splitlines():
            match = _REFERENCE.match(line.lstrip(" *[(#>-"))
            if match and (number := _NUMBERED.match(match.string, match.end())):
                found.add(_Target(str(match.lastgroup), number[0]))
    return found


def _exists(wanted: _Target, targets: set[_Target], blocks: list[PlacedBlock]) -> bool:
    if wanted in targets:
        return True
    if wanted.kind == "section":
        return _is_counted_section(wanted.number, targets, blocks)
    if wanted.kind == "table":
        num_tables = sum(placed.block.kind == "table" for placed in blocks)
        return wanted.number.isdigit() and int(wanted.number) <= num_tables
    return False


def _is_counted_section(number: str, targets: set[_Target], blocks: list[PlacedBlock]) -> bool:
    """Whether a section of this place exists in a document whose headings, or clauses, carry no numbers."""
    first = number.split(".")[0]
    written = re.compile(rf"\s*(?:{re.escape(number)})[.)\s]")
    if any(written.match(placed.block.text) for placed in blocks if placed.block.kind != "table"):
        return True
    if not first.isdigit() or any(target.kind == "section" for target in targets):
        return False
    levels = [placed.block.level for placed in blocks if placed.block.kind == "heading"]
    return any(int(first) <= levels.count(level) for level in set(levels))
