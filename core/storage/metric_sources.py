"""Servers whose figures are watched: where they are, never what they said."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.storage.tables import metric_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSource:
    """`url` is the address of its metrics page."""

    id: str
    name: str
    url: str
    author: str
    added_at: datetime


_COLUMNS = [metric_sources.c[name] for name in MetricSource.__dataclass_fields__]


class MetricSources:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, source: MetricSource) -> None:
        """Raises Conflict when another one has this name."""
        try:
            self._connection.execute(
                metric_sources.insert().values(asdict(source) | {"workspace": workspace})
            )
        except IntegrityError:
            raise Conflict(
                f"Another source is called {source.name!r}.", remedy="Choose another name."
            ) from None

    def all(self, workspace: str) -> list[MetricSource]:
        """By name."""
        query = select(*_COLUMNS).where(metric_sources.c.workspace == workspace)
        ordered = query.order_by(metric_sources.c.name)
        return [MetricSource(**row) for row in self._connection.execute(ordered).mappings()]

    def of_every_workspace(self) -> list[MetricSource]:
        """For the one that polls them."""
        ordered = select(*_COLUMNS).order_by(metric_sources.c.added_at, metric_sources.c.id)
        return [MetricSource(**row) for row in self._connection.execute(ordered).mappings()]

    def remove(self, workspace: str, source: str) -> None:
        """Raises NotFound."""
        gone = delete(metric_sources).where(
            metric_sources.c.workspace == workspace, metric_sources.c.id == source
        )
        if not self._connection.execute(gone).rowcount:
            raise NotFound("There is no such source.", remedy="Look at the list.")
