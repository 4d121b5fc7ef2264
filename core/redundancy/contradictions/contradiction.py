"""What is found where two statements about the same thing state different facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.redundancy.evidence import Span

Kind = Literal["number", "date", "unit", "name", "negation", "obligation"]
KINDS: tuple[Kind, ...] = ("number", "date", "unit", "name", "negation", "obligation")
Relation = Literal["contradicts", "changed"]


@dataclass(frozen=True, slots=True)
class StatementFact:
    """One side: the statement and the fact in it, as places in the document's text.

    `value` is the fact in one notation ("10 working day", "2025-03-31", "must not"); `text` as it is written.
    """

    document_id: str
    statement: Span
    fact: Span
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that cannot both hold.

    `relation` is "changed" where the documents are versions of one another and b is the newer, or where
    nobody knows which is. `strength` is 0 to 1: how surely both speak of the same thing. `shared` are the
    concepts by which they do, in English, the weightiest first.
    """

    kind: Kind
    relation: Relation
    a: StatementFact
    b: StatementFact
    strength: float
    shared: tuple[str, ...]
