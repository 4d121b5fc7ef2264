"""Finished files on disk, each once, by the SHA-256 of its bytes; whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from core.errors import NotFound, StorageFull

GONE = "This file is no longer kept."


class ArtefactStore:
    """Files below `folder`. Processes may share it; a reader never sees half a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes; their SHA-256 (hex). Raises StorageFull, leaving nothing."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if path.exists():
            os.utime(path)
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, building = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(building, path)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(building)
                raise
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(
                    "The disk is full; the file was not kept.", remedy="Free some space, then export again."
                ) from error
            raise
        return sha256

    def has(self, sha256: str) -> bool:
        return bool(sha256) and self._path(sha256).exists()

    def path(self, sha256: str) -> Path:
        """Where the file is. Raises NotFound for one that is no longer kept."""
        found = self._path(sha256)
        if not sha256 or not found.exists():
            raise NotFound(GONE, remedy="Export it again; the same content gives the same file.")
        return found

    def get(self, sha256: str) -> bytes:
        """Raises NotFound."""
        return self.path(sha256).read_bytes()

    def prune(self, wanted: Collection[str], older_than: float) -> int:
        """Remove the files that are not wanted and were last put before that moment (Unix time); how many."""
        removed = 0
        for path in self._folder.glob("*/*") if self._folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.name not in wanted and path.stat().st_mtime < older_than:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, sha256: str) -> Path:
        if not sha256.isalnum():
            raise NotFound(GONE, remedy="Export it again.")
        return self._folder / sha256[:2] / sha256
