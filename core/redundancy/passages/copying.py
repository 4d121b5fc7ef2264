"""How likely one text was written from another: shared vocabulary, aligned words and sentences alike.

A logistic model of two or three shares. Its weights were fitted on answers that students wrote freely, or
cut, lightly or heavily changed from a given source (Clough and Stevenson 2011, tasks a to c);
`benchmarks.passages.copied_answers` fits and measures them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.language.embedder import Embedder
from core.language.sentences import split_sentences
from core.redundancy.evidence import align
from core.redundancy.fact_words import EMPTY_WORDS, SENTENCE_OPENERS
from core.redundancy.subject import WORD

ALIGNED_WORDS = 3
BEST_SENTENCES = 3
COPIED = 0.5

_MIN_SENTENCE_WORDS = 4
_GRAMMAR = EMPTY_WORDS | SENTENCE_OPENERS


@dataclass(frozen=True, slots=True)
class CopyEvidence:
    """What the text has of the source, shares from 0 to 1.

    `vocabulary`: of its different words, those of grammar left out, how many the source uses. `aligned`: of
    its words, how many stand in runs of at least three that the source has too. `alike`: cosine of its three
    sentences that are most like one of the source, on average; None without an embedder.
    """

    vocabulary: float
    aligned: float
    alike: float | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a logistic model: the score is 1 / (1 + e^-(bias + sum of weight times share))."""

    bias: float
    vocabulary: float
    aligned: float
    alike: float = 0.0


WITH_SENTENCES = Weights(bias=-8.093, vocabulary=3.849, aligned=2.520, alike=7.523)
WORDS_ONLY = Weights(bias=-2.804, vocabulary=5.398, aligned=3.694)


@dataclass(frozen=True, slots=True)
class CopyScore:
    """`score` is 0 to 1, copied from COPIED; it says nothing of who wrote first."""

    score: float
    evidence: CopyEvidence

    @property
    def is_copied(self) -> bool:
        return self.score >= COPIED


def score_copy(text: str, source: str, embedder: Embedder | None = None) -> CopyScore:
    """How likely `text` was written from `source`. Fitted on English texts of some 200 words."""
    evidence = copy_evidence(text, source, embedder)
    weights = WORDS_ONLY if evidence.alike is None else WITH_SENTENCES
    total = (
        weights.bias
        + weights.vocabulary * evidence.vocabulary
        + weights.aligned * evidence.aligned
        + weights.alike * (evidence.alike or 0.0)
    )
    return CopyScore(1 / (1 + math.exp(-total)), evidence)


def copy_evidence(text: str, source: str, embedder: Embedder | None = None) -> CopyEvidence:
    """The shares on which a score rests."""
    words, known = _vocabulary(text), _vocabulary(source)
    return CopyEvidence(
        vocabulary=len(words & known) / max(1, len(words)),
        aligned=align(text, source, ALIGNED_WORDS).share_a,
        alike=_alike(text, source, embedder) if embedder is not None else None,
    )


def _vocabulary(text: str) -> set[str]:
    return set(WORD.findall(text.lower())) - _GRAMMAR


def _alike(text: str, source: str, embedder: Embedder) -> float:
    own, other = _sentences(text), _sentences(source)
    if not own or not other:
        return 0.0
    vectors = embedder.embed([*own, *other])
    nearest = (vectors[: len(own)] @ vectors[len(own) :].T).max(axis=1)
    return float(np.clip(np.sort(nearest)[-BEST_SENTENCES:].mean(), 0.0, 1.0))


def _sentences(text: str) -> list[str]:
    sentences = [text[start:end] for start, end in split_sentences(text)]
    return [sentence for sentence in sentences if len(WORD.findall(sentence)) >= _MIN_SENTENCE_WORDS]
