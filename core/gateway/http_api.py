"""The HTTP side of the gateway: health, and files that were exported."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, JSONResponse

from core.errors import Forbidden, NotFound, WorkbenchError
from core.gateway.door import Gateway
from core.gateway.roles import Principal, Role
from core.use_cases.take_export import FollowLink


class Answers(Protocol):
    """What the API needs of the application."""

    @property
    def gateway(self) -> Gateway: ...

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

    @api.get("/exports/{workspace}/{export}/file", response_class=FileResponse)
    def exported_file(workspace: str, export: str, until: int, signature: str) -> Response:
        """The bytes of an exported file, in pieces or in the range asked for. The link is the right."""
        holder = Principal(user="link", role=Role.VIEWER, workspace=workspace)
        asked = FollowLink(export=export, until=until, signature=signature)
        taken = application.gateway.ask(asked, holder)
        headers = {
            "ETag": f'"{taken.sha256}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        return FileResponse(taken.path, media_type=taken.media_type, filename=taken.name, headers=headers)

    @api.exception_handler(WorkbenchError)
    def told(_request: Any, error: WorkbenchError) -> JSONResponse:
        status = {Forbidden: 403, NotFound: 404}.get(type(error), 400)
        said = {"error": error.code, "message": error.message, "remedy": error.remedy}
        return JSONResponse(said, status_code=status)

    return api
