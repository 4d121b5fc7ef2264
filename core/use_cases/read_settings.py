"""Every setting of the installation with its value, where it came from and what it may be."""

from __future__ import annotations

from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.settings import SettingView, describe_settings
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings(Request[tuple[SettingView, ...]]):
    """What the product runs with. Secrets are not told."""


def read_settings(
    request: ReadSettings, principal: Principal, workbench: Workbench
) -> tuple[SettingView, ...]:
    principal.require(Permission.OPERATE)
    return describe_settings(workbench.settings)
