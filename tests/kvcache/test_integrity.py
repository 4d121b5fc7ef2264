"""Whatever is done in whatever order, the index keeps its promises."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from kvcache.config import CacheConfig
from kvcache.policies import POLICIES
from kvcache.prefix_cache import PrefixCache, PromptLease

CAPACITY = 12
BLOCK_TOKENS = 16
QUOTA = 5

prompts = st.lists(st.integers(0, 2), min_size=0, max_size=7).map(
    lambda blocks: [token for block in blocks for token in [block] * BLOCK_TOKENS]
)
tenants = st.sampled_from(["", "acme", "small"])
policies = st.sampled_from(list(POLICIES))


class AnySequence(RuleBasedStateMachine):
    leases = Bundle("leases")

    @initialize(policy=policies)
    def begin(self, policy: str) -> None:
        self.now = 1.0
        self.open_with(policy)

    def open_with(self, policy: str) -> None:
        config = CacheConfig(
            capacity_blocks=CAPACITY,
            salt=b"a secret of the server",
            block_tokens=BLOCK_TOKENS,
            policy=policy,
            bytes_per_block=10,
            quota_bytes={"small": 10 * QUOTA},
        )
        self.cache = PrefixCache(config, clock=lambda: self.now)
        self.held: dict[int, tuple[PrefixCache, PromptLease, list[int]]] = {}

    @rule(target=leases, prompt=prompts, tenant=tenants)
    def acquire(self, prompt: list[int], tenant: str) -> PromptLease:
        expected = self.cache.match(prompt, tenant=tenant)
        lease = self.cache.acquire(prompt, tenant=tenant)
        assert lease.num_hit_tokens == expected
        self.held[id(lease)] = (self.cache, lease, list(lease.slots))
        return lease

    @rule(lease=leases)
    def insert(self, lease: PromptLease) -> None:
        held = self.held.get(id(lease))
        if held is None or held[0] is not self.cache or lease.num_inserted:
            return
        hit = list(lease.slots)
        given = self.cache.insert(lease)
        assert lease.slots[: len(hit)] == hit
        self.held[id(lease)] = (self.cache, lease, hit + given)

    @rule(lease=consumes(leases), num_filled=st.none() | st.integers(0, 2))
    def release(self, lease: PromptLease, num_filled: int | None) -> None:
        held = self.held.pop(id(lease), None)
        if held is not None and held[0] is self.cache:
            self.cache.release(
                lease, num_filled=None if num_filled is None else min(num_filled, lease.num_inserted)
            )
            self.cache.release(lease)

    @rule(lease=leases, num_filled=st.none() | st.integers(0, 2))
    def share_and_resume(self, lease: PromptLease, num_filled: int | None) -> None:
        held = self.held.get(id(lease))
        if held is not None and held[0] is self.cache:
            self.cache.release(
                lease, num_filled=None if num_filled is None else min(num_filled, lease.num_inserted)
            )
            before = self.cache.snapshot()
            self.cache.resume(lease)
            assert self.cache.snapshot().requested_blocks == before.requested_blocks
            self.held[id(lease)] = (self.cache, lease, list(lease.slots))

    @rule(prompt=prompts, tenant=tenants)
    def serve(self, prompt: list[int], tenant: str) -> None:
        with self.cache.lock(prompt, tenant=tenant) as lease:
            self.cache.insert(lease)

    @rule(num_blocks=st.integers(0, CAPACITY))
    def evict(self, num_blocks: int) -> None:
        assert self.cache.evict(num_blocks) <= num_blocks

    @rule(policy=policies)
    def switch(self, policy: str) -> None:
        before = self.cache.snapshot().resident_blocks
        self.cache.switch_policy(policy)
        assert self.cache.snapshot().resident_blocks == before

    @rule(capacity=st.integers(1, CAPACITY))
    def resize(self, capacity: int) -> None:
        before = self.cache.num_resident
        assert self.cache.resize(capacity) == max(capacity, before)
        assert self.cache.num_resident == before

    @rule(prompt=prompts, tenant=tenants, seconds=st.integers(0, 5))
    def pin(self, prompt: list[int], tenant: str, seconds: int) -> None:
        self.cache.pin(prompt, seconds, tenant=tenant)

    @rule(prompt=prompts, tenant=tenants)
    def announce(self, prompt: list[int], tenant: str) -> None:
        self.cache.announce(prompt, tenant=tenant)

    @rule(prompt=prompts, tenant=tenants)
    def withdraw(self, prompt: list[int], tenant: str) -> None:
        self.cache.withdraw(prompt, tenant=tenant)

    @rule(prompt=prompts)
    def grant(self, prompt: list[int]) -> None:
        self.cache.grant_public(prompt[: 2 * BLOCK_TOKENS])

    @rule(seconds=st.integers(1, 4))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(policy=policies)
    def restart(self, policy: str) -> None:
        self.open_with(policy)

    @invariant()
    def keeps_every_promise(self) -> None:
        if not hasattr(self, "cache"):
            return
        self.cache.check_integrity()
        seen = self.cache.snapshot()
        assert seen.resident_blocks <= seen.capacity_blocks <= CAPACITY
        if "small" in seen.tenants:
            assert seen.tenants["small"].resident_blocks <= QUOTA
        for cache, lease, slots in self.held.values():
            if cache is self.cache and not lease.index_lease.released:
                assert self.cache._tree.slots_of(lease.index_lease)[: len(slots)] == slots


AnySequence.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnySequence = AnySequence.TestCase
