"""Stored answers in a SQLite file of their own."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import ClassVar

from core.inference.response_stores.store import StoreLost, StoreSize
from core.sqlite_wal import enter_wal

SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
    key BLOB PRIMARY KEY, value BLOB NOT NULL, expires_at REAL NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS responses_by_use ON responses (used);
CREATE TABLE IF NOT EXISTS totals (
    entries INTEGER NOT NULL, num_bytes INTEGER NOT NULL, uses INTEGER NOT NULL
);
INSERT INTO totals SELECT 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM totals);
CREATE TRIGGER IF NOT EXISTS responses_added AFTER INSERT ON responses BEGIN
    UPDATE totals SET entries = entries + 1, num_bytes = num_bytes + length(new.value);
END;
CREATE TRIGGER IF NOT EXISTS responses_removed AFTER DELETE ON responses BEGIN
    UPDATE totals SET entries = entries - 1, num_bytes = num_bytes - length(old.value);
END;
"""
USE = "UPDATE totals SET uses = uses + 1"
LOOK = "SELECT value, expires_at FROM responses WHERE key = ?"
TOUCH = "UPDATE responses SET used = (SELECT uses FROM totals) WHERE key = ?"
ADD = "INSERT INTO responses SELECT ?, ?, ?, uses FROM totals"
OLDEST = "DELETE FROM responses WHERE key = (SELECT key FROM responses ORDER BY used LIMIT 1)"


class SqliteResponses:
    """One file, readable by its owner only. A damaged file is thrown away and begun anew."""

    name: ClassVar[str] = "sqlite"

    def __init__(
        self,
        path: Path,
        *,
        capacity_bytes: int,
        busy_seconds: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens nothing before the first call. Other writers are waited for `busy_seconds` at most."""
        self._path = path
        self._capacity_bytes = capacity_bytes
        self._busy_seconds = busy_seconds
        self._clock = clock
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False

    def get(self, key: bytes) -> bytes | None:
        with self._transaction() as connection:
            found: tuple[bytes, float] | None = connection.execute(LOOK, (key,)).fetchone()
            if found is None:
                return None
            if found[1] <= self._clock():
                connection.execute("DELETE FROM responses WHERE key = ?", (key,))
                return None
            connection.execute(USE)
            connection.execute(TOUCH, (key,))
            return found[0]

    def put(self, key: bytes, value: bytes, ttl_seconds: float) -> int:
        num_gone = 0
        with self._transaction() as connection:
            connection.execute("DELETE FROM responses WHERE key = ?", (key,))
            if len(value) > self._capacity_bytes:
                return 0
            connection.execute(USE)
            connection.execute(ADD, (key, value, self._clock() + ttl_seconds))
            while _totals(connection).num_bytes > self._capacity_bytes:
                connection.execute(OLDEST)
                num_gone += 1
        return num_gone

    def discard(self, key: bytes) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM responses WHERE key = ?", (key,))

    def clear(self) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM responses")

    def size(self) -> StoreSize:
        with self._transaction() as connection:
            return _totals(connection)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._disconnect()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._is_closed:
                raise StoreLost("closed")
            try:
                connection = self._connect()
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._recover(error)
                raise StoreLost(type(error).__name__) from error

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(
                self._path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
            self._connection = connection
            enter_wal(connection, self._busy_seconds)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(SCHEMA)
        return self._connection

    def _recover(self, error: Exception) -> None:
        """Let go of the connection; of the file too, unless it is only busy or cannot be reached."""
        self._disconnect()
        is_damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError
        )
        if is_damaged:
            for suffix in ("", "-wal", "-shm"):
                with suppress(OSError):
                    Path(f"{self._path}{suffix}").unlink()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _totals(connection: sqlite3.Connection) -> StoreSize:
    return StoreSize(*connection.execute("SELECT entries, num_bytes FROM totals").fetchone())
