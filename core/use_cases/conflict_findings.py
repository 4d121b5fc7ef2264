"""Statements that contradict each other, as an analysis stores them: with their words."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from core.redundancy import Span
from core.redundancy.contradictions import Contradiction, StatementFact

CONFLICTS = "conflicts"
LONGEST_STATEMENT = 600
SHORTEST_STATEMENT = 30
"""Characters below which a statement is a cell of a table, which says little without its row."""


@dataclass(frozen=True, slots=True)
class KeptConflict:
    """The contradiction, and both statements as they stand, cut where they are very long."""

    found: Contradiction
    said_a: str
    said_b: str


_FORM = TypeAdapter(tuple[KeptConflict, ...])


def kept_conflicts(found: Iterable[Contradiction], texts: Mapping[str, str]) -> tuple[KeptConflict, ...]:
    return tuple(KeptConflict(each, _said(each.a, texts), _said(each.b, texts)) for each in found)


def _said(side: StatementFact, texts: Mapping[str, str]) -> str:
    """The statement on one line: of a cell its whole row, of a very long one the part around the fact."""
    text, span = texts[side.document_id], side.statement
    if span.end - span.start < SHORTEST_STATEMENT:
        begin = text.rfind("\n", 0, span.start) + 1
        end = text.find("\n", span.end)
        row = text[begin : len(text) if end < 0 else end]
        if "\t" in row and len(row) <= LONGEST_STATEMENT:
            return " · ".join(" ".join(cell.split()) for cell in row.split("\t"))
    if span.end - span.start > LONGEST_STATEMENT:
        begin = max(span.start, side.fact.start - LONGEST_STATEMENT // 2)
        span = Span(begin, min(span.end, begin + LONGEST_STATEMENT))
    return " ".join(text[slice(*span)].split())


def encode(findings: tuple[KeptConflict, ...]) -> bytes:
    return zlib.compress(_FORM.dump_json(findings), level=3)


def decode(body: bytes) -> tuple[KeptConflict, ...]:
    return _FORM.validate_json(zlib.decompress(body))
