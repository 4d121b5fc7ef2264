"""kill -9 in the middle of work: the job finishes, nothing is lost, nothing is doubled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from core.bootstrap import build_workbench, open_database, prepare
from core.content import Block, Content
from core.engine_selection import open_engine
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs.durable import DurableJobs
from core.settings import Settings
from core.storage.documents import DocumentSummary, StoredDocument
from core.storage.job_records import JobRecord
from core.use_cases import FindRedundancy, IngestFiles, find_redundancy, ingest_files
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench
from tests.fakes.product import Product, free_port, is_alive
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.faults

NUM_DOCUMENTS = 12_000
WORKSPACE = LOCAL_ADMINISTRATOR.workspace


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    settings = Settings(data_dir=tmp_path / "var")
    prepare(settings)
    storage = open_database(settings)
    yield build_workbench(settings, storage, DurableJobs(storage, settings), open_engine(settings))
    storage.close()


@pytest.fixture
def product(bench: Workbench) -> Iterator[Product]:
    started = Product(bench.settings.data_dir.parent).start()
    yield started
    started.stop()


def fill(bench: Workbench) -> None:
    """Enough text for an analysis of some seconds, every tenth document a near copy of the one before."""
    chance = random.Random(3)
    words = [f"w{number}" for number in range(30_000)]
    text: list[str] = []
    with bench.storage.transaction() as work:
        for ordinal in range(NUM_DOCUMENTS):
            text = [*text[:-3], "changed"] if ordinal % 10 == 9 else chance.choices(words, k=250)
            content = Content((Block("paragraph", " ".join(text)),))
            summary = DocumentSummary(
                id=uuid4().hex, name=f"{ordinal}.txt", origin="upload", format="txt", sha256="0" * 64,
                num_bytes=1, num_words=len(text), title=str(ordinal), language="en", author=None,
                modified=None, added_at=datetime.now(UTC),
            )  # fmt: skip
            work.documents.add(WORKSPACE, "fill", ordinal, StoredDocument(summary=summary, content=content))


def record(bench: Workbench, job: JobRecord) -> JobRecord:
    with bench.storage.transaction(readonly=True) as work:
        return work.jobs.get(job.id)


def kill_worker(product: Product) -> None:
    product.kill_worker()


def kill_app(product: Product) -> None:
    worker = product.worker_pid
    product.kill_app()
    assert worker is not None
    wait_until(lambda: not is_alive(worker), 10)  # gone when the app is gone
    product.start()


def kill_both(product: Product) -> None:
    product.kill_worker()
    product.kill_app()
    product.start()


@pytest.mark.parametrize("kill", [kill_worker, kill_app, kill_both])
def test_an_analysis_survives_a_kill(
    bench: Workbench, product: Product, kill: Callable[[Product], None]
) -> None:
    fill(bench)
    job = find_redundancy(FindRedundancy(), LOCAL_ADMINISTRATOR, bench)
    wait_until(lambda: record(bench, job).done > 0 or record(bench, job).state == "done")
    assert record(bench, job).state == "running", "the analysis was over before it could be cut"
    kill(product)
    wait_until(lambda: not record(bench, job).is_open, 60)
    done = record(bench, job)
    assert (done.state, done.result["documents"]) == ("done", NUM_DOCUMENTS)
    assert done.result["pairs"] == NUM_DOCUMENTS // 10
    assert done.attempts == 2
    with bench.storage.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM analyses").scalar() == 1


@pytest.mark.parametrize("kill", [kill_worker, kill_app, kill_both])
def test_an_intake_survives_a_kill(
    bench: Workbench, product: Product, kill: Callable[[Product], None]
) -> None:
    files = [IncomingFile(f"{n}.md", f"# Note {n}\n\nText number {n} of many.".encode()) for n in range(400)]
    files.append(IncomingFile("empty.md", b""))
    request = IngestFiles(files=files, analyse=False)
    job = ingest_files(request, LOCAL_ADMINISTRATOR, bench)
    wait_until(lambda: record(bench, job).done > 20)
    kill(product)
    wait_until(lambda: not record(bench, job).is_open, 60)
    assert record(bench, job).result == {"added": 400, "problems": 1}
    with bench.storage.transaction(readonly=True) as work:
        found = work.documents.compared_texts(WORKSPACE)
        assert [problem.name for problem in work.problems.open(WORKSPACE)] == ["empty.md"]
    assert [document.name for document in found] == [f"{n}.md" for n in range(400)]
    assert list(bench.settings.inbox_dir.iterdir()) == []


def test_a_worker_that_dies_is_restarted_and_counted(product: Product) -> None:
    before = product.worker_pid
    product.kill_worker()
    wait_until(lambda: product.worker_pid not in (None, before) and product.is_ready(), 30)
    assert product.health()["worker_restarts"] == 1


def test_the_worker_goes_when_the_app_goes(product: Product) -> None:
    worker = product.worker_pid
    assert worker is not None
    product.kill_app()
    wait_until(lambda: not is_alive(worker), 10)


def test_a_second_application_on_the_same_folder_is_refused(product: Product) -> None:
    import subprocess
    import sys

    from tests.conftest import ROOT

    second = subprocess.run(
        [sys.executable, "app.py", "--data-dir", str(product.data_dir), "--port", str(free_port())],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode != 0
    assert "already runs" in second.stdout + second.stderr
    assert product.is_ready()
