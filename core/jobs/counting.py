"""Job kinds whose runs are counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from core.errors import WorkbenchError
from core.jobs.job import JobBody, JobCancelled, JobContext, JobKind
from core.telemetry.metrics import Metrics


def counted(kinds: Mapping[str, JobKind], metrics: Metrics) -> dict[str, JobKind]:
    """The same kinds. A run that a crash cuts is not counted; the one that resumes it is."""
    return {name: JobKind(kind.name, _counted(kind, metrics)) for name, kind in kinds.items()}


def _counted(kind: JobKind, metrics: Metrics) -> JobBody:
    def body(workbench: Any, job: JobContext) -> dict[str, Any]:
        started = time.perf_counter()
        outcome = "error"
        try:
            result = kind.body(workbench, job)
            outcome = "ok"
            return result
        except JobCancelled:
            outcome = "cancelled"
            raise
        except WorkbenchError as error:
            outcome = error.code
            raise
        finally:
            metrics.observe_job(kind.name, outcome, time.perf_counter() - started)

    return body
