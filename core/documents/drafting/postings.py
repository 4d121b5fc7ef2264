"""Which texts have which words, and how well texts answer a query: BM25 in arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int32]

_SATURATION = 1.2
_LENGTH_PENALTY = 0.3


class Postings:
    """Of each term the texts that have it, and how often. Texts and terms count from 0.

    `weights` says how much a word counts: 1 in the text itself, less in what stands over it. How rare a
    term is follows from the texts themselves (weight 1) alone. Robertson, Zaragoza: The Probabilistic
    Relevance Framework: BM25 and Beyond, 2009.
    """

    def __init__(self, terms: Integers, texts: Integers, weights: Floats, num_terms: int, num_texts: int):
        import numpy as np

        self.num_texts = num_texts
        keys = terms.astype(np.int64) * max(1, num_texts) + texts
        order = np.argsort(keys, kind="stable")
        keys, sorted_weights = keys[order], weights[order]
        firsts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
        counts = np.add.reduceat(sorted_weights, firsts) if len(keys) else np.zeros(0, np.float32)
        within = np.maximum.reduceat(sorted_weights, firsts) >= 1 if len(keys) else np.zeros(0, bool)
        self._texts = (keys[firsts] % max(1, num_texts)).astype(np.int32)
        of_term = (keys[firsts] // max(1, num_texts)).astype(np.int64)
        self._starts = np.searchsorted(of_term, np.arange(num_terms + 1))
        lengths = np.bincount(texts[weights >= 1], minlength=num_texts).astype(np.float32)
        norm = (
            1
            - _LENGTH_PENALTY
            + _LENGTH_PENALTY * lengths / max(1.0, float(lengths.mean() if num_texts else 1))
        )
        self._strengths = (counts * (_SATURATION + 1) / (counts + _SATURATION * norm[self._texts])).astype(
            np.float32
        )
        spread = np.bincount(of_term[within], minlength=num_terms)
        self._rarity = np.log(1 + (num_texts - spread + 0.5) / (spread + 0.5)).astype(np.float32)
        self._most_rare = math.log(1 + (num_texts + 0.5) / 0.5)

    def scores(self, query: Mapping[int, float]) -> Floats:
        """How well each text answers; 0 where it has no word of the query."""
        import numpy as np

        scores = np.zeros(self.num_texts, dtype=np.float32)
        for term, weight in query.items():
            if term >= len(self._rarity):
                continue
            stretch = slice(self._starts[term], self._starts[term + 1])
            scores[self._texts[stretch]] += np.float32(weight * self._rarity[term]) * self._strengths[stretch]
        return scores

    def texts_with(self, term: int) -> list[int]:
        """Those that have the term, or under which it stands."""
        if term >= len(self._rarity):
            return []
        found: list[int] = self._texts[self._starts[term] : self._starts[term + 1]].tolist()
        return found

    def rarity(self, term: int) -> float:
        """The more, the fewer texts have the term themselves; most for a term that none has."""
        return float(self._rarity[term]) if term < len(self._rarity) else self._most_rare
