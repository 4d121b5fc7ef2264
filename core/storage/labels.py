"""What people said of pairs of documents, to measure how right the comparison is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.storage.tables import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """`first` and `second` are documents in the order of their ids; `similarity` is that of the pair then."""

    id: str
    first: str
    second: str
    similarity: float
    verdict: str
    author: str
    created_at: datetime


_COLUMNS = [labels.c[name] for name in Label.__dataclass_fields__]


class Labels:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, workspace: str, label: Label) -> None:
        """A later label of the same pair takes the place of an earlier one; both stay on record."""
        highest = self._connection.scalar(
            select(func.max(labels.c.sequence)).where(labels.c.workspace == workspace)
        )
        self._connection.execute(
            labels.insert().values(asdict(label) | {"workspace": workspace, "sequence": (highest or 0) + 1})
        )

    def current(self, workspace: str) -> dict[tuple[str, str], Label]:
        """The newest label of every pair, in the order in which they were given."""
        query = select(*_COLUMNS).where(labels.c.workspace == workspace).order_by(labels.c.sequence)
        newest: dict[tuple[str, str], Label] = {}
        for row in self._connection.execute(query).mappings():
            label = Label(**row)
            newest.pop((label.first, label.second), None)
            newest[label.first, label.second] = label
        return newest
