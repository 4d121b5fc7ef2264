"""Statements about the same thing that state different facts, within a language and across languages."""

from core.redundancy.contradictions.contradiction import (
    KINDS,
    Contradiction,
    Kind,
    Relation,
    StatementFact,
)
from core.redundancy.contradictions.search import contradictions, find_contradictions

__all__ = [
    "KINDS",
    "Contradiction",
    "Kind",
    "Relation",
    "StatementFact",
    "contradictions",
    "find_contradictions",
]
