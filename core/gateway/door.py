"""Dispatches a request to its use case on behalf of a principal, and counts and logs what happened."""

from __future__ import annotations

import logging
import time
from typing import TypeVar

from core.errors import Invalid, Unavailable, WorkbenchError
from core.gateway.roles import Principal
from core.inference.errors import DeadlinePassed, EngineFailed, ModelMissing
from core.telemetry.metrics import Metrics
from core.use_cases import USE_CASES
from core.use_cases.request import Request
from core.workbench import Workbench

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

FAULTS = (Unavailable, EngineFailed, ModelMissing, DeadlinePassed)
"""What the product failed at. Other errors it expects say that the request cannot be met."""


class Gateway:
    """The one door for screens and HTTP.

    `ask` runs the use case in the caller's thread. The use case itself checks the rights, so nothing that
    reaches it by another way escapes them.
    """

    def __init__(self, workbench: Workbench, metrics: Metrics) -> None:
        self._workbench = workbench
        self.metrics = metrics

    def ask(self, request: Request[Answer], principal: Principal) -> Answer:
        """The answer of the use case. Raises what it raises: a WorkbenchError for what can be expected."""
        name = type(request).__name__
        use_case = USE_CASES.get(type(request))
        if use_case is None:
            raise Invalid(f"No use case answers {name}.")
        started = time.perf_counter()
        outcome, is_error = "ok", False
        try:
            answer: Answer = use_case(request, principal, self._workbench)
            return answer
        except WorkbenchError as error:
            outcome, is_error = error.code, isinstance(error, FAULTS)
            log.info("%s by %s in %s: %s", name, principal.user, principal.workspace, error.code)
            raise
        except Exception:
            outcome, is_error = "error", True
            raise
        finally:
            seconds = time.perf_counter() - started
            self.metrics.observe_request(name, outcome, seconds, is_error=is_error)
