"""Logs as one JSON object a line, in the Elastic Common Schema; secrets never reach them."""

from __future__ import annotations

import logging
import sys

import ecs_logging


def configure_logging(level: str, *, process: str) -> None:
    """Send this process' records to stderr. Safe to repeat."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ecs_logging.StdlibFormatter(extra={"service.name": f"blatam-{process}"}))
    package = logging.getLogger("core")
    package.handlers[:] = [handler]
    package.setLevel(level)
    package.propagate = False
