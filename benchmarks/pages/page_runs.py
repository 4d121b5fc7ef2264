"""How fast pages answer, alone, with ten visitors and while three big jobs run.

    python -m benchmarks.pages.page_runs

Starts the product on the sample library in a folder of its own. Prints one table and writes it to
benchmarks/results/pages.md. Page switches are timed in a real browser, where there is one.
"""

from __future__ import annotations

import random
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, quantiles

import psutil
from playwright.sync_api import sync_playwright

from benchmarks.machine import describe_machine
from benchmarks.pages.browserless import PageSession
from benchmarks.results import as_table, save_section
from core.bootstrap import build_workbench, open_database
from core.engine_selection import open_engine
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs.durable import DurableJobs
from core.settings import Settings
from core.storage.job_records import JobRecord
from core.use_cases import FindRedundancy, IngestFiles, find_redundancy, ingest_files
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench
from tests.browser.visitor import open_browser, visiting
from tests.fakes.product import Product, running_product
from tests.fakes.waiting import wait_until

PAGES = {"overview": "", "library": "library", "redundancy": "redundancy"}
SECONDS = 6.0
FILES_OF_A_BIG_JOB = 6000
NUM_CLICKS = 10
NUM_SWITCHES = 30
HEADER = ("page", "jobs", "1 visitor, 5 Hz: CPU ms a run", "p50 ms", "p95 ms", "10 at 1 Hz: p50 ms", "p95 ms")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as product:
        settings = Settings(data_dir=product.data_dir)
        storage = open_database(settings)
        jobs = DurableJobs(storage)
        workbench = build_workbench(settings, storage, jobs, open_engine(settings))
        rows = [_row(product, page, "none") for page in PAGES]
        switches = _switches(product)
        starts = [_seconds_to_start(workbench) for _ in range(NUM_CLICKS)]
        started = [_big_job(workbench, number) for number in range(3)]
        wait_until(lambda: any(job.state == "running" for job in _jobs(workbench, started)), 30)
        rows += [_row(product, page, "three") for page in PAGES]
        still = sum(job.state in ("waiting", "running") for job in _jobs(workbench, started))
        storage.close()
    table = as_table(HEADER, rows)
    body = (
        f"{table}\n\n"
        "A run is everything from the request to the end of the page's script, over a websocket, without "
        f"a browser. Three big jobs: each reads {FILES_OF_A_BIG_JOB:,} files into the library; {still} of "
        "them were still open when the last row had been measured.\n\n"
        f"{switches}\n\n"
        f'From the click on "Compare again" to the start of its job: p50 {_ms(_share(starts, 50))} ms, '
        f"slowest {_ms(max(starts))} ms of {NUM_CLICKS}.\n\n"
        f"Machine: {describe_machine('streamlit', 'uvicorn', 'dbos', 'playwright')}.\n\n"
        "Repeat: `python -m benchmarks.pages.page_runs`"
    )
    print(body)
    save_section("pages", "Page runs", body)


def _row(product: Product, page: str, jobs: str) -> tuple[str, ...]:
    cpu, alone = _one_visitor(product, PAGES[page])
    together = _ten_visitors(product, PAGES[page])
    times = [_ms(_share(runs, share)) for runs in (alone, together) for share in (50, 95)]
    return (page, jobs, _ms(cpu), *times)


def _one_visitor(product: Product, page: str) -> tuple[float, list[float]]:
    """(mean CPU seconds of the application a run, seconds of each run) of one visitor five times a second."""
    process = psutil.Process(product.pid)
    with PageSession(product.address, page) as session:
        for _ in range(3):
            session.run()
        before = sum(process.cpu_times()[:2])
        runs = [session.run() for _ in _ticks(5)]
        return (sum(process.cpu_times()[:2]) - before) / len(runs), runs


def _ten_visitors(product: Product, page: str) -> list[float]:
    def visit(place: int) -> list[float]:
        with PageSession(product.address, page) as session:
            time.sleep(place / 10)
            return [session.run() for _ in _ticks(1)]

    with ThreadPoolExecutor(10) as visitors:
        return [run for runs in visitors.map(visit, range(10)) for run in runs]


def _ticks(frequency: float) -> Iterator[int]:
    """One at a time, evenly over the time of a measurement; late ones follow at once."""
    begun = time.perf_counter()
    for number in range(int(SECONDS * frequency)):
        time.sleep(max(0.0, begun + number / frequency - time.perf_counter()))
        yield number


def _switches(product: Product) -> str:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return "Page switches were not timed: there is no browser here."
    names = ("Library", "Redundancy", "Overview")
    taken = []
    with sync_playwright() as playwright:
        browser = open_browser(playwright, chromium)
        with visiting(browser, product.address) as visitor:
            visitor.open("/", "Overview")
            for number in range(NUM_SWITCHES + len(names)):
                name = names[number % len(names)]
                begun = time.perf_counter()
                visitor.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
                visitor.ready(re.compile(f"^{name}$"))
                taken.append(time.perf_counter() - begun)
        browser.close()
    warm = taken[len(names) :]
    return (
        f"Page switch in Chromium, click to drawn: p50 {_ms(_share(warm, 50))} ms, "
        f"p95 {_ms(_share(warm, 95))} ms of {NUM_SWITCHES}."
    )


def _seconds_to_start(workbench: Workbench) -> float:
    """From the request that the button sends to the start of its job."""
    job = find_redundancy(FindRedundancy(), LOCAL_ADMINISTRATOR, workbench)
    wait_until(lambda: _jobs(workbench, [job])[0].state == "done", 60)
    done = _jobs(workbench, [job])[0]
    assert done.started_at is not None
    return (done.started_at - done.created_at).total_seconds()


def _big_job(workbench: Workbench, place: int) -> JobRecord:
    files = [
        IncomingFile(f"big {place}/{number}.md", f"# Note {number}\n\n{_words(place, number)}".encode())
        for number in range(FILES_OF_A_BIG_JOB)
    ]
    return ingest_files(IngestFiles(files=files, title="Big job"), LOCAL_ADMINISTRATOR, workbench)


def _words(place: int, number: int) -> str:
    """A text like no other."""
    dice = random.Random(f"{place} {number}")
    return " ".join(f"word{dice.randrange(20_000)}" for _ in range(300))


def _jobs(workbench: Workbench, jobs: list[JobRecord]) -> list[JobRecord]:
    with workbench.storage.transaction(readonly=True) as work:
        return [work.jobs.get(job.id, job.workspace) for job in jobs]


def _share(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else mean(values)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


if __name__ == "__main__":
    main()
