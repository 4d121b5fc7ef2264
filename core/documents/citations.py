"""Whether what a draft says stands in its sources: its quotations word for word, other sentences by content.

Works by words, numbers and names. It knows no synonyms beyond the glossary and draws no conclusions: what it
calls supported, a person can see in the place that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from core.documents.draft import Draft, Origin, Statement
from core.documents.drafting.claims import Claim, read_claim
from core.documents.drafting.passages import Passage
from core.documents.drafting.shelf import SourceShelf
from core.documents.drafting.source_text import SourceText
from core.language.stop_words import known_language

Fault = Literal["", "no_origin", "no_such_source", "no_such_place", "other_words", "other_page"]
"""What is wrong with a quotation; nothing if it stands as it says."""

LEAST_SHARE = 0.7
"""Share of a claim's content words that its sources must have; see tests/documents/drafting."""

_DENIED_TOO = 0.5  # share of what the claim denies that its sources deny too
_MOST_CANDIDATES = 24


@dataclass(frozen=True, slots=True)
class Check:
    """What became of checking one statement against one of its origins."""

    section: str
    statement: Statement
    origin: Origin | None
    fault: Fault

    @property
    def is_right(self) -> bool:
        return not self.fault


def verify(draft: Draft, sources: Sequence[SourceText]) -> tuple[Check, ...]:
    """A check for each quoted statement of the sections, the summary and the disagreements, in their order.

    A quotation is right if its origin is a place in the source of that number, the words there are its own
    (a line break of the page counts as a space) and the page is that of the place. What is not quoted word
    for word has only its places checked.
    """
    starts = [_Places(source) for source in sources]
    return tuple(
        Check(section, statement, origin, _fault(statement, origin, starts))
        for section, statement in _told(draft)
        for origin in (statement.origins or (None,))
    )


def find_support(sentence: str, shelf: SourceShelf) -> tuple[Origin, ...] | None:
    """The places that a sentence rests on: where it stands word for word, else the one or two sentences of a
    source that have most of its content words and every number, date and name of it, and neither deny nor
    reverse it. None if the sources do not say it. A sentence that claims nothing rests on nothing: ().
    """
    if (place := _word_for_word(sentence, shelf)) is not None:
        return (place,)
    claim = read_claim(sentence, known_language(sentence), shelf.vocabulary)
    if not claim.terms and not claim.values:
        return ()
    for passages in _likely(claim, shelf):
        if _supports(passages, claim, shelf):
            return tuple(
                Origin(passage.source, passage.start, passage.end, passage.page) for passage in passages
            )
    return None


def grounded(sentence: str, shelf: SourceShelf) -> Statement | None:
    """The sentence with what it rests on: quoted where it stands word for word; None if none supports it."""
    origins = find_support(sentence, shelf)
    if not origins:
        return None
    first = origins[0]
    written = shelf.texts[first.source - 1][first.start : first.end]
    is_quoted = len(origins) == 1 and sentence.split() == written.split()
    return Statement(sentence, "quoted" if is_quoted else "supported", origins)


def _told(draft: Draft) -> Iterable[tuple[str, Statement]]:
    for section in draft.sections:
        quoted = (one for one in section.statements if one.support in ("quoted", "supported"))
        yield from ((section.key, statement) for statement in quoted)
        for conflict in section.disagreements:
            yield section.key, conflict.reading
            yield section.key, conflict.other_reading
    yield from (("", statement) for statement in draft.summary)


class _Places:
    """The text of a source, and the page of each place in it."""

    def __init__(self, source: SourceText) -> None:
        self.text = source.content.text
        self._content = source.content

    def page(self, start: int, end: int) -> int | None:
        return self._content.blocks[self._content.locate(start, end).block].page


def _fault(statement: Statement, origin: Origin | None, places: Sequence[_Places]) -> Fault:
    if origin is None:
        return "no_origin"
    if not 1 <= origin.source <= len(places):
        return "no_such_source"
    source = places[origin.source - 1]
    if not 0 <= origin.start < origin.end <= len(source.text):
        return "no_such_place"
    written = source.text[origin.start : origin.end]
    if statement.support == "quoted" and not _are_equal(statement, written):
        return "other_words"
    return "" if source.page(origin.start, origin.end) == origin.page else "other_page"


def _are_equal(statement: Statement, written: str) -> bool:
    if statement.cells:
        return "\t".join(statement.cells) == written == statement.text
    return statement.text in (written, " ".join(written.split())) and written == written.strip()


def _word_for_word(sentence: str, shelf: SourceShelf) -> Origin | None:
    words = sentence.split()
    if len(words) < 2:
        return None
    spaced = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)")
    for number, text in enumerate(shelf.texts, start=1):
        for match in spaced.finditer(text) if words[0] in text else ():
            found = shelf.passage_at(number, match.start())
            if found is None or (found.number not in shelf.left_out and _is_meant(sentence, found, shelf)):
                return Origin(number, match.start(), match.end(), found.page if found else None)
    return None


def _is_meant(part: str, whole: Passage, shelf: SourceShelf) -> bool:
    """Whether the sentence that has these words says them: "It is not true that ..." does not."""
    if len(part) >= len(whole.text):
        return True
    language = shelf.language(whole)
    claim = read_claim(part, language, shelf.vocabulary)
    return not read_claim(whole.text, language, shelf.vocabulary).contradicts(claim)


class _Candidate(NamedTuple):
    passage: Passage
    terms: frozenset[int]


def _likely(claim: Claim, shelf: SourceShelf) -> Iterable[tuple[Passage, ...]]:
    """The passages that share most with the claim: each alone, then two of one source together."""
    import numpy as np

    if not shelf.passages:
        return
    scores = shelf.postings.scores(dict.fromkeys(claim.terms | claim.numbers, 1.0))
    most = min(_MOST_CANDIDATES, len(scores))
    best = [at for at in np.argpartition(-scores, most - 1)[:most].tolist() if scores[at] > 0]
    ranked = [
        shelf.passages[at]
        for at in sorted(best, key=lambda at: (-scores[at], at))
        if at not in shelf.left_out
    ]
    yield from ((passage,) for passage in ranked)
    for one, other in combinations(ranked[:10], 2):
        if one.source == other.source:
            yield (one, other) if one.number < other.number else (other, one)


def _supports(passages: tuple[Passage, ...], claim: Claim, shelf: SourceShelf) -> bool:
    read = [read_claim(passage.text, shelf.language(passage), shelf.vocabulary) for passage in passages]
    terms = frozenset[int]().union(*(one.terms | one.names for one in read))
    above = {term for passage in passages for term in shelf.terms_over(passage.heading)}
    if len(claim.terms & (terms | above)) < LEAST_SHARE * len(claim.terms):
        return False
    values = frozenset[str]().union(*(one.values for one in read))
    if not claim.values <= values or not claim.names <= terms | above:
        return False
    return not any(one.contradicts(claim) for one in read) and claim.denied_share(read) >= _DENIED_TOO
