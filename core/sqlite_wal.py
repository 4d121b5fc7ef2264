"""Opening one SQLite file from several processes at the same moment."""

from __future__ import annotations

import sqlite3
import time

RETRY_SECONDS = 0.01
PRIMARY_CODE = 0xFF


def enter_wal(connection: sqlite3.Connection, wait_seconds: float) -> None:
    """Switch the file to write-ahead logging, in which readers and a writer do not wait for each other.

    SQLite's own patience does not cover this switch, so a new file that two connections open at once would be
    "locked" for one of them. Raises sqlite3.OperationalError when others hold it for longer than that.
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(RETRY_SECONDS)
