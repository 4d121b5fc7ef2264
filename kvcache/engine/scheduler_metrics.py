"""What a scheduler counts: plain integers while it runs, an immutable snapshot for whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kvcache.metrics import BoundedHistogram, BoundedSnapshot, Histogram, HistogramSnapshot

BATCH_BOUNDS = (1, 5, 10, 20, 50, 100)


class SchedulerCounters:
    """Counters of one scheduler. Written by its thread, and at admission under its lock.

    A ticket was answered, failed, cancelled, or refused: overloaded at the door or later for its deadline.
    """

    def __init__(self) -> None:
        self.submitted = 0
        self.joined = 0
        self.answered = 0
        self.cancelled = 0
        self.failed = 0
        self.moved = 0
        self.overloaded = 0
        self.past_deadline = 0
        self.engine_errors = 0
        self.engine_errors_in_a_row = 0
        self.primed_tokens = 0
        self.announced = 0
        self.new_tokens = 0
        self.flights = 0
        self.busy_seconds = 0.0
        self.queue_wait_ms = Histogram()
        self.first_token_ms = Histogram()
        self.total_ms = Histogram()
        self.token_ms = Histogram()
        self.batch = BoundedHistogram(BATCH_BOUNDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerSnapshot:
    """What a scheduler has done since it was made, and who waits now. Tickets unless the name says otherwise.

    `waiting` and `running` are computations, which several tickets may share; `joined` tickets shared one.
    `first_token_ms` and `total_ms` count from the submission of a computation's first ticket, `token_ms` is
    the mean of each computation's later tokens. `tokens_per_second` are new tokens while there was work.
    `primed_tokens` of shared prefixes were computed ahead of the requests that share them, and are hits of
    all of these.
    """

    waiting: Mapping[str, int]
    running: int
    live_bytes: int
    submitted: int
    joined: int
    answered: int
    cancelled: int
    failed: int
    moved: int
    overloaded: int
    past_deadline: int
    engine_errors: int
    primed_tokens: int
    announced: int
    new_tokens: int
    tokens_per_second: float
    expected_wait_seconds: float
    queue_wait_ms: HistogramSnapshot
    first_token_ms: HistogramSnapshot
    total_ms: HistogramSnapshot
    token_ms: HistogramSnapshot
    batch: BoundedSnapshot
