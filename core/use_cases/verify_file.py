"""Tell whether a file is the one that was exported here."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Invalid
from core.exports.manifest import Verification, verify
from core.gateway.roles import Permission, Principal
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFile(Request[Verification]):
    """`manifest` is the file that came with it; None for a zip bundle, which holds its own."""

    data: bytes
    manifest: bytes | None = None


def verify_file(request: VerifyFile, principal: Principal, workbench: Workbench) -> Verification:
    """Raises Invalid for a file that is empty and for a manifest that is none."""
    principal.require(Permission.READ)
    if not request.data:
        raise Invalid("This file is empty.", remedy="Choose another.")
    return verify(request.data, request.manifest, workbench.signing_key())
