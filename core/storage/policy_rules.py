"""The rules that documents of a workspace are checked against, as people wrote them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from core.errors import Conflict, NotFound
from core.storage.tables import policy_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """`revision` grows with each change, so that two people do not overwrite each other unseen."""

    id: str
    name: str
    kind: str
    severity: str
    parameters: dict[str, Any]
    is_active: bool
    revision: int
    author: str
    changed_at: datetime


_COLUMNS = [policy_rules.c[name] for name in StoredRule.__dataclass_fields__]


class PolicyRules:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, workspace: str) -> list[StoredRule]:
        """By name."""
        query = select(*_COLUMNS).where(policy_rules.c.workspace == workspace).order_by(policy_rules.c.name)
        return [StoredRule(**row) for row in self._connection.execute(query).mappings()]

    def add(self, workspace: str, rule: StoredRule) -> None:
        """Raises Conflict when another rule has the name."""
        self._check_name(workspace, rule)
        self._connection.execute(policy_rules.insert().values(asdict(rule) | {"workspace": workspace}))

    def replace(self, workspace: str, rule: StoredRule) -> None:
        """Put the rule in the place of its last revision. Raises Conflict when that is no longer the last."""
        self._check_name(workspace, rule)
        statement = update(policy_rules).where(
            policy_rules.c.workspace == workspace,
            policy_rules.c.id == rule.id,
            policy_rules.c.revision == rule.revision - 1,
        )
        if not self._connection.execute(statement.values(asdict(rule))).rowcount:
            raise Conflict("Somebody else changed this rule.", remedy="Load the page again.")

    def remove(self, workspace: str, rule: str) -> None:
        """Raises NotFound."""
        statement = delete(policy_rules).where(
            policy_rules.c.workspace == workspace, policy_rules.c.id == rule
        )
        if not self._connection.execute(statement).rowcount:
            raise NotFound("This rule is gone.", remedy="Load the page again.")

    def _check_name(self, workspace: str, rule: StoredRule) -> None:
        query = select(policy_rules.c.id).where(
            policy_rules.c.workspace == workspace,
            policy_rules.c.name == rule.name,
            policy_rules.c.id != rule.id,
        )
        if self._connection.scalar(query) is not None:
            raise Conflict(f"Another rule is called “{rule.name}”.", remedy="Choose another name.")
