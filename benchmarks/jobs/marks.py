"""What every system's jobs do: note when they begin and end. Standard library only."""

from __future__ import annotations

import os
import time
from pathlib import Path


def mark(file: str, what: str, job: str) -> None:
    """One line, written whole whoever else writes."""
    target = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(target, f"{what} {job} {time.time()!r}\n".encode())
    finally:
        os.close(target)


def whole_job(file: str, job: str, seconds: float) -> None:
    """A job of a system that knows no steps."""
    mark(file, "begin", job)
    time.sleep(seconds)
    mark(file, "end", job)


def read(file: Path, what: str) -> dict[str, float]:
    """When each job first did so."""
    found: dict[str, float] = {}
    for line in file.read_text(encoding="ascii").splitlines() if file.exists() else []:
        kind, job, moment = line.split()
        if kind == what:
            found.setdefault(job, float(moment))
    return found
