"""The statements of a draft that say most of it."""

from __future__ import annotations

from collections.abc import Iterable

from core.documents.draft import DraftSection, Statement
from core.documents.drafting.passages import Passage
from core.documents.drafting.selection import centrality, similarities
from core.documents.drafting.sentence_signs import is_sentence, leans_on_previous
from core.documents.drafting.shelf import SourceShelf

MOST_STATEMENTS = 3
_MOST_WEIGHED = 300
_FEWEST_WORDS, _MOST_WORDS = 8, 45


def best_statements(shelf: SourceShelf, sections: Iterable[DraftSection]) -> tuple[Statement, ...]:
    """The most central statements, each of another section, in the order of the draft."""
    told = [
        (number, statement, passage)
        for number, section in enumerate(sections)
        for statement in section.statements
        if (passage := _passage(shelf, statement)) is not None
    ][:_MOST_WEIGHED]
    scores = centrality(similarities(shelf, [passage for _, _, passage in told]))
    best: dict[int, int] = {}
    for at in sorted(range(len(told)), key=lambda at: (-scores[at], at)):
        best.setdefault(told[at][0], at)
    return tuple(told[at][1] for at in sorted(list(best.values())[:MOST_STATEMENTS]))


def _passage(shelf: SourceShelf, statement: Statement) -> Passage | None:
    """The whole sentence that it quotes, if it can stand alone."""
    if not statement.origins or statement.cells or not is_sentence(statement.text):
        return None
    if not _FEWEST_WORDS <= len(statement.text.split()) <= _MOST_WORDS or leans_on_previous(statement.text):
        return None
    origin = statement.origins[0]
    return shelf.passage_at(origin.source, origin.start)
