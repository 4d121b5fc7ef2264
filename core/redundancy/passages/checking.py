"""Has this been written before? One text against a library: the passages it shares, each with its source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from core.language.embedder import Embedder
from core.redundancy.evidence import Span
from core.redundancy.passages.boilerplate import BOILERPLATE_TEXTS, COPIES
from core.redundancy.passages.chains import MIN_WORDS, Chain, between, chains
from core.redundancy.passages.components import components
from core.redundancy.passages.coverage import Stretch, covered_by, cut, num_covered, without
from core.redundancy.passages.exclusion import ExclusionCode
from core.redundancy.passages.fingerprints import fingerprints
from core.redundancy.passages.index import IndexedText, PassageIndex
from core.redundancy.passages.link import Place, SharedPassage
from core.redundancy.passages.listing import is_listing
from core.redundancy.passages.paraphrase import SentenceVectors, find_paraphrases
from core.redundancy.passages.quotation import is_quotation, quoted_spans
from core.redundancy.passages.runs import Seeds, equal_runs
from core.redundancy.passages.text_check import FoundPassage, Source, TextCheck
from core.redundancy.passages.word_keys import Keys, WordPlaces, word_keys
from core.redundancy.recommendation import advise
from core.redundancy.shingles import similarity
from core.redundancy.subject import Subject

MOST_SOURCES_OF_A_PHRASE = 256

_LEAST_REST = 5  # words of a passage that another source leaves, below which they are not worth a line
_MOSTLY = 0.8
_SIMILAR = 0.5


def check_text(
    text: str,
    index: PassageIndex,
    text_of: Callable[[str], str],
    *,
    own_id: str | None = None,
    min_words: int = MIN_WORDS,
    embedder: Embedder | None = None,
    quotes: Sequence[Span] = (),
) -> TextCheck:
    """The passages of `text` that documents of the index have, and the share of its words in them.

    `text_of` gives the text of an indexed document by id; it is asked for documents with passages only.
    `own_id` is left out, for a document that is in the library itself. `quotes` are stretches of the text
    that are marked as quoted. What stands in three or more documents that are no copies of each other is
    excluded as boilerplate; quotes, lists of names and figures, and documents of the same template likewise.
    With an embedder, sentences next to copied ones that say the same are found too.

    >>> guide = "Returned devices stay in the yellow area until triage has looked at them."
    >>> text = "Remember: returned devices stay in the yellow area until triage has looked at them!"
    >>> found = check_text(text, PassageIndex([Subject.of("guide", guide)]), lambda id: guide)
    >>> found.passages[0].source.id, found.num_found_words, found.num_words
    ('guide', 13, 14)
    """
    keys = word_keys([text])[0]
    found = _find_sources(keys, index, own_id, min_words)
    reading = _Reading(text, quotes, text_of, embedder)
    claims = list(_claims(keys, found, reading, min_words))
    claims += [claim for source in found for claim in reading.paraphrases(source.text.id, claims)]
    return _settled(reading, claims)


class _Found(NamedTuple):
    text: IndexedText
    chains: tuple[Chain, ...]


def _find_sources(keys: Keys, index: PassageIndex, own_id: str | None, min_words: int) -> list[_Found]:
    """The documents that share a chain of words with the text, in the order of ids."""
    phrases = fingerprints([keys])
    numbers, places = index.look_up(phrases.hashes, MOST_SOURCES_OF_A_PHRASE)
    slots, others = np.unique(places.slots, return_inverse=True)
    texts = [index.text_in(slot) for slot in slots.tolist()]
    seeds = Seeds(
        np.zeros(len(numbers), np.int64),
        others.astype(np.int64) + 1,
        phrases.places[numbers],
        places.places.astype(np.int64),
    )
    runs = equal_runs([keys, *(text.keys for text in texts)], seeds)
    found = [
        _Found(texts[other - 1], chains(keys, texts[other - 1].keys, own, min_words))
        for (_, other), own in runs.items()
        if texts[other - 1].id != own_id
    ]
    return sorted((source for source in found if source.chains), key=lambda source: source.text.id)


class _Claim(NamedTuple):
    """Words of the text that a document has as well."""

    words: Stretch
    passage: SharedPassage  # a is the text, b the document
    id: str
    part: Callable[[int, int], SharedPassage | None]


def _claims(keys: Keys, found: Sequence[_Found], reading: _Reading, min_words: int) -> Iterator[_Claim]:
    boilerplate = _boilerplate(found)
    for source in found:
        is_template = reading.is_template_of(source.text.id, source.chains)
        is_copy = _share(source.chains, len(keys), len(source.text.keys)) >= COPIES
        for chain in source.chains:
            for (begin, end), is_common in cut((chain.begin_one, chain.end_one), boilerplate, min_words):
                part = reading.part_of(keys, source.text, chain, is_common, is_template, is_copy)
                passage = part(begin, end)
                if passage is not None:
                    yield _Claim((begin, end), passage, source.text.id, part)


def _boilerplate(found: Sequence[_Found]) -> list[Stretch]:
    """Where three or more documents lie over each other that are no copies."""
    group = components(_copies(found))
    by_group: dict[str, list[Stretch]] = defaultdict(list)
    for source in found:
        stretches = [(chain.begin_one, chain.end_one) for chain in source.chains]
        by_group[group.get(source.text.id, source.text.id)] += stretches
    return covered_by(by_group.values(), BOILERPLATE_TEXTS)


def _copies(found: Sequence[_Found]) -> Iterator[tuple[str, str]]:
    """Pairs of sources that are copies or versions of each other, by the phrases chosen in each."""
    phrases = [set(fingerprints([source.text.keys]).hashes.tolist()) for source in found]
    for one, other in combinations(range(len(found)), 2):
        num_shared = len(phrases[one] & phrases[other])
        if num_shared >= COPIES * (len(phrases[one]) + len(phrases[other]) - num_shared):
            yield found[one].text.id, found[other].text.id


def _share(own: Iterable[Chain], num_one: int, num_other: int) -> float:
    """Shared words over the words of both, shared ones counted once."""
    num_shared = num_covered((chain.begin_one, chain.end_one) for chain in own)
    return num_shared / (num_one + num_other - num_shared)


class _Reading:
    """The text under check and the documents it is compared with, each read once."""

    def __init__(
        self, text: str, quotes: Sequence[Span], text_of: Callable[[str], str], embedder: Embedder | None
    ) -> None:
        self.text = text
        self.words = WordPlaces(text)
        self._quoted = (*quoted_spans(text), *quotes)
        self._text_of = text_of
        self._vectors = SentenceVectors(embedder) if embedder is not None else None
        self._read: dict[str, WordPlaces] = {}

    def source(self, id: str) -> WordPlaces:
        if id not in self._read:
            self._read[id] = WordPlaces(self._text_of(id))
        return self._read[id]

    def is_template_of(self, id: str, own: Sequence[Chain]) -> bool:
        """Whether the text and the document fill in one template with different facts."""
        source = self.source(id)
        if _share(own, len(self.words), len(source)) < COPIES:
            return False
        one, other = Subject.of(id, source.text), Subject.of("", self.text)
        advice = advise(one, other, similarity(one.text, other.text))
        return advice.reason_code == "template_family"

    def part_of(
        self, keys: Keys, source: IndexedText, chain: Chain, is_common: bool, is_template: bool, is_copy: bool
    ) -> Callable[[int, int], SharedPassage | None]:
        """A function that gives the passage for a part of the chain's words."""

        def part(begin: int, end: int) -> SharedPassage | None:
            whole = (begin, end) == (chain.begin_one, chain.end_one)
            piece = chain if whole else between(keys, source.keys, chain, begin, end)
            if not piece.num_equal:
                return None
            a = self.words.span(piece.begin_one, piece.end_one)
            b = self.source(source.id).span(piece.begin_other, piece.end_other)
            longer = max(piece.end_one - piece.begin_one, piece.end_other - piece.begin_other)
            exclusion = self._exclusion(a, is_common, is_template, is_copy)
            return SharedPassage("copied", a, b, piece.num_equal, piece.num_equal / longer, exclusion)

        return part

    def _exclusion(
        self, span: Span, is_common: bool, is_template: bool, is_copy: bool
    ) -> ExclusionCode | None:
        if is_template:
            return "template"
        if is_quotation(self.text, span, self._quoted):
            return "quote"
        if is_common:
            return "boilerplate"
        return "listing" if not is_copy and is_listing(self.text, span) else None

    def paraphrases(self, id: str, claims: Sequence[_Claim]) -> Iterator[_Claim]:
        """Sentences beside what the text has from this document that say the same."""
        if self._vectors is None:
            return
        copied = [claim.passage for claim in claims if claim.id == id]
        for passage in find_paraphrases(self.text, self.source(id).text, copied, self._vectors):
            yield _Claim(self.words.words_in(*passage.a), passage, id, _whole(passage))


def _whole(passage: SharedPassage) -> Callable[[int, int], SharedPassage | None]:
    return lambda begin, end: passage


def _settled(reading: _Reading, claims: Sequence[_Claim]) -> TextCheck:
    """Each word goes to one document: what counts first, then what is excluded; the rest is mentioned."""
    taken: list[tuple[Stretch, _Claim]] = []
    for counting in (True, False):
        open_claims = [claim for claim in claims if (claim.passage.exclusion is None) == counting]
        while best := _best_source(open_claims, [words for words, _ in taken]):
            for claim in (claim for claim in open_claims if claim.id == best):
                taken += [(part, claim) for part in _free_parts(claim, taken)]
            open_claims = [claim for claim in open_claims if claim.id != best]
    passages = [
        found
        for words, claim in sorted(taken, key=lambda one: one[0])
        for found in _found(reading, words, claim, claims)
    ]
    return _text_check(reading, passages)


def _free_parts(claim: _Claim, taken: Sequence[tuple[Stretch, _Claim]]) -> list[Stretch]:
    """What nobody has taken of the claim's words, little rests left out."""
    least = min(_LEAST_REST, claim.words[1] - claim.words[0])
    parts = without(claim.words, [words for words, _ in taken])
    return [(begin, end) for begin, end in parts if end - begin >= least]


def _best_source(claims: Sequence[_Claim], taken: Sequence[Stretch]) -> str | None:
    """The document with the most words that nobody has taken; None if no claim is worth a line."""
    free: Counter[str] = Counter()
    stretches: dict[str, list[Stretch]] = defaultdict(list)
    for claim in claims:
        stretches[claim.id] += without(claim.words, taken)
    for id, own in stretches.items():
        free[id] = num_covered(stretch for stretch in own if stretch[1] - stretch[0] >= _LEAST_REST)
    best = min(free, key=lambda id: (-free[id], id), default=None)
    return best if best is not None and free[best] else None


def _found(
    reading: _Reading, words: Stretch, claim: _Claim, claims: Sequence[_Claim]
) -> Iterator[FoundPassage]:
    passage = claim.part(*words)
    if passage is None:
        return
    also_in = {
        other.id: Place(other.id, there.b)
        for other in claims
        if other.id != claim.id
        and _overlap(other.words, words) >= _MOSTLY * (words[1] - words[0])
        and (there := other.part(max(words[0], other.words[0]), min(words[1], other.words[1])))
    }
    begin, end = reading.words.words_in(*passage.a)
    yield FoundPassage(
        span=passage.a,
        source=Place(claim.id, passage.b),
        kind=passage.kind,
        num_words=end - begin,
        similarity=passage.similarity,
        exclusion=passage.exclusion,
        also_in=tuple(also_in[id] for id in sorted(also_in)),
    )


def _overlap(one: Stretch, other: Stretch) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])


def _text_check(reading: _Reading, passages: Sequence[FoundPassage]) -> TextCheck:
    num_words = max(1, len(reading.words))
    counting, excluded = Counter[str](), Counter[str]()
    for passage in passages:
        counts = counting if passage.exclusion is None else excluded
        counts[passage.source.id] += passage.num_words
    sources = [
        Source(id, counting[id] / num_words, counting[id], excluded[id])
        for id in sorted(counting.keys() | excluded.keys(), key=lambda id: (-counting[id], -excluded[id], id))
    ]
    return TextCheck(
        share=counting.total() / num_words,
        share_excluded=excluded.total() / num_words,
        num_words=len(reading.words),
        num_found_words=counting.total(),
        num_excluded_words=excluded.total(),
        passages=tuple(passages),
        sources=tuple(sources),
    )
