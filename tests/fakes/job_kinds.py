"""Job kinds whose effects a test can see, and a worker process that runs them.

`python -m tests.fakes.job_kinds DATA_DIR NAME` is a real worker with these kinds instead of the product's.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.errors import Invalid
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
        tried = effects(job).read_text(encoding="utf-8").count("attempt")
        if tried <= job.job.request["failures"]:
            raise RuntimeError(f"attempt {tried} failed")
        return {"attempts": tried}

    return job.step("try", attempt)


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
    )
}


def main() -> None:
    from core.bootstrap import open_database
    from core.engine_selection import open_engine
    from core.jobs.durable import Worker
    from core.jobs.worker_process import run_until_stopped
    from core.settings import Settings

    settings = Settings(data_dir=Path(sys.argv[1]), job_backoff_seconds=0.01, job_concurrency=2)
    storage = open_database(settings)
    workbench: Any = SimpleNamespace(engine=open_engine(settings))
    worker = Worker(storage, settings, workbench, KINDS, sys.argv[2])
    run_until_stopped(worker, parent=None, nice=0, ready=settings.data_dir / f"{sys.argv[2]}.pid")


if __name__ == "__main__":
    main()
