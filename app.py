"""The launcher: pages, /api and /metrics in one process, beside it the worker that runs the jobs.

`python app.py` is the way to start; `streamlit run app.py` and `uvicorn app:app` serve the same application.
"""

from __future__ import annotations

import sys

sys.setswitchinterval(0.0005)  # a page waits at most this long for a thread that computes

import argparse
import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from core.bootstrap import ENGINE_PATH, Application
from core.errors import WorkbenchError
from core.gateway.http_api import build_api
from core.gateway.loopback import LoopbackOnly
from core.inference.engine_door import build_engine_door
from core.settings import Settings, load_settings
from core.telemetry.logs import configure_logging

SHELL = Path(__file__).resolve().parent / "pages" / "shell.py"


def parse_arguments() -> dict[str, Any]:
    """Settings given on the command line of `python app.py`; none when another server imports this file."""
    if Path(sys.argv[0]).name != Path(__file__).name:
        return {}
    parser = argparse.ArgumentParser(prog="python app.py", description="Start the workbench.")
    for name, field in Settings.model_fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, help=field.description)
    return vars(parser.parse_args())


def compose() -> tuple[Settings, Application]:
    try:
        settings = load_settings(**parse_arguments())
        configure_logging(settings.log_level, process="app")
        return settings, Application(settings)
    except WorkbenchError as error:
        sys.exit(f"blatam: {error}")


settings, application = compose()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start, import what pages need, and freeze it: a collection then passes over it (84 ms a run to 5)."""
    await asyncio.to_thread(application.start)
    import pandas
    import plotly.graph_objects
    import pyarrow

    del pandas, plotly, pyarrow
    gc.collect()
    gc.freeze()
    application.figures.count_connections = count_sessions
    yield {"gateway": application.gateway}
    await asyncio.to_thread(application.stop)


async def metrics(_request: Request) -> Response:
    text = await asyncio.to_thread(application.metrics.text)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def count_sessions() -> int:
    """Browser sessions that are open now, as Streamlit counts them."""
    found = st.runtime.get_instance().stats_mgr.get_stats(family_names=["active_sessions"])
    return sum(stat.value for stat in found.get("active_sessions", ()))


def engine_door() -> FastAPI:
    """The application's engine, for its worker: only this machine may knock, and only with the key."""
    door = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    door.include_router(build_engine_door(application.answering, application.engine_key))
    door.add_middleware(LoopbackOnly)
    return door


app = st.App(
    SHELL,
    lifespan=lifespan,
    routes=[
        Mount("/api", app=build_api(application)),
        Mount(ENGINE_PATH, app=engine_door()),
        Route("/metrics", metrics),
    ],
)


def announce() -> None:
    """Print the address once the product answers."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    if application.wait_until_ready():
        print(f"\n  Blatam Academy is ready: http://{host}:{settings.port}\n", flush=True)


def allowed_hosts(host: str) -> list[str]:
    """Names under which pages answer: on loopback those of loopback only, against DNS rebinding."""
    loopback = ["127.0.0.1", "localhost", "[::1]"]
    return loopback if host in ("127.0.0.1", "localhost", "::1") else ["*"]


if __name__ == "__main__":
    threading.Thread(target=announce, name="announce", daemon=True).start()
    app.run(
        config={
            "server.address": settings.host,
            "server.port": settings.port,
            "server.maxUploadSize": settings.max_file_mb,
            "server.allowedHosts": allowed_hosts(settings.host),
            "runner.postScriptGC": False,
        }
    )
