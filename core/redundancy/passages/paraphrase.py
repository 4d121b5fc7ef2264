"""Sentences around copied passages that say the same in other words, by the vectors of an embedder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.language.embedder import Embedder
from core.language.sentences import split_sentences
from core.redundancy.evidence import Span
from core.redundancy.passages.link import SharedPassage
from core.redundancy.subject import WORD

MEANS_THE_SAME = 0.72
"""Cosine from which two neighbouring sentences are taken for each other's paraphrase.

In the sample library the packaged English model gives right English pairs from 0.66 on, and wrong Spanish and
Portuguese ones up to 0.70.
"""

_REACH = 3  # sentences around a copied passage that are compared
_MIN_WORDS = 5
_COVERED = 0.5  # share of its characters from which a sentence is copied already


class SentenceVectors:
    """Vectors of sentences, each sentence embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def of(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(sentences), dim), unit vectors."""
        new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.embed(new), strict=True))
        if not sentences:
            return np.empty((0, self._embedder.dim), np.float32)
        return np.stack([self._known[sentence] for sentence in sentences])


def find_paraphrases(
    a: str, b: str, copied: Sequence[SharedPassage], vectors: SentenceVectors
) -> list[SharedPassage]:
    """Pairs of sentences near the same copied passage, the most similar first, each sentence once.

    A sentence of which half is copied is not looked at, nor one below five words. The exclusion is that of
    the passage beside it.
    """
    sentences_a, sentences_b = _sentences(a), _sentences(b)
    free_a = _free(sentences_a, [passage.a for passage in copied])
    free_b = _free(sentences_b, [passage.b for passage in copied])
    candidates: dict[tuple[int, int], SharedPassage] = {}
    for passage in copied:
        for number_a in _around(sentences_a, free_a, passage.a):
            for number_b in _around(sentences_b, free_b, passage.b):
                candidates.setdefault((number_a, number_b), passage)
    return _best_pairs(a, b, sentences_a, sentences_b, candidates, vectors)


def _best_pairs(
    a: str,
    b: str,
    sentences_a: Sequence[Span],
    sentences_b: Sequence[Span],
    candidates: dict[tuple[int, int], SharedPassage],
    vectors: SentenceVectors,
) -> list[SharedPassage]:
    pairs = list(candidates)
    vectors_a = vectors.of([a[slice(*sentences_a[number])] for number, _ in pairs])
    vectors_b = vectors.of([b[slice(*sentences_b[number])] for _, number in pairs])
    cosines = (vectors_a * vectors_b).sum(axis=1).tolist()
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    found = []
    for cosine, (number_a, number_b) in sorted(
        zip(cosines, pairs, strict=True), key=lambda one: (-one[0], one[1])
    ):
        if cosine >= MEANS_THE_SAME and number_a not in taken_a and number_b not in taken_b:
            taken_a.add(number_a)
            taken_b.add(number_b)
            span_a, span_b = sentences_a[number_a], sentences_b[number_b]
            num_words = min(_num_words(a, span_a), _num_words(b, span_b))
            exclusion = candidates[number_a, number_b].exclusion
            found.append(SharedPassage("paraphrase", span_a, span_b, num_words, min(1.0, cosine), exclusion))
    return found


def _sentences(text: str) -> list[Span]:
    spans = [Span(*sentence) for sentence in split_sentences(text)]
    return [span for span in spans if _num_words(text, span) >= _MIN_WORDS]


def _free(sentences: Sequence[Span], copied: Sequence[Span]) -> list[bool]:
    """Which sentences are not copied already."""
    return [
        sum(max(0, min(end, sentence.end) - max(start, sentence.start)) for start, end in copied)
        < _COVERED * (sentence.end - sentence.start)
        for sentence in sentences
    ]


def _around(sentences: Sequence[Span], free: Sequence[bool], passage: Span) -> list[int]:
    """Numbers of the free sentences within reach before and after the passage."""
    before = [number for number, span in enumerate(sentences) if span.start < passage.start]
    after = [number for number, span in enumerate(sentences) if span.end > passage.end]
    near = dict.fromkeys([*before[-_REACH - 1 :], *after[: _REACH + 1]])
    return [number for number in near if free[number]]


def _num_words(text: str, span: Span) -> int:
    return len(WORD.findall(text, span.start, span.end))
