"""See how every part of the product is."""

from __future__ import annotations

from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.telemetry.health import Health
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHealth(Request[Health]):
    """All parts as they were at the last look, some seconds ago."""


def read_health(_request: ReadHealth, principal: Principal, workbench: Workbench) -> Health:
    principal.require(Permission.READ)
    return workbench.monitoring.health()
