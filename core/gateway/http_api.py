"""The HTTP side of the gateway. Answers health; the use cases follow behind the same rights."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

from fastapi import FastAPI, Response


class Answers(Protocol):
    """What the API needs of the application."""

    def health(self) -> Any:
        """A dataclass with a `state`: healthy, warning or unhealthy."""

    def missing(self) -> str:
        """What requests still wait for; nothing once they need not."""


def build_api(application: Answers) -> FastAPI:
    api = FastAPI(title="Blatam Academy", docs_url=None, redoc_url=None)

    @api.get("/health")
    def health(response: Response) -> dict[str, Any]:
        """200 while requests can be answered, 503 when the database is away."""
        found = application.health()
        if found.state == "unhealthy":
            response.status_code = 503
        return asdict(found)

    @api.get("/ready")
    def ready(response: Response) -> dict[str, Any]:
        """200 once database, worker and a model in this process are ready, 503 with the cause before."""
        cause = application.missing()
        if cause:
            response.status_code = 503
        return {"ready": not cause, "cause": cause}

    return api
