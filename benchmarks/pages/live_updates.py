"""How live the cache page is: from a figure to its pixels, with 25 and 50 visitors, and at what cost.

    python -m benchmarks.pages.live_updates

Starts the product with its own model in a folder of its own. Prints one table and writes it to
benchmarks/results/pages.md. The way to the pixels is timed in a real browser, where there is one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import psutil
from playwright.sync_api import sync_playwright

from benchmarks.machine import describe_machine
from benchmarks.pages.browserless import Update
from benchmarks.pages.cache_viewers import Watched, viewers, watched_product
from benchmarks.results import as_table, save_section
from tests.browser.visitor import open_browser, visiting

RUNS = 3
MANY, MOST = 25, 50
REQUESTS_PER_SECOND = 2.0
SECONDS_A_RUN = 15.0
PACED_REQUESTS = 30
DRAWN_REQUESTS = 160
CLOSED_REQUESTS = 200
NUM_DRAWN = 65
TITLE = "Live updates"
WATCH = """() => {
  window.drawn = [];
  window.longTasks = [];
  const keep = (found) => window.longTasks.push(...found.getEntries().map((each) => each.duration));
  new PerformanceObserver(keep).observe({ type: 'longtask' });
  const hosts = [document];
  for (const host of hosts) {
    host.querySelectorAll('*').forEach((each) => { if (each.shadowRoot) hosts.push(each.shadowRoot); });
  }
  const board = hosts.map((host) => host.querySelector('.board')).find(Boolean);
  let seen = board.dataset.asOf;
  const channel = new MessageChannel();  // its messages come when the frame is painted
  channel.port1.onmessage = (message) => window.drawn.push(Date.now() - message.data);
  new MutationObserver(() => {
    if (board.dataset.asOf === seen) return;
    seen = board.dataset.asOf;
    channel.port2.postMessage(Number(seen));
  }).observe(board, { attributeFilter: ['data-as-of'] });
}"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one browser saw: milliseconds from the figures to their pixels, and tasks of more than 50 ms."""

    ms: list[float]
    long_tasks: list[float]


@dataclass(frozen=True, slots=True)
class Served:
    """What visitors without browsers waited for, and what an update cost the application's processor."""

    p50_ms: float
    p95_ms: float
    cpu_ms: float
    largest_bytes: float
    all_bytes: float


def main() -> None:
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as folder, watched_product(Path(folder)) as watched:
        for _ in range(2):
            watched.ended(watched.send_traffic(CLOSED_REQUESTS, 100.0))
        drawn = _drawn(watched)
        runs = [_round(watched) for _ in range(RUNS)]
        rates = [(_requests_per_second(watched, 0), _requests_per_second(watched, MANY)) for _ in range(RUNS)]
    many, most = (_median([run[place] for run in runs]) for place in (0, 1))
    rows = [*_browser_rows(drawn), *_server_rows(many, most), _engine_row(rates)]
    body = (
        f"{as_table(('figure', 'measured', 'goal'), rows)}\n\n"
        f"With the model that ships, no documents, and made-up traffic, about {REQUESTS_PER_SECOND:g} "
        "requests a second. To the pixels: from the time to which the figures are true to the task "
        f"after the painted frame, in Chromium at 1440x900, {len(drawn.ms) if drawn else 0} updates. "
        "Visitors without browsers run the live part of the page once a second and wait for the end of its "
        "run. Processor: that of the application with them, less that for the same traffic without them, by "
        f"the updates; medians of {RUNS} runs of {SECONDS_A_RUN:g} s. The model: {CLOSED_REQUESTS} requests, "
        "four at a time without a pause, from the worker through the engine's door; medians of "
        f"{RUNS} runs without and with visitors in turn. All clients share the cores. Load average over a "
        f"minute at the begin {load[0]:.1f}, at the end {os.getloadavg()[0]:.1f}.\n\n"
        f"Machine: {describe_machine('streamlit', 'uvicorn', 'torch', 'playwright')}.\n\n"
        "Repeat: `python -m benchmarks.pages.live_updates`"
    )
    print(f"{TITLE}\n{body}")
    save_section("pages", TITLE, body)


def _drawn(watched: Watched) -> Drawn | None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        browser = open_browser(playwright, chromium)
        with visiting(browser, watched.product.address) as visitor:
            page = visitor.open("/cache", "Cache")
            page.locator(".board[data-as-of]").wait_for()
            page.wait_for_timeout(5_000)
            page.evaluate(WATCH)
            traffic = watched.send_traffic(DRAWN_REQUESTS, REQUESTS_PER_SECOND)
            page.wait_for_function(f"window.drawn.length >= {NUM_DRAWN}", timeout=180_000)
            found = Drawn(page.evaluate("window.drawn"), page.evaluate("window.longTasks"))
        browser.close()
    watched.ended(traffic)
    return found


def _round(watched: Watched) -> tuple[Served, Served]:
    """With many and with most, each against the same traffic without anybody."""
    idle = _cpu_and_updates(watched, 0)[0]
    found = []
    for num in (MANY, MOST):
        cpu, updates = _cpu_and_updates(watched, num)
        ms = [each.seconds * 1e3 for each in updates]
        found.append(
            Served(
                p50_ms=median(ms),
                p95_ms=_p95(ms),
                cpu_ms=(cpu - idle) / len(updates) * 1e3,
                largest_bytes=_p95([each.largest_bytes for each in updates]),
                all_bytes=_p95([each.num_bytes for each in updates]),
            )
        )
    return found[0], found[1]


def _cpu_and_updates(watched: Watched, num: int) -> tuple[float, list[Update]]:
    """Processor seconds of the application over one run of the traffic, and the updates meanwhile."""
    process = psutil.Process(watched.product.pid)
    with viewers(watched.product, num) as updates:
        traffic = watched.send_traffic(PACED_REQUESTS, REQUESTS_PER_SECOND)
        before, until = sum(process.cpu_times()[:2]), time.monotonic() + SECONDS_A_RUN
        time.sleep(max(0.0, until - time.monotonic()))
        spent, seen = sum(process.cpu_times()[:2]) - before, list(updates)
    watched.ended(traffic)
    return spent, seen


def _requests_per_second(watched: Watched, num: int) -> float:
    with viewers(watched.product, num):
        done = watched.ended(watched.send_traffic(CLOSED_REQUESTS, 100.0))
    return CLOSED_REQUESTS / float(done.result["seconds"])


def _median(runs: Sequence[Served]) -> Served:
    return Served(*(median(getattr(run, name) for run in runs) for name in Served.__slots__))


def _browser_rows(drawn: Drawn | None) -> list[tuple[str, str, str]]:
    if drawn is None:
        return [("to the pixels", "there is no browser here", "< 60")]
    return [
        ("1 visitor in Chromium: to the pixels, p50 ms", f"{median(drawn.ms):.0f}", ""),
        ("to the pixels, p95 ms", f"{_p95(drawn.ms):.0f}", "< 60"),
        ("tasks of more than 50 ms", f"{len(drawn.long_tasks)}", "0"),
    ]


def _server_rows(many: Served, most: Served) -> list[tuple[str, str, str]]:
    return [
        ("largest message of an update, p95 bytes", f"{many.largest_bytes:,.0f}", "< 5,000"),
        ("all messages of an update, p95 bytes", f"{many.all_bytes:,.0f}", ""),
        (f"{MANY} visitors: p50 ms", f"{many.p50_ms:.0f}", ""),
        (f"{MANY} visitors: p95 ms", f"{many.p95_ms:.0f}", "< 100"),
        (f"{MOST} visitors: p50 ms", f"{most.p50_ms:.0f}", ""),
        (f"{MOST} visitors: p95 ms", f"{most.p95_ms:.0f}", "< 250"),
        (f"processor ms an update, {MANY} visitors", f"{many.cpu_ms:.1f}", "< 8"),
        (f"processor ms an update, {MOST} visitors", f"{most.cpu_ms:.1f}", "< 8"),
    ]


def _engine_row(rates: Sequence[tuple[float, float]]) -> tuple[str, str, str]:
    without, with_them = (median(column) for column in zip(*rates, strict=True))
    return (
        f"requests/s of the model, {MANY} visitors against none",
        f"{with_them:.1f} against {without:.1f} ({with_them / without - 1:+.0%})",
        "-10%",
    )


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()
