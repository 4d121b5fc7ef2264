"""A database from before the line: what was open waits in it, and nobody's place is lost."""

from __future__ import annotations

import json

from sqlalchemy import text

from core.storage import open_storage
from core.storage.migrations import upgrade_connection

OLD_JOB = (
    "INSERT INTO jobs (id, workspace, kind, title, request, priority, state, run, attempts, done, total, "
    "result, author, cancel_requested, created_at) "
    "VALUES (:id, 'w', 'k', 't', :json, 3, :state, 0, 1, 0, 0, :json, 'a', :no, :at)"
)


def test_open_jobs_of_an_older_version_wait_as_a_run_of_their_own_in_their_order(database_url: str) -> None:
    storage = open_storage(database_url)
    with storage.engine.begin() as connection:
        upgrade_connection(connection, "0005")
        at = "2026-01-01 00:00:0"
        connection.execute(
            text("INSERT INTO workspaces (id, name, created_at) VALUES ('w', 'W', :at)"), {"at": f"{at}0"}
        )
        for number, state in enumerate(("running", "waiting", "done")):
            values = {"id": state, "state": state, "json": json.dumps({}), "no": False, "at": f"{at}{number}"}
            connection.execute(text(OLD_JOB), values)
    storage.migrate()
    with storage.transaction() as work:
        assert work.jobs.get("done").run == 0
        taken = work.line.take("w", 9, {"k": 9})
    assert [job.id for job in taken] == ["running", "waiting"]
    assert all(job.run > 1_700_000_000 for job in taken), "DBOS has seen no run of this number"
    storage.close()
