"""Many briefs at once from a table, and a document by the clock."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from core.errors import Invalid
from core.gateway.roles import Principal
from core.storage.documents import DocumentSummary
from core.storage.drafts import DraftFilter
from core.storage.job_records import DONE, FAILED, JobRecord
from core.use_cases import (
    ListDrafts,
    ListJobs,
    PlanDocument,
    RemoveDocuments,
    RunScheduleNow,
    SaveProfile,
    SaveSchedule,
    WriteBatch,
    list_drafts,
    list_jobs,
    plan_document,
    remove_documents,
    run_schedule_now,
    save_profile,
    save_schedule,
    write_batch,
)
from core.use_cases.inbox import IncomingFile
from core.use_cases.write_document import WRITE
from core.workbench import Workbench

TABLE = """brief,type,language,sources,priority,company
Travel rules for new colleagues,hr_policy,es,policy long.md,1,
Invoice overview for Hanover Foods,,pt,invoice 1.md;invoice 2.md,low,Nevada
Something from a lost file,,,no such file,,
,memo,,,,
Memo in French,memo,fr,,,
"""


def hand(workbench: Workbench, analyst: Principal, name: str, data: bytes) -> JobRecord:
    return write_batch(WriteBatch(file=IncomingFile(name, data)), analyst, workbench)


def sheet(table: str) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(table.splitlines()):
            for place, cell in enumerate(row.split(",")):
                page.write_string(number, place, cell)
    return out.getvalue()


@pytest.mark.parametrize(("name", "make"), [("briefs.csv", str.encode), ("briefs.xlsx", sheet)])
def test_each_row_becomes_a_draft_and_a_bad_one_is_told(
    name: str, make: object, workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    save_profile(SaveProfile(name="Nevada"), analyst, workbench)
    job = hand(workbench, analyst, name, make(TABLE))  # type: ignore[operator]
    assert job.state == DONE
    assert job.result["drafts"] == 2
    assert [(each["row"], each["problem"]) for each in job.result["problems"]] == [
        (4, "No document is called “no such file”."),
        (5, "The brief is empty."),
        (6, "No documents are written in 'fr'."),
    ]
    found = list_drafts(ListDrafts(wanted=DraftFilter(batch=job.id)), analyst, workbench).drafts
    by_language = {each.language: each for each in found}
    assert by_language["es"].type == "hr_policy"
    assert by_language["es"].num_words > 0
    plan = by_language["pt"].planned()
    assert plan.company.name == "Nevada"
    assert set(plan.sources) == {library["invoice 1.md"].id, library["invoice 2.md"].id}
    jobs = {each.id: each for each in list_jobs(ListJobs(), analyst, workbench)}
    assert [jobs[by_language[code].id].priority for code in ("es", "pt")] == [2, 4]


def test_headings_may_be_in_spanish_and_portuguese(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    job = hand(workbench, analyst, "a.csv", b"Encargo;Idioma\nMemo sobre viajes;en\n")
    assert job.result["drafts"] == 1
    job = hand(workbench, analyst, "b.csv", "pedido;público\nMemo sobre viagens;equipe\n".encode())
    [draft] = list_drafts(ListDrafts(wanted=DraftFilter(batch=job.id)), analyst, workbench).drafts
    assert draft.planned().audience == "equipe"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"name,price\nlamp,3\n", "No table of the file has a column"),
        (b"", "empty"),
        (("brief\n" + "memo\n" * 1001).encode(), "1,001 rows"),
    ],
)
def test_a_table_that_is_none_is_told(
    data: bytes, told: str, workbench: Workbench, analyst: Principal
) -> None:
    job = hand(workbench, analyst, "briefs.csv", data)
    assert job.state == FAILED
    assert told in (job.error or "")


def test_only_tables_are_taken(workbench: Workbench, analyst: Principal) -> None:
    with pytest.raises(Invalid, match="table"):
        hand(workbench, analyst, "briefs.pdf", b"%PDF")


def test_a_document_is_written_by_the_clock_from_what_is_still_there(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    sources = (library["policy.md"].id, library["policy long.md"].id)
    plan = plan_document(PlanDocument(brief="HR policy on travel", sources=sources), analyst, workbench).plan
    view = save_schedule(
        SaveSchedule(
            name="Weekly",
            cron="0 9 * * 1",
            time_zone="America/Mexico_City",
            kind=WRITE,
            request={"plan": plan.to_json()},
        ),
        analyst,
        workbench,
    )
    remove_documents(RemoveDocuments(documents=sources[:1]), analyst, workbench)
    job = run_schedule_now(RunScheduleNow(schedule=view.schedule.id), analyst, workbench)
    assert job.state == DONE, job.error
    [draft] = list_drafts(ListDrafts(), analyst, workbench).drafts
    assert draft.planned().sources == sources[1:]
    assert draft.num_words > 0


def test_a_schedule_without_a_plan_is_refused(workbench: Workbench, analyst: Principal) -> None:
    empty = SaveSchedule(name="Weekly", cron="0 9 * * 1", time_zone="UTC", kind=WRITE, request={"plan": {}})
    with pytest.raises(Invalid, match="no plan"):
        save_schedule(empty, analyst, workbench)
