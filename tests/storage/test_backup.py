"""A backup brings everything back, on either database, or changes nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.errors import Invalid
from core.storage import Storage, open_storage
from core.storage.backup import back_up, restore
from core.storage.job_records import JobRecord
from core.storage.migrations import newest_revision
from core.storage.queues import QueueState
from core.storage.schedules import StoredSchedule
from tests.storage.test_repositories import NOW, W, analysis, decision, document, job, problem, put


def fill(storage: Storage, inbox: Path) -> str:
    kept = document()
    put(storage, kept)
    with storage.transaction() as work:
        work.decisions.append(W, decision(kept.summary.id))
        work.problems.add(W, problem())
        work.analyses.add(W, analysis())
        work.jobs.add(job())
    (inbox / "job").mkdir(parents=True)
    (inbox / "job" / "000000").write_bytes(b"bytes")
    return kept.summary.id


def contents(storage: Storage) -> tuple[object, ...]:
    with storage.transaction(readonly=True) as work:
        return (
            [work.documents.get(W, each) for each in work.documents.present_ids(W)],
            work.decisions.history(W),
            work.problems.open(W),
            work.analyses.get(W, "analysis"),
        )


def test_a_restored_backup_equals_what_was_backed_up(storage: Storage, tmp_path: Path) -> None:
    fill(storage, tmp_path / "inbox")
    before = contents(storage)
    back_up(storage, tmp_path / "inbox", tmp_path / "all.backup")

    other = open_storage(f"sqlite:///{tmp_path / 'other.sqlite'}")
    restore(other, tmp_path / "other-inbox", tmp_path / "all.backup")
    assert contents(other) == before
    assert (tmp_path / "other-inbox" / "job" / "000000").read_bytes() == b"bytes"

    with storage.transaction() as work:
        work.documents.remove_origin(W, "upload")
    restore(storage, tmp_path / "inbox", tmp_path / "all.backup")
    assert contents(storage) == before


def test_an_open_job_starts_as_a_run_that_no_queue_has_seen(storage: Storage, tmp_path: Path) -> None:
    fill(storage, tmp_path / "inbox")
    back_up(storage, tmp_path / "inbox", tmp_path / "all.backup")
    restore(storage, tmp_path / "inbox", tmp_path / "all.backup")
    with storage.transaction(readonly=True) as work:
        restored: JobRecord = work.jobs.get("job")
    assert restored.state == "waiting"
    assert restored.run > 1_700_000_000


def test_schedules_and_a_paused_queue_come_back_and_a_running_job_is_held_by_nobody(
    storage: Storage, tmp_path: Path
) -> None:
    fill(storage, tmp_path / "inbox")
    schedule = StoredSchedule(
        id="s" * 32, workspace=W, name="Morning", cron="0 8 * * *", time_zone="UTC", kind="analyse",
        title="t", priority=5, author="ana", changed_at=NOW, next_at=NOW,
    )  # fmt: skip
    paused = QueueState("paused", "ana", NOW)
    with storage.transaction() as work:
        work.schedules.add(schedule)
        assert work.line.take("a worker of then", 1, {"ingest": 1})
        work.queues.set(W, paused)
    back_up(storage, tmp_path / "inbox", tmp_path / "all.backup")
    restore(storage, tmp_path / "inbox", tmp_path / "all.backup")
    with storage.transaction(readonly=True) as work:
        assert work.schedules.of(W) == [schedule]
        assert work.queues.get(W) == paused
        restored = work.jobs.get("job")
    assert restored.state == "waiting"
    assert (restored.worker, restored.claim, restored.started_at) == (None, None, None)


def test_a_damaged_backup_changes_nothing(storage: Storage, tmp_path: Path) -> None:
    fill(storage, tmp_path / "inbox")
    before = contents(storage)
    good = tmp_path / "all.backup"
    back_up(storage, tmp_path / "inbox", good)
    tampered = tmp_path / "tampered.backup"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tampered, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b"older", b"newer") if "decisions" in name else data)
    truncated = tmp_path / "truncated.backup"
    truncated.write_bytes(good.read_bytes()[:-200])
    for bad in (tampered, truncated, tmp_path / "absent.backup"):
        with pytest.raises(Invalid):
            restore(storage, tmp_path / "inbox", bad)
    assert contents(storage) == before


def test_a_backup_from_a_newer_version_is_refused(storage: Storage, tmp_path: Path) -> None:
    good = tmp_path / "all.backup"
    back_up(storage, tmp_path / "inbox", good)
    newer = tmp_path / "newer.backup"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(newer, "w") as target:
        for name in source.namelist():
            newest = f'"{newest_revision()}"'.encode()
            target.writestr(name, source.read(name).replace(newest, b'"9999"'))
    with pytest.raises(Invalid, match="newer version"):
        restore(storage, tmp_path / "inbox", newer)


def test_a_backup_that_cannot_be_written_leaves_no_file(storage: Storage, tmp_path: Path) -> None:
    target = tmp_path / "absent" / "all.backup"
    with pytest.raises(Exception, match="could not be written"):
        back_up(storage, tmp_path / "inbox", target)
    assert not target.exists()
