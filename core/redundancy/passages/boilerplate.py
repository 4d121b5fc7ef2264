"""Which texts are copies of each other, and which words stand in three or more that are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.redundancy.passages.chains import Chain
from core.redundancy.passages.components import components
from core.redundancy.passages.coverage import Stretch, covered_by, joined, num_covered
from core.redundancy.passages.fingerprints import PHRASE_WORDS
from core.redundancy.passages.library import MOST_PLACES, NumberedLibrary, Pair
from core.redundancy.passages.runs import common_phrases

COPIES = 0.4
"""Share of the words of both texts, shared ones counted once, from which they are copies or versions."""

BOILERPLATE_TEXTS = 3

_GAP_WORDS = 2


@dataclass(frozen=True, slots=True)
class MarkedTexts:
    """Which texts are copies of each other, and the boilerplate of each text.

    `alike` are boilerplate stretches, by text and number in its list, that share a very common phrase.
    """

    group: Mapping[int, int]
    boilerplate: Mapping[int, list[Stretch]]
    alike: list[tuple[tuple[int, int], tuple[int, int]]]

    @staticmethod
    def of(library: NumberedLibrary, found: Mapping[Pair, tuple[Chain, ...]], min_words: int) -> MarkedTexts:
        copies = [pair for pair, own in found.items() if _are_copies(library, pair, own)]
        group = components(copies)
        stretches = _shared_stretches(found, group)
        common = _common_stretches(library, group)
        boilerplate: dict[int, list[Stretch]] = {}
        for number in sorted(stretches.keys() | common.keys()):
            often = covered_by(stretches.get(number, {}).values(), BOILERPLATE_TEXTS - 1)
            often += [stretch for stretch, _ in common.get(number, ())]
            own = [part for part in joined(often, _GAP_WORDS) if part[1] - part[0] >= min_words]
            if own:
                boilerplate[number] = own
        return MarkedTexts(group, boilerplate, list(_alike(common, boilerplate)))

    def are_copies(self, one: int, other: int) -> bool:
        return self.group.get(one, one) == self.group.get(other, other)

    def stretch_at(self, number: int, begin: int, end: int) -> tuple[int, int] | None:
        """The boilerplate stretch of a text, as (text, number), that lies over these words."""
        for place, (first, last) in enumerate(self.boilerplate.get(number, ())):
            if first < end and begin < last:
                return number, place
        return None


def _are_copies(library: NumberedLibrary, pair: Pair, own: Iterable[Chain]) -> bool:
    num_one, num_other = (len(library.texts[number].keys) for number in pair)
    num_shared = num_covered((chain.begin_one, chain.end_one) for chain in own)
    return num_shared >= COPIES * (num_one + num_other - num_shared)


def _shared_stretches(
    found: Mapping[Pair, tuple[Chain, ...]], group: Mapping[int, int]
) -> dict[int, dict[int, list[Stretch]]]:
    """For each text, by the group of the other text, the words they share; none within one group."""
    stretches: dict[int, dict[int, list[Stretch]]] = defaultdict(lambda: defaultdict(list))
    for (one, other), own in found.items():
        group_one, group_other = group.get(one, one), group.get(other, other)
        if group_one != group_other:
            stretches[one][group_other] += [(chain.begin_one, chain.end_one) for chain in own]
            stretches[other][group_one] += [(chain.begin_other, chain.end_other) for chain in own]
    return stretches


def _common_stretches(
    library: NumberedLibrary, group: Mapping[int, int]
) -> dict[int, list[tuple[Stretch, int]]]:
    """For each text the phrases too common for pairs that stand in several groups, with their hash."""
    common = common_phrases(library.places, MOST_PLACES)
    by_hash: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for hash, number, place in zip(*(column.tolist() for column in common), strict=True):
        by_hash[hash].append((number, place))
    stretches: dict[int, list[tuple[Stretch, int]]] = defaultdict(list)
    for hash, where in by_hash.items():
        if len({group.get(number, number) for number, _ in where}) >= BOILERPLATE_TEXTS:
            for number, place in where:
                stretches[number].append(((place, place + PHRASE_WORDS), hash))
    return stretches


def _alike(
    common: Mapping[int, list[tuple[Stretch, int]]], boilerplate: Mapping[int, list[Stretch]]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    first: dict[int, tuple[int, int]] = {}
    for number, stretches in common.items():
        for (begin, end), hash in stretches:
            for place, (low, high) in enumerate(boilerplate.get(number, ())):
                if low <= begin and end <= high:
                    yield first.setdefault(hash, (number, place)), (number, place)
