"""Whether the application grows while ten visitors look at the cache page and traffic runs.

    python -m benchmarks.pages.soak [--minutes 30] [--check]

Prints a table and writes it to benchmarks/results/pages.md; with --check it fails where a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import numpy as np
import psutil

from benchmarks.machine import describe_machine
from benchmarks.pages.cache_viewers import Watched, viewers, watched_product
from benchmarks.results import as_table, save_section
from core.observation.history import MOST_SAMPLES
from core.observation.request_columns import COLUMN, MOST_REQUESTS
from core.observation.samples import FIELD

NUM_VIEWERS = 10
NUM_REQUESTS, REQUESTS_PER_SECOND = 50, 2.0
SAMPLE_SECONDS = 10.0
CACHE_MB = 64
WARM_UP_MINUTES = 5.0
GOAL_MB = 20.0
GOAL_MB_PER_HOUR = 5.0
SLOPE_MINUTES = 60.0
"""A slope is told from this time on: single samples swing by some megabytes."""
TITLE = "Memory over time"


def main() -> None:
    options = _options()
    minutes = options.minutes
    settings = {"cache_device_mb": str(CACHE_MB), "cache_host_mb": "0"}
    with (
        tempfile.TemporaryDirectory() as folder,
        watched_product(Path(folder), settings) as watched,
        _endless_traffic(watched),
        viewers(watched.product, NUM_VIEWERS) as updates,
    ):
        samples = _samples(watched.product.pid, minutes)
        num_updates = len(updates)
    warm = [(at, mb) for at, mb in samples if at >= min(WARM_UP_MINUTES * 60, minutes * 30)]
    slope = float(np.polyfit([at for at, _ in warm], [mb for _, mb in warm], 1)[0]) * 3600
    growth = _mean(warm[-6:]) - _mean(warm[:6])
    rows = [
        (
            f"{minutes:g}",
            f"{num_updates:,}",
            f"{samples[0][1]:.0f}",
            f"{_mean(warm[:6]):.0f}",
            f"{_mean(warm[-6:]):.0f}",
            f"{growth:+.1f}",
            f"{slope:+.1f}",
        )
    ]
    header = ("minutes", "updates", "MB at first", "MB warm", "MB at the end", "growth MB", "MB/h")
    body = (
        f"{as_table(header, rows)}\n\n"
        f"Resident memory of the application, every {SAMPLE_SECONDS:g} s, with {NUM_VIEWERS} visitors of the "
        f"cache page at one update a second and made-up traffic, about {REQUESTS_PER_SECOND:g} requests a "
        f"second. Warm: after {min(WARM_UP_MINUTES, minutes / 2):g} minutes; growth: the last minute less "
        f"the first warm one; MB/h: least squares over the warm part. Goals: a growth below {GOAL_MB:g} MB, "
        f"and from {SLOPE_MINUTES:g} minutes on a slope below {GOAL_MB_PER_HOUR:g} MB/h. "
        f"The cache itself may take {CACHE_MB} MB on the device and none in memory, so that it is full when "
        f"all is warm. What grows by design is the history of the cache page, to its bound of "
        f"{_history_mb():.0f} MB for {MOST_REQUESTS:,} requests and {MOST_SAMPLES:,} samples, one a second, "
        "and up to a quarter more as room for the next.\n\n"
        f"Machine: {describe_machine('streamlit', 'torch', 'numpy')}.\n\n"
        "Repeat: `python -m benchmarks.pages.soak`"
    )
    print(f"{TITLE}\n{body}")
    save_section("pages", TITLE, body)
    is_rising = minutes >= SLOPE_MINUTES and slope > GOAL_MB_PER_HOUR
    if options.check and (growth > GOAL_MB or is_rising):
        sys.exit(f"The application grew by {growth:.1f} MB, {slope:.1f} MB an hour.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--check", action="store_true", help="fail where a goal is missed")
    return parser.parse_args()


@contextmanager
def _endless_traffic(watched: Watched) -> Iterator[None]:
    """One job after the other, at the pace of the dialog; the last one ends by itself."""
    is_over = Event()

    def send() -> None:
        while not is_over.is_set():
            watched.ended(watched.send_traffic(NUM_REQUESTS, REQUESTS_PER_SECOND))

    thread = Thread(target=send, name="traffic")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _samples(pid: int, minutes: float) -> list[tuple[float, float]]:
    """(seconds since the begin, MB) until the time is over."""
    process, begun = psutil.Process(pid), time.monotonic()
    samples = []
    while (at := time.monotonic() - begun) < minutes * 60:
        samples.append((at, process.memory_info().rss / 2**20))
        print(f"{at:6.0f} s {samples[-1][1]:7.1f} MB", flush=True)
        time.sleep(SAMPLE_SECONDS)
    return samples


def _mean(samples: list[tuple[float, float]]) -> float:
    return sum(mb for _, mb in samples) / len(samples)


def _history_mb() -> float:
    """What the rows take; their arrays are up to a quarter longer."""
    return 8 * (MOST_REQUESTS * len(COLUMN) + MOST_SAMPLES * len(FIELD)) / 2**20


if __name__ == "__main__":
    main()
