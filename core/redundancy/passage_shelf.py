"""The passage indexes of the libraries that were asked about last, brought up to date at every opening."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from core.redundancy.passages import PassageIndex
from core.redundancy.subject import Subject


class PassageShelf:
    """Indexes in memory, one a library. Thread-safe."""

    def __init__(self, capacity: int = 2) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, tuple[Lock, PassageIndex]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def open(
        self, library: str, ids: Sequence[str], subjects: Callable[[Sequence[str]], Sequence[Subject]]
    ) -> Iterator[PassageIndex]:
        """The index of exactly these documents, while nobody else has it open.

        `subjects` gives those documents that the index does not hold yet; one that is gone may be missing.
        """
        lock, index = self._take(library)
        with lock:
            known = {text.id for text in index}
            for document in known.difference(ids):
                index.remove(document)
            new = [document for document in ids if document not in known]
            if new:
                index.add_all(subjects(new))
            yield index

    def _take(self, library: str) -> tuple[Lock, PassageIndex]:
        with self._lock:
            if library not in self._kept:
                self._kept[library] = (Lock(), PassageIndex())
            self._kept.move_to_end(library)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
            return self._kept[library]
