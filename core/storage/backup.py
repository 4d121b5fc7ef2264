"""Backup and restore of everything that lasts, as one zip file that either database writes and reads.

The rows are written table by table as JSON lines out of one transaction, so the file is a consistent moment
of a running product; uploads that still wait for their job lie beside them. Job runs are not part of it: a
job that was open starts again after the restore.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, LargeBinary, MetaData, Table, update

from core.errors import Invalid, StorageFull
from core.storage.database import Storage
from core.storage.job_records import OPEN_STATES
from core.storage.migrations import known_revisions, newest_revision, upgrade_connection
from core.storage.tables import UtcDateTime, jobs, metadata

FORMAT = "blatam-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
ROWS_AT_ONCE = 500
_REVISION_TABLE = "alembic_version"


def back_up(storage: Storage, inbox: Path, out: Path) -> int:
    """Write the backup, and note when; its bytes. Nothing stands under `out` until all of it is written."""
    building = out.with_name(out.name + ".part")
    digests: dict[str, str] = {}
    try:
        with zipfile.ZipFile(building, "w", zipfile.ZIP_DEFLATED) as archive:
            with storage.engine.execution_options(**_snapshot(storage)).begin() as connection:
                for table in metadata.sorted_tables:
                    name = f"tables/{table.name}.jsonl"
                    digests[name] = _write(archive, name, _rows(connection, table))
            for path in sorted(inbox.rglob("*")) if inbox.is_dir() else []:
                if path.is_file():
                    name = f"inbox/{path.relative_to(inbox).as_posix()}"
                    digests[name] = _write(archive, name, _pieces(path))
            manifest = {
                "format": FORMAT,
                "version": FORMAT_VERSION,
                "revision": newest_revision(),
                "sha256": digests,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        _sync(building)
        building.replace(out)
    except OSError as error:
        building.unlink(missing_ok=True)
        raise StorageFull(
            f"The backup could not be written: {error.strerror}.", remedy="Choose another place for it."
        ) from error
    num_bytes = out.stat().st_size
    with storage.transaction() as work:
        work.backups.add(num_bytes)
    return num_bytes


def restore(storage: Storage, inbox: Path, backup: Path) -> None:
    """Put the backup in the place of what is there, in one transaction: on any error nothing changes.

    Raises Invalid for a file that is no backup, is damaged, or comes from a newer version.
    """
    with _opened(backup) as archive:
        manifest = _checked_manifest(archive)
        with storage.engine.begin() as connection:
            _empty(connection)
            upgrade_connection(connection, manifest["revision"])
            _load(connection, archive)
            upgrade_connection(connection, "head")
            _start_again(connection)
        _restore_inbox(archive, inbox)


def _snapshot(storage: Storage) -> dict[str, Any]:
    return {"readonly": True} if storage.is_sqlite else {"isolation_level": "REPEATABLE READ"}


def _rows(connection: Connection, table: Table) -> Iterator[bytes]:
    result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(table.select())
    for row in result.mappings():
        plain = {key: _plain(value) for key, value in row.items()}
        yield json.dumps(plain, ensure_ascii=False).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            digest.update(piece)
            member.write(piece)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _opened(backup: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(backup)
    except FileNotFoundError:
        raise Invalid(f"There is no file {backup}.", remedy="Check the path.") from None
    except zipfile.BadZipFile:
        raise Invalid(f"{backup} is not a backup, or not all of it.", remedy="Use another file.") from None


def _checked_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    damaged = Invalid("The backup is damaged.", remedy="Use another one; nothing was changed.")
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT or manifest["version"] != FORMAT_VERSION:
            raise Invalid("This is not a backup of this product.", remedy="Use another file.")
        for name, digest in manifest["sha256"].items():
            if _digest(archive.open(name)) != digest:
                raise damaged
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise damaged from error
    if manifest["revision"] not in known_revisions():
        raise Invalid("The backup comes from a newer version.", remedy="Install that version first.")
    return manifest


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with file:
        while piece := file.read(1024 * 1024):
            digest.update(piece)
    return digest.hexdigest()


def _empty(connection: Connection) -> None:
    present = MetaData()
    present.reflect(connection, only=lambda name, _: name in metadata.tables or name == _REVISION_TABLE)
    present.drop_all(connection)


def _load(connection: Connection, archive: zipfile.ZipFile) -> None:
    # The tables as the backup's revision had them, with the types that today's code gives their columns.
    then = MetaData()
    then.reflect(connection)
    for known in metadata.sorted_tables:
        name = f"tables/{known.name}.jsonl"
        if known.name not in then.tables or name not in archive.namelist():
            continue
        table = then.tables[known.name]
        for column in table.columns:
            if column.name in known.columns:
                column.type = known.columns[column.name].type
        _insert(connection, table, archive.open(name))


def _insert(connection: Connection, table: Table, lines: IO[bytes]) -> None:
    restored = _restorers(table)
    rows: list[dict[str, Any]] = []
    with lines:
        for line in lines:
            row = json.loads(line)
            rows.append({key: restored[key](value) for key, value in row.items() if key in restored})
            if len(rows) == ROWS_AT_ONCE:
                connection.execute(table.insert(), rows)
                rows = []
    if rows:
        connection.execute(table.insert(), rows)


def _restorers(table: Table) -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {}
    for column in table.columns:
        if isinstance(column.type, UtcDateTime):
            found[column.name] = lambda value: None if value is None else datetime.fromisoformat(value)
        elif isinstance(column.type, LargeBinary):
            found[column.name] = lambda value: None if value is None else base64.b64decode(value)
        else:
            found[column.name] = lambda value: value
    return found


def _start_again(connection: Connection) -> None:
    """Give open jobs a run that no queue has seen, so that they start instead of being taken for ended."""
    connection.execute(
        update(jobs)
        .where(jobs.c.state.in_(OPEN_STATES))
        .values(state=OPEN_STATES[0], run=int(time.time()), worker=None, claim=None, started_at=None)
    )


def _restore_inbox(archive: zipfile.ZipFile, inbox: Path) -> None:
    for name in archive.namelist():
        parts = Path(name).parts
        if parts[0] != "inbox" or ".." in parts:
            continue
        target = inbox.joinpath(*parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, target.open("wb") as out:
            while piece := source.read(1024 * 1024):
                out.write(piece)
