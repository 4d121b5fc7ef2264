"""Files in: kept, recognised, refused one by one, never lost."""

from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import Any

import pytest

from core.errors import Invalid, StorageFull
from core.gateway.roles import Principal
from core.settings import Settings
from core.storage.documents import DocumentSummary
from core.use_cases import BrowseLibrary, IngestFiles, browse_library, inbox, ingest_files
from core.use_cases.browse_library import LibraryView
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench
from tests.use_cases.conftest import POLICY, add


def view(bench: Workbench, principal: Principal) -> LibraryView:
    return browse_library(BrowseLibrary(limit=500), principal, bench)


def test_a_bad_file_gets_its_row_and_the_others_go_in(workbench: Workbench, analyst: Principal) -> None:
    add(
        workbench,
        analyst,
        {"a.md": POLICY, "empty.md": b"", "b.pdf": b"%PDF-1.7 cut", "c.md": "# C\n\nText."},
    )
    seen = view(workbench, analyst)
    assert {document.name for document in seen.documents} == {"a.md", "c.md"}
    assert {problem.name for problem in seen.problems} == {"empty.md", "b.pdf"}
    assert all(problem.message and problem.remedy for problem in seen.problems)


def test_the_same_file_twice_is_recognised(workbench: Workbench, analyst: Principal) -> None:
    add(workbench, analyst, {"a.md": POLICY})
    add(workbench, analyst, {"a.md": POLICY})
    seen = view(workbench, analyst)
    assert [document.name for document in seen.documents] == ["a.md"]
    assert [problem.code for problem in seen.problems] == ["already_there"]


def test_a_copy_under_another_name_goes_in_because_it_is_what_people_look_for(
    workbench: Workbench, analyst: Principal
) -> None:
    add(workbench, analyst, {"a.md": POLICY, "b.md": POLICY})
    assert len(view(workbench, analyst).documents) == 2


def test_reading_a_batch_again_after_a_crash_adds_nothing(
    workbench: Workbench, analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(inbox, "clear", lambda _folder, job: kept.append(job))
    add(workbench, analyst, {"a.md": POLICY, "bad.pdf": b"%PDF-1.7 cut"})
    with workbench.storage.transaction() as work:
        # As after a kill between the last file and the end of the job.
        work.jobs.fail(kept[0], "cut", "")
        job = work.jobs.get(kept[0])
    workbench.jobs.redrive(job)
    seen = view(workbench, analyst)
    assert len(seen.documents) == 1
    assert len(seen.problems) == 1


def test_a_file_over_the_limit_is_refused_without_being_kept(
    workbench: Workbench, analyst: Principal, settings: Settings
) -> None:
    limit = settings.max_file_mb * 1024**2

    class Endless(io.RawIOBase):
        """Claims a gigabyte, as an upload may."""

        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    job = ingest_files(IngestFiles(files=[IncomingFile("huge.txt", endless)]), analyst, workbench)
    assert job.state == "done"
    assert endless.given <= limit + 2 * 1024**2, "nothing is read beyond the limit"
    assert [problem.code for problem in view(workbench, analyst).problems] == ["file_too_large"]


def test_nothing_of_an_upload_stays_when_the_disk_is_full(
    workbench: Workbench, analyst: Principal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(StorageFull) as full:
        add(workbench, analyst, {"a.md": POLICY})
    assert "Free some space" in full.value.remedy
    assert list(settings.inbox_dir.iterdir()) == []
    assert view(workbench, analyst).is_empty


def test_no_file_at_all_is_refused(workbench: Workbench, analyst: Principal, settings: Settings) -> None:
    with pytest.raises(Invalid):
        ingest_files(IngestFiles(files=[]), analyst, workbench)
    assert list(settings.inbox_dir.iterdir()) == []


def test_a_dangerous_name_is_made_safe(workbench: Workbench, analyst: Principal) -> None:
    add(workbench, analyst, {"../../x<script>.md": POLICY})
    (document,) = view(workbench, analyst).documents
    assert ".." not in document.name
    assert "script" in document.name


def test_the_library_of_one_workspace_is_not_seen_from_another(
    workbench: Workbench, stranger: Principal, library: dict[str, DocumentSummary]
) -> None:
    assert library
    assert view(workbench, stranger).is_empty


def test_the_inbox_is_empty_when_the_job_is_done(
    library: dict[str, DocumentSummary], settings: Settings
) -> None:
    assert library
    assert list(settings.inbox_dir.iterdir()) == []


def test_damaged_text_comes_in_repaired_with_the_original_kept(
    workbench: Workbench, analyst: Principal
) -> None:
    from core.use_cases import ReadDocument, read_document

    add(workbench, analyst, {"guia.txt": "PolÃ­tica de vacaciones. La GuÃa explica cÃ³mo se piden los dÃ­as."})
    (summary,) = view(workbench, analyst).documents
    document: Any = read_document(ReadDocument(document=summary.id), analyst, workbench)
    assert "Política de vacaciones. La Guía explica cómo" in document.content.text
    assert {"PolÃ­tica", "GuÃa"} <= {repair["original"] for repair in document.repairs}


def test_a_start_sweeps_what_no_job_wants_any_more(settings: Settings) -> None:
    for name in ("wanted", "done", "cut.part"):
        (settings.inbox_dir / name).mkdir(parents=True)
    assert inbox.sweep(settings.inbox_dir, lambda job: job == "wanted") == 2
    assert [folder.name for folder in settings.inbox_dir.iterdir()] == ["wanted"]
