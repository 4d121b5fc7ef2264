"""Texts that read like advertising mail, judged by five signals that are shown one by one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import ClassVar, NamedTuple, Self

from core.quality.policy.folding import FoldedWord, folded_words
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import MOST_PLACES, Breach, PolicyDocument
from core.quality.policy.rules.spam_phrases import SPAM_PHRASES
from core.redundancy.evidence import Span

LEAST_SCORE = 0.6
FEWEST_WORDS = 30  # a text counts as at least so long, so that one link does not make a note spam
PHRASE_WORDS = 4
COMMON = 3  # times that a phrase may come in any text

_LINK = re.compile(r"https?://|www\.", re.I)
_SHOUTED = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{4,}\b")
_EXCLAIMED = re.compile(r"[!¡]{2,}")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_DISGUISED = re.compile(r"[a-z](?=[а-яα-ω])|[а-яα-ω](?=[a-z])", re.I)


class Signal(NamedTuple):
    """`strength` from 0 to 1, and the places on which it rests."""

    strength: float
    places: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Spam:
    """Signals are joined as independent hints: one strong or several weak ones reach `least_score`."""

    kind: ClassVar[str] = "spam"
    least_score: float

    @classmethod
    def read(cls, given: Given) -> Self:
        return cls(given.share("least_score", LEAST_SCORE))

    def parameters(self) -> dict[str, Value]:
        return {"least_score": self.least_score}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        signals = spam_signals(document.text)
        score = 1 - prod(1 - signal.strength for signal in signals.values())
        if score < self.least_score:
            return
        places = sorted(place for signal in signals.values() for place in signal.places)
        figures = {name: round(signal.strength, 3) for name, signal in signals.items()}
        yield Breach(
            "spam",
            {"score": round(score, 3), "least_score": self.least_score, "num_places": len(places), **figures},
            tuple(places[:MOST_PLACES]),
        )


def spam_signals(text: str) -> dict[str, Signal]:
    """The signals by name, keys of SIGNALS."""
    words = folded_words(text)
    num_words = max(len(words), FEWEST_WORDS)
    return {name: measure(text, words, num_words) for name, measure in _MEASURES.items()}


def _links(text: str, _words: list[FoldedWord], num_words: int) -> Signal:
    """One link in twenty words is as strong as it gets."""
    places = _places(_LINK, text)
    return Signal(_ramp(len(places) / num_words, 0.01, 0.05) * 0.7, places)


def _shouting(text: str, _words: list[FoldedWord], num_words: int) -> Signal:
    """A fifth of the words in capitals, or an exclamation in every thirty words."""
    capitals, exclaimed = _places(_SHOUTED, text), _places(_EXCLAIMED, text)
    strength = max(
        _ramp(len(capitals) / num_words, 0.08, 0.25), _ramp(len(exclaimed) / num_words, 0.003, 0.03)
    )
    return Signal(strength * 0.6, (*capitals, *exclaimed) if strength else ())


def _repetition(_text: str, words: list[FoldedWord], num_words: int) -> Signal:
    """Half of the text in phrases that come again and again."""
    phrases = [
        tuple(word.word for word in words[place : place + PHRASE_WORDS])
        for place in range(len(words) - PHRASE_WORDS + 1)
    ]
    counts = Counter(phrases)
    again = [place for place, phrase in enumerate(phrases) if counts[phrase] > COMMON]
    places = tuple(Span(words[place].start, words[place + PHRASE_WORDS - 1].end) for place in again)
    return Signal(_ramp(len(again) / num_words, 0.15, 0.6) * 0.5, places if places else ())


def _phrases(_text: str, words: list[FoldedWord], num_words: int) -> Signal:
    """Three different phrases in a hundred words; a longer text needs more."""
    places, found = [], set()
    for place, word in enumerate(words):
        for phrase in _PHRASES.get(word.word, ()):
            there = words[place : place + len(phrase)]
            if tuple(each.word for each in there) == phrase:
                places.append(Span(word.start, there[-1].end))
                found.add(phrase)
    needed = 3 * max(1.0, (num_words / 100) ** 0.5)
    return Signal(min(1.0, len(found) / needed) * 0.85, tuple(places))


def _invisible(text: str, _words: list[FoldedWord], num_words: int) -> Signal:
    """Signs without width, or letters of two alphabets in one word, in every fiftieth word."""
    places = (*_places(_INVISIBLE, text), *_places(_DISGUISED, text))
    return Signal(_ramp(len(places) / num_words, 0.002, 0.02) * 0.8, places)


_MEASURES: dict[str, Callable[[str, list[FoldedWord], int], Signal]] = {
    "links": _links,
    "shouting": _shouting,
    "repetition": _repetition,
    "phrases": _phrases,
    "invisible": _invisible,
}


def _by_first_word() -> dict[str, list[tuple[str, ...]]]:
    index: dict[str, list[tuple[str, ...]]] = {}
    for phrase in SPAM_PHRASES:
        parts = tuple(word.word for word in folded_words(phrase))
        index.setdefault(parts[0], []).append(parts)
    return index


_PHRASES = _by_first_word()


def _places(pattern: re.Pattern[str], text: str) -> tuple[Span, ...]:
    return tuple(Span(*match.span()) for match in pattern.finditer(text))


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
