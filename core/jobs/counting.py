"""Job kinds whose runs are counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.errors import WorkbenchError
from core.jobs.job import (
    JobBody,
    JobCancelled,
    JobContext,
    JobHandedBack,
    JobKind,
    JobStopped,
    JobTaken,
    JobTimedOut,
)
from core.telemetry.metrics import Metrics


def counted(kinds: Mapping[str, JobKind], metrics: Metrics) -> dict[str, JobKind]:
    """The same kinds. A run that a crash cuts is not counted; the one that resumes it is."""
    return {name: replace(kind, body=_counted(kind, metrics)) for name, kind in kinds.items()}


_OUTCOMES: dict[type[JobStopped], str] = {
    JobCancelled: "cancelled",
    JobTimedOut: "timed_out",
    JobHandedBack: "handed_back",
    JobTaken: "taken_over",
}


def _counted(kind: JobKind, metrics: Metrics) -> JobBody:
    def body(workbench: Any, job: JobContext) -> dict[str, Any]:
        started = time.perf_counter()
        outcome = "error"
        try:
            result = kind.body(workbench, job)
            outcome = "ok"
            return result
        except JobStopped as stop:
            outcome = _OUTCOMES[type(stop)]
            raise
        except WorkbenchError as error:
            outcome = error.code
            raise
        finally:
            metrics.observe_job(kind.name, outcome, time.perf_counter() - started)

    return body
