"""Ask the wizard for a tuning. Nothing changes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.tuning.catalogue import Workload
from core.tuning.machine import memory_mb
from core.tuning.reach import BlockCosts
from core.tuning.recorded import FOLDER, read_traffic
from core.tuning.wizard import RECORDED, Proposal, named_workload, propose
from core.tuning.workload import FEWEST_REQUESTS, describe_traffic
from core.use_cases.request import Request
from core.use_cases.trace_rows import own_tenant
from core.workbench import Workbench

TICK_SECONDS = 10.0
"""Who asks within this time is told of the same traffic: a page asks at every run, and reading takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeTuning(Request[Proposal]):
    """`goal` is a key of GOALS, `workload` one of WORKLOADS or "recorded". Memory: all of the machine's."""

    goal: str
    workload: str
    memory_mb: int | None = None


def propose_tuning(request: ProposeTuning, principal: Principal, workbench: Workbench) -> Proposal:
    """Raises Invalid for an unknown name, or where too little traffic was recorded."""
    principal.require(Permission.READ)
    workload = _recorded(principal, workbench) if request.workload == RECORDED else None
    engine = workbench.tunable
    return propose(
        request.goal,
        workload or named_workload(request.workload),
        memory_mb() if request.memory_mb is None else request.memory_mb,
        costs=block_costs(workbench),
        running=None if engine is None else engine.tuning(),
    )


def block_costs(workbench: Workbench) -> BlockCosts | None:
    """What the blocks of the loaded model take; None before it is loaded."""
    snapshots = {} if workbench.tunable is None else workbench.tunable.cache_snapshots()
    block_tokens = workbench.settings.cache_block_tokens
    for snapshot in snapshots.values():
        smaller_by = {
            level.form: level.raw_bytes / level.stored_bytes
            for level in snapshot.levels.values()
            if level.stored_bytes
        }
        return BlockCosts(bytes_per_token=snapshot.block_bytes / block_tokens, smaller_by=smaller_by)
    return None


def _recorded(principal: Principal, workbench: Workbench) -> Workload:
    folder, tenant = workbench.settings.data_dir / FOLDER, own_tenant(principal, workbench)
    tick = math.floor(time.monotonic() / TICK_SECONDS)
    workload: Workload | None = workbench.kept_observations.get(
        ("workload", tenant, tick), lambda: describe_traffic(read_traffic(folder, tenant=tenant))
    )
    if workload is None:
        raise Invalid(
            f"Fewer than {FEWEST_REQUESTS} requests were recorded.",
            remedy="Choose one of the named workloads until there are more.",
        )
    return workload
