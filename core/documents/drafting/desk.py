"""One section while it is written: what may be quoted in it, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.documents.draft import DraftBlock
from core.documents.drafting.fact_search import FoundFact
from core.documents.drafting.passages import Passage
from core.documents.drafting.query import SlotQuery
from core.documents.drafting.relevance import (
    LEAST_EVIDENCE,
    MOST_SWAY,
    Candidate,
    evidence,
    rank,
    rerank,
    translated,
)
from core.documents.drafting.sentence_signs import is_item, is_sentence, leans_on_previous
from core.documents.drafting.shelf import SourceShelf
from core.documents.drafting.used_sentences import UsedSentences, are_nearly_equal
from core.documents.plan import PlannedSection
from core.language.stop_words import Language

MOST_LEANING = 2
"""Sentences that may be quoted before one so that it can be understood."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a form made of a section; `reason` says what is not as planned."""

    blocks: tuple[DraftBlock, ...]
    reason: str = ""


@dataclass
class SectionDesk:
    """`is_kept_for_another` tells of a passage that another section fits it better."""

    shelf: SourceShelf
    section: PlannedSection
    query: SlotQuery
    language: Language
    used: UsedSentences
    is_kept_for_another: Callable[[Passage], bool]
    facts: Sequence[FoundFact] = field(default=())
    """The required facts that sources state, in the order of the plan."""

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """What is on the subject and free, best first: sentences and points of lists, no rows of tables."""
        weighed = (
            Candidate(passage, score, evidence(self.query, self.shelf, passage))
            for passage, score in rank(self.shelf, self.query, self.language)
            if self.is_quotable(passage)
        )
        perhaps = [candidate for candidate in weighed if candidate.evidence >= LEAST_EVIDENCE - MOST_SWAY]
        return rerank(self.shelf, self.query, list(self._in_own_language(perhaps)))

    def _in_own_language(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """Each once, in the words of a source in the language of the document where one says the same."""
        seen: set[int] = set()
        for candidate in candidates:
            passage = translated(self.shelf, candidate.passage, self.language)
            if passage is None or not self.is_quotable(passage):
                passage = candidate.passage
            if passage.number not in seen:
                seen.add(passage.number)
                yield candidate._replace(passage=passage)

    @cached_property
    def must_have(self) -> tuple[Passage, ...]:
        """Sentences that state required facts and are not in the document yet: they come first."""
        stating = (found.reading.passage for found in self.facts)
        return tuple(
            passage
            for passage in dict.fromkeys(stating)
            if self.can_stand(passage) and not self.is_said(passage)
        )

    def is_quotable(self, passage: Passage) -> bool:
        return self.can_stand(passage) and not self.is_said(passage) and not self.is_kept_for_another(passage)

    def can_stand(self, passage: Passage) -> bool:
        """Whether it reads as a sentence or a point, and is no order to a program and no page furniture."""
        if passage.number in self.shelf.left_out or passage.kind in ("table", "code", "heading", "caption"):
            return False
        return is_item(passage.text) if passage.kind == "list_item" else is_sentence(passage.text)

    def is_said(self, passage: Passage) -> bool:
        place = passage.source, passage.start, passage.end
        return self.used.has_place(*place) or self.used.has(self.shelf.said(passage))

    def says_same(self, one: Passage, other: Passage) -> bool:
        """Whether they are nearly equal."""
        return are_nearly_equal(self.shelf.said(one), self.shelf.said(other))

    def bundle(self, passage: Passage) -> tuple[Passage, ...]:
        """The passage behind the sentences that it leans on; none where they cannot be quoted."""
        found = [passage]
        while leans_on_previous(found[0].text) and passage.kind != "list_item":
            before = self.shelf.before(found[0])
            if before is None or len(found) > MOST_LEANING:
                return ()
            if not self.can_stand(before) or self.is_said(before):
                return ()
            found.insert(0, before)
        return tuple(found)


def num_words(passages: Iterable[Passage]) -> int:
    return sum(len(passage.text.split()) for passage in passages)
