"""How soon a job starts, and how many a worker runs in a second: ours, plain DBOS, and RQ on Redis.

    python -m benchmarks.jobs.throughput

Prints a table and writes it to benchmarks/results/jobs.md.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.jobs.marks import read
from benchmarks.jobs.our_side import PLACES, Ours, PlainDbos
from benchmarks.jobs.peers import PYTHON, make_peers
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.jobs.durable import POLL_SECONDS

ROOT = Path(__file__).parents[2]
NUM_ALONE = 60
PAUSES = (0.1, 0.25)
NUM_EMPTY = 500
NUM_SHORT = 200
SHORT_SECONDS = 0.02
ROUNDS = 3
TITLE = "Start and throughput of jobs"


class System(Protocol):
    """A queue with its worker running."""

    def hand_in(self, marks: Path, seconds: float) -> str:
        """The id of the job, which was kept when this returns."""


def main() -> None:
    """The systems take turns, so that other work on the machine meets them all alike."""
    measured: dict[str, list[Round]] = {}
    for number in range(ROUNDS):
        for name, opened in _systems():
            with opened() as system:
                measured.setdefault(name, []).append(_measure(system, random.Random(number)))
            print(number, name, *_row(measured[name]), flush=True)
    rows = [(name, *_row(rounds)) for name, rounds in measured.items()]
    table = as_table(
        ("system", "start p50 ms", "start p95 ms", "empty jobs/s", "short jobs/s", "hand in ms"), rows
    )
    notes = (
        f"Start: from the call that hands a job in to the first line of its body, {ROUNDS * NUM_ALONE} jobs, "
        f"each at a moment that chance chooses, {PAUSES[0]:g} to {PAUSES[1]:g} s after the one before.",
        f"Throughput: {NUM_EMPTY} jobs with nothing to do, and {NUM_SHORT} that wait for "
        f"{1000 * SHORT_SECONDS:g} ms (ours and DBOS in two remembered steps), handed in at once, from the "
        f"first call to the last end; median of {ROUNDS} rounds, in which the systems take turns.",
        f"Hand in: median of a call. {PLACES} places each: threads of one worker for ours and DBOS, which "
        f"look every {1000 * POLL_SECONDS:g} ms, and processes for RQ, which is told.",
        "Ours keeps for each job a record that people see, its place in a line that can be paused and "
        "re-ordered, and a claim, and looks again as soon as a job ends; plain DBOS does none of it.",
        "RQ remembers no steps, and its Redis writes its file every second (appendfsync everysec).",
    )
    machine = f"Machine: {describe_machine('dbos', 'sqlalchemy')}, rq 3.0.0"
    load = f"load over five minutes, this included: {os.getloadavg()[1]:.1f}"
    repeat = "Repeat: `python -m benchmarks.jobs.throughput`"
    body = "\n\n".join([table, " ".join(notes), f"{machine}; {load}.", repeat])
    print(f"{TITLE}\n\n{body}")
    save_section("jobs", TITLE, body)


@dataclass(frozen=True, slots=True)
class Round:
    """What one system did in one turn: seconds to a start, jobs a second, seconds of a call."""

    starts: list[float]
    empty_rate: float
    short_rate: float
    calls: list[float]


def _row(rounds: list[Round]) -> tuple[str, ...]:
    starts = sorted(seconds for each in rounds for seconds in each.starts)
    return (
        f"{1000 * statistics.median(starts):.0f}",
        f"{1000 * starts[int(0.95 * len(starts))]:.0f}",
        f"{statistics.median(each.empty_rate for each in rounds):.0f}",
        f"{statistics.median(each.short_rate for each in rounds):.0f}",
        f"{1000 * statistics.median(seconds for each in rounds for seconds in each.calls):.1f}",
    )


def _measure(system: System, chance: random.Random) -> Round:
    with tempfile.TemporaryDirectory() as folder:
        marks = Path(folder) / "marks"
        for _ in range(10):
            _alone(system, marks, 0.0)
        starts = [_alone(system, marks, chance.uniform(*PAUSES)) for _ in range(NUM_ALONE)]
        empty_rate, calls = _burst(system, Path(folder) / "empty", NUM_EMPTY, 0.0)
        short_rate, _ = _burst(system, Path(folder) / "short", NUM_SHORT, SHORT_SECONDS)
    return Round(starts, empty_rate, short_rate, calls)


def _alone(system: System, marks: Path, pause: float) -> float:
    """Seconds from handing in to the start of a job that nothing goes before.

    The pause keeps it from meeting each system at the same moment of its round.
    """
    time.sleep(pause)
    marks.unlink(missing_ok=True)
    called = time.time()
    job = system.hand_in(marks, 0.0)
    _wait(lambda: job in read(marks, "end"))
    return read(marks, "begin")[job] - called


def _burst(system: System, marks: Path, count: int, seconds: float) -> tuple[float, list[float]]:
    """Jobs a second, and the seconds of each call."""
    calls, first = [], time.time()
    for _ in range(count):
        called = time.perf_counter()
        system.hand_in(marks, seconds)
        calls.append(time.perf_counter() - called)
    _wait(lambda: marks.exists() and marks.read_bytes().count(b"\nend ") + 1 >= count, 0.02)
    _wait(lambda: len(read(marks, "end")) == count, 0.02)
    return count / (max(read(marks, "end").values()) - first), calls


def _wait(is_so: Callable[[], bool], pause: float = 0.001, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not so after {seconds:g} s.")
        time.sleep(pause)


def _systems() -> Iterator[tuple[str, Callable[[], AbstractContextManager[System]]]]:
    for where in ("SQLite", "PostgreSQL"):
        yield f"ours, {where}", lambda where=where: _on_dbos("ours", where)
        yield f"plain DBOS, {where}", lambda where=where: _on_dbos("dbos", where)
    problem = make_peers() if shutil.which("redis-server") else "there is no redis-server"
    if problem:
        print(f"RQ is left out: {problem}")
        return
    yield "RQ, a process for each job", lambda: _on_rq("rq.worker.Worker")
    yield "RQ, in the worker's process", lambda: _on_rq("rq.worker.SimpleWorker")


@contextmanager
def _on_dbos(which: str, where: str) -> Iterator[System]:
    with tempfile.TemporaryDirectory() as folder, _database(where) as url:
        data_dir = Path(folder) / "var"
        system: System = Ours(data_dir, url) if which == "ours" else PlainDbos(data_dir, url)
        environment = dict(os.environ) | ({"BLATAM_DATABASE_URL": url} if url else {})
        command = [sys.executable, "-m", "benchmarks.jobs.our_side", which, str(data_dir)]
        worker = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            _wait((data_dir / "worker.pid").exists, 0.05)
            time.sleep(2)  # a new queue of DBOS is found within a second
            yield system
        finally:
            worker.terminate()
            worker.wait()


@contextmanager
def _database(where: str) -> Iterator[str | None]:
    if where == "SQLite":
        yield None
        return
    import pgserver

    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class _Rq:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._asked, self._answers = process.stdin, process.stdout

    def hand_in(self, marks: Path, seconds: float) -> str:
        self._asked.write(json.dumps({"marks": str(marks), "seconds": seconds}) + "\n")
        self._asked.flush()
        return self._answers.readline().strip()


@contextmanager
def _on_rq(worker_class: str) -> Iterator[System]:
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/redis.sock"
        keeping = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--dir", folder]
        server = ["redis-server", "--port", "0", "--unixsocket", socket, *keeping]
        rq = [str(PYTHON.parent / "rq"), "worker-pool", "--url", f"unix://{socket}", "-n", str(PLACES)]
        started = [subprocess.Popen(server, stdout=subprocess.DEVNULL)]
        try:
            _wait(Path(socket).exists, 0.05)
            pool = [*rq, "--worker-class", worker_class, "--quiet"]
            environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
            started.append(subprocess.Popen(pool, cwd=ROOT, env=environment))
            time.sleep(5)
            hand_in = [str(PYTHON), str(ROOT / "benchmarks" / "jobs" / "rq_side.py"), socket]
            side = subprocess.Popen(
                hand_in, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            started.append(side)  # type: ignore[arg-type]
            yield _Rq(side)
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()


if __name__ == "__main__":
    main()
