"""The ways to find near-duplicate pairs that are compared: ours, and the peers as their authors advise.

Every method goes from raw texts to verified pairs. Packages are imported inside, since peers live elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Pairs = set[tuple[int, int]]
Method = Callable[[Sequence[str], float], Pairs]

NUM_PERMUTATIONS = 128
_WORD = re.compile(r"\w+")


def ours(texts: Sequence[str], floor: float) -> Pairs:
    from core.redundancy import find_pairs

    pairs = find_pairs(texts, floor)
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


def rensa_32_bands(texts: Sequence[str], floor: float) -> Pairs:
    return _rensa(texts, floor, 32)


def rensa_16_bands(texts: Sequence[str], floor: float) -> Pairs:
    return _rensa(texts, floor, 16)


def datasketch(texts: Sequence[str], floor: float) -> Pairs:
    from datasketch import MinHash, MinHashLSH

    sets = [_shingles(text) for text in texts]
    encoded = ([shingle.encode() for shingle in shingles] for shingles in sets)
    hashes = MinHash.bulk(encoded, num_perm=NUM_PERMUTATIONS)
    index = MinHashLSH(threshold=floor, num_perm=NUM_PERMUTATIONS)
    with index.insertion_session() as session:
        for position, digest in enumerate(hashes):
            session.insert(position, digest)
    return _verified(sets, (index.query(digest) for digest in hashes), floor)


METHODS: dict[str, Method] = {
    "ours": ours,
    "rensa 0.5.0, 32 bands": rensa_32_bands,
    "rensa 0.5.0, 16 bands": rensa_16_bands,
    "datasketch 2.0.0": datasketch,
}


def _rensa(texts: Sequence[str], floor: float, num_bands: int) -> Pairs:
    from rensa import RMinHash, RMinHashLSH

    sets = [_shingles(text) for text in texts]
    hashes: list[Any] = RMinHash.from_token_sets(sets, NUM_PERMUTATIONS, 42)
    index = RMinHashLSH(threshold=floor, num_perm=NUM_PERMUTATIONS, num_bands=num_bands)
    index.insert_many(hashes)
    return _verified(sets, index.query_all(hashes), floor)


def _shingles(text: str) -> set[str]:
    words = _WORD.findall(text.lower())
    if len(words) < 3:
        return {" ".join(words)} if words else set()
    return set(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def _verified(sets: list[set[str]], candidates: Iterable[Iterable[int]], floor: float) -> Pairs:
    found = set()
    for position, partners in enumerate(candidates):
        own = sets[position]
        for partner in partners:
            if partner < position and own:
                shared = len(own & sets[partner])
                if shared and shared / (len(own) + len(sets[partner]) - shared) >= floor:
                    found.add((partner, position))
    return found
