"""Brings records of coming prompts from far levels into memory before they are asked for."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from kvcache.record import BlockRecord
from kvcache.store_metrics import PrefetchSnapshot

Fetch = Callable[[bytes], BlockRecord | None]


class Prefetcher:
    """A few threads and a bounded stage of records.

    What is wanted first is fetched first. When its request begins, or will not come, the rest of its fetches
    is cancelled. A full stage fetches no more until something is taken or dropped: what was announced earlier
    is wanted earlier. With `num_threads` 0 nothing is fetched before `run_pending` is called.
    """

    def __init__(self, fetch: Fetch, *, capacity_bytes: int, num_threads: int) -> None:
        self._fetch = fetch
        self._capacity_bytes = capacity_bytes
        self._lock = Lock()
        self._wanted: OrderedDict[bytes, deque[bytes]] = OrderedDict()
        self._in_flight: dict[bytes, Future[None]] = {}
        self._staged: OrderedDict[bytes, BlockRecord] = OrderedDict()
        self._owners: dict[bytes, int] = {}
        self._staged_bytes = 0
        self._loaded = self._useful = self._wasted = self._cancelled = 0
        self._num_threads = num_threads
        self._threads = ThreadPoolExecutor(num_threads, "kvcache-prefetch") if num_threads else None

    def want(self, prompt: bytes, keys: Sequence[bytes]) -> None:
        """A prompt, named by its last key, will need these blocks, in this order."""
        with self._lock:
            waiting = self._wanted.setdefault(prompt, deque())
            for key in keys:
                self._owners[key] = self._owners.get(key, 0) + 1
                waiting.append(key)
        self._start()

    def cancel(self, prompt: bytes) -> None:
        """The prompt begins now, or will not come: fetch nothing more for it."""
        with self._lock:
            self._cancelled += len(self._wanted.pop(prompt, ()))

    def has(self, key: bytes) -> bool:
        """Whether the record is on the stage or on its way."""
        return key in self._staged or key in self._in_flight

    def take(self, key: bytes) -> BlockRecord | None:
        """The record if it is on the stage, waiting for it if it is on its way."""
        with self._lock:
            on_its_way = self._in_flight.get(key)
        if on_its_way is not None:
            on_its_way.result()
        with self._lock:
            record = self._staged.get(key)
            if record is not None:
                self._useful += 1
                self._unstage(key)
        return record

    def drop(self, keys: Sequence[bytes]) -> None:
        """These are no longer wanted by one prompt; what nobody else wants leaves the stage unused."""
        with self._lock:
            for key in keys:
                left = self._owners.get(key, 0) - 1
                if left > 0:
                    self._owners[key] = left
                    continue
                self._owners.pop(key, None)
                if key in self._staged:
                    self._wasted += 1
                    self._unstage(key)
        self._start()

    def resize(self, capacity_bytes: int) -> None:
        """Fetch ahead while less than this is on the stage; what stands there stays."""
        with self._lock:
            self._capacity_bytes = capacity_bytes
        self._start()

    def run_pending(self) -> None:
        """Fetch in this thread all that is wanted and fits."""
        while (key := self._next()) is not None:
            self._bring(key)

    def snapshot(self) -> PrefetchSnapshot:
        with self._lock:
            return PrefetchSnapshot(
                loaded_blocks=self._loaded,
                useful_blocks=self._useful,
                wasted_blocks=self._wasted,
                cancelled_blocks=self._cancelled,
                staged_blocks=len(self._staged),
            )

    def close(self) -> None:
        with self._lock:
            self._wanted.clear()
        if self._threads is not None:
            self._threads.shutdown()

    def _start(self) -> None:
        if self._threads is None:
            return
        while (key := self._next(most_in_flight=2 * self._num_threads)) is not None:
            self._threads.submit(self._bring_and_go_on, key)

    def _bring_and_go_on(self, key: bytes) -> None:
        self._bring(key)
        self._start()

    def _next(self, most_in_flight: int = 1) -> bytes | None:
        """The key to fetch now, marked as on its way."""
        with self._lock:
            while self._wanted and len(self._in_flight) < most_in_flight:
                if self._staged_bytes >= self._capacity_bytes:
                    return None
                prompt, waiting = next(iter(self._wanted.items()))
                if not waiting:
                    del self._wanted[prompt]
                    continue
                key = waiting.popleft()
                if key not in self._staged and key not in self._in_flight:
                    self._in_flight[key] = Future()
                    return key
        return None

    def _bring(self, key: bytes) -> None:
        record = None
        try:
            record = self._fetch(key)
        finally:
            with self._lock:
                if record is not None:
                    self._stage(record)
                self._in_flight.pop(key).set_result(None)

    def _stage(self, record: BlockRecord) -> None:
        self._loaded += 1
        self._staged[record.key] = record
        self._staged_bytes += record.num_bytes
        if record.key not in self._owners:
            self._wasted += 1
            self._unstage(record.key)

    def _unstage(self, key: bytes) -> None:
        self._staged_bytes -= self._staged.pop(key).num_bytes
