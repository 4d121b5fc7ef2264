"""Visitors of the cache page without browsers, and the traffic that they look at."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import MappingProxyType

from benchmarks.pages.browserless import PageSession, Update
from core.bootstrap import build_workbench, open_database
from core.engine_selection import open_engine
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs.durable import DurableJobs
from core.settings import Settings
from core.storage.job_records import OPEN_STATES, JobRecord
from core.use_cases import GenerateTraffic
from core.use_cases.generate_traffic import generate_traffic
from core.workbench import Workbench
from tests.fakes.product import Product, running_product
from tests.fakes.waiting import wait_until

PAGE = "cache"
RATE_SECONDS = 1.0
"""What the page asks for unless the visitor chooses another rate."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The product with its own model, and a workbench of the same folder that hands in jobs."""

    product: Product
    workbench: Workbench

    def send_traffic(self, num_requests: int, a_second: float) -> JobRecord:
        """The job as it is handed in; it asks from the worker's process, four requests at a time at most."""
        request = GenerateTraffic(num_requests=num_requests, requests_per_second=a_second)
        return generate_traffic(request, LOCAL_ADMINISTRATOR, self.workbench)

    def ended(self, job: JobRecord) -> JobRecord:
        """The job when it has ended. Fails unless it is done."""
        wait_until(lambda: self._now(job).state not in OPEN_STATES, 600)
        found = self._now(job)
        assert found.state == "done", f"the traffic is {found.state}: {found.error}"
        return found

    def _now(self, job: JobRecord) -> JobRecord:
        with self.workbench.storage.transaction(readonly=True) as work:
            return work.jobs.get(job.id, job.workspace)


@contextmanager
def watched_product(folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[Watched]:
    """Started on the model that ships and no documents; the model is loaded."""
    with running_product(folder, samples=False, settings={"engine": "local", **settings}) as product:
        wait_until(lambda: product.health().get("engine") == "healthy", 120)
        own = Settings(data_dir=product.data_dir, engine="deterministic")
        storage = open_database(own)
        jobs = DurableJobs(storage)
        try:
            yield Watched(product, build_workbench(own, storage, jobs, open_engine(own)))
        finally:
            storage.close()


@contextmanager
def viewers(product: Product, num: int) -> Iterator[list[Update]]:
    """So many visitors, each at the page's rate, evenly apart; their updates come into the list."""
    updates: list[Update] = []
    is_over = Event()

    def watch(place: int) -> None:
        with PageSession(product.address, PAGE) as session:
            due = time.monotonic() + RATE_SECONDS * (1 + place / num)
            while not is_over.wait(max(due - time.monotonic(), 0.0)):
                updates.append(session.update(RATE_SECONDS))
                due = max(due + RATE_SECONDS, time.monotonic())

    with ThreadPoolExecutor(max(num, 1)) as pool:
        watching = [pool.submit(watch, place) for place in range(num)]
        try:
            time.sleep(2 * RATE_SECONDS if num else 0.0)
            updates.clear()
            yield updates
        finally:
            is_over.set()
            for each in watching:
                each.result()
