"""Chains of words become passages: characters of both documents, kind and reason for exclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.errors import Invalid
from core.language.embedder import Embedder
from core.redundancy.evidence import Span
from core.redundancy.passages.chains import Chain
from core.redundancy.passages.coverage import num_covered
from core.redundancy.passages.exclusion import ExclusionCode
from core.redundancy.passages.link import PassageLink, SharedPassage
from core.redundancy.passages.listing import is_listing
from core.redundancy.passages.paraphrase import SentenceVectors, find_paraphrases
from core.redundancy.passages.quotation import is_quotation, quoted_spans
from core.redundancy.passages.word_keys import WordPlaces
from core.redundancy.recommendation import advise
from core.redundancy.shingles import similarity
from core.redundancy.subject import Subject


class Piece(NamedTuple):
    """A chain of words that two texts share, wholly boilerplate or not at all."""

    chain: Chain
    is_boilerplate: bool


class LinkWriter:
    """Reads each text once. Raises Invalid where a text does not have the words that were indexed."""

    def __init__(
        self,
        subjects: Mapping[str, Subject],
        quotes: Mapping[str, Sequence[Span]],
        embedder: Embedder | None,
    ) -> None:
        self._subjects = subjects
        self._quotes = quotes
        self._vectors = SentenceVectors(embedder) if embedder is not None else None
        self._words: dict[str, WordPlaces] = {}
        self._quoted: dict[str, tuple[Span, ...]] = {}

    def words(self, id: str) -> WordPlaces:
        if id not in self._words:
            self._words[id] = WordPlaces(self._subjects[id].text)
        return self._words[id]

    def is_template_pair(self, one_id: str, other_id: str) -> bool:
        """Whether the two fill in one template with different facts."""
        one, other = self._subjects[one_id], self._subjects[other_id]
        return advise(one, other, similarity(one.text, other.text)).reason_code == "template_family"

    def link(
        self,
        one_id: str,
        other_id: str,
        pieces: Sequence[Piece],
        *,
        are_copies: bool,
        is_template: bool = False,
    ) -> PassageLink:
        """The link of two documents, in the order of their ids.

        `are_copies`: one is a version of the other. `is_template`: they fill in one template.
        """
        passages = [self._passage(one_id, other_id, piece, are_copies, is_template) for piece in pieces]
        if self._vectors is not None:
            passages += self._paraphrases(one_id, other_id, passages)
        if other_id < one_id:
            one_id, other_id, passages = other_id, one_id, [_turned(passage) for passage in passages]
        passages.sort(key=lambda passage: (passage.a, passage.b))
        counting = [passage for passage in passages if passage.exclusion is None]
        num_a, num_b = self._num_words(one_id, "a", counting), self._num_words(other_id, "b", counting)
        num_all = self._num_words(one_id, "a", passages)
        return PassageLink(
            a_id=one_id,
            b_id=other_id,
            passages=tuple(passages),
            share_a=num_a / max(1, len(self.words(one_id))),
            share_b=num_b / max(1, len(self.words(other_id))),
            num_words=num_a,
            num_excluded_words=num_all - num_a,
            exclusion=None if counting else _reason_of_longest(passages),
        )

    def _passage(
        self, one_id: str, other_id: str, piece: Piece, are_copies: bool, is_template: bool
    ) -> SharedPassage:
        chain = piece.chain
        a = self._span(one_id, chain.begin_one, chain.end_one)
        b = self._span(other_id, chain.begin_other, chain.end_other)
        exclusion: ExclusionCode | None = None
        if is_template:
            exclusion = "template"
        elif self._is_quoted(one_id, a) or self._is_quoted(other_id, b):
            exclusion = "quote"
        elif piece.is_boilerplate:
            exclusion = "boilerplate"
        elif not are_copies and is_listing(self._subjects[one_id].text, a):
            exclusion = "listing"
        longer = max(chain.end_one - chain.begin_one, chain.end_other - chain.begin_other)
        return SharedPassage("copied", a, b, chain.num_equal, chain.num_equal / longer, exclusion)

    def _span(self, id: str, begin: int, end: int) -> Span:
        words = self.words(id)
        if end > len(words):
            raise Invalid(
                f"The text of {id!r} is not the one that was indexed.",
                remedy="Add the document to the passage index again.",
            )
        return words.span(begin, end)

    def _is_quoted(self, id: str, span: Span) -> bool:
        text = self._subjects[id].text
        if id not in self._quoted:
            self._quoted[id] = (*quoted_spans(text), *self._quotes.get(id, ()))
        return is_quotation(text, span, self._quoted[id])

    def _paraphrases(self, one_id: str, other_id: str, copied: list[SharedPassage]) -> list[SharedPassage]:
        assert self._vectors is not None
        one, other = self._subjects[one_id].text, self._subjects[other_id].text
        return find_paraphrases(one, other, copied, self._vectors)

    def _num_words(self, id: str, side: str, passages: Sequence[SharedPassage]) -> int:
        words = self.words(id)
        spans = [passage.a if side == "a" else passage.b for passage in passages]
        return num_covered(words.words_in(*span) for span in spans)


def _turned(passage: SharedPassage) -> SharedPassage:
    return SharedPassage(
        passage.kind, passage.b, passage.a, passage.num_words, passage.similarity, passage.exclusion
    )


def _reason_of_longest(passages: Sequence[SharedPassage]) -> ExclusionCode | None:
    return max(passages, key=lambda passage: passage.num_words).exclusion if passages else None
