"""Counts what the signs of a brief say for types and areas, and which words said it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from core.agents.areas import AREAS
from core.agents.routing.brief_words import BriefWord
from core.agents.routing.phrases import PhraseTable
from core.agents.routing.signs import NAME, Names, Sign, Signed, keyword_table, name_table, signs_of
from core.agents.routing.spelling import Spelling
from core.agents.routing.weights import Says, Weights, learned_weights
from core.language.content_words import common_words
from core.language.stop_words import LANGUAGES, STOP_WORDS

UNSAID_TYPE, UNSAID_AREA = "report", "content"
"""What a brief without any sign is taken for."""

LEAST_SCORE = 0.1
"""What the signs must say for the best type, if they are to say anything; 1 is what is learned from."""

SURE_SHARE, SURE_LEAD = 0.85, 3.0
"""The first type is sure from this share, if it is so many times as likely as the second."""

DOUBT = 0.02
"""What is spread over all types and areas alike: no brief is beyond doubt."""

MOST_VOTERS = 6

_LEAST_VOTE = 0.12  # of the greatest
_LEAST_SHARE = 1e-4  # of an area among those that write a type
_OTHER_AREA = 0.25  # of what the home area writes, where it was not learned

Votes = Mapping[int, float]
"""What each word of the brief, by its number, says for one type or area."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A share from 0 to 1; `words` are those of the brief that voted for it, as they are written there."""

    key: str
    score: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routing:
    """All types and all areas, the likeliest first; the shares of each add up to 1, or are all 0.

    `is_sure` is False where the first two types are close. `has_sign` is False where no word of the brief
    says which type is meant; then all shares are 0.
    """

    types: tuple[Ranked, ...]
    areas: tuple[Ranked, ...]
    is_sure: bool
    has_sign: bool


class Scores(NamedTuple):
    """What was counted, before it is made into shares."""

    types: Mapping[str, float]
    areas: Mapping[str, float]


def route(
    brief: str, names: Names, areas: Mapping[str, tuple[str, ...]], weights: Weights | None = None
) -> Routing:
    """`names` and `areas` of each type that may be chosen, the home area first; at least one type.

    A type that was not learned takes part by its names. Time is linear in the brief.
    """
    learned = weights or learned_weights()
    signed = read_signs(brief, names, learned)
    scores = count(signed, names, learned)
    if max(scores.types.values()) < LEAST_SCORE:
        return _without_sign(names)
    type_shares, area_shares = shares_of(scores, areas, learned)
    best = max(type_shares, key=lambda key: type_shares[key])
    writes = type_areas(best, areas, learned)
    votes = {key: _votes(signed, _says_for_type(key, learned)) for key in names}
    types = _ranked(type_shares, votes, signed)
    area_votes = {
        area: _sum(_votes(signed, _Learned(learned.areas, area)), votes[best], writes.get(area, 0.0))
        for area in AREAS
    }
    return Routing(types, _ranked(area_shares, area_votes, signed), _is_sure(types), has_sign=True)


def read_signs(brief: str, names: Names, learned: Weights) -> Signed:
    table = _table(tuple(names.items()))
    return signs_of(brief, table, _keywords(), _spelling(table, learned.known_words))


def count(signed: Signed, names: Names, learned: Weights) -> Scores:
    types = dict.fromkeys(names, 0.0)
    areas = dict.fromkeys(AREAS, 0.0)
    for sign in signed.signs:
        for scores, says in ((types, learned.types), (areas, learned.areas)):
            for key, weight in says.get(sign.key, {}).items():
                if key in scores:
                    scores[key] += sign.strength * weight
        key = sign.key.removeprefix(NAME)
        if key in types and sign.key != key and key not in learned.type_areas:
            types[key] += sign.strength * learned.own_name
    return Scores(types, areas)


def shares_of(
    scores: Scores, areas: Mapping[str, tuple[str, ...]], learned: Weights
) -> tuple[dict[str, float], dict[str, float]]:
    """Shares of types and of areas; an area is as likely as its words and the types that it writes."""
    types = _softmax({key: score * learned.type_sharpness for key, score in scores.types.items()})
    written: dict[str, float] = defaultdict(lambda: _LEAST_SHARE)
    for key, share in types.items():
        for area, part in type_areas(key, areas, learned).items():
            written[area] += share * part
    return types, _softmax(
        {
            area: score * learned.area_sharpness + learned.type_trust * math.log(written[area])
            for area, score in scores.areas.items()
        }
    )


def type_areas(key: str, areas: Mapping[str, tuple[str, ...]], learned: Weights) -> Says:
    """Which share of the briefs for a type each area writes."""
    if key in learned.type_areas:
        return learned.type_areas[key]
    parts = {area: _OTHER_AREA**place for place, area in enumerate(areas[key])}
    return {area: part / sum(parts.values()) for area, part in parts.items()}


class _Learned(NamedTuple):
    """What each sign says for one type or area."""

    says: Mapping[str, Says]
    key: str
    own: float = 0.0

    def weight(self, sign: Sign) -> float:
        return self.says.get(sign.key, {}).get(self.key, self.own if sign.key == NAME + self.key else 0.0)


def _says_for_type(key: str, learned: Weights) -> _Learned:
    return _Learned(learned.types, key, 0.0 if key in learned.type_areas else learned.own_name)


def _votes(signed: Signed, learned: _Learned) -> Votes:
    votes: dict[int, float] = defaultdict(float)
    for sign in signed.signs:
        if weight := learned.weight(sign):
            for place in sign.places:
                votes[place] += weight * sign.strength / len(sign.places)
    return votes


def _sum(votes: Votes, others: Votes, factor: float) -> Votes:
    return {place: votes.get(place, 0.0) + factor * others.get(place, 0.0) for place in {*votes, *others}}


def _ranked(shares: Mapping[str, float], votes: Mapping[str, Votes], signed: Signed) -> tuple[Ranked, ...]:
    order = sorted(shares, key=lambda key: -shares[key])
    return tuple(Ranked(key, round(shares[key], 4), _voters(votes[key], signed.words)) for key in order)


def _voters(votes: Votes, words: Sequence[BriefWord]) -> tuple[str, ...]:
    """The words that said most, in reading order, none twice; small words only for want of others."""
    said = {place: vote for place, vote in votes.items() if vote > 0}
    telling = {place: vote for place, vote in said.items() if words[place].text.lower() not in _small_words()}
    chosen = telling or said
    least = _LEAST_VOTE * max(chosen.values(), default=0.0)
    best = sorted(chosen, key=lambda place: -chosen[place])[:MOST_VOTERS]
    return tuple(dict.fromkeys(words[place].text for place in sorted(best) if chosen[place] >= least))


def _softmax(scores: Mapping[str, float]) -> dict[str, float]:
    highest = max(scores.values())
    powers = {key: math.exp(score - highest) for key, score in scores.items()}
    total = sum(powers.values())
    return {key: (1 - DOUBT) * power / total + DOUBT / len(powers) for key, power in powers.items()}


def _is_sure(ranked: Sequence[Ranked]) -> bool:
    first, second = ranked[0].score, ranked[1].score if len(ranked) > 1 else 0.0
    return first >= SURE_SHARE and first >= SURE_LEAD * second


def _without_sign(names: Names) -> Routing:
    return Routing(
        types=tuple(Ranked(key, 0.0) for key in sorted(names, key=lambda key: key != UNSAID_TYPE)),
        areas=tuple(Ranked(area, 0.0) for area in sorted(AREAS, key=lambda area: area != UNSAID_AREA)),
        is_sure=False,
        has_sign=False,
    )


@lru_cache(maxsize=8)
def _table(names: tuple[tuple[str, tuple[str, ...]], ...]) -> PhraseTable:
    return name_table(dict(names))


@cache
def _keywords() -> PhraseTable:
    return keyword_table()


@lru_cache(maxsize=8)
def _spelling(table: PhraseTable, words: frozenset[str]) -> Spelling:
    return Spelling(words | table.words() | _keywords().words())


@cache
def _small_words() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in STOP_WORDS[language] | common_words(language))
