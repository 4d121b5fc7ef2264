"""Decisions about documents: rows are added, never changed; an undo is a row of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.storage.tables import decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`act` is keep, merge, drop, ignore or undo; an undo names in `undoes` the decision it takes back."""

    id: str
    document: str
    against: str | None
    act: str
    reason: str
    similarity: float | None
    author: str
    created_at: datetime
    undoes: str | None = None


_COLUMNS = [decisions.c[name] for name in Decision.__dataclass_fields__]


class Decisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, workspace: str, decision: Decision) -> None:
        """Raises Conflict when somebody decided at the same moment, or took the same decision back."""
        try:
            self._connection.execute(
                decisions.insert().values(
                    asdict(decision) | {"workspace": workspace, "sequence": self.revision(workspace) + 1}
                )
            )
        except IntegrityError:
            raise Conflict(
                "Somebody else just decided the same.", remedy="Look at the history, then try again."
            ) from None

    def get(self, workspace: str, decision: str) -> Decision:
        row = (
            self._connection.execute(
                select(*_COLUMNS).where(decisions.c.workspace == workspace, decisions.c.id == decision)
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise NotFound("There is no such decision.", remedy="Look at the history.")
        return Decision(**row)

    def history(self, workspace: str, *, limit: int | None = None) -> list[Decision]:
        """Every row, newest first."""
        query = select(*_COLUMNS).where(decisions.c.workspace == workspace)
        ordered = query.order_by(decisions.c.sequence.desc()).limit(limit)
        return [Decision(**row) for row in self._connection.execute(ordered).mappings()]

    def current(self, workspace: str) -> dict[str, Decision]:
        """By document, the last decision that was not taken back."""
        query = select(*_COLUMNS).where(
            decisions.c.workspace == workspace, decisions.c.act != "undo", _not_undone()
        )
        ordered = query.order_by(decisions.c.sequence)
        return {row["document"]: Decision(**row) for row in self._connection.execute(ordered).mappings()}

    def revision(self, workspace: str) -> int:
        """Grows with every row."""
        query = select(func.max(decisions.c.sequence)).where(decisions.c.workspace == workspace)
        return self._connection.scalar(query) or 0

    def undone(self, workspace: str) -> set[str]:
        """The ids of the decisions that were taken back."""
        query = select(decisions.c.undoes).where(
            decisions.c.workspace == workspace, decisions.c.undoes.is_not(None)
        )
        return {each for each in self._connection.scalars(query) if each is not None}


def _not_undone() -> ColumnElement[bool]:
    undo = decisions.alias("undo")
    return ~select(undo.c.id).where(undo.c.undoes == decisions.c.id).exists()
