"""Job kinds whose effects a test can see, and a worker process that runs them.

`python -m tests.fakes.job_kinds DATA_DIR NAME [HOST]` is a real worker with these kinds instead of ours.
With a HOST it says that it runs there, so that nobody here looks for its process.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.errors import Invalid, Unavailable
from core.inference import GenerateText, answer
from core.jobs import JobContext, JobKind


def effects(job: JobContext) -> Path:
    return Path(job.job.request["effects"])


def _append(path: Path, line: str) -> dict[str, Any]:
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    return {"line": line}


def write_lines(_workbench: Any, job: JobContext) -> dict[str, Any]:
    """One line a step, with the request's pause between them."""
    lines = job.job.request["lines"]
    for number, line in enumerate(lines, start=1):
        job.step(f"line {number}", partial(_append, effects(job), line))
        job.progress(number, len(lines))
        time.sleep(job.job.request.get("pause", 0))
    return {"written": len(lines)}


def fail_at_first(_workbench: Any, job: JobContext) -> dict[str, Any]:
    """Its step fails as often as the request says, then works."""

    def attempt() -> dict[str, Any]:
        _append(effects(job), "attempt")
        _append(effects(job).with_suffix(".times"), repr(time.time()))
        tried = effects(job).read_text(encoding="utf-8").count("attempt")
        if tried <= job.job.request["failures"]:
            raise RuntimeError(f"attempt {tried} failed")
        return {"attempts": tried}

    return job.step("try", attempt)


def unavailable_at_first(_workbench: Any, job: JobContext) -> dict[str, Any]:
    """Outside of any step what it needs is missing as often as the request says."""
    _append(effects(job), "attempt")
    if effects(job).read_text(encoding="utf-8").count("attempt") <= job.job.request["failures"]:
        raise Unavailable("The server is away.", remedy="Start it.")
    return {}


def one_long_step(_workbench: Any, job: JobContext) -> dict[str, Any]:
    """Tells its progress from within a step, for so many tenths of a second."""

    def act() -> dict[str, Any]:
        for number in range(job.job.request["tenths"]):
            _append(effects(job), str(number))
            time.sleep(0.1)
            job.progress(number, job.job.request["tenths"])
        return {"ended": True}

    return job.step("count", act)


def write_rows(_workbench: Any, job: JobContext) -> dict[str, Any]:
    """A few steps that write a row each, once under its key however often the step runs.

    Every run of a step is told as well, so that what ran twice can be counted.
    """

    def write(number: int) -> dict[str, Any]:
        with closing(sqlite3.connect(effects(job), timeout=30, isolation_level=None)) as rows:
            key = f"{job.job.id}/{number}"
            rows.execute("INSERT INTO runs VALUES (?, ?)", (key, time.time()))
            rows.execute("INSERT INTO rows VALUES (?, ?) ON CONFLICT DO NOTHING", (key, job.job.id))
        return {"row": number}

    for number in range(job.job.request["steps"]):
        job.step(f"row {number}", partial(write, number))
        time.sleep(job.job.request.get("pause", 0))
    return {"rows": job.job.request["steps"]}


def do_nothing(_workbench: Any, _job: JobContext) -> dict[str, Any]:
    return {}


def refuse(_workbench: Any, job: JobContext) -> dict[str, Any]:
    def attempt() -> dict[str, Any]:
        _append(effects(job), "attempt")
        raise Invalid("This can never work.", remedy="Do something else.")

    return job.step("try", attempt)


def run_until_cancelled(_workbench: Any, job: JobContext) -> dict[str, Any]:
    """Goes on until somebody cancels it, for a minute at most."""
    _append(effects(job), "begun")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job.check_cancelled()
        time.sleep(0.01)
    return {}


def ask_engine(workbench: Any, job: JobContext) -> dict[str, Any]:
    """What the engine of the application answers, as a step."""

    def attempt() -> dict[str, Any]:
        _append(effects(job), "asked")
        request = GenerateText(prompt=job.job.request["prompt"], max_new_tokens=100, tenant="w")
        return {"text": answer(workbench.engine, request).text}

    return job.step("ask", attempt)


KINDS = {
    kind.name: kind
    for kind in (
        JobKind("write_lines", write_lines),
        JobKind("fail_at_first", fail_at_first),
        JobKind("refuse", refuse),
        JobKind("run_until_cancelled", run_until_cancelled),
        JobKind("ask_engine", ask_engine),
        JobKind("unavailable_at_first", unavailable_at_first),
        JobKind("one_long_step", one_long_step),
        JobKind("write_rows", write_rows),
        JobKind("do_nothing", do_nothing),
        JobKind("short_of_time", run_until_cancelled, timeout_seconds=0.3),
        JobKind("one_at_a_time", write_lines, max_running=1),
    )
}


def main() -> None:
    from core.bootstrap import open_database
    from core.engine_selection import open_engine
    from core.jobs.durable import Worker
    from core.jobs.worker_process import run_until_stopped
    from core.settings import Settings

    settings = Settings(data_dir=Path(sys.argv[1]))
    storage = open_database(settings)
    workbench: Any = SimpleNamespace(engine=open_engine(settings))
    worker = Worker(storage, settings, workbench, KINDS, *sys.argv[2:])
    run_until_stopped(worker, parent=None, nice=0, ready=settings.data_dir / f"{sys.argv[2]}.pid")


if __name__ == "__main__":
    main()
