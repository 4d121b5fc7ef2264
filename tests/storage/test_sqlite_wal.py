"""A new SQLite file that another opens at the same moment."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from core.sqlite_wal import enter_wal


def test_a_file_that_another_has_just_locked_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    refusals = []

    class Connection(sqlite3.Connection):
        """The holder lets go as soon as this connection has been turned away once."""

        def execute(self, *args: Any) -> sqlite3.Cursor:
            try:
                return super().execute(*args)
            except sqlite3.OperationalError as error:
                refusals.append(error)
                holder.execute("COMMIT")
                raise

    connection = sqlite3.connect(file, timeout=0.0, factory=Connection)
    enter_wal(connection, 60.0)
    assert len(refusals) == 1
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_stays_locked_is_an_error_and_not_a_wait_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "locked.sqlite"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        enter_wal(sqlite3.connect(file, timeout=0.0), 0.05)


def test_what_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "text.sqlite"
    file.write_bytes(b"this is not a database, and long enough to be read as one" * 20)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        enter_wal(sqlite3.connect(file), 60.0)
