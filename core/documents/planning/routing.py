"""Which type of document a brief is for, and which area writes it, by the words that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.agents import AREAS
from core.documents.planning.brief_words import BriefWord, brief_words
from core.documents.planning.proposal import Ranked
from core.documents.template import DocumentTemplate

UNSAID_TYPE, UNSAID_AREA = "report", "content"
SURE_SHARE, SURE_LEAD = 0.4, 1.5
"""The first type is sure from this share, if it is so many times as likely as the second."""

_NAME, _OTHER_AREA = 3.0, 0.35


class Routing(NamedTuple):
    """Shares of all types and all areas, the greatest first."""

    types: tuple[Ranked, ...]
    areas: tuple[Ranked, ...]
    is_sure: bool
    has_sign: bool


def route(brief: str, types: Mapping[str, DocumentTemplate]) -> Routing:
    """Types by their names in the brief: a name of more words weighs more, and hides those within it."""
    words = brief_words(brief)
    votes, said = _name_votes(words, types)
    if not votes:
        return _without_sign(types)
    total = sum(votes.values())
    shares = {key: votes.get(key, 0.0) / total for key in types}
    areas: dict[str, float] = defaultdict(float)
    for key, share in shares.items():
        for place, area in enumerate(types[key].areas):
            areas[area] += share * (1.0 if place == 0 else _OTHER_AREA / place)
    area_total = sum(areas.values())
    ranked = _ranked(shares, said)
    voters = {types[ranked[0].key].areas[0]: said[ranked[0].key]}
    return Routing(
        types=ranked,
        areas=_ranked({area: areas.get(area, 0.0) / area_total for area in AREAS}, voters),
        is_sure=_is_sure(ranked),
        has_sign=True,
    )


def _name_votes(
    words: Sequence[BriefWord], types: Mapping[str, DocumentTemplate]
) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
    votes: dict[str, float] = defaultdict(float)
    said: dict[str, tuple[str, ...]] = {}
    stems = [word.stem for word in words]
    taken: set[int] = set()
    names = sorted(
        ((name, key) for key, template in types.items() for name in _names(template)),
        key=lambda each: -len(each[0]),
    )
    for name, key in names:
        for at in range(len(stems) - len(name) + 1):
            places = set(range(at, at + len(name)))
            if tuple(stems[at : at + len(name)]) == name and not places & taken:
                taken |= places
                votes[key] += _NAME * len(name)
                said[key] = (*said.get(key, ()), *(words[place].text for place in sorted(places)))
    return votes, said


def _names(template: DocumentTemplate) -> frozenset[tuple[str, ...]]:
    return _stems(tuple(name for names in template.names.values() for name in names))


@lru_cache(maxsize=1000)
def _stems(names: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    found = (tuple(word.stem for word in brief_words(name)) for name in names)
    return frozenset(name for name in found if name)


def _ranked(shares: Mapping[str, float], said: Mapping[str, tuple[str, ...]]) -> tuple[Ranked, ...]:
    order = sorted(shares, key=lambda key: -shares[key])
    return tuple(Ranked(key, round(min(1.0, shares[key]), 4), said.get(key, ())) for key in order)


def _is_sure(ranked: Sequence[Ranked]) -> bool:
    first, second = ranked[0].score, ranked[1].score if len(ranked) > 1 else 0.0
    return first >= SURE_SHARE and first >= SURE_LEAD * second


def _without_sign(types: Mapping[str, DocumentTemplate]) -> Routing:
    return Routing(
        types=tuple(Ranked(key, 0.0) for key in sorted(types, key=lambda key: key != UNSAID_TYPE)),
        areas=tuple(Ranked(area, 0.0) for area in sorted(AREAS, key=lambda area: area != UNSAID_AREA)),
        is_sure=False,
        has_sign=False,
    )
