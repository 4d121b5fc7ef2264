"""Reads files in processes of their own, so that no file can stop, starve or reach the process that asks."""

from __future__ import annotations

import logging
import os
import selectors
import signal
import subprocess
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from core.errors import UnreadableFile
from core.ingestion.limits import IngestionLimits
from core.ingestion.names import sanitise_name
from core.ingestion.parser_messages import LENGTH, MESSAGE, OUT_OF_MEMORY, REQUEST, Message, Request, frame
from core.ingestion.problems import megabytes, problem, unreadable
from core.ingestion.reading import Problem, Reading, ReadOutcome

START_SECONDS = 60.0
GRACE_SECONDS = 2.0
PIPE_BYTES = 1 << 20
BYTES_PER_CHARACTER = 6  # a control character in JSON; every other one takes less
MAX_LOSSES = 20  # parser processes that one file may cost before the rest of it is given up
MAX_ARCHIVE_FACTOR = 10  # an archive may take this many times the wall time of one document

log = logging.getLogger(__name__)


class ParserPool:
    """Warm parser processes that are used again and replaced when a file has cost them their life.

    Safe to use from several threads. Processes start when first needed and end with the pool, or with the
    process that owns it, however that ends.

    >>> with ParserPool(IngestionLimits()) as pool:                           # doctest: +SKIP
    ...     outcome = pool.read("leave.docx", Path("/uploads/3f7a"))
    ...     outcome.readings[0].title
    'Annual leave'
    """

    def __init__(self, limits: IngestionLimits, processes: int = 2) -> None:
        if processes < 1:
            raise ValueError(f"A pool of {processes} processes cannot read.")
        self._limits = limits
        self._processes = processes
        self._is_closed = False
        self._parsers: LifoQueue[_Parser | None] = LifoQueue()  # None: a place whose process is not started
        for _ in range(processes):
            self._parsers.put(None)
        # NOTE: a child that asked to die with its parent dies with the *thread* that started it (prctl(2)),
        # so one thread, which lives as long as the pool, starts them all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="parser-starter")
        self._readers = ThreadPoolExecutor(processes, thread_name_prefix="parser-pool")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the parser processes that run and are idle."""
        with self._parsers.mutex:
            return tuple(parser.pid for parser in self._parsers.queue if parser is not None)

    def read(self, name: str, path: Path) -> ReadOutcome:
        """Everything in the file. Waits while all processes are busy; never raises because of a file."""
        parser = self._parsers.get()
        try:
            exchange = _Exchange(sanitise_name(name), path, self._limits)
            while not exchange.is_complete:
                if parser is not None and not parser.is_alive:
                    parser.kill()
                    parser = None
                if parser is None:
                    parser = self._starter.submit(_Parser).result()
                exchange.run(parser)
            return exchange.outcome
        except _NotStarted:
            log.exception("No parser process could be started.")
            return ReadOutcome((), (problem(sanitise_name(name), unreadable("parser_unavailable")),))
        finally:
            self._parsers.put(parser if parser is not None and parser.is_alive else None)

    def read_many(self, files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, ReadOutcome]]:
        """Each file's name as given and its outcome, in the order of `files`, all processes at work.

        Takes from `files` only a little ahead of what was consumed.
        """
        waiting: deque[tuple[str, Future[ReadOutcome]]] = deque()
        try:
            for name, path in files:
                waiting.append((name, self._readers.submit(self.read, name, path)))
                if len(waiting) > 4 * self._processes:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes, after the files that are being read. Closing again changes nothing.

        Reading from a closed pool raises RuntimeError.
        """
        if self._is_closed:
            return
        self._is_closed = True
        self._readers.shutdown(wait=True, cancel_futures=True)
        for parser in [self._parsers.get() for _ in range(self._processes)]:
            if parser is not None:
                parser.end()
        self._starter.shutdown(wait=True)
        for _ in range(self._processes):
            self._parsers.put(None)  # whoever still waits goes on, and finds the pool closed


class _NotStarted(Exception):
    """A parser process did not come up."""


class _Lost(Exception):
    """The parser process is gone, or says what it may not; `error` is what to tell about the file."""

    def __init__(self, error: UnreadableFile) -> None:
        super().__init__(error.code)
        self.error = error


@dataclass
class _Exchange:
    """One file, asked of as many parser processes as it costs."""

    name: str
    path: Path
    limits: IngestionLimits
    readings: list[Reading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_complete: bool = False
    _num_started: int = 0
    _num_losses: int = 0
    _current: str = ""
    _began: float = field(default_factory=time.monotonic)

    @property
    def outcome(self) -> ReadOutcome:
        return ReadOutcome(tuple(self.readings), tuple(self.problems))

    def run(self, parser: _Parser) -> None:
        """Ask once. If the process is lost on a member of an archive, the next run goes on after it."""
        started_before = self._num_started
        self._current = self.name
        try:
            self._converse(parser)
        except _Lost as loss:
            parser.kill()
            self.problems.append(problem(self._current, loss.error))
            self._num_losses += 1
            is_inside_archive = self._current != self.name and self._num_started > started_before
            has_time = time.monotonic() - self._began < MAX_ARCHIVE_FACTOR * self.limits.parse_seconds
            self.is_complete = not (is_inside_archive and has_time and self._num_losses < MAX_LOSSES)

    def _converse(self, parser: _Parser) -> None:
        request = Request(name=self.name, path=str(self.path), limits=self.limits, skip=self._num_started)
        parser.send(request)
        deadline = time.monotonic() + self.limits.parse_seconds
        left = self.limits.max_archive_bytes + BYTES_PER_CHARACTER * self.limits.max_characters
        while True:
            message, num_bytes = parser.receive(deadline, left, self.limits)
            left -= num_bytes
            if message.kind == "started":
                self._current = message.name
                self._num_started += 1
                end = self._began + MAX_ARCHIVE_FACTOR * self.limits.parse_seconds
                deadline = min(time.monotonic() + self.limits.parse_seconds, end)
            elif message.reading is not None:
                self._check_name(message.reading.name)
                self.readings.append(message.reading)
            elif message.problem is not None:
                self._check_name(message.problem.name)
                self.problems.append(message.problem)
            if message.kind == "done":
                self._finish(parser, message)
                return

    def _check_name(self, name: str) -> None:
        """A parser may speak of its own file only, whatever that file has made of it."""
        if not name.startswith(self.name):
            raise _Lost(unreadable("parser_crashed"))

    def _finish(self, parser: _Parser, message: Message) -> None:
        """A process that ran out of memory stopped at a member, which it has already told of."""
        if message.ends:
            parser.end()
        self._num_losses += message.out_of_memory
        is_last = self._current == self.name or self._num_losses >= MAX_LOSSES
        self.is_complete = is_last or not message.out_of_memory


class _Parser:
    """One parser process and the pipes to it."""

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.ingestion.parser_process", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(root),
            cwd=root,
            bufsize=0,
            close_fds=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._answers, selectors.EVENT_READ)
        self._wait_until_warm()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, request: Request) -> None:
        try:
            self._requests.write(frame(REQUEST.dump_json(request)))
        except OSError as error:
            raise _Lost(unreadable("parser_crashed")) from error

    def receive(self, deadline: float, max_bytes: int, limits: IngestionLimits) -> tuple[Message, int]:
        """The next message and its size. Raises _Lost when none comes in time, or one that is not valid."""
        head = self._take(LENGTH.size, deadline, limits)
        num_bytes = int(LENGTH.unpack(head)[0])
        if num_bytes > max_bytes:
            raise _Lost(unreadable("text_too_long", limit=f"{limits.max_characters:,}"))
        try:
            return MESSAGE.validate_json(self._take(num_bytes, deadline, limits)), num_bytes
        except ValidationError as error:
            raise _Lost(unreadable("parser_crashed")) from error

    def kill(self) -> None:
        """Of a process that is dead already this closes the pipes."""
        self._process.kill()
        self._forget()

    def end(self) -> None:
        """Let it end by itself, and kill it if it does not."""
        self._requests.close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._forget()

    def _wait_until_warm(self) -> None:
        try:
            self.receive(time.monotonic() + START_SECONDS, PIPE_BYTES, IngestionLimits())
        except _Lost as loss:
            self.kill()
            raise _NotStarted from loss

    def _take(self, num_bytes: int, deadline: float, limits: IngestionLimits) -> bytes:
        while len(self._buffer) < num_bytes:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise _Lost(unreadable("too_slow", limit=f"{limits.parse_seconds:g}"))
            chunk = os.read(self._answers.fileno(), PIPE_BYTES)
            if not chunk:
                raise _Lost(self._cause_of_death(limits))
            self._buffer += chunk
        taken = bytes(memoryview(self._buffer)[:num_bytes])
        del self._buffer[:num_bytes]
        return taken

    def _cause_of_death(self, limits: IngestionLimits) -> UnreadableFile:
        try:
            status = self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            status = 0
        log.warning("A parser process ended with status %s.", status)
        if status == -signal.SIGXCPU:
            return unreadable("too_slow", limit=limits.cpu_seconds)
        if status in (OUT_OF_MEMORY, -signal.SIGKILL):  # such a kill is the kernel's, short of memory
            return unreadable("too_much_memory", limit=megabytes(limits.memory_bytes))
        return unreadable("parser_crashed")

    def _forget(self) -> None:
        self._process.wait()
        self._selector.close()
        self._requests.close()
        self._answers.close()


def _environment(root: Path) -> dict[str, str]:
    """What the interpreter needs to start, and nothing else: no secret of ours reaches a parser."""
    environment = {"PYTHONPATH": str(root), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        environment["LD_LIBRARY_PATH"] = str(sysconfig.get_config_var("LIBDIR"))
    return environment
