"""Whose recorded requests a principal sees: their own workspace's, and all of them who runs the whole."""

from __future__ import annotations

from core.gateway.roles import Permission, Principal
from core.inference.secret_file import read_or_draw
from core.tuning.recorded import TenantNames
from core.workbench import Workbench

SECRET = "kvcache.secret"  # noqa: S105 - the name of a file


def own_tenant(principal: Principal, workbench: Workbench) -> int | None:
    """How records name the principal's workspace; None for those who see every row."""
    if principal.may(Permission.OPERATE):
        return None
    secret = read_or_draw(workbench.settings.data_dir / SECRET)
    return TenantNames(secret).id(principal.workspace)
