"""A run: consecutive blocks with one history, the node of the prefix tree."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeAlias

BlockId: TypeAlias = int | bytes
"""Names a block together with everything before it: equal ids mean equal prefixes."""


class Account:
    """What one tenant holds, and what it may hold. Sizes in blocks."""

    __slots__ = ("hit_blocks", "name", "order", "quota_blocks", "requested_blocks", "resident_blocks")

    def __init__(self, name: str, quota_blocks: int | None = None) -> None:
        self.name = name
        self.quota_blocks = quota_blocks
        self.resident_blocks = 0
        self.requested_blocks = 0
        self.hit_blocks = 0
        self.order: OrderedDict[Run, None] | None = None if quota_blocks is None else OrderedDict()


class Run:
    """Consecutive blocks that have been used together ever since they were known.

    The first `len(slots)` of its `ids` are resident, the others are ghosts: known, not kept. Below a run
    that is not wholly resident nothing is. `branches` counts the children that hold resident blocks.
    `last_used` is in milliseconds, `used_at` in blocks requested of the index. `turn`, `kind`, `sample` and
    `queue` belong to the policy.
    """

    __slots__ = (
        "account",
        "announced",
        "branches",
        "children",
        "created",
        "ids",
        "kind",
        "last_used",
        "locks",
        "num_uses",
        "parent",
        "pinned_until",
        "queue",
        "sample",
        "slots",
        "turn",
        "used_at",
    )

    def __init__(self, ids: list[BlockId], parent: Run | None, account: Account, now_ms: float) -> None:
        self.ids = ids
        self.slots: list[int] = []
        self.parent = parent
        self.children: dict[BlockId, Run] = {}
        self.branches = 0
        self.locks = 0
        self.account = account
        self.created = now_ms
        self.last_used = now_ms
        self.used_at = 0
        self.num_uses = 0
        self.pinned_until = 0.0
        self.announced: list[int] | None = None
        self.turn = 0
        self.kind = -1
        self.sample = -1
        self.queue = -1
