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


NO_CHILDREN: dict[BlockId, Run] = {}
"""What a run without children has. Never written to: most are leaves, and a dict each takes time."""


class Run:
    """Consecutive blocks that have been used together ever since they were known; `begin_run` makes one.

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

    ids: list[BlockId]
    slots: list[int]
    parent: Run | None
    children: dict[BlockId, Run]
    branches: int
    locks: int
    account: Account
    created: float
    last_used: float
    used_at: int
    num_uses: int
    pinned_until: float
    announced: list[int] | None
    turn: int
    kind: int
    sample: int
    queue: int

    def adopt(self, child: Run) -> None:
        """The child continues this run."""
        if self.children is NO_CHILDREN:
            self.children = {}
        self.children[child.ids[0]] = child


def begin_run(ids: list[BlockId], parent: Run | None, account: Account, now_ms: float) -> Run:
    """A run not used yet, of which nothing is resident. A function: `__init__` takes twice as long."""
    run = Run()
    run.ids = ids
    run.slots = []
    run.parent = parent
    run.children = NO_CHILDREN
    run.branches = run.locks = run.used_at = run.num_uses = run.turn = 0
    run.account = account
    run.created = run.last_used = now_ms
    run.pinned_until = 0.0
    run.announced = None
    run.kind = run.sample = run.queue = -1
    return run
