"""Watch other engines beside one's own: attach a server's metrics page, see what it did, let it go."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from core.errors import Invalid, Unavailable
from core.gateway.roles import Permission, Principal
from core.storage.metric_sources import MetricSource
from core.telemetry.health import State
from core.telemetry.sources.address import check_host, checked_url
from core.telemetry.sources.reading import Point
from core.telemetry.sources.vendors import Kind
from core.use_cases.request import Request
from core.workbench import Workbench

LONGEST_NAME = 100
MOST_SOURCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """An attached server. `kind` is None until it has answered; `state` holds since `since`.

    `points` are those of the last hour, one in five seconds, oldest first. While the server is away there are
    none, and `cause` says why. `seen_at` is when it answered last.
    """

    id: str
    name: str
    url: str
    author: str
    added_at: datetime
    kind: Kind | None
    state: State
    cause: str
    since: datetime
    seen_at: datetime | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSources(Request[tuple[SourceView, ...]]):
    """The attached servers by name."""


def list_sources(_request: ListSources, principal: Principal, workbench: Workbench) -> tuple[SourceView, ...]:
    principal.require(Permission.OPERATE)
    with workbench.storage.transaction(readonly=True) as work:
        sources = work.metric_sources.all(principal.workspace)
    return tuple(_view(source, workbench) for source in sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachSource(Request[SourceView]):
    """`url` is the address of the metrics page; without a path it is /metrics."""

    name: str
    url: str


def attach_source(request: AttachSource, principal: Principal, workbench: Workbench) -> SourceView:
    """The server, asked within a second from now. One that is down can be attached; it is offline then."""
    principal.require(Permission.OPERATE)
    source = MetricSource(
        id=uuid4().hex,
        name=_checked_name(request.name),
        url=checked_url(request.url),
        author=principal.user,
        added_at=datetime.now(UTC),
    )
    with suppress(Unavailable):  # a machine that is not there yet may come
        check_host(source.url)
    with workbench.storage.transaction() as work:
        if len(work.metric_sources.all(principal.workspace)) >= MOST_SOURCES:
            raise Invalid(f"At most {MOST_SOURCES} servers are watched.", remedy="Remove one first.")
        work.metric_sources.add(principal.workspace, source)
    return _view(source, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSource(Request[None]):
    """Watch this server no longer. Raises NotFound."""

    source: str


def remove_source(request: RemoveSource, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.OPERATE)
    with workbench.storage.transaction() as work:
        work.metric_sources.remove(principal.workspace, request.source)


def _checked_name(name: str) -> str:
    checked = " ".join(name.split())
    if not checked or len(checked) > LONGEST_NAME or not checked.isprintable():
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters.", remedy="Choose another name.")
    return checked


def _view(source: MetricSource, workbench: Workbench) -> SourceView:
    seen = workbench.monitoring.source(source.id)
    return SourceView(
        id=source.id,
        name=source.name,
        url=source.url,
        author=source.author,
        added_at=source.added_at,
        kind=seen.kind,
        state=seen.state,
        cause=seen.cause,
        since=seen.since,
        seen_at=seen.seen_at,
        points=seen.points,
    )
