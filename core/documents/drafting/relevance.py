"""How well sentences answer a section, and which section of the document each of them fits best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.documents.drafting.passages import Passage
from core.documents.drafting.query import SlotQuery, Wording
from core.documents.drafting.shelf import HEADING_WEIGHT, SourceShelf
from core.documents.drafting.used_sentences import are_nearly_equal
from core.language.stop_words import Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAST_EVIDENCE = 1.85
"""Evidence from which a sentence is on the subject of a section. Texts on gardens, stars and kitchens then
fill under 2 % of the sections of all types, and sources of a type most of its own (tests/documents/drafting).
"""

MOST_CANDIDATES = 150
MOST_RERANKED = 40
_MOST_TRANSLATIONS = 12  # passages that are looked at
_WHOLE_PHRASE = 1.0
_WHOLE_HEADING = 1.0
_SUBJECT, _MOST_SUBJECT = 0.25, 0.5
CLEARLY_BETTER = 1.35
"""How many times better another section must fit a sentence for it to be left for that one."""

_OWN_LANGUAGE = 1.3
_FOREIGN = 0.4  # what a sentence loses whose source says nothing of the brief
_MEANING = 0.5  # of the score by meaning where there is an embedder
_NEAR = 0.2  # cosine of section and sentence that speaks neither for nor against it
_SWAY = 2.0
MOST_SWAY = 0.4
"""Evidence that meaning gives or takes at most, in steps of _SWAY for each point of cosine."""


class Candidate(NamedTuple):
    """A passage that may answer a section; `score` is 1 for the best one."""

    passage: Passage
    score: float
    evidence: float


def evidence(query: SlotQuery, shelf: SourceShelf, passage: Passage) -> float:
    """How much speaks for the passage being on the section's subject, whatever else the sources say.

    A telling word counts 1 in the sentence and less in what stands over it; a phrase that stands whole in
    one of the two, and a heading that is nothing but words of the section, count once more.
    """
    return evidence_of(query, set(shelf.terms(passage)), shelf.terms_over(passage.heading))


def evidence_of(query: SlotQuery, own: set[int], above: Mapping[int, float]) -> float:
    """The same of a text that has these terms, under headings that have those, weighted."""
    found = sum(
        telling * max(float(term in own), above.get(term, 0.0)) for term, telling in query.telling.items()
    )
    subject = sum(_SUBJECT for term in query.brief if term in own and term not in query.telling)
    heading = {term for term, weight in above.items() if weight >= HEADING_WEIGHT}
    return (
        found
        + _phrase(query, own, heading)
        + _WHOLE_HEADING * _covered(query, heading)
        + min(_MOST_SUBJECT, subject)
    )


def _phrase(query: SlotQuery, own: set[int], heading: set[int]) -> float:
    """The telling of the best whole phrase in the sentence or in its heading."""
    best = 0.0
    for wording in query.wordings:
        if wording.is_whole and len(wording.terms) > 1:
            here = own.issuperset(wording.terms) or heading.issuperset(wording.terms)
            best = max(best, _mean_telling(query, wording)) if here else best
    return _WHOLE_PHRASE * best


def _mean_telling(query: SlotQuery, wording: Wording) -> float:
    return sum(query.telling[term] for term in wording.terms) / len(wording.terms)


def _covered(query: SlotQuery, heading: set[int]) -> float:
    if not heading or not heading.issubset(query.telling):
        return 0.0
    return max(query.telling[term] for term in heading)


@dataclass(frozen=True, slots=True)
class Allocation:
    """For every passage the section that it answers best, and how well. Sections count from 0; -1 is none."""

    best: NDArray[np.int16]
    score: Floats

    @staticmethod
    def over(shelf: SourceShelf, queries: Mapping[int, SlotQuery]) -> Allocation:
        """Among the sections that these queries are for."""
        import numpy as np

        size = len(shelf.passages)
        best, top = np.full(size, -1, dtype=np.int16), np.zeros(size, dtype=np.float32)
        for number, query in queries.items():
            scores = shelf.postings.scores(query.weights)
            best[scores > top] = number
            top = np.maximum(top, scores)
        return Allocation(best, top)


def rank(shelf: SourceShelf, query: SlotQuery, language: str = "") -> list[tuple[Passage, float]]:
    """The passages that share most with the query, best first, at most MOST_CANDIDATES."""
    import numpy as np

    if not shelf.passages or not query.weights:
        return []
    scores = shelf.postings.scores(_joined(query.weights, query.brief))
    most = min(MOST_CANDIDATES, len(scores))
    best = np.argpartition(-scores, most - 1)[:most]
    found = [(shelf.passages[at], float(scores[at])) for at in best.tolist() if scores[at] > 0]
    weighed = [
        (
            passage,
            score
            * (_OWN_LANGUAGE if shelf.language(passage) == language else 1.0)
            * nearness(query, passage.source),
        )
        for passage, score in found
    ]
    return sorted(weighed, key=lambda one: (-one[1], one[0].number))


def nearness(query: SlotQuery, source: int) -> float:
    """What a source is worth for the brief: 1 for the source nearest to it."""
    affinity = query.affinity[source - 1] if query.affinity else 1.0
    return 1 - _FOREIGN * (1 - affinity)


def _joined(weights: Mapping[int, float], brief: Mapping[int, float]) -> dict[int, float]:
    return {term: max(weights.get(term, 0.0), brief.get(term, 0.0)) for term in {*weights, *brief}}


def rerank(shelf: SourceShelf, query: SlotQuery, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those with enough evidence, the best first, their scores from 0 to 1.

    If there is an embedder it is asked once, about the best MOST_RERANKED: what is near to the section in
    meaning scores higher and needs less evidence, what is far needs more.
    """
    head, tail = list(candidates[:MOST_RERANKED]), list(candidates[MOST_RERANKED:])
    top = max((candidate.score for candidate in head), default=1.0)
    near = shelf.meanings(query.text, [candidate.passage for candidate in head])
    if near is not None:
        best = max([*near, _NEAR])
        head = [
            Candidate(
                candidate.passage,
                top * ((1 - _MEANING) * candidate.score / top + _MEANING * max(0.0, alike) / best),
                candidate.evidence + max(-MOST_SWAY, min(MOST_SWAY, _SWAY * (alike - _NEAR))),
            )
            for candidate, alike in zip(head, near, strict=True)
        ]
    relevant = [one for one in (*head, *tail) if one.evidence >= LEAST_EVIDENCE]
    ranked = sorted(relevant, key=lambda candidate: (-candidate.score, candidate.passage.number))
    return tuple(candidate._replace(score=candidate.score / ranked[0].score) for candidate in ranked)


def translated(shelf: SourceShelf, passage: Passage, language: Language) -> Passage | None:
    """The passage that says the same in this language; None if there is none, or it is in it already."""
    import numpy as np

    if shelf.language(passage) == language or language not in shelf.languages:
        return None
    scores = shelf.postings.scores(dict.fromkeys(shelf.terms(passage), 1.0))
    most = min(_MOST_TRANSLATIONS, len(scores))
    said = shelf.said(passage)
    likely: list[int] = np.argpartition(-scores, most - 1)[:most].tolist()
    for at in sorted(likely, key=lambda at: (-scores[at], at)):
        other = shelf.passages[at]
        if shelf.language(other) == language and are_nearly_equal(said, shelf.said(other)):
            return other
    return None
