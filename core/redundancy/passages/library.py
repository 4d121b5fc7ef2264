"""The different texts of an index, numbered, and the chains of words that any two of them share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.redundancy.passages.chains import Chain, chains
from core.redundancy.passages.index import IndexedText, PassageIndex
from core.redundancy.passages.postings import Places
from core.redundancy.passages.runs import equal_runs, pair_seeds

MOST_PLACES = 64
"""A phrase at more places than this is looked at for boilerplate only: it would make too many pairs."""

Pair = tuple[int, int]
"""Numbers of two texts, the lower first."""


@dataclass(frozen=True, slots=True)
class NumberedLibrary:
    """The different texts, numbered in the order of ids, each with all documents that have its words."""

    texts: list[IndexedText]
    ids: list[list[str]]
    places: Places  # slots are numbers of texts; sorted by hash, number and place

    @staticmethod
    def of(index: PassageIndex) -> NumberedLibrary:
        numbers: dict[bytes, int] = {}
        texts: list[IndexedText] = []
        ids: list[list[str]] = []
        for text in index:
            number = numbers.setdefault(text.digest, len(texts))
            if number == len(texts):
                texts.append(text)
                ids.append([])
            ids[number].append(text.id)
        return NumberedLibrary(texts, ids, _numbered(index.all_places(), texts))


def _numbered(places: Places, texts: list[IndexedText]) -> Places:
    numbers = np.full(int(places.slots.max(initial=0)) + 1, len(texts), np.uint32)
    slots = np.fromiter((text.slot for text in texts), np.int64, len(texts))
    indexed = slots < len(numbers)  # the last texts may have no phrase
    numbers[slots[indexed]] = np.flatnonzero(indexed)
    renamed = Places(places.hashes, numbers[places.slots], places.places)
    kept = renamed.at(renamed.slots < len(texts))
    return kept.at(np.lexsort((kept.places, kept.slots, kept.hashes)))


def find_chains(library: NumberedLibrary, min_words: int) -> dict[Pair, tuple[Chain, ...]]:
    keys = [text.keys for text in library.texts]
    runs = equal_runs(keys, pair_seeds(library.places, MOST_PLACES))
    found = {pair: chains(keys[pair[0]], keys[pair[1]], own, min_words) for pair, own in runs.items()}
    return {pair: own for pair, own in found.items() if own}
