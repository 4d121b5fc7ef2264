"""The sentences that say most of a text, taken as they stand."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.language.content_words import content_words
from core.language.sentences import Extent, split_sentences
from core.language.stop_words import Language
from core.language.syllables import WORD

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

MOST_SENTENCES = 400
"""Sentences that are weighed; a longer text is weighed by its first ones."""

_FEWEST_WORDS, _MOST_WORDS = 6, 60
_DAMPING = 0.85
_ROUNDS = 40
_EARLY = 0.25  # what the first sentence gains over the last
_ALIKE = 0.7  # cosine from which a second sentence says the same
_ASIDE = 0.2  # share of the best score below which a sentence is left out


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """`position` counts the sentences of the text from 0; `score` is 1 for the most central one."""

    text: str
    span: Extent
    position: int
    score: float


def summarise(text: str, language: Language, most: int = 3) -> tuple[SummarySentence, ...]:
    """The most central sentences in the order of the text, none twice in other words.

    Centrality is LexRank's: the stationary probability of walking from sentence to similar sentence (Erkan,
    Radev: LexRank, JAIR 22, 2004), with some weight for standing early. Sentences with
    hardly a link to the others are left out. Time is quadratic in the sentences, of which 400 are weighed.
    """
    extents = split_sentences(text)
    kept = [(place, one) for place, one in enumerate(extents[:MOST_SENTENCES]) if _is_sentence(text, one)]
    if not kept:
        return ()
    similar = _similarities(text, [one for _, one in kept], language)
    scores = _centrality(similar)
    top = max(scores)
    chosen: list[int] = []
    for number in sorted(range(len(kept)), key=lambda number: (-scores[number], number)):
        is_new = all(similar[number][other] < _ALIKE for other in chosen)
        if len(chosen) < most and is_new and scores[number] >= _ASIDE * top:
            chosen.append(number)
    return tuple(
        SummarySentence(
            text[slice(*kept[number][1])], kept[number][1], kept[number][0], round(scores[number] / top, 3)
        )
        for number in sorted(chosen)
    )


def _is_sentence(text: str, extent: Extent) -> bool:
    """Prose of a fair length; not a heading, a label or a row of a table."""
    written = text[slice(*extent)]
    if "\t" in written or not written.rstrip("\"'”’»)*").endswith((".", "!", "?", "…", ":")):
        return False
    return _FEWEST_WORDS <= len(WORD.findall(written)) <= _MOST_WORDS


def _similarities(text: str, extents: list[Extent], language: Language) -> Matrix:
    """Cosines of the sentences' words, weighted by how few sentences have them (sentences, sentences)."""
    import numpy as np

    counts = [Counter(word.lemma for word in content_words(text, language, *one)) for one in extents]
    spread = Counter(lemma for one in counts for lemma in one)
    number = {lemma: place for place, lemma in enumerate(spread)}
    vectors = np.zeros((len(counts), max(1, len(number))))
    for row, one in enumerate(counts):
        for lemma, count in one.items():
            vectors[row, number[lemma]] = count * math.log(1 + len(counts) / spread[lemma])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    cosines: Matrix = vectors @ vectors.T
    return cosines


def _centrality(similar: Matrix) -> list[float]:
    import numpy as np

    size = len(similar)
    links = similar - np.diag(np.diag(similar)) + 1e-6
    walk = links / links.sum(axis=1, keepdims=True)
    rank = np.full(size, 1 / size)
    for _ in range(_ROUNDS):
        rank = (1 - _DAMPING) / size + _DAMPING * (rank @ walk)
    early = 1 + _EARLY * (1 - np.arange(size) / max(1, size - 1))
    scores: list[float] = np.round(rank * early, 12).tolist()
    return scores
