"""Who is asking and what a role may do: the one rule set that every use case consults before it acts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import Forbidden


class Role(StrEnum):
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Permission(StrEnum):
    READ = "read"
    """See documents, analyses, decisions and jobs of the workspace."""
    CONTRIBUTE = "contribute"
    """Add and remove documents, start analyses, cancel and redrive jobs."""
    DECIDE = "decide"
    """Record and undo decisions."""
    OPERATE = "operate"
    """Back up, restore, see and change the settings of the whole installation."""


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.ANALYST: frozenset({Permission.READ, Permission.CONTRIBUTE, Permission.DECIDE}),
    Role.VIEWER: frozenset({Permission.READ}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person or program as the gateway knows it. All it sees and does stays in its workspace."""

    user: str
    role: Role
    workspace: str

    def may(self, permission: Permission) -> bool:
        return permission in GRANTS[self.role]

    def require(self, permission: Permission) -> None:
        """Raises Forbidden unless the role grants the permission."""
        if not self.may(permission):
            raise Forbidden(
                f"The role {self.role.value} may not {permission.value} in this workspace.",
                remedy="Ask an administrator of the workspace for another role.",
            )


LOCAL_ADMINISTRATOR = Principal(user="local", role=Role.ADMIN, workspace="default")
"""Who sits at a machine that serves loopback only. Accounts take this place behind the same call."""
