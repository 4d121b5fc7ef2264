"""Cuts a text into passages that an embedding model reads whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.language.sentences import split_paragraphs, split_sentences
from core.redundancy.evidence import Span

MOST_PIECES = 254
"""Word pieces that a model of 256 reads beside its two marks."""

LEAST_CHARACTERS = 120
"""A shorter paragraph, such as a heading, goes with the next."""


def cut_passages(text: str) -> tuple[Span, ...]:
    """Passages in reading order. They do not overlap, and between them there is only space.

    A passage is one paragraph or several short ones; a paragraph that is too long is cut between sentences,
    a sentence that is too long between words. Lengths are estimated from above for Latin script
    (`most_pieces`). Time is linear.
    """
    return tuple(
        _joined(text, [unit for part in split_paragraphs(text) for unit in _units(text, Span(*part))])
    )


def most_pieces(text: str) -> int:
    """More word pieces than MiniLM's tokenizer makes of the text, as far as words are words.

    A word of plain letters is taken for a piece every two letters, everything else for one a character. Only
    rows of letters that are no words can need more; then the end of such a passage is not read.
    """
    plain = sum((len(word) + 1) // 2 - len(word) for word in _PLAIN_WORD.findall(text))
    return plain + sum(map(len, _NOT_SPACE.findall(text)))


_PLAIN_WORD = re.compile(r"(?<!\w)[a-zA-ZáéíóúüñâêôãõàçÁÉÍÓÚÜÑÂÊÔÃÕÀÇ]{2,24}(?!\w)")
_NOT_SPACE = re.compile(r"\S+")


def _units(text: str, paragraph: Span) -> Iterator[Span]:
    """The paragraph, its sentences or parts of those: what fits into one passage."""
    if most_pieces(text[slice(*paragraph)]) <= MOST_PIECES:
        yield paragraph
        return
    for start, end in split_sentences(text[slice(*paragraph)]):
        sentence = Span(paragraph.start + start, paragraph.start + end)
        if most_pieces(text[slice(*sentence)]) <= MOST_PIECES:
            yield sentence
        else:
            yield from _parts(text, sentence)


def _parts(text: str, sentence: Span) -> Iterator[Span]:
    start = end = sentence.start
    pieces = 0
    for match in _NOT_SPACE.finditer(text, *sentence):
        for begin in range(match.start(), match.end(), MOST_PIECES):
            stop = min(begin + MOST_PIECES, match.end())
            more = most_pieces(text[begin:stop])
            if pieces + more > MOST_PIECES and end > start:
                yield Span(start, end)
                start, pieces = begin, 0
            end, pieces = stop, pieces + more
    yield Span(start, end)


def _joined(text: str, units: list[Span]) -> Iterator[Span]:
    current: Span | None = None
    pieces = 0
    for unit in units:
        more = most_pieces(text[slice(*unit)])
        if current is None:
            current, pieces = unit, more
        elif current.end - current.start < LEAST_CHARACTERS and pieces + more <= MOST_PIECES:
            current, pieces = Span(current.start, unit.end), pieces + more
        else:
            yield current
            current, pieces = unit, more
    if current is not None:
        yield current
