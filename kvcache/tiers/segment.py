"""One file of sealed records, written at its end only. Knows bytes and offsets, not what is in them."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Self
from weakref import finalize

from kvcache.sealed_record import DISCARDED, STATE_OFFSET, Bytes

SUFFIX = ".segment"


class Segment:
    """A file that stays readable for whoever still holds this object, even after it was removed.

    `live` are the offsets and keys of the records that count, `live_bytes` their bytes, `end` is where the
    next record goes; all three are kept by the tier, under its lock. `is_synced` is False while the medium
    may lack something, `has_flushed` is True once somebody was told that records in here are on the medium.
    """

    def __init__(self, path: Path, flags: int) -> None:
        self.path = path
        self.number = int(path.stem)
        self.file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
        finalize(self, os.close, self.file)
        self.end = os.fstat(self.file).st_size
        self.live: dict[int, bytes] = {}
        self.live_bytes = 0
        self.is_synced = False
        self.has_flushed = self.end > 0

    @classmethod
    def create(cls, folder: Path, number: int) -> Self:
        return cls(folder / f"{number:010}{SUFFIX}", os.O_CREAT | os.O_EXCL)

    @classmethod
    def open_all(cls, folder: Path) -> list[Self]:
        """The segments of a folder, in the order of their making. Links and other files are left alone."""
        names = sorted(
            entry.name
            for entry in os.scandir(folder)
            if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False)
        )
        return [cls(folder / name, 0) for name in names if name.removesuffix(SUFFIX).isdecimal()]

    @property
    def dead_bytes(self) -> int:
        return self.end - self.live_bytes

    def append(self, parts: list[Bytes]) -> int:
        """Write at the end; where it begins. Raises OSError, the file as before, if it does not all fit."""
        offset, wanted = self.end, sum(map(len, parts))
        try:
            if os.pwritev(self.file, parts, offset) < wanted:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with suppress(OSError):  # if not even this works, the next record is written over the rest
                os.ftruncate(self.file, offset)
            raise
        self.is_synced = False
        self.end += wanted
        return offset

    def read(self, offset: int, num_bytes: int) -> bytes:
        """The bytes there, fewer where the file ends. Needs no lock, holds no GIL."""
        return os.pread(self.file, num_bytes, offset)

    def mark_discarded(self, offset: int) -> None:
        """So that the record is not found again. One byte in place: it is there or it is not."""
        os.pwrite(self.file, DISCARDED, offset + STATE_OFFSET)
        self.is_synced = False

    def cut(self, end: int) -> None:
        os.ftruncate(self.file, end)
        self.end = end

    def sync(self) -> None:
        if self.is_synced:
            return
        self.is_synced = True  # before the call: what is written meanwhile is not covered
        try:
            os.fsync(self.file)
        except OSError:
            self.is_synced = False
            raise
        self.has_flushed = True
