"""Whether a text reports good or bad news, by our own lists of words with negation, degree and direction.

Made for business prose: "complaints fell" is good and "sales fell" is bad. It knows no irony and no trade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from core.language.sentences import Extent, split_sentences
from core.language.stop_words import Language

SentimentLabel = Literal["positive", "neutral", "negative"]

NEUTRAL = 0.12
"""Scores nearer to 0 are neutral."""

_SMOOTHING = 1.0  # one plain word gives 0.5 and never 1
_REACH = 4  # words back in which a negation or a degree counts
_DIRECTION_REACH = 7  # words between a movement and what moves
_NEGATED = -0.8
_AFTER_BUT = 1.5
_AFTER_DESPITE = 0.3


@dataclass(frozen=True, slots=True)
class WeighedSentence:
    """`score` is -1 to 1."""

    span: Extent
    score: float


@dataclass(frozen=True, slots=True)
class Sentiment:
    """`score` is -1 (bad news) to 1 (good news). The sentences are the strongest of both signs."""

    score: float
    label: SentimentLabel
    num_signals: int
    sentences: tuple[WeighedSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class SentimentAccuracy:
    """The share of right labels among `num_sentences` of our own that no word was chosen by."""

    accuracy: float
    num_sentences: int
    majority: float  # what calling everything by the commonest label would reach


def find_sentiment(text: str, language: Language, most: int = 3) -> Sentiment:
    """The mean over the sentences that carry a signal; neutral if none does. Time is linear in the words.

    >>> find_sentiment("Complaints fell for the third month.", "en").label
    'positive'
    """
    lexicon = _lexicon(language)
    total = weight = 0.0
    num_signals = 0
    found: list[WeighedSentence] = []
    for extent in split_sentences(text):
        signals = _signals(text[slice(*extent)].lower(), lexicon)
        if signals:
            score = _squash(sum(signals))
            num_signals += len(signals)
            total += score * abs(score)
            weight += abs(score)
            found.append(WeighedSentence(extent, round(score, 3)))
    mean = total / weight if weight else 0.0
    strongest = sorted(found, key=lambda one: (-abs(one.score), one.span))[:most]
    kept = tuple(one for one in sorted(strongest, key=lambda one: one.span) if abs(one.score) >= NEUTRAL)
    return Sentiment(round(mean, 3), label_of(mean), num_signals, kept)


def label_of(score: float) -> SentimentLabel:
    if abs(score) < NEUTRAL:
        return "neutral"
    return "positive" if score > 0 else "negative"


@cache
def sentiment_accuracy(language: Language) -> SentimentAccuracy:
    """What the benchmark measured on the held-out half of our labelled sentences."""
    rows = (
        (files("core.language") / "lists" / "sentiment_accuracy.tsv").read_text(encoding="utf-8").splitlines()
    )
    measured = {row.split("\t")[0]: row.split("\t")[1:] for row in rows[1:]}
    accuracy, number, majority = measured[language]
    return SentimentAccuracy(float(accuracy), int(number), float(majority))


class _Lexicon(NamedTuple):
    """Entries by their first word; a word is a stem where it ends in *."""

    words: dict[str, tuple[str, float]]
    stems: dict[str, tuple[str, float]]
    phrases: dict[str, list[tuple[tuple[str, ...], str, float]]]
    longest_stem: int

    def look_up(self, word: str) -> tuple[str, float] | None:
        if word in self.words:
            return self.words[word]
        for length in range(min(len(word), self.longest_stem), 2, -1):
            if (entry := self.stems.get(word[:length])) is not None:
                return entry
        return None


class _Match(NamedTuple):
    kind: str
    weight: float
    first: int
    last: int


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[;:!?]")


def _signals(sentence: str, lexicon: _Lexicon) -> list[float]:
    """The value of every word that counts, seen with what stands around it."""
    matches = list(_matches([word.replace("’", "'") for word in _WORD.findall(sentence)], lexicon))
    but = max((match.first for match in matches if match.kind == "but"), default=len(sentence))
    despite = min((match.first for match in matches if match.kind == "despite"), default=len(sentence))
    signals = []
    for match in matches:
        if value := _value(match, matches):
            value *= _AFTER_BUT if match.first > but else 1.0
            signals.append(value * (_AFTER_DESPITE if match.first > despite else 1.0))
    return signals


def _matches(words: list[str], lexicon: _Lexicon) -> Iterator[_Match]:
    at = 0
    while at < len(words):
        phrase = next(
            (entry for entry in lexicon.phrases.get(words[at], ()) if _stands(words, at, entry[0])), None
        )
        if phrase is not None:
            yield _Match(phrase[1], phrase[2], at, at + len(phrase[0]) - 1)
            at += len(phrase[0])
            continue
        if (entry := lexicon.look_up(words[at])) is not None:
            yield _Match(entry[0], entry[1], at, at)
        at += 1


def _stands(words: list[str], at: int, phrase: tuple[str, ...]) -> bool:
    found = words[at : at + len(phrase)]
    return len(found) == len(phrase) and all(
        word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
        for word, wanted in zip(found, phrase, strict=True)
    )


def _value(match: _Match, matches: list[_Match]) -> float:
    """A word's own weight or what its movement makes of it, turned by negations and stretched by degrees."""
    if match.kind not in ("value", "gain", "load"):
        return 0.0
    move = _nearest_move(match, matches)
    if match.kind == "value":
        value = match.weight
        if move is not None and value < 0:
            value = value * (1.2 if move.weight > 0 else -0.9)
        elif move is not None and move.weight < 0:
            value = -0.8 * value
    elif move is None:
        return 0.0
    else:
        value = move.weight * (1.0 if match.kind == "gain" else -1.0)
    begin = min(match.first, move.first) if move is not None else match.first
    for other in matches:
        if other.kind == "not" and begin - _REACH <= other.first < max(begin, match.first):
            value *= _NEGATED
        elif other.kind == "degree" and abs(other.first - match.first) <= 2:
            value *= other.weight
    return value


def _nearest_move(match: _Match, matches: list[_Match]) -> _Match | None:
    moves = [
        other for other in matches if other.kind == "move" and 0 < _distance(match, other) <= _DIRECTION_REACH
    ]
    return min(moves, key=lambda other: (_distance(match, other), other.first), default=None)


def _distance(one: _Match, other: _Match) -> int:
    return other.first - one.last if other.first > one.first else one.first - other.last


def _squash(value: float) -> float:
    return value / (abs(value) + _SMOOTHING)


@cache
def _lexicon(language: Language) -> _Lexicon:
    """Lines of kind, weight and entries with semicolons between them."""
    lexicon = _Lexicon({}, {}, {}, 0)
    rows = (files("core.language") / "lists" / f"sentiment_{language}.tsv").read_text(encoding="utf-8")
    for row in rows.splitlines():
        kind, weight, entries = row.split("\t")
        for entry in filter(None, map(str.strip, entries.split(";"))):
            words = tuple(entry.split())
            if len(words) > 1:
                lexicon.phrases.setdefault(words[0], []).append((words, kind, float(weight)))
            elif entry.endswith("*"):
                lexicon.stems[entry[:-1]] = (kind, float(weight))
            else:
                lexicon.words[entry] = (kind, float(weight))
    for phrases in lexicon.phrases.values():
        phrases.sort(key=lambda phrase: -len(phrase[0]))
    return lexicon._replace(longest_stem=max(map(len, lexicon.stems)))
