"""Several engines, one for each device: which of them computes a request, and who goes on when one fails."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from threading import Event, Lock, Thread
from types import MappingProxyType, TracebackType
from typing import Any, Self

from kvcache.engine.device_load import DeviceLoad, look_at_device
from kvcache.engine.engine import Engine
from kvcache.engine.errors import (
    EngineError,
    InvalidRequest,
    NotRepeatable,
    Overloaded,
    ReplicaFailed,
    SchedulerClosed,
    TooLarge,
)
from kvcache.engine.request import GenerationRequest
from kvcache.engine.scheduler import Scheduler, check_limits
from kvcache.engine.scheduler_metrics import SchedulerCounters, SchedulerSnapshot
from kvcache.engine.ticket import Flight, Priority, Ticket

LOG = logging.getLogger(__name__)
MOST_ATTEMPTS = 2
PROBE = GenerationRequest(prompt=(0,), max_new_tokens=1)


class Replica:
    """One engine with its scheduler. After a failure it has none until a probe succeeds."""

    def __init__(self, name: str, engine: Engine) -> None:
        self.name = name
        self.engine = engine
        self.counters = SchedulerCounters()
        self.num_routed = 0
        self.num_taken_back = 0
        self.scheduler: Scheduler

    @property
    def is_healthy(self) -> bool:
        return self.scheduler.is_open

    @property
    def has_failed(self) -> bool:
        return self.scheduler.failure is not None

    @property
    def num_failures(self) -> int:
        return self.num_taken_back + self.has_failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSnapshot:
    """`routed` counts tickets; `load` is None without a GPU or without NVML."""

    device: str
    is_healthy: bool
    failures: int
    routed: int
    outstanding_tokens: int
    scheduler: SchedulerSnapshot
    load: DeviceLoad | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementSnapshot:
    """All replicas at one moment, by their names."""

    replicas: Mapping[str, ReplicaSnapshot]


class Placement:
    """Sends each request where it is expected to be answered first.

    That is queue delay plus what its prompt costs to compute there, without the prefix that is known or
    under way. A replica with `most_lead_tokens` more to do than the least busy one gets no more, unless the
    others refuse. Differences below 10 ms are none: then the first block decides, always alike (rendezvous
    hashing, Thaler and Ravishankar 1998), so that equal beginnings meet.

    A replica fails when its scheduler ends, or its engine raises `most_errors_in_a_row` times. What it had is
    computed anew elsewhere: an answer that had begun goes on without a break if it is greedy or has a seed,
    and else ends in ReplicaFailed. A request that fails alone is tried once more elsewhere. A failed replica
    is probed every `probe_seconds`, and taken back when it answers.
    """

    def __init__(
        self,
        engines: Mapping[str, Engine],
        *,
        most_lead_tokens: int = 8192,
        most_errors_in_a_row: int = 3,
        probe_seconds: float = 30.0,
        in_background: bool = True,
        **settings: Any,
    ) -> None:
        """`settings` are each scheduler's. Not `in_background`, nothing runs but by `step` and `probe`."""
        if not engines:
            raise ValueError("A placement has at least one engine.")
        self.replicas = {name: Replica(name, engine) for name, engine in engines.items()}
        self._most_lead_tokens = most_lead_tokens
        self._probe_seconds = probe_seconds
        self._lock = Lock()
        self._closing = Event()
        self._settings: dict[str, Any] = {
            "most_errors_in_a_row": most_errors_in_a_row,
            "in_background": in_background,
            **settings,
        }
        for replica in self.replicas.values():
            self._start(replica)
        self._thread = Thread(target=self._probe_until_closed, name="kvcache-probe", daemon=True)
        if in_background:
            self._thread.start()

    def submit(
        self,
        request: GenerationRequest,
        *,
        priority: Priority = Priority.NORMAL,
        deadline_seconds: float | None = None,
    ) -> Ticket:
        """As `Scheduler.submit`; refused, and counted so once, only when every healthy replica refuses."""
        refusals: list[EngineError] = []
        overloaded: list[Replica] = []
        for replica in self.ranked(request):
            try:
                ticket = replica.scheduler.admit(
                    request, priority=priority, deadline_seconds=deadline_seconds
                )
            except (Overloaded, TooLarge, SchedulerClosed) as refusal:
                refusals.append(refusal)
                if isinstance(refusal, Overloaded):
                    overloaded.append(replica)
                continue
            replica.num_routed += 1
            return ticket
        if overloaded:
            overloaded[0].scheduler.refuse(request, priority)
        raise _clearest(refusals)

    def ranked(self, request: GenerationRequest, without: Replica | None = None) -> list[Replica]:
        """The healthy replicas, the one to take first. Changes nothing."""
        loads = {
            name: replica.scheduler.outstanding_tokens()
            for name, replica in self.replicas.items()
            if replica.is_healthy and replica is not without
        }
        least = min(loads.values(), default=0)
        ranks = {
            name: (load - least > self._most_lead_tokens, *self._rank(self.replicas[name], request))
            for name, load in loads.items()
        }
        return [self.replicas[name] for name in sorted(ranks, key=lambda name: ranks[name])]

    def reconfigure(
        self,
        *,
        max_batch: int | None = None,
        prefill_tokens: int | None = None,
        max_waiting: int | None = None,
        look_ahead: int | None = None,
    ) -> None:
        """As `Scheduler.reconfigure`, for every replica, those that are taken back later too."""
        limits = {
            "max_batch": max_batch,
            "prefill_tokens": prefill_tokens,
            "max_waiting": max_waiting,
            "look_ahead": look_ahead,
        }
        check_limits(**limits)
        with self._lock:
            self._settings.update({name: value for name, value in limits.items() if value is not None})
            for replica in self.replicas.values():
                replica.scheduler.reconfigure(**limits)

    def step(self) -> bool:
        """One turn of every replica; whether there is more to do. For a placement not in the background."""
        for replica in self.replicas.values():
            if replica.is_healthy:
                replica.scheduler.step()
        return any(replica.scheduler.has_work for replica in self.replicas.values())

    def probe(self) -> None:
        """Ask the failed replicas, and take back those that answer. For one thread at a time."""
        for replica in self.replicas.values():
            if replica.has_failed:
                self._probe(replica)

    def snapshot(self) -> PlacementSnapshot:
        return PlacementSnapshot(
            replicas=MappingProxyType({name: _look_at(each) for name, each in self.replicas.items()})
        )

    def close(self, *, drain: bool = True) -> None:
        """Close every scheduler. Closing again changes nothing."""
        with self._lock:
            self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        for replica in self.replicas.values():
            replica.scheduler.close(drain=drain)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(drain=kind is None)

    def _start(self, replica: Replica) -> None:
        replica.counters.engine_errors_in_a_row = 0
        replica.scheduler = Scheduler(
            replica.engine,
            counters=replica.counters,
            take_over=partial(self._take_over, replica),
            **self._settings,
        )

    def _rank(self, replica: Replica, request: GenerationRequest) -> tuple[bool, float, int]:
        scheduler = replica.scheduler
        seconds = scheduler.delay_seconds() + scheduler.prefill_seconds(request.prompt, request.tenant)
        block_tokens = replica.engine.store.config.block_tokens
        affinity = _affinity(replica.name, request.prompt[:block_tokens], request.tenant)
        return not scheduler.holds(request), round(seconds, 2), -affinity

    def _take_over(self, failed: Replica, flight: Flight, error: BaseException) -> BaseException | None:
        """Let another replica compute the flight anew, or say with which error it ends."""
        if self._closing.is_set() or isinstance(error, InvalidRequest | NotRepeatable):
            return error
        if flight.tokens and not flight.is_repeatable:
            return _caused_by(
                error, "The replica failed in the middle of an answer without a seed; send the request again."
            )
        if flight.num_failures >= MOST_ATTEMPTS:
            return error
        for replica in self.ranked(flight.request, without=failed):
            if replica.scheduler.adopt(flight):
                return None
        return error

    def _probe(self, replica: Replica) -> None:
        try:
            replica.engine.answer(PROBE)
        except Exception:
            LOG.warning("Replica %s does not answer yet.", replica.name, exc_info=True)
            return
        with self._lock:
            if not self._closing.is_set():
                replica.num_taken_back += 1
                self._start(replica)

    def _probe_until_closed(self) -> None:
        while not self._closing.wait(self._probe_seconds):
            self.probe()


def _look_at(replica: Replica) -> ReplicaSnapshot:
    device = replica.engine.model.device
    return ReplicaSnapshot(
        device=str(device),
        is_healthy=replica.is_healthy,
        failures=replica.num_failures,
        routed=replica.num_routed,
        outstanding_tokens=replica.scheduler.outstanding_tokens(),
        scheduler=replica.scheduler.snapshot(),
        load=look_at_device(device),
    )


def _affinity(name: str, first_block: tuple[int, ...], tenant: str) -> int:
    digest = blake2b(array("i", first_block).tobytes(), digest_size=8)
    digest.update(f"{len(tenant)} {tenant}{name}".encode())
    return int.from_bytes(digest.digest(), "little")


def _clearest(refusals: list[EngineError]) -> EngineError:
    """Of several refusals the one that says most about what to do."""
    overloaded = [refusal for refusal in refusals if isinstance(refusal, Overloaded)]
    if overloaded:
        return min(overloaded, key=lambda refusal: refusal.retry_after_seconds)
    if refusals:
        return refusals[0]
    return ReplicaFailed(
        "No replica answers. Look for the cause in the log; they are probed, try again later."
    )


def _caused_by(cause: BaseException, message: str) -> ReplicaFailed:
    error = ReplicaFailed(message)
    error.__cause__ = cause
    return error
