"""What was changed of the running engine, by whom and what came of it: rows are added, results filled in."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.storage.tables import tuning_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningChange:
    """`action` is apply, roll_back or trial; `before` and `after` are tunings as plain values.

    A trial changes nothing that lasts: its `after` is what was tried beside `before`. `result` is empty until
    something was measured.
    """

    id: str
    action: str
    author: str
    created_at: datetime
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str = ""
    result: dict[str, Any] = field(default_factory=dict)


_COLUMNS = [tuning_changes.c[name] for name in TuningChange.__dataclass_fields__]
APPLY, ROLL_BACK, TRIAL = "apply", "roll_back", "trial"
LASTING = (APPLY, ROLL_BACK)
"""The actions after which the engine runs with `after`."""


class TuningChanges:
    """One engine serves every workspace, so `last` and `append` look at the changes of all of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, workspace: str, change: TuningChange, revision: int) -> None:
        """Raises Conflict when somebody changed the engine after it was at this revision."""
        try:
            self._connection.execute(
                tuning_changes.insert().values(
                    asdict(change) | {"workspace": workspace, "sequence": revision + 1}
                )
            )
        except IntegrityError:
            raise Conflict(
                "Somebody else just changed the engine.", remedy="Look at the history, then try again."
            ) from None

    def get(self, workspace: str | None, change: str) -> TuningChange:
        """Raises NotFound. None looks in every workspace."""
        query = _of(workspace).where(tuning_changes.c.id == change)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such change.", remedy="Look at the history.")
        return TuningChange(**row)

    def history(self, workspace: str | None, *, limit: int | None = None) -> list[TuningChange]:
        """Newest first; of every workspace with None."""
        ordered = _of(workspace).order_by(tuning_changes.c.sequence.desc()).limit(limit)
        return [TuningChange(**row) for row in self._connection.execute(ordered).mappings()]

    def last(self) -> TuningChange | None:
        """The newest change that lasts, of any workspace; trials are none."""
        return self._newest_of(LASTING)

    def newest_trial(self) -> TuningChange | None:
        """The trial that began last, of any workspace."""
        return self._newest_of((TRIAL,))

    def fill_result(self, change: str, result: dict[str, Any]) -> None:
        """Note what was measured of the engine after the change."""
        filled = update(tuning_changes).where(tuning_changes.c.id == change).values(result=result)
        self._connection.execute(filled)

    def revision(self) -> int:
        """Grows with every row of any workspace.

        Read before `last`, it makes `append` refuse whatever came between the two and the new row.
        """
        return self._connection.scalar(select(func.max(tuning_changes.c.sequence))) or 0

    def _newest_of(self, actions: tuple[str, ...]) -> TuningChange | None:
        query = select(*_COLUMNS).where(tuning_changes.c.action.in_(actions))
        newest = query.order_by(tuning_changes.c.sequence.desc()).limit(1)
        row = self._connection.execute(newest).mappings().one_or_none()
        return None if row is None else TuningChange(**row)


def _of(workspace: str | None) -> Select[Any]:
    query = select(*_COLUMNS)
    return query if workspace is None else query.where(tuning_changes.c.workspace == workspace)
