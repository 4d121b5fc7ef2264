"""Two texts side by side: which passages they share, character by character, and where they differ."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from core.redundancy.subject import WORD

MIN_WORDS = 5
MOVED_WORDS = 8

_MOST_CELLS = 1_000_000_000  # words x words; the alignment takes one bit for each
_MOST_PLACES = 8  # places of a repeated phrase that are tried for a moved passage

DifferenceKind = Literal["replace", "insert", "delete"]


class Span(NamedTuple):
    """Characters `start` to `end` of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The same words in both texts; case, punctuation and spacing may differ.

    `moved` breaks the order of the rest.
    """

    a: Span
    b: Span
    num_words: int
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands between passages: words of a replaced by words of b, inserted in b, or deleted from a.

    The side without words has an empty span at the place where they would stand.
    """

    kind: DifferenceKind
    a: Span
    b: Span


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two texts correspond.

    `share_a` is the share of the words of a that stand in a passage (how much of a is contained in b),
    `share_b` the reverse; a text without words is not contained in anything (0). Passages are in the order of
    a, those in order before those that moved at the same place; differences are in the order of the texts.
    """

    passages: tuple[Passage, ...]
    differences: tuple[Difference, ...]
    share_a: float
    share_b: float
    num_words_a: int
    num_words_b: int


def align(a: str, b: str, min_words: int = MIN_WORDS) -> Alignment:
    """Align two texts word by word. Words are runs of `\\w` and compare by their lower case.

    A passage has at least `min_words` words (or all words of the shorter text). Time is O(words of a x words
    of b / 64): 8,000 by 26,000 words take some 60 ms. Beyond 10⁹ word pairs the texts are first cut at
    phrases that occur once in each.

    >>> found = align("Pay within 30 days of the date.", "Please pay within 30 days of the date.")
    >>> found.share_a, found.differences
    (1.0, (Difference(kind='insert', a=Span(start=0, end=0), b=Span(start=0, end=6)),))
    """
    words_a, words_b = _Words.of(a), _Words.of(b)
    ids_a, ids_b = _number(words_a.keys, words_b.keys)
    least = max(1, min(min_words, len(ids_a), len(ids_b)))
    ordered = [run for run in _equal_runs(ids_a, ids_b) if run.length >= least]
    moved = _moved_runs(ids_a, ids_b, ordered, max(least, MOVED_WORDS))
    passages = [_passage(words_a, words_b, run, False) for run in ordered]
    passages += [_passage(words_a, words_b, run, True) for run in moved]
    free_a = _free(len(ids_a), [(run.a, run.length) for run in ordered + moved])
    free_b = _free(len(ids_b), [(run.b, run.length) for run in ordered + moved])
    return Alignment(
        passages=tuple(sorted(passages, key=lambda passage: (passage.a, passage.moved))),
        differences=tuple(_differences(words_a, words_b, ordered, free_a, free_b)),
        share_a=1 - sum(length for _, length in free_a) / len(ids_a) if ids_a else 0.0,
        share_b=1 - sum(length for _, length in free_b) / len(ids_b) if ids_b else 0.0,
        num_words_a=len(ids_a),
        num_words_b=len(ids_b),
    )


def unique_passages(text: str, other: str, min_words: int = MIN_WORDS) -> tuple[Span, ...]:
    """The stretches of `text` with at least `min_words` words that `other` does not contain."""
    found = align(text, other, min_words)
    return unique_spans(text, [difference.a for difference in found.differences], min_words)


def unique_spans(text: str, spans: Sequence[Span], min_words: int = MIN_WORDS) -> tuple[Span, ...]:
    """Those of the spans that hold at least `min_words` words."""
    return tuple(span for span in spans if len(WORD.findall(text, span.start, span.end)) >= min_words)


class _Run(NamedTuple):
    """Equal words: `length` of them from word `a` of the one and word `b` of the other text."""

    a: int
    b: int
    length: int


class _Words(NamedTuple):
    text: str
    spans: list[tuple[int, int]]
    keys: list[str]

    @staticmethod
    def of(text: str) -> _Words:
        spans = [match.span() for match in WORD.finditer(text)]
        return _Words(text, spans, [text[start:end].lower() for start, end in spans])

    def span(self, begin: int, length: int) -> Span:
        """From the first to the last of these words; an empty span before word `begin` if there are none."""
        if length:
            return Span(self.spans[begin][0], self.spans[begin + length - 1][1])
        place = self.spans[begin][0] if begin < len(self.spans) else len(self.text)
        return Span(place, place)


def _number(a: list[str], b: list[str]) -> tuple[list[int], list[int]]:
    numbers: dict[str, int] = {}
    ids_a = [numbers.setdefault(word, len(numbers)) for word in a]
    return ids_a, [numbers.setdefault(word, len(numbers)) for word in b]


def _passage(words_a: _Words, words_b: _Words, run: _Run, moved: bool) -> Passage:
    return Passage(words_a.span(run.a, run.length), words_b.span(run.b, run.length), run.length, moved)


def _equal_runs(a: list[int], b: list[int]) -> list[_Run]:
    """Equal words in the order of both texts."""
    if len(a) * len(b) <= _MOST_CELLS:
        return _equal_runs_between(a, b, 0, len(a), 0, len(b))
    runs: list[_Run] = []
    anchors = [_Run(0, 0, 0), *_anchors(a, b), _Run(len(a), len(b), 0)]
    for (begin_a, begin_b, _), (end_a, end_b, _) in pairwise(anchors):
        if (end_a - begin_a) * (end_b - begin_b) <= _MOST_CELLS:
            runs += _equal_runs_between(a, b, begin_a, end_a, begin_b, end_b)
    return _joined(runs)


def _equal_runs_between(
    a: list[int], b: list[int], begin_a: int, end_a: int, begin_b: int, end_b: int
) -> list[_Run]:
    opcodes = Indel.opcodes(a[begin_a:end_a], b[begin_b:end_b])
    return [
        _Run(begin_a + code.src_start, begin_b + code.dest_start, code.src_end - code.src_start)
        for code in opcodes
        if code.tag == "equal"
    ]


def _joined(runs: list[_Run]) -> list[_Run]:
    """Runs that continue each other in both texts become one."""
    joined: list[_Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and (last.a + last.length, last.b + last.length) == (run.a, run.b):
            joined[-1] = _Run(last.a, last.b, last.length + run.length)
        else:
            joined.append(run)
    return joined


def _anchors(a: list[int], b: list[int]) -> list[_Run]:
    """Phrases that occur once in each text, thinned to the longest chain that keeps the order of both."""
    once_a, once_b = _occurring_once(a), _occurring_once(b)
    places = sorted((place, once_b[phrase]) for phrase, place in once_a.items() if phrase in once_b)
    return [_Run(*place, 0) for place in _longest_rising(places)]


def _occurring_once(words: list[int]) -> dict[tuple[int, ...], int]:
    seen: dict[tuple[int, ...], int] = {}
    for place, phrase in enumerate(_phrases(words)):
        seen[phrase] = -1 if phrase in seen else place
    return {phrase: place for phrase, place in seen.items() if place >= 0}


def _phrases(words: list[int]) -> Iterator[tuple[int, ...]]:
    return zip(*(words[offset:] for offset in range(MOVED_WORDS)), strict=False)


def _longest_rising(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence with rising second values (patience sorting). First values rise already."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(places):
        pile = bisect_left(tails, value)
        before.append(last[pile - 1] if pile else -1)
        tails[pile : pile + 1], last[pile : pile + 1] = [value], [index]
    chain, index = [], last[-1] if last else -1
    while index >= 0:
        chain.append(places[index])
        index = before[index]
    return chain[::-1]


def _moved_runs(a: list[int], b: list[int], ordered: list[_Run], least: int) -> list[_Run]:
    """What the ordered runs leave of either text and the other has anywhere, `least` words or more."""
    free_a = _free(len(a), [(run.a, run.length) for run in ordered])
    moved = _copies(a, free_a, b, least)
    free_b = _free(len(b), [(run.b, run.length) for run in ordered + moved])
    return moved + [_Run(run.b, run.a, run.length) for run in _copies(b, free_b, a, least)]


def _copies(words: list[int], free: list[tuple[int, int]], other: list[int], least: int) -> list[_Run]:
    """Runs in the free stretches of `words` that occur anywhere in `other`, the longest at each place."""
    stretches = [(begin, begin + length) for begin, length in free if length >= least]
    if not stretches:
        return []
    places = _places(other)
    copies: list[_Run] = []
    for begin, end in stretches:
        place = begin
        while place + least <= end:
            starts = places.get(tuple(words[place : place + MOVED_WORDS]), ())
            longest = max(starts, key=lambda start: _num_equal(words, place, end, other, start), default=None)
            length = 0 if longest is None else _num_equal(words, place, end, other, longest)
            if longest is not None and length >= least:
                copies.append(_Run(place, longest, length))
                place += length
            else:
                place += 1
    return copies


def _places(words: list[int]) -> dict[tuple[int, ...], list[int]]:
    places: dict[tuple[int, ...], list[int]] = {}
    for place, phrase in enumerate(_phrases(words)):
        starts = places.setdefault(phrase, [])
        if len(starts) < _MOST_PLACES:
            starts.append(place)
    return places


def _num_equal(words: list[int], begin: int, end: int, other: list[int], start: int) -> int:
    length = 0
    while (
        begin + length < end
        and start + length < len(other)
        and words[begin + length] == other[start + length]
    ):
        length += 1
    return length


def _free(num_words: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches (begin, length) of words that no run covers."""
    free, place = [], 0
    for begin, length in sorted(taken):
        if begin > place:
            free.append((place, begin - place))
        place = max(place, begin + length)
    if num_words > place:
        free.append((place, num_words - place))
    return free


def _differences(
    words_a: _Words,
    words_b: _Words,
    ordered: list[_Run],
    free_a: list[tuple[int, int]],
    free_b: list[tuple[int, int]],
) -> Iterator[Difference]:
    """The free stretches of both texts, gap by gap between the ordered runs."""
    fences = [_Run(0, 0, 0), *ordered, _Run(len(words_a.spans), len(words_b.spans), 0)]
    next_a, next_b = 0, 0
    for before, after in pairwise(fences):
        in_a, in_b = [], []
        while next_a < len(free_a) and free_a[next_a][0] < after.a:
            in_a.append(free_a[next_a])
            next_a += 1
        while next_b < len(free_b) and free_b[next_b][0] < after.b:
            in_b.append(free_b[next_b])
            next_b += 1
        if len(in_a) == len(in_b) == 1:
            yield Difference("replace", words_a.span(*in_a[0]), words_b.span(*in_b[0]))
            continue
        place_a, place_b = before.a + before.length, before.b + before.length
        for stretch in in_a:
            yield Difference("delete", words_a.span(*stretch), words_b.span(place_b, 0))
        for stretch in in_b:
            yield Difference("insert", words_a.span(place_a, 0), words_b.span(*stretch))
