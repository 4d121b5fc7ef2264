"""The HTTP side of the gateway. Answers health; the use cases follow behind the same rights."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

from fastapi import FastAPI, Response


class Answers(Protocol):
    """What the API needs of the application."""

    def health(self) -> Any:
        """A dataclass with a `state`: healthy, warning or unhealthy."""


def build_api(application: Answers) -> FastAPI:
    api = FastAPI(title="Blatam Academy", docs_url=None, redoc_url=None)

    @api.get("/health")
    def health(response: Response) -> dict[str, Any]:
        """200 while requests can be answered, 503 when the database is away."""
        found = application.health()
        if found.state == "unhealthy":
            response.status_code = 503
        return asdict(found)

    return api
