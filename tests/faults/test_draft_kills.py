"""kill -9 of the worker while it writes a batch of documents: each is written once, and whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.bootstrap import build_workbench, open_database, prepare
from core.content import Block, Content
from core.engine_selection import open_engine
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs.durable import DurableJobs
from core.settings import Settings
from core.storage.documents import DocumentSummary, StoredDocument
from core.storage.drafts import DraftFilter
from core.storage.job_records import DONE
from core.use_cases import ListDrafts, ReadDraft, WriteBatch, list_drafts, read_draft, write_batch
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench
from tests.fakes.product import Product
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.faults

NUM_DRAFTS, NUM_KILLS = 60, 6
TEXT = (
    "The gateway is owned by the second line of support. It must be back within thirty minutes.",
    "Check the power supply of the gateway first, then the cable to the switch.",
    "When the lamp blinks red, restart the gateway once and wait for four minutes.",
    "Call the second line if the alarm does not clear, and note the serial number in the ticket.",
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    settings = Settings(data_dir=tmp_path / "var")
    prepare(settings)
    storage = open_database(settings)
    yield build_workbench(settings, storage, DurableJobs(storage), open_engine(settings))
    storage.close()


@pytest.fixture
def product(bench: Workbench) -> Iterator[Product]:
    content = Content((Block("heading", "Gateway", level=1), *(Block("paragraph", each) for each in TEXT)))
    summary = DocumentSummary(
        id="0" * 32, name="gateway.md", origin="upload", format="md", sha256="0" * 64, num_bytes=1,
        num_words=60, title="Gateway runbook", language="en", author=None, modified=None,
        added_at=datetime.now(UTC),
    )  # fmt: skip
    with bench.storage.transaction() as work:
        work.documents.add("default", "fill", 0, StoredDocument(summary=summary, content=content))
    started = Product(bench.settings.data_dir.parent).start()
    yield started
    started.stop()


def test_no_draft_is_lost_and_none_is_doubled(bench: Workbench, product: Product) -> None:
    rows = "".join(f"Runbook for a gateway that is offline {number}\n" for number in range(NUM_DRAFTS))
    file = IncomingFile("briefs.csv", f"brief\n{rows}".encode())
    job = write_batch(WriteBatch(file=file), LOCAL_ADMINISTRATOR, bench)

    def written() -> int:
        wanted = ListDrafts(wanted=DraftFilter(batch=job.id), limit=500)
        return sum(each.version > 0 for each in list_drafts(wanted, LOCAL_ADMINISTRATOR, bench).drafts)

    for number in range(NUM_KILLS):
        wait_until(lambda due=number: written() >= due * NUM_DRAFTS // (NUM_KILLS + 1), 120)
        product.kill_worker()
        wait_until(lambda: product.worker_pid is not None, 30)
    wait_until(lambda: written() == NUM_DRAFTS, 180)

    found = list_drafts(
        ListDrafts(wanted=DraftFilter(batch=job.id), limit=500), LOCAL_ADMINISTRATOR, bench
    ).drafts
    assert len(found) == NUM_DRAFTS
    assert len({each.title for each in found}) <= len({each.digest for each in found}) == NUM_DRAFTS
    for each in found:
        view = read_draft(ReadDraft(draft=each.id), LOCAL_ADMINISTRATOR, bench)
        assert [version.number for version in view.versions] == [1]
        assert [section.key for section in view.draft.sections] == [
            section.key for section in view.plan.sections
        ]
        with bench.storage.transaction(readonly=True) as work:
            assert work.jobs.get(each.job).state == DONE
            assert work.drafts.written_sections(each.id) == {}
