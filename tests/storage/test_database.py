"""The connection habits that the rest relies on."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from core.errors import Invalid, StorageFull
from core.storage import Storage, open_storage
from core.storage.database import normalise_url
from core.storage.tables import metadata


def test_a_bare_postgresql_url_goes_through_psycopg2() -> None:
    for url in ("postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"):
        assert normalise_url(url).drivername == "postgresql+psycopg2"


@pytest.mark.parametrize("url", ["mysql://h/d", "not a url", ""])
def test_an_unknown_database_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise_url(url)
    assert "postgresql://" in refused.value.remedy


def test_the_migrations_make_exactly_the_tables_of_the_code(storage: Storage) -> None:
    with storage.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_and_from_several_threads_is_safe(database_url: str) -> None:
    storages = [open_storage(database_url) for _ in range(3)]
    errors: list[BaseException] = []

    def migrate(storage: Storage) -> None:
        try:
            storage.migrate()
        except BaseException as error:  # the test reports whatever it was
            errors.append(error)

    threads = [threading.Thread(target=migrate, args=(each,)) for each in storages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    storages[0].migrate()
    assert errors == []


def test_an_error_rolls_the_whole_transaction_back(storage: Storage) -> None:
    with pytest.raises(RuntimeError), storage.transaction() as work:
        work.workspaces.ensure("gone", "Gone")
        raise RuntimeError
    with storage.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM workspaces WHERE id = 'gone'")) == 0


def test_sqlite_runs_in_wal_mode(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'wal.sqlite'}")
    with storage.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_readers_go_on_while_a_writer_writes(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'both.sqlite'}")
    storage.migrate()
    with storage.transaction() as writer:
        writer.workspaces.ensure("a", "A")
        with storage.transaction(readonly=True) as reader:
            assert not reader.workspaces.is_sampled("a")


def test_a_full_disk_is_named_as_such_and_keeps_nothing(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'full.sqlite'}")
    storage.migrate()
    with storage.engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    with pytest.raises(StorageFull) as full, storage.engine.connect() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.commit()
        connection.close()  # back to the pool with the limit set
        with storage.transaction() as work:
            for number in range(2000):
                work.workspaces.ensure(f"w{number}", "x" * 180)
    assert "Free some space" in full.value.remedy
    with storage.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM workspaces")) == 0
