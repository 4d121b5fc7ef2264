"""The index: which prefixes are resident, in which slots, who uses them, and what goes when room is needed.

A run-compressed radix tree over block ids. A request touches the few runs of its path, not each block; a
run is compared by one slice; victims are trimmed from their tail. It does not know tokens, keys or tensors,
and it takes no lock: `PrefixCache` is the door for threads.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kvcache.block_pool import BlockPool
from kvcache.metrics import EvictionCause, IndexCounters
from kvcache.run import NO_CHILDREN, Account, BlockId, Run, begin_run

if TYPE_CHECKING:
    from kvcache.policies.policy import EvictionPolicy

NEVER = 0.0
UNKNOWN_SHAPE = -1
FOR_A_REQUEST = int(EvictionCause.REQUEST)


class Lease:
    """A prefix in use: none of its resident blocks is evicted before `PrefixTree.release`.

    `num_hit` blocks were resident when it began, `num_resident` are now; `num_known` lie on `path`, as it
    was when the tree had the shape numbered `shape`.
    """

    __slots__ = (
        "account",
        "begun_at",
        "begun_ms",
        "end",
        "ids",
        "num_hit",
        "num_known",
        "num_resident",
        "path",
        "released",
        "shape",
    )

    ids: list[BlockId]
    account: Account
    begun_ms: float
    begun_at: int
    path: list[Run]
    end: Run
    num_known: int
    num_hit: int
    num_resident: int
    shape: int
    released: bool


class Announcement:
    """A request that will come: its place in the order of arrival, and the run its prefix ends in."""

    __slots__ = ("end", "turn")

    def __init__(self, turn: int, end: Run) -> None:
        self.turn = turn
        self.end = end


class PrefixTree:
    """At most `capacity_blocks` resident blocks, leaves before parents, never one that is in use.

    Every operation costs O(runs on the path + blocks of the path); an eviction costs O(runs it empties),
    whatever the number of blocks kept.
    """

    def __init__(
        self, capacity_blocks: int, policy: EvictionPolicy, counters: IndexCounters | None = None
    ) -> None:
        self.pool = BlockPool(capacity_blocks)
        self.policy = policy
        self.counters = counters
        self.root = begin_run([], None, Account("root"), 0.0)
        self.root.locks = 1
        self.gone: list[BlockId] | None = None
        self.num_requests = 0
        self.num_leases = 0
        self._pins: list[tuple[float, int, int, Run]] = []
        self._num_pins = 0
        self._num_announced = 0
        self._now_ms = 0.0
        self._clock = 0
        self._has_quotas = False
        self._has_gaps = False
        self._shape = 0

    @property
    def num_resident(self) -> int:
        return self.pool.num_used

    def match(self, ids: Sequence[BlockId]) -> list[int]:
        """The slots of the leading resident blocks. Changes nothing."""
        wanted = list(ids)
        slots: list[int] = []
        node, at = self.root, 0
        while at < len(wanted) and (run := node.children.get(wanted[at])) is not None:
            common = _num_common(run.ids, wanted, at)
            slots += run.slots[:common]
            if common < len(run.ids) or len(run.slots) < len(run.ids):
                break
            node, at = run, at + common
        return slots

    def acquire(self, ids: list[BlockId], account: Account, now_ms: float) -> Lease:
        """Lease the known part of the prefix `ids`, and count the use. The tree keeps `ids`."""
        self._now_ms = now_ms
        num_blocks = len(ids)
        clock = self._clock = self._clock + num_blocks
        self.num_requests += 1
        self.num_leases += 1
        path: list[Run] = []
        num_known = num_hit = 0
        children = self.root.children
        while num_known < num_blocks:  # as `_descend`, in the same loop that counts
            known = children.get(ids[num_known])
            if known is None:
                break
            run, run_ids, children = known, known.ids, known.children
            end = num_known + len(run_ids)
            if run_ids != ids[num_known:end]:
                run = self._split(run, _num_common(run_ids, ids, num_known))
                end, children = num_known + len(run.ids), NO_CHILDREN
            path.append(run)
            num_hit += len(run.slots)
            num_known = end
        if self.policy.follows:
            self.policy.used(path, clock, num_blocks, num_known, num_hit)
        for run in path:
            run.locks += 1
            run.num_uses += 1
            run.last_used = now_ms
            run.used_at = clock
        account.requested_blocks += num_blocks
        account.hit_blocks += num_hit
        if self._has_quotas or account.order is not None:
            self._has_quotas = True
            self._leave_accounts(path)
        lease = Lease()
        lease.ids = ids
        lease.account = account
        lease.begun_ms = now_ms
        lease.begun_at = clock
        lease.path = path
        lease.end = path[-1] if path else self.root
        lease.num_known = num_known
        lease.num_hit = lease.num_resident = num_hit
        lease.shape = self._shape
        lease.released = False
        return lease

    def resume(self, released: Lease) -> Lease:
        """Lease what is known of a released lease's prefix once more: no other use is counted for it."""
        path, known = self._descend(self.root, released.ids, 0)
        self._leave_orders([run for run in path if not run.locks])
        for run in path:
            run.locks += 1
        self.num_leases += 1
        lease = Lease()
        lease.ids = released.ids
        lease.account = released.account
        lease.begun_ms = released.begun_ms
        lease.begun_at = released.begun_at
        lease.path = path
        lease.end = path[-1] if path else self.root
        lease.num_known = known
        lease.num_hit = lease.num_resident = sum([len(run.slots) for run in path])
        lease.shape = self._shape
        lease.released = False
        return lease

    def lengthen(self, lease: Lease, ids: list[BlockId]) -> None:
        """The prefix of a lease goes on with these blocks, some of which may be known."""
        lease.ids += ids
        lease.shape = UNKNOWN_SHAPE

    def extend(self, lease: Lease) -> int:
        """Make as much of the lease's prefix resident as there is room for; its number of resident blocks.

        Room is made by eviction, as far as the policy prefers the new blocks to the old. What does not fit is
        left out from the end of the prefix.
        """
        assert not lease.released, "a released lease cannot be extended"
        if lease.shape != self._shape:
            self._lease_what_was_added(lease)
        if lease.num_resident < lease.num_known:
            self._fill_gaps(lease)
        if lease.num_known < len(lease.ids):
            self._add(lease)
        return lease.num_resident

    def release(self, lease: Lease) -> None:
        """The prefix is no longer in use. Releasing again changes nothing."""
        if lease.released:
            return
        lease.released = True
        self.num_leases -= 1
        freed: list[Run] = []
        run, above = lease.end, lease.end.parent
        while above is not None:
            locks = run.locks = run.locks - 1
            if not locks:
                freed.append(run)
            run, above = above, above.parent
        if self._pins or self._has_gaps or self._has_quotas:
            self._rest(freed)
        else:
            self.policy.rest(freed)
        if self.policy.forgotten:
            self._forget()

    def give_up(self, lease: Lease) -> bool:
        """Let the last blocks of a released lease go that nobody filled; False while others are in there."""
        run, filled = lease.end, self.pool.tokens
        while run.parent is not None:
            above, num_slots = run.parent, len(run.slots)
            unfilled = 0
            while unfilled < num_slots and run.slots[-1 - unfilled] not in filled:
                unfilled += 1
            if num_slots and not unfilled:
                return True
            if unfilled:
                if run.locks or run.branches:
                    return False
                self._count(run, self._trim(run, unfilled), EvictionCause.GIVEN_UP)
                if unfilled < num_slots:
                    return True
            run = above
        return True

    def slots_of(self, lease: Lease) -> list[int]:
        """The slots of the lease's resident blocks, in prefix order."""
        slots: list[int] = []
        for run in self._path(lease.end):
            slots += run.slots
        return slots

    def evict(self, num_blocks: int, cause: EvictionCause = EvictionCause.REQUEST) -> int:
        """Let that many blocks go, or all that are not in use; how many went."""
        return self._evict(num_blocks, int(cause), None)

    def evict_from(self, account: Account, num_blocks: int) -> int:
        """Let that many blocks of one tenant go, least recently used first; how many went.

        A run under which another tenant's blocks rest waits for these to go.
        """
        freed = 0
        assert account.order is not None, "only a tenant with a quota has an order of its own"
        while freed < num_blocks and (run := next(iter(account.order), None)) is not None:
            if run.branches:
                del account.order[run]
                continue
            trimmed = self._trim(run, num_blocks - freed)
            self._count(run, trimmed, EvictionCause.QUOTA)
            freed += trimmed
        return freed

    def resize(self, capacity_blocks: int, policy: EvictionPolicy) -> None:
        """Go on with another number of slots, under a policy that takes its measures from it.

        Evicts nothing: there are never fewer slots than resident blocks.
        """
        before = self.pool.capacity_blocks
        self.pool.resize(capacity_blocks)
        if self.pool.capacity_blocks != before:
            self.switch(policy)

    def switch(self, policy: EvictionPolicy) -> None:
        """Go on under another policy. No block is lost; histories go along as far as the tree holds them."""
        for run in list(self.runs()):
            run.queue = run.sample = run.kind = -1
            if not policy.looks_ahead and run.announced is not None:
                run.announced = None
                self._prune(run)
        self.policy = policy
        if not policy.remembers:
            self._drop_ghosts()
            self._has_gaps = self.num_leases > 0
        idle = [run for run in self.runs() if run.slots and not run.locks and run.pinned_until <= NEVER]
        idle.reverse()  # children come before their parents, and the sort leaves it so
        policy.adopt(sorted(idle, key=lambda run: run.last_used), self.pool.capacity_blocks)

    def pin(self, ids: Sequence[BlockId], until_ms: float) -> int:
        """Keep the resident part of a prefix until then if possible; how many blocks that is.

        The pin is soft. Pinned blocks go only when nothing else is left, the pin that ends first first.
        """
        wanted = list(ids)[: len(self.match(ids))]
        path, known = self._descend(self.root, wanted, 0)
        for run in path:
            if until_ms > run.pinned_until:
                self._leave_orders([run])
                run.pinned_until = until_ms
                self._push_pin(run)
        return known

    def expire_pins(self, now_ms: float) -> None:
        """Pins that ended before now hold no longer."""
        ended: list[Run] = []
        while self._pins and self._pins[0][0] <= now_ms:
            until_ms, _, _, run = heapq.heappop(self._pins)
            if run.pinned_until == until_ms:
                run.pinned_until = NEVER
                if run.slots and not run.locks:
                    ended.append(run)
        self._rest(ended)

    def announce(self, ids: list[BlockId]) -> Announcement | None:
        """A request for this prefix will come, after all those announced before.

        None under a policy that does not look ahead. `ids` belongs to the tree from now on.
        """
        if not self.policy.looks_ahead or not ids:
            return None
        path, known = self._descend(self.root, ids, 0)
        if known < len(ids):
            parent = path[-1] if path else self.root
            ghost = begin_run(ids[known:], parent, self.root.account, 0.0)
            parent.adopt(ghost)
            self._shape += 1
            path.append(ghost)
        self._num_announced += 1
        for run in path:
            if run.announced is None:
                run.announced = []
            run.announced.append(self._num_announced)
        self._requeue(path)
        return Announcement(self._num_announced, path[-1])

    def withdraw(self, announcement: Announcement) -> None:
        """The announced request begins now, or will not come at all."""
        path = self._path(announcement.end)
        for run in path:
            if run.announced is not None and announcement.turn in run.announced:
                run.announced.remove(announcement.turn)
                if not run.announced:
                    run.announced = None
        self._requeue(path)
        self._prune(announcement.end)

    def runs(self) -> Iterator[Run]:
        """Every run, parents before their children."""
        waiting = [self.root]
        while waiting:
            run = waiting.pop()
            if run.parent is not None:
                yield run
            waiting += run.children.values()

    def check_integrity(self) -> None:
        """Raises AssertionError if any promise of the structure is broken. O(blocks)."""
        used: list[int] = []
        resident: dict[str, int] = {}
        for run in self.runs():
            assert run.ids, "an empty run"
            assert len(run.slots) <= len(run.ids), "more slots than blocks"
            assert run.parent is not None
            assert run.parent.children[run.ids[0]] is run, "a run is not where it is looked for"
            branches = sum(1 for child in run.children.values() if child.slots)
            assert run.branches == branches, "branches miscounted"
            assert not branches or len(run.slots) == len(run.ids), "resident blocks below a gap"
            assert run.locks >= sum(child.locks for child in run.children.values()), (
                "a lock without its prefix"
            )
            assert run.slots or self.policy.remembers or run.locks, (
                "a ghost under a policy that remembers none"
            )
            used += run.slots
            resident[run.account.name] = resident.get(run.account.name, 0) + len(run.slots)
        assert len(used) == len(set(used)) == self.pool.num_used, "a slot lost or given twice"
        assert not set(used) & set(self.pool.free), "a free slot in use"
        assert len(used) + len(set(self.pool.free)) == self.pool.capacity_blocks, "a slot lost or named twice"
        assert self.num_leases > 0 or all(run.locks == 0 for run in self.runs()), "a lock nobody holds"
        for run in self.runs():
            quota = run.account.quota_blocks
            assert run.account.resident_blocks == resident[run.account.name], "a tenant's blocks miscounted"
            assert quota is None or run.account.resident_blocks <= quota, "a tenant holds more than its quota"
        idle = [run for run in self.runs() if run.slots and not run.locks and run.pinned_until <= NEVER]
        for run in idle:
            order = run.account.order
            assert order is None or run.branches or run in order, (
                "a leaf that its tenant's quota cannot reach"
            )
        self.policy.check_integrity(idle)

    def _descend(self, node: Run, ids: list[BlockId], at: int) -> tuple[list[Run], int]:
        """The runs below `node` that spell `ids` from `at`, and where they end; one that goes on is split."""
        path: list[Run] = []
        children, num_ids = node.children, len(ids)
        while at < num_ids:
            run = children.get(ids[at])
            if run is None:
                break
            run_ids = run.ids
            end = at + len(run_ids)
            if end > at + 1 and run_ids != ids[at:end]:
                length = _num_common(run_ids, ids, at)
                path.append(self._split(run, length))
                return path, at + length
            path.append(run)
            at, children = end, run.children
        return path, at

    def _split(self, lower: Run, length: int) -> Run:
        """Cut a run in two; the lower part stays the same object, the new upper one shares its history."""
        parent = lower.parent
        assert parent is not None
        upper = begin_run(lower.ids[:length], parent, lower.account, lower.created)
        lower.ids = lower.ids[length:]
        upper.slots = lower.slots[:length]
        lower.slots = lower.slots[length:]
        upper.adopt(lower)
        upper.branches = 1 if lower.slots else 0
        upper.locks = lower.locks
        upper.last_used = lower.last_used
        upper.used_at = lower.used_at
        upper.num_uses = lower.num_uses
        upper.pinned_until = lower.pinned_until
        upper.turn = lower.turn
        upper.kind = lower.kind
        upper.sample = lower.sample
        if lower.announced is not None:
            upper.announced = list(lower.announced)
        parent.children[upper.ids[0]] = upper
        lower.parent = upper
        self._shape += 1
        if upper.pinned_until > NEVER:
            self._push_pin(upper)
        if upper.slots and not lower.slots and not lower.locks:
            self._leave_orders([lower])
        if self.policy.observes:
            self.policy.split(upper)
        return upper

    def _lease_what_was_added(self, lease: Lease) -> None:
        """What others have added below the lease since it began is leased too."""
        more, lease.num_known = self._descend(lease.end, lease.ids, lease.num_known)
        if more:
            self._leave_orders([run for run in more if not run.locks])
            for run in more:
                run.locks += 1
            lease.end = more[-1]
        lease.shape = self._shape
        lease.path = self._path(lease.end)
        lease.num_resident = sum([len(run.slots) for run in lease.path])

    def _fill_gaps(self, lease: Lease) -> None:
        """Bring back what is known of the prefix and not resident, as far as there is room."""
        for run in lease.path:
            gap = len(run.ids) - len(run.slots)
            if gap:
                if run.slots and run.account is not lease.account:  # each pays for what it brings
                    self._split(run, len(run.slots))
                room = self._make_room(gap, lease.account, run)
                if room > 0:
                    self._fill(run, room, lease)
                if room < gap:
                    break
        lease.path = self._path(lease.end)
        lease.num_resident = sum([len(run.slots) for run in lease.path])

    def _path(self, end: Run) -> list[Run]:
        path: list[Run] = []
        run = end
        while run.parent is not None:
            path.append(run)
            run = run.parent
        path.reverse()
        return path

    def _rest(self, runs: list[Run]) -> None:
        """These runs, children first, may be evicted again, unless a pin keeps them."""
        if self._pins:
            runs = [run for run in runs if run.pinned_until <= NEVER]
        if self._has_gaps:
            runs = self._close_gaps(runs)
        self.policy.rest(runs)
        if self._has_quotas:
            for run in runs:
                if run.slots and run.account.order is not None:
                    run.account.order[run] = None

    def _close_gaps(self, runs: list[Run]) -> list[Run]:
        """Those of the runs that hold blocks; what a policy that remembers nothing has in others goes."""
        if not self.policy.remembers:
            for run in runs:
                if len(run.slots) < len(run.ids):
                    self._cut(run)
        return [run for run in runs if run.slots]

    def _cut(self, run: Run) -> None:
        """Forget the part of a run that is not resident."""
        if run.slots:
            del run.ids[len(run.slots) :]
        else:
            self._prune(run)

    def _requeue(self, path: list[Run]) -> None:
        """What is known of these runs' future has changed."""
        idle = [run for run in path if run.slots and not run.locks and run.pinned_until <= NEVER]
        idle.reverse()
        self.policy.hold(idle)
        self.policy.rest(idle)
        for run in idle:
            if run.account.order is not None:
                run.account.order.setdefault(run)

    def _leave_orders(self, runs: list[Run]) -> None:
        self.policy.hold(runs)
        if self._has_quotas:
            self._leave_accounts(runs)

    def _leave_accounts(self, runs: list[Run]) -> None:
        for run in runs:
            if run.account.order is not None:
                run.account.order.pop(run, None)

    def _make_room(self, num_blocks: int, account: Account, newcomer: Run) -> int:
        """Evict until so many slots are free for the tenant, as far as possible; how many it may take."""
        if account.quota_blocks is not None:
            excess = account.resident_blocks + num_blocks - account.quota_blocks
            if excess > 0:
                self.evict_from(account, excess)
                num_blocks = min(num_blocks, account.quota_blocks - account.resident_blocks)
        num_free = len(self.pool.free)
        if num_free < num_blocks:
            num_free += self._evict(num_blocks - num_free, FOR_A_REQUEST, newcomer)
        return num_blocks if num_blocks < num_free else num_free

    def _evict(self, num_blocks: int, cause: int, newcomer: Run | None) -> int:
        """Evict for the sake of a run, while the policy says that the victim is worth less."""
        freed, policy, counters = 0, self.policy, self.counters
        victim, trimmed = policy.victim, None
        while freed < num_blocks:
            run = victim(newcomer) or self._weakest_pin()
            if run is None or run is newcomer:
                break
            wanted = num_blocks - freed
            freed += self._trim(run, min(wanted, policy.spare(run)) if policy.spares else wanted)
            trimmed = run
        if counters is not None and trimmed is not None:
            counted = counters.by_cause[cause] = counters.by_cause[cause] + freed
            if counted > counters.looks_at[cause]:
                counters.look_at(trimmed, freed, cause, self._now_ms)
        return freed

    def _add(self, lease: Lease) -> None:
        """Keep new blocks below the lease's end, in a run of their own, as far as there is room."""
        above, account, policy = lease.end, lease.account, self.policy
        fresh = lease.ids[lease.num_known :]
        run = begin_run(fresh, above, account, lease.begun_ms)
        run.locks = run.num_uses = 1
        if lease.begun_at != self._clock:
            self._clock += 1  # no two requests add runs at one time
        run.used_at = self._clock
        if policy.observes:
            policy.added(run, len(lease.ids))
        is_gapless = lease.num_resident == lease.num_known
        room = self._make_room(len(fresh), account, run) if is_gapless else 0
        if not policy.remembers:
            if room <= 0:
                return
            del fresh[room:]
        above.adopt(run)
        self._shape += 1
        lease.end = run
        lease.num_known += len(fresh)
        if room > 0:
            above.branches += 1
            free = self.pool.free
            run.slots = free[-room:]
            del free[-room:]
            account.resident_blocks += room
            lease.num_resident += room

    def _fill(self, run: Run, num_blocks: int, lease: Lease) -> None:
        """Make that many more blocks of a leased run resident."""
        if not run.slots:
            assert run.parent is not None
            run.parent.branches += 1
            run.account = lease.account
            run.created = lease.begun_ms
        run.slots += self.pool.take(num_blocks)
        run.account.resident_blocks += num_blocks

    def _trim(self, run: Run, num_blocks: int) -> int:
        """Free up to that many blocks from the tail of a run without resident children; how many."""
        slots, pool = run.slots, self.pool
        num_slots = len(slots)
        keep = num_slots - num_blocks
        if self.gone is not None:
            self.gone += reversed(run.ids[max(keep, 0) : num_slots])
        if keep <= 0:
            pool.free += slots
            self._vacate(run, num_slots)
        else:
            run.account.resident_blocks -= num_blocks
            slots, run.slots = slots[keep:], slots[:keep]
            pool.free += slots
            num_slots = num_blocks
            if not self.policy.remembers:
                del run.ids[keep:]
        if pool.tokens:
            pool.forget_tokens(slots)
        return num_slots

    def _vacate(self, run: Run, num_slots: int) -> None:
        """No block of the run is resident any more; its parent may now be a leaf."""
        parent = run.parent
        assert parent is not None
        policy, account = self.policy, run.account
        if policy.follows:
            policy.drop(run)
        if account.order is not None:
            account.order.pop(run, None)
        account.resident_blocks -= num_slots
        run.slots = []
        run.pinned_until = NEVER
        parent.branches -= 1
        if not policy.remembers:
            del parent.children[run.ids[0]]
        if not (parent.branches or parent.locks or parent.pinned_until > NEVER):
            if policy.follows:
                policy.exposed(parent)
            order = parent.account.order
            if order is not None and parent not in order:  # it has waited for this one
                order[parent] = None
                order.move_to_end(parent, last=False)

    def _count(self, run: Run, num_blocks: int, cause: EvictionCause) -> None:
        """Count what went; `_evict` does the same in its own words, to save a call."""
        counters = self.counters
        if counters is not None:
            counters.by_cause[cause] += num_blocks
            if counters.by_cause[cause] > counters.looks_at[cause]:
                counters.look_at(run, num_blocks, cause, self._now_ms)

    def _prune(self, run: Run) -> None:
        """Forget a ghost that nothing needs any more, and then its parent if that was the last need of it."""
        while (
            run.parent is not None
            and not run.slots
            and not run.children
            and not run.locks
            and run.announced is None
            and run.sample < 0
        ):
            parent = run.parent
            del parent.children[run.ids[0]]
            run.parent = None
            run = parent

    def _forget(self) -> None:
        """Prune the ghosts that the policy needs no longer."""
        for ghost in self.policy.forgotten:
            self._prune(ghost)
        self.policy.forgotten.clear()

    def _drop_ghosts(self) -> None:
        """Forget every ghost that is not leased."""
        for run in reversed(list(self.runs())):
            run.announced = None
            self._prune(run)
            if run.slots and not run.locks and not run.children:
                del run.ids[len(run.slots) :]

    def _push_pin(self, run: Run) -> None:
        """Among pins of one end, the deeper is the weaker; where a run ends does not change by a split."""
        self._num_pins += 1
        ends_at = sum(len(above.ids) for above in self._path(run))
        heapq.heappush(self._pins, (run.pinned_until, -ends_at, self._num_pins, run))

    def _weakest_pin(self) -> Run | None:
        """The pinned run whose pin ends first, among those not in use."""
        in_use: list[tuple[float, int, int, Run]] = []
        weakest: Run | None = None
        while self._pins and weakest is None:
            until_ms, _, _, run = self._pins[0]
            if run.pinned_until == until_ms and run.slots and not run.locks:
                weakest = run
            else:
                entry = heapq.heappop(self._pins)
                if run.pinned_until == until_ms and run.locks:
                    in_use.append(entry)
        for entry in in_use:
            heapq.heappush(self._pins, entry)
        return weakest


def _num_common(run_ids: list[BlockId], ids: list[BlockId], at: int) -> int:
    """How many leading blocks of the run stand in `ids` from `at`, by bisection over slices."""
    low, high = 0, min(len(run_ids), len(ids) - at)
    while low < high:
        middle = (low + high + 1) // 2
        if run_ids[low:middle] == ids[at + low : at + middle]:
            low = middle
        else:
            high = middle - 1
    return low
