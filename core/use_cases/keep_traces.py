"""Bring a trace, see which there are, take one away, and download one."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import NotFound
from core.gateway.roles import Permission, Principal
from core.tuning.recorded import FOLDER, pack_rows
from core.tuning.uploads import UploadedTrace, Uploads
from core.tuning.wizard import RECORDED
from core.use_cases.request import Request
from core.use_cases.trace_rows import own_tenant
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTrace(Request[UploadedTrace]):
    """A file as .jsonl or .jsonl.gz. Up to `max_broken` lines that do not hold are left out and reported."""

    name: str
    source: bytes | BinaryIO
    max_broken: int = 0


def add_trace(request: AddTrace, principal: Principal, workbench: Workbench) -> UploadedTrace:
    """Raises Invalid naming the line and why, Conflict when there are too many, StorageFull."""
    principal.require(Permission.CONTRIBUTE)
    file = io.BytesIO(request.source) if isinstance(request.source, bytes) else request.source
    return _uploads(principal, workbench).add(
        request.name, file, principal.user, max_broken=request.max_broken
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTraces(Request[tuple[UploadedTrace, ...]]):
    """Newest first."""


def list_traces(request: ListTraces, principal: Principal, workbench: Workbench) -> tuple[UploadedTrace, ...]:
    principal.require(Permission.READ)
    return tuple(_uploads(principal, workbench).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTrace(Request[None]):
    trace: str


def remove_trace(request: RemoveTrace, principal: Principal, workbench: Workbench) -> None:
    """Raises NotFound. What was replayed of it stays."""
    principal.require(Permission.CONTRIBUTE)
    _uploads(principal, workbench).remove(request.trace)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrace(Request["TraceFile"]):
    """The recorded traffic, or an uploaded trace by its id, as a file to take away."""

    source: str = RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFile:
    """Lengths, times and salted ids, no text. `num_requests` of the own workspace, or of all for those who
    may change the engine.
    """

    name: str
    media_type: str
    data: bytes
    num_requests: int


def read_trace_file(request: ReadTrace, principal: Principal, workbench: Workbench) -> TraceFile:
    """Raises NotFound when there is nothing in it."""
    principal.require(Permission.READ)
    if request.source == RECORDED:
        folder = workbench.settings.data_dir / FOLDER
        data, num = pack_rows(folder, tenant=own_tenant(principal, workbench))
        name = "recorded.jsonl.gz"
        if not num:
            raise NotFound("Nothing has been recorded yet.", remedy="Use the engine first.")
    else:
        uploads = _uploads(principal, workbench)
        num = uploads.get(request.source).num_requests
        data, name = uploads.packed(request.source), f"{request.source}.jsonl.gz"
    return TraceFile(name=name, media_type="application/gzip", data=data, num_requests=num)


def _uploads(principal: Principal, workbench: Workbench) -> Uploads:
    return Uploads(workbench.settings.data_dir, principal.workspace)
