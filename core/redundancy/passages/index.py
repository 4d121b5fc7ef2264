"""The words of a library and where its chosen phrases stand. Holds no text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.passages.fingerprints import fingerprints
from core.redundancy.passages.postings import Places, Postings
from core.redundancy.passages.word_keys import Keys, word_keys
from core.redundancy.subject import Subject

_TEXTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class IndexedText:
    """The words of one text. Texts with equal words have equal digests."""

    id: str
    slot: int
    keys: Keys
    digest: bytes


class PassageIndex:
    """Adding and removing one text does not touch the others, and the answers equal those of a new index.

    Takes 4 bytes a word and 16 a chosen phrase, some 8 bytes a word together, and a hundred for each text.

    >>> index = PassageIndex([Subject.of("a", "Returned devices stay in the yellow area until triage.")])
    >>> len(index), index.num_words
    (1, 9)
    """

    def __init__(self, subjects: Iterable[Subject] = ()) -> None:
        self._texts: dict[str, IndexedText] = {}
        self._by_slot: list[IndexedText | None] = []
        self._postings = Postings()
        self.add_all(subjects)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, id: object) -> bool:
        return id in self._texts

    def __iter__(self) -> Iterator[IndexedText]:
        """In the order of ids."""
        return iter(sorted(self._texts.values(), key=lambda text: text.id))

    @property
    def num_words(self) -> int:
        return sum(len(text.keys) for text in self._texts.values())

    @property
    def num_bytes(self) -> int:
        """What words and phrases take, without the ids."""
        return self._postings.num_bytes + sum(text.keys.nbytes for text in self._texts.values())

    def add(self, id: str, text: str) -> None:
        """Index a text; one that was indexed under this id before is replaced."""
        self._add([id], [text])

    def add_all(self, subjects: Iterable[Subject]) -> None:
        """Index many texts at the speed of arrays. Of subjects with one id, the last stays."""
        remaining = iter({subject.id: subject for subject in subjects}.values())
        while several := list(islice(remaining, _TEXTS_AT_ONCE)):
            self._add([subject.id for subject in several], [subject.text for subject in several])

    def remove(self, id: str) -> None:
        """Forget a text. Raises Invalid if it is not indexed."""
        text = self._texts.pop(id, None)
        if text is None:
            raise Invalid(
                f"No text {id!r} is in the passage index.", remedy="Look up which texts the index holds."
            )
        self._by_slot[text.slot] = None

    def text(self, id: str) -> IndexedText:
        """Raises KeyError for a text that is not indexed."""
        return self._texts[id]

    def text_in(self, slot: int) -> IndexedText:
        text = self._by_slot[slot]
        assert text is not None, "a removed text was asked for"
        return text

    def all_places(self) -> Places:
        """Every chosen phrase, sorted by hash."""
        return self._postings.all_places(self._is_alive())

    def look_up(self, hashes: NDArray[np.uint64], most: int) -> tuple[NDArray[np.int64], Places]:
        """Where these phrases stand, as (number in `hashes`, place); see Postings."""
        return self._postings.look_up(hashes, self._is_alive(), most)

    def _is_alive(self) -> NDArray[np.bool_]:
        return np.fromiter((text is not None for text in self._by_slot), np.bool_, len(self._by_slot))

    def _add(self, ids: Sequence[str], texts: Sequence[str]) -> None:
        for id in ids:
            if id in self._texts:
                self.remove(id)
        keys = [own.copy() for own in word_keys(texts)]
        first_slot = len(self._by_slot)
        for slot, (id, own) in enumerate(zip(ids, keys, strict=True), first_slot):
            text = IndexedText(id, slot, own, blake2b(own.tobytes(), digest_size=16).digest())
            self._texts[id] = text
            self._by_slot.append(text)
        found = fingerprints(keys)
        slots = (found.texts + first_slot).astype(np.uint32)
        self._postings.add(Places(found.hashes, slots, found.places.astype(np.uint32)))
