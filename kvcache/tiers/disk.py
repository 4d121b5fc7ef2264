"""Blocks in a folder: they survive a restart, a kill and, once flushed, a power failure.

Records are sealed and appended to segments; the index is in memory and is built again from the headers when
the folder is opened. A record that was discarded or replaced is marked in place and its bytes are dead until
the segment's live records have been moved to the end of the newest one and the segment is removed.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from pathlib import Path
from threading import RLock
from typing import ClassVar

from kvcache.record import BlockRecord
from kvcache.sealed_record import Bytes, RecordHeader, RecordSeal
from kvcache.tiers.segment import Segment
from kvcache.tiers.tier import TierEntry, TierError, TierFull, TierInUse, TierSnapshot, Verification

SEGMENT_BYTES = 128 << 20
MOST_SEGMENTS, LEAST_SEGMENTS = 256, 16  # of a full folder: file descriptors above, room to move below
LOCK_BYTES, OWNER_BYTES = 32, 32
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class _Place:
    segment: Segment
    offset: int
    header: RecordHeader


class DiskTier:
    """Keeps records in a folder that no other process may use meanwhile.

    The files never take more than `capacity_bytes`; an eighth of that is working room, so the records take
    seven eighths. A put that finds no room moves what is live in a segment first, which can take as long as
    writing 128 MiB: put from a thread that nobody waits for.

    What `put` returned for survives a kill of the process; `flush` makes it survive a power failure,
    `sync_each_put` does so at every put. A kill in the middle of anything leaves records whole or absent.
    Opened with another secret, the folder is empty. Not every folder can be locked: use one on a local file
    system.
    """

    name: ClassVar[str] = "disk"
    is_durable: ClassVar[bool] = True

    def __init__(
        self,
        folder: Path,
        capacity_bytes: int,
        secret: bytes,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        sync_each_put: bool = False,
    ) -> None:
        self.folder = folder
        self._seal = RecordSeal(secret)
        self._wanted_segment_bytes = segment_bytes
        self._measure(capacity_bytes)
        self._sync_each_put = sync_each_put
        self._index: dict[bytes, _Place] = {}
        self._segments: dict[int, Segment] = {}
        self._active: Segment | None = None
        self._live_bytes = 0
        self._damaged = 0
        self._errors = 0
        self._is_closed = False
        self._lock = RLock()
        self._lock_file = _hold(folder)
        try:
            _check_owner(folder, secret)
            self._load()
        except TierError:
            os.close(self._lock_file)
            raise
        except OSError as error:
            os.close(self._lock_file)
            raise TierError(f"The folder {folder} cannot be read: {error.strerror}.") from error

    def put(self, record: BlockRecord) -> None:
        """A replacement needs room beside the record it replaces."""
        self._check_open()
        sealed = self._seal.seal(record, next(self._ordinals))
        with self._lock:
            self._check_open()
            try:
                self._make_room(sum(map(len, sealed)))
                self._add(sealed)
                if self._sync_each_put:
                    self._sync()
            except OSError as error:
                if error.errno in NO_ROOM:
                    raise TierFull("The disk is full; discard blocks or free space on it.") from error
                self._errors += 1

    def get(self, key: bytes) -> BlockRecord | None:
        self._check_open()
        place = self._index.get(key)
        return None if place is None else self._read(place)

    def holds(self, key: bytes) -> bool:
        self._check_open()
        return key in self._index

    def discard(self, key: bytes) -> bool:
        with self._lock:
            self._check_open()
            if key not in self._index:
                return False
            self._forget(key)
            return True

    def entries(self) -> Iterator[TierEntry]:
        with self._lock:
            self._check_open()
            headers = [place.header for place in self._index.values()]
        return iter([TierEntry(key=h.key, position=h.position, num_bytes=h.num_bytes) for h in headers])

    def resize(self, capacity_bytes: int) -> None:
        """Shrinking moves what is live out of segments that are too large, as long as writing it takes."""
        with self._lock:
            self._check_open()
            if self._live_bytes > _most_live_bytes(capacity_bytes):
                raise TierFull(f"{self._live_bytes} bytes rest here; discard others first.")
            self._measure(capacity_bytes)
            try:
                self._come_within()
            except OSError:
                self._errors += 1  # the next put that needs the room tries again

    def flush(self) -> None:
        """What was put is on the medium now. Raises TierError if the medium did not take it."""
        with self._lock:
            self._check_open()
            segments = list(self._segments.values())
        try:
            self._sync(segments)
        except OSError as error:
            self._count_error()
            raise TierError(f"The disk did not keep what was written: {error.strerror}.") from error

    def verify(self) -> Verification:
        with self._lock:
            self._check_open()
            places = list(self._index.values())
        damaged = bytes_read = 0
        for place in places:
            damaged += self._read(place) is None
            bytes_read += place.header.num_bytes
        return Verification(sound=len(places) - damaged, damaged=damaged, bytes_read=bytes_read)

    def compact(self) -> None:
        """Rewrite the segments of which less than half is live."""
        with self._lock:
            self._check_open()
            for segment in list(self._segments.values()):
                if segment.live_bytes * 2 < segment.end:
                    self._move(segment)

    def snapshot(self) -> TierSnapshot:
        with self._lock:
            self._check_open()
            return TierSnapshot(
                name=self.name, blocks=len(self._index), stored_bytes=self._live_bytes,
                held_bytes=self._held_bytes() + LOCK_BYTES + OWNER_BYTES, capacity_bytes=self._capacity_bytes,
                damaged=self._damaged, errors=self._errors,
            )  # fmt: skip

    def close(self) -> None:
        with self._lock:
            if self._is_closed:
                return
            try:
                self.flush()
            finally:
                self._is_closed = True
                self._index.clear()
                self._segments.clear()
                self._active = None
                os.close(self._lock_file)

    # -- records

    def _add(self, sealed: list[Bytes]) -> None:
        header = self._seal.read_header(sealed[0])
        assert header is not None
        segment, offset = self._append(sealed)
        old = self._index.pop(header.key, None)  # put again is put last
        self._remember(_Place(segment, offset, header))
        if old is not None:
            self._bury(old)

    def _append(self, parts: list[Bytes]) -> tuple[Segment, int]:
        """Write to the newest segment, or begin one if that is full."""
        num_bytes = sum(map(len, parts))
        segment = self._active
        if segment is None or (segment.end and segment.end + num_bytes > self._segment_bytes):
            segment = self._active = Segment.create(self.folder, next(self._numbers))
            self._segments[segment.number] = segment
        return segment, segment.append(parts)

    def _remember(self, place: _Place) -> None:
        header = place.header
        self._index[header.key] = place
        place.segment.live[place.offset] = header.key
        place.segment.live_bytes += header.num_bytes
        self._live_bytes += header.num_bytes

    def _forget(self, key: bytes) -> None:
        self._bury(self._index.pop(key))

    def _bury(self, place: _Place) -> None:
        """The record is dead from now on, here and after a restart; a segment of dead records goes."""
        self._uncount(place)
        try:
            place.segment.mark_discarded(place.offset)
        except OSError:
            self._errors += 1
        if not place.segment.live:
            self._remove(place.segment)

    def _uncount(self, place: _Place) -> None:
        del place.segment.live[place.offset]
        place.segment.live_bytes -= place.header.num_bytes
        self._live_bytes -= place.header.num_bytes

    def _read(self, place: _Place) -> BlockRecord | None:
        """No lock is held while the file is read: a segment that is removed meanwhile stays readable."""
        sealed = self._read_sealed(place)
        if sealed is None:
            return None
        record = self._seal.open(sealed)
        if record is None or record.key != place.header.key:
            self._drop_damaged(place)
            return None
        return record

    def _read_sealed(self, place: _Place) -> bytes | None:
        try:
            return place.segment.read(place.offset, place.header.num_bytes)
        except OSError:
            self._count_error()
            return None

    def _drop_damaged(self, place: _Place) -> None:
        with self._lock:
            if self._index.get(place.header.key) is place:
                self._damaged += 1
                self._forget(place.header.key)

    # -- room

    def _measure(self, capacity_bytes: int) -> None:
        usable = _usable_bytes(capacity_bytes)
        self._capacity_bytes = capacity_bytes
        self._segment_bytes = min(
            max(self._wanted_segment_bytes, usable // MOST_SEGMENTS), usable // LEAST_SEGMENTS
        )
        self._most_live_bytes = _most_live_bytes(capacity_bytes)
        self._most_held_bytes = usable - self._segment_bytes  # one segment can be moved at any time

    def _held_bytes(self) -> int:
        return sum(segment.end for segment in self._segments.values())

    def _make_room(self, num_bytes: int) -> None:
        """So that a record of this size can be appended within the capacity. Raises TierFull."""
        if self._live_bytes + num_bytes > self._most_live_bytes:
            raise TierFull(f"The block of {num_bytes} bytes does not fit; discard others first.")
        while (held := self._held_bytes()) + num_bytes > self._most_held_bytes:
            self._move(max(self._segments.values(), key=lambda segment: segment.dead_bytes))
            if self._held_bytes() >= held:
                raise TierFull("The bytes of discarded blocks could not be freed; check the folder's disk.")

    def _move(self, segment: Segment) -> None:
        """Append what is live in a segment to the newest one, then remove it.

        A kill before the end leaves some records twice, equal to the bit; opening keeps one of them.
        """
        if segment is self._active:
            self._active = None
        for place in [self._index[key] for key in segment.live.values()]:
            sealed = self._read_sealed(place)
            if sealed is None or self._seal.open(sealed) is None:
                self._drop_damaged(place)
                continue
            target, offset = self._append([sealed])
            self._uncount(place)
            self._remember(_Place(target, offset, place.header))  # an equal key keeps its place in the order
        if segment.has_flushed:
            self._sync()  # what was flushed stays flushed
        self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        if segment is self._active:
            self._active = None
        try:
            segment.path.unlink(missing_ok=True)
        except OSError:
            self._errors += 1
            return
        self._segments.pop(segment.number, None)

    def _sync(self, segments: list[Segment] | None = None) -> None:
        for segment in list(self._segments.values()) if segments is None else segments:
            segment.sync()
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    # -- opening

    def _load(self) -> None:
        segments = Segment.open_all(self.folder)
        self._segments = {segment.number: segment for segment in segments}
        self._numbers = count(max(self._segments, default=0) + 1)
        for segment in segments:
            self._scan(segment, is_last=segment is segments[-1])
        self._index = dict(sorted(self._index.items(), key=lambda item: item[1].header.ordinal))
        newest = next(reversed(self._index.values()), None)
        self._ordinals = count(newest.header.ordinal + 1 if newest else 1)
        for segment in segments:
            if not segment.live:
                self._remove(segment)
        self._shrink()
        self._active = self._segments.get(max(self._segments, default=0))

    def _scan(self, segment: Segment, is_last: bool) -> None:
        """Index the records of a segment by their headers. The end of the last one may be torn: it is cut."""
        end = 0
        last: _Place | None = None
        try:
            for offset, header, is_live in self._seal.walk(segment.file, 0, segment.end):
                end = offset + header.num_bytes
                last = _Place(segment, offset, header)
                if is_live:
                    self._index_newer(last)
            if is_last and last is not None and self._index.get(last.header.key) is last:
                self._read(last)
            if is_last:
                segment.cut(end)
        except OSError:
            self._errors += 1  # what was found so far is served

    def _index_newer(self, place: _Place) -> None:
        """Of two records with one key the one that was put later counts."""
        other = self._index.get(place.header.key)
        if other is None:
            self._remember(place)
        elif other.header.ordinal <= place.header.ordinal:
            self._remember(place)
            self._bury(other)
        else:
            with suppress(OSError):
                place.segment.mark_discarded(place.offset)

    def _shrink(self) -> None:
        """Come within a capacity that was lowered: the deepest blocks go, so that prefixes stay whole."""
        deepest_last = sorted(self._index.values(), key=lambda place: place.header.position)
        while self._live_bytes > self._most_live_bytes:
            self._forget(deepest_last.pop().header.key)
        self._come_within()

    def _come_within(self) -> None:
        for segment in list(self._segments.values()):
            if segment.end > self._segment_bytes and len(segment.live) > 1:
                self._move(segment)  # so that one segment always fits into the working room
        with suppress(TierFull):
            self._make_room(0)

    def _check_open(self) -> None:
        if self._is_closed:
            raise TierError("This tier was closed; open another one.")

    def _count_error(self) -> None:
        with self._lock:
            self._errors += 1


def _usable_bytes(capacity_bytes: int) -> int:
    return max(0, capacity_bytes - LOCK_BYTES - OWNER_BYTES)


def _most_live_bytes(capacity_bytes: int) -> int:
    usable = _usable_bytes(capacity_bytes)
    return usable - usable // 8


def _hold(folder: Path) -> int:
    """Take the folder for this process, until the file returned here is closed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / "kvcache.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise TierError(
            f"The folder {folder} cannot be used: {error.strerror}. Name one that this process may write to."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(file, LOCK_BYTES, 0).decode(errors="replace").strip() or "unknown"
        os.close(file)
        raise TierInUse(
            f"The folder {folder} is held by process {holder}. Stop that process, or name another folder."
        ) from None
    os.ftruncate(file, 0)
    os.pwrite(file, str(os.getpid()).encode(), 0)
    return file


def _check_owner(folder: Path, secret: bytes) -> None:
    """Leave a mark of the secret, or find it. A slip of the secret must not cost what another keeps here."""
    mark = blake2b(key=secret, digest_size=OWNER_BYTES // 2, person=b"kvcache owner").hexdigest().encode()
    file = os.open(folder / "kvcache.owner", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        found = os.pread(file, OWNER_BYTES, 0)
        if len(found) == OWNER_BYTES and found != mark:
            raise TierError(
                f"The blocks in {folder} were sealed with another secret. Use that one, name another folder, "
                "or remove the folder to begin anew."
            )
        os.pwrite(file, mark, 0)
    finally:
        os.close(file)
