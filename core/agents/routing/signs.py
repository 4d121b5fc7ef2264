"""What in a brief speaks for a type or an area: words, pairs of words, concepts, names and keywords."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from core.agents.catalogue import load_agents
from core.agents.routing.brief_words import BriefWord, brief_words
from core.agents.routing.phrases import Found, PhraseTable
from core.agents.routing.spelling import Corrector
from core.language.glossary import concepts
from core.language.stop_words import known_language

NAME = "n:"
"""Before the key of a type: the sign that its name stands in the brief."""

PAIR = "b:"
"""Before two words that stand next to each other."""

_WORD, _CONCEPT, _KEYWORD = "w:", "g:", "k:"
_STRENGTH = {_WORD: 1.0, PAIR: 0.5, _CONCEPT: 1.7, NAME: 1.0, _KEYWORD: 0.35}
_EARLY_WORDS, _EARLY = 3, 1.3  # whoever names the type, does so at the beginning
_NAME_WORD, _MOST_NAME, _MOST_KEYWORDS = 0.5, 3.0, 1.0
_EVENNESS = 0.7  # 0: long briefs have more to say; 1: all have the same
_BEGIN = "^"

Names = Mapping[str, tuple[str, ...]]
"""What each type is called, in all languages."""


class Sign(NamedTuple):
    """`places` are numbers of words of the brief."""

    key: str
    strength: float
    places: tuple[int, ...]


class Signed(NamedTuple):
    words: tuple[BriefWord, ...]
    signs: tuple[Sign, ...]


def keyword_table() -> PhraseTable:
    """Keywords and specialisations of the agents."""
    rows = []
    for area, agent in load_agents().items():
        for words in agent.keywords.values():
            rows += [(keyword.term, area, keyword.weight) for keyword in words]
        for phrases in agent.specialisations.values():
            rows += [(phrase, area, 1.0) for phrase in phrases]
    return PhraseTable(rows)


def name_table(names: Names) -> PhraseTable:
    return PhraseTable([(name, key, 1.0) for key, called in names.items() for name in called])


def signs_of(text: str, names: PhraseTable, keywords: PhraseTable, spelling: Corrector) -> Signed:
    """The signs of a brief, each once. The more there are, the less each says."""
    words = brief_words(text)
    stems = tuple(spelling.correct(word.stem) for word in words)
    found: dict[str, Sign] = {}
    for sign in (
        *_words(stems),
        *_pairs(stems),
        *_concepts(text, words),
        *_name_signs(names, stems),
        *_keyword_signs(keywords, stems),
    ):
        before = found.get(sign.key)
        if before is None or sign.strength > before.strength:
            found[sign.key] = sign
    length = math.sqrt(sum(sign.strength**2 for sign in found.values())) or 1.0
    scale = length**-_EVENNESS
    return Signed(words, tuple(sign._replace(strength=sign.strength * scale) for sign in found.values()))


def _words(stems: tuple[str, ...]) -> list[Sign]:
    return [Sign(_WORD + stem, _STRENGTH[_WORD], (place,)) for place, stem in enumerate(stems)]


def _pairs(stems: tuple[str, ...]) -> list[Sign]:
    before = (_BEGIN, *stems)
    return [
        Sign(f"{PAIR}{first}_{second}", _STRENGTH[PAIR], (place - 1, place) if place else (0,))
        for place, (first, second) in enumerate(zip(before, stems, strict=False))
    ]


def _concepts(text: str, words: tuple[BriefWord, ...]) -> list[Sign]:
    """Terms of the glossary, the same for all languages."""
    signs = []
    at = 0
    for concept in concepts(text, known_language(text)):
        if concept.id[0] in "~=#":
            continue
        while at < len(words) and words[at].end <= concept.start:
            at += 1
        last = at
        while last + 1 < len(words) and words[last + 1].start < concept.end:
            last += 1
        signs.append(
            Sign(_CONCEPT + concept.id, _STRENGTH[_CONCEPT], tuple(range(at, min(last + 1, len(words)))))
        )
    return signs


def _name_signs(names: PhraseTable, stems: tuple[str, ...]) -> list[Sign]:
    """A name of more words says more; one that several types share says less for each."""
    signs = []
    for found in names.find(stems):
        says = min(_MOST_NAME, 1.0 + _NAME_WORD * (found.end - found.start - 1)) / len(found.owners)
        says *= _EARLY if found.start < _EARLY_WORDS else 1.0
        signs += [Sign(NAME + key, says * _STRENGTH[NAME], _places(found)) for key in found.owners]
    return signs


def _keyword_signs(keywords: PhraseTable, stems: tuple[str, ...]) -> list[Sign]:
    """One sign for each area, the stronger the more keywords there are."""
    places: dict[str, tuple[int, ...]] = {}
    sums: dict[str, float] = {}
    for found in keywords.find(stems):
        for area, weight in found.owners.items():
            places[area] = (*places.get(area, ()), *_places(found))
            sums[area] = sums.get(area, 0.0) + weight * _STRENGTH[_KEYWORD] / len(found.owners)
    return [Sign(_KEYWORD + area, min(_MOST_KEYWORDS, sums[area]), places[area]) for area in sums]


def _places(found: Found) -> tuple[int, ...]:
    return tuple(range(found.start, found.end))
