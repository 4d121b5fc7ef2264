"""Chooses among candidates: central ones, none that says what a chosen one says, within a number of words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.documents.drafting.desk import SectionDesk, num_words
from core.documents.drafting.passages import Passage
from core.documents.drafting.relevance import Candidate
from core.documents.drafting.shelf import SourceShelf
from core.documents.drafting.used_sentences import Said, are_nearly_equal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

MOST_COMPARED = 60
_CENTRALITY, _NOVELTY = 0.25, 0.35
_NEIGHBOUR = 0.12  # what a sentence gains that goes on where a chosen one ends
_ASIDE = 0.3  # share of the best score below which nothing is taken once the section is long enough
_DAMPING, _ROUNDS = 0.85, 30


def choose(desk: SectionDesk, wanted: Callable[[Passage], bool] | None = None) -> list[Passage]:
    """Passages for the section in the order they were chosen, those that must be in it first, then those in
    the language of the document; others where these are too few. Only the wanted ones where this is given.
    """
    chosen = _Choice(desk)
    for passage in desk.must_have:
        if wanted is None or wanted(passage):
            chosen.take(desk.bundle(passage) or (passage,))
    free = [one for one in desk.candidates if wanted is None or wanted(one.passage)]
    own = [one for one in free if desk.shelf.language(one.passage) == desk.language]
    _choose_among(own[:MOST_COMPARED], chosen)
    if chosen.num_words < desk.section.min_words:
        _choose_among([one for one in free if one not in own][:MOST_COMPARED], chosen)
    return chosen.passages


def _choose_among(pool: Sequence[Candidate], chosen: _Choice) -> None:
    section = chosen.desk.section
    similar = similarities(chosen.desk.shelf, [candidate.passage for candidate in pool])
    worth = _worth(pool, similar)
    waiting = set(range(len(pool)))
    nearest = dict.fromkeys(waiting, 0.0)
    while waiting and chosen.num_words < section.max_words:
        best = max(waiting, key=lambda at: (_value(worth[at], nearest[at], chosen, pool[at].passage), -at))
        waiting.discard(best)
        if worth[best] < _ASIDE and chosen.num_words >= section.min_words:
            continue
        if chosen.take(chosen.desk.bundle(pool[best].passage)):
            nearest = {at: max(near, float(similar[best][at])) for at, near in nearest.items()}


def _value(worth: float, nearest: float, chosen: _Choice, passage: Passage) -> float:
    return worth - _NOVELTY * nearest + (_NEIGHBOUR if chosen.is_beside(passage) else 0.0)


class _Choice:
    def __init__(self, desk: SectionDesk) -> None:
        self.desk = desk
        self.passages: list[Passage] = []
        self._said: list[Said] = []
        self._numbers: set[int] = set()
        self.num_words = 0

    def take(self, passages: Sequence[Passage]) -> bool:
        """Take them all, unless one says what a chosen one says or they are too long together."""
        new = [passage for passage in passages if passage.number not in self._numbers]
        length = num_words(new)
        too_long = self.num_words + length > self.desk.section.max_words and bool(self.passages)
        if not new or too_long or any(self._is_repeated(passage) for passage in new):
            return False
        for passage in new:
            self.passages.append(passage)
            self._numbers.add(passage.number)
            self._said.append(self.desk.shelf.said(passage))
        self.num_words += length
        return True

    def is_beside(self, passage: Passage) -> bool:
        return passage.number - 1 in self._numbers or passage.number + 1 in self._numbers

    def _is_repeated(self, passage: Passage) -> bool:
        said = self.desk.shelf.said(passage)
        return any(are_nearly_equal(said, other) for other in self._said)


def similarities(shelf: SourceShelf, passages: Sequence[Passage]) -> Matrix:
    """Cosines of the passages by their terms, the rarer the weightier: (passages, passages)."""
    import numpy as np

    counts = [Counter(shelf.terms(passage)) for passage in passages]
    column = {term: at for at, term in enumerate({term for one in counts for term in one})}
    vectors = np.zeros((len(counts), max(1, len(column))))
    for row, one in enumerate(counts):
        for term, count in one.items():
            vectors[row, column[term]] = (1 + math.log(count)) * shelf.postings.rarity(term)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    cosines: Matrix = vectors @ vectors.T
    return cosines


def centrality(similar: Matrix) -> list[float]:
    """LexRank (Erkan, Radev, JAIR 22, 2004): where a walk along likeness ends; 1 for the most central."""
    import numpy as np

    size = len(similar)
    if not size:
        return []
    links = similar - np.diag(np.diag(similar)) + 1e-6
    walk = links / links.sum(axis=1, keepdims=True)
    rank = np.full(size, 1 / size)
    for _ in range(_ROUNDS):
        rank = (1 - _DAMPING) / size + _DAMPING * (rank @ walk)
    scores: list[float] = np.round(rank / rank.max(), 9).tolist()
    return scores


def _worth(pool: Sequence[Candidate], similar: Matrix) -> list[float]:
    return [
        (1 - _CENTRALITY) * candidate.score + _CENTRALITY * central
        for candidate, central in zip(pool, centrality(similar), strict=True)
    ]
