"""kill -9 in the middle of work: the job finishes, nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from core.bootstrap import build_workbench, open_database, prepare
from core.content import Block, Content
from core.engine_selection import SHIPPED_MODEL, open_engine
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.inference.local import SECRET, TRACES
from core.jobs.durable import DurableJobs
from core.settings import Settings
from core.storage.documents import DocumentSummary, StoredDocument
from core.storage.job_records import JobRecord
from core.traffic import prompt_of, sample_trace, scale_for
from core.use_cases import (
    FindRedundancy,
    GenerateTraffic,
    IngestFiles,
    find_redundancy,
    generate_traffic,
    ingest_files,
)
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench
from kvcache.request_log import RequestRecord, read_records
from kvcache.segments import Segments
from kvcache.tiers.disk import DiskTier
from tests.fakes.product import Product, free_port, is_alive
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.faults

NUM_DOCUMENTS = 3_000
NUM_REQUESTS = 120
WORKSPACE = LOCAL_ADMINISTRATOR.workspace


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    settings = Settings(data_dir=tmp_path / "var")
    prepare(settings)
    storage = open_database(settings)
    yield build_workbench(settings, storage, DurableJobs(storage), open_engine(settings))
    storage.close()


@pytest.fixture
def product(bench: Workbench) -> Iterator[Product]:
    started = Product(bench.settings.data_dir.parent).start()
    yield started
    started.stop()


@pytest.fixture
def thinking_product(bench: Workbench) -> Iterator[Product]:
    """With the shipped model; what it computes is on disk at once."""
    settings = {"engine": "local", "cache_write": "write-through"}
    started = Product(bench.settings.data_dir.parent, settings=settings).start()
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


def traffic_records(bench: Workbench) -> list[RequestRecord]:
    segments = Segments(bench.settings.data_dir / TRACES, "trace", max_bytes=1)
    return [each for each in read_records(segments) if each.label == "traffic"]


def num_distinct_prompts() -> int:
    trace = sample_trace(NUM_REQUESTS)
    context_tokens = json.loads((SHIPPED_MODEL / "config.json").read_text())["max_position_embeddings"]
    scale = scale_for(trace, context_tokens)
    return len({prompt_of(request, scale) for request in trace.requests})


def check_cache(bench: Workbench) -> None:
    """Every block on disk is as it was put."""
    secret = (bench.settings.data_dir / SECRET).read_bytes()
    tier = DiskTier(bench.settings.data_dir / "kvcache", 1 << 30, secret)
    found = tier.verify()
    tier.close()
    assert found.damaged == 0
    assert found.sound > 0


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


@pytest.mark.parametrize(
    ("kill", "reached"),
    [(kill_worker, 1), (kill_app, 750), (kill_both, 860)],
    ids=["worker, comparing", "app, at contradictions", "both, judging quality"],
)
def test_an_analysis_survives_a_kill(
    bench: Workbench, product: Product, kill: Callable[[Product], None], reached: int
) -> None:
    fill(bench)
    job = find_redundancy(FindRedundancy(), LOCAL_ADMINISTRATOR, bench)
    wait_until(lambda: record(bench, job).done >= reached or record(bench, job).state == "done", 60)
    assert record(bench, job).state == "running", "the analysis was over before it could be cut"
    kill(product)
    wait_until(lambda: not record(bench, job).is_open, 120)
    done = record(bench, job)
    assert (done.state, done.result["documents"]) == ("done", NUM_DOCUMENTS)
    assert (done.result["pairs"], done.result["judged"]) == (NUM_DOCUMENTS // 10, NUM_DOCUMENTS)
    assert done.attempts == 2
    with bench.storage.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM analyses").scalar() == 1
        kinds = connection.exec_driver_sql("SELECT kind FROM findings ORDER BY kind").scalars()
        assert list(kinds) == ["conflicts", "passages", "quality", "topics"]


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


@pytest.mark.parametrize("kill", [kill_worker, kill_app, kill_both])
def test_traffic_survives_a_kill_of_those_who_ask_and_of_the_engine_that_they_ask(
    bench: Workbench, thinking_product: Product, kill: Callable[[Product], None]
) -> None:
    job = generate_traffic(
        GenerateTraffic(num_requests=NUM_REQUESTS, requests_per_second=100), LOCAL_ADMINISTRATOR, bench
    )
    wait_until(lambda: record(bench, job).done > NUM_REQUESTS // 4, 60)
    assert record(bench, job).state == "running", "the traffic was over before it could be cut"
    kill(thinking_product)
    wait_until(lambda: not record(bench, job).is_open, 120)
    done = record(bench, job)
    assert (done.state, done.result["requests"], done.result["failed"]) == ("done", NUM_REQUESTS, 0)
    thinking_product.stop()
    records = traffic_records(bench)
    has_restarted = kill is not kill_worker
    assert any("disk split" in each.hit_tokens for each in records) == has_restarted
    assert {each.outcome for each in records} <= {"answered", "cancelled"}
    assert len({each.block_ids for each in records if each.outcome == "answered"}) == num_distinct_prompts()
    check_cache(bench)


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
