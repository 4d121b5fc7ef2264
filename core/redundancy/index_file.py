"""Indexes on disk: for each library a journal of documents that came and went.

A journal is a memory, not a truth: it says what the index knew, and whoever opens it brings it up to date
with the documents that there are: a name stands for one text for ever, and a changed document has another. A
torn or damaged record ends what is read, and the rest is compared anew.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from threading import Lock

import numpy as np

from core.redundancy.index import Entry, PairIndex
from core.redundancy.shingles import WORDS_PER_SHINGLE

_HEADER = struct.Struct("<4sHHd")  # magic, version, words in a shingle, floor
_MAGIC, _VERSION = b"BLPI", 1
_FRAME = struct.Struct("<I16s")  # length of the body, its digest
_NAME, _NUMBER, _SIMILARITY = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<d")
_ADDED, _REMOVED = b"+", b"-"
_LIVE_SHARE = 0.5
_FEWEST_RECORDS = 1_000


class IndexFile:
    """The index of one library and its journal. What a method changed is on disk when it returns."""

    def __init__(self, path: Path, index: PairIndex, num_records: int) -> None:
        self.path = path
        self.index = index
        self.num_records = num_records

    @staticmethod
    def read(path: Path, floor: float) -> IndexFile:
        """What the journal tells; an index without documents where there is none of this floor."""
        index, num_records, whole = PairIndex(floor), 0, _HEADER.size
        written = path.read_bytes() if path.exists() else b""
        if written[: _HEADER.size] != _header(floor):
            _write_anew(path, index)
            return IndexFile(path, index, 0)
        for body, end in _bodies(written):
            _play(body, index)
            num_records, whole = num_records + 1, end
        if whole < len(written):
            os.truncate(path, whole)
        index.reorder()
        return IndexFile(path, index, num_records)

    def add(self, documents: Sequence[str], texts: Sequence[str]) -> None:
        """Take documents in and find their pairs."""
        if len(documents) == 1:
            entries = [self.index.add(documents[0], texts[0])]
        else:
            entries = self.index.add_many(documents, texts)
        self._append([_added(entry) for entry in entries])

    def remove(self, documents: Iterable[str]) -> None:
        """Let documents go; the journal is written anew when most of it tells of what is gone."""
        gone = list(documents)
        for document in gone:
            self.index.remove(document)
        self._append([_removed(document) for document in gone])
        if self.num_records > max(_FEWEST_RECORDS, len(self.index) / _LIVE_SHARE):
            self.replace(self.index)

    def replace(self, index: PairIndex) -> None:
        """Keep this index from now on; the old journal holds until the new one is whole."""
        self.num_records = _write_anew(self.path, index)
        self.index = index

    @property
    def stamp(self) -> tuple[int, int]:
        """Changes whenever somebody writes to the journal."""
        found = self.path.stat()
        return found.st_ino, found.st_size

    def _append(self, bodies: list[bytes]) -> None:
        with self.path.open("ab") as file:
            file.write(b"".join(map(_framed, bodies)))
            file.flush()
            os.fsync(file.fileno())
        self.num_records += len(bodies)


class IndexShelf:
    """The indexes of a folder, one a library; the last few stay in memory. Thread- and process-safe."""

    def __init__(self, folder: Path, capacity: int = 4) -> None:
        self._folder = folder
        self._capacity = capacity
        self._kept: OrderedDict[Path, tuple[tuple[int, int], IndexFile]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def open(self, library: str, floor: float) -> Iterator[IndexFile]:
        """The index of a library, while nobody else has it open: waits for whoever has.

        `library` is a name that is safe in a path. What is raised within leaves the journal as it is then.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{library}.pairs"
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            opened = self._take(path, floor) or IndexFile.read(path, floor)
            yield opened
            self._keep(path, opened)

    def _take(self, path: Path, floor: float) -> IndexFile | None:
        """Out of memory, if the journal is as we left it. Whoever fails does not put it back."""
        with self._lock:
            stamp, kept = self._kept.pop(path, ((0, 0), None))
        if kept is None or not path.exists() or kept.stamp != stamp or kept.index.floor != floor:
            return None
        return kept

    def _keep(self, path: Path, opened: IndexFile) -> None:
        with self._lock:
            self._kept[path] = (opened.stamp, opened)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)


def _header(floor: float) -> bytes:
    return _HEADER.pack(_MAGIC, _VERSION, WORDS_PER_SHINGLE, floor)


def _write_anew(path: Path, index: PairIndex) -> int:
    """The number of records."""
    num_records = 0
    written = path.with_suffix(".new")
    with written.open("wb") as file:
        file.write(_header(index.floor))
        for entry in index.entries():
            file.write(_framed(_added(entry)))
            num_records += 1
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
    return num_records


def _framed(body: bytes) -> bytes:
    return _FRAME.pack(len(body), blake2b(body, digest_size=16).digest()) + body


def _bodies(written: bytes) -> Iterator[tuple[bytes, int]]:
    """Every whole record and where it ends, up to the first that is not."""
    place = _HEADER.size
    while place + _FRAME.size <= len(written):
        length, digest = _FRAME.unpack_from(written, place)
        end = place + _FRAME.size + length
        body = written[place + _FRAME.size : end]
        if len(body) < length or blake2b(body, digest_size=16).digest() != digest:
            return
        yield body, end
        place = end


def _added(entry: Entry) -> bytes:
    parts = [_ADDED, _name(entry.document), _NUMBER.pack(len(entry.partners))]
    for partner, jaccard in entry.partners:
        parts += (_name(partner), _SIMILARITY.pack(jaccard))
    return b"".join((*parts, entry.keys.astype("<u8").tobytes()))


def _removed(document: str) -> bytes:
    return _REMOVED + _name(document)


def _name(document: str) -> bytes:
    encoded = document.encode()
    return _NAME.pack(len(encoded)) + encoded


def _play(body: bytes, index: PairIndex) -> None:
    document, place = _read_name(body, 1)
    if body[:1] == _REMOVED:
        index.remove(document)
        return
    (num_partners,) = _NUMBER.unpack_from(body, place)
    place += _NUMBER.size
    partners = []
    for _ in range(num_partners):
        partner, place = _read_name(body, place)
        partners.append((partner, _SIMILARITY.unpack_from(body, place)[0]))
        place += _SIMILARITY.size
    keys = np.frombuffer(body, "<u8", offset=place).astype(np.uint64)
    index.put_back(Entry(document, keys, tuple(partners)))


def _read_name(body: bytes, place: int) -> tuple[str, int]:
    (length,) = _NAME.unpack_from(body, place)
    begin = place + _NAME.size
    return body[begin : begin + length].decode(), begin + length
