"""Whatever happens to a store, in whatever order: true values, whole structures, bounded sizes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.level import Level, LevelSettings
from kvcache.open_prompt import OpenPrompt
from kvcache.policies import POLICIES
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from tests.fakes.prompt_values import LAYOUT, SECRET, layers_of, relative_error, serve, values_of

CAPACITY_BLOCKS, MOST_BLOCKS = 7, 12
HOST_BYTES, DISK_BYTES = 30_000, 200_000
TENANTS = st.sampled_from(["ann", "bob"])
WRITES = st.sampled_from(["cache-aside", "write-through", "write-back"])


@st.composite
def prompts(draw: st.DrawFn) -> list[int]:
    """Prompts that share prefixes: a trunk, cut somewhere, and one of a few ways to go on."""
    trunk = list(range(draw(st.integers(0, 6)) * 16))
    way = draw(st.integers(0, 3))
    return trunk + [1000 * (way + 1) + at for at in range(draw(st.integers(0, 50)))]


class StoreMachine(RuleBasedStateMachine):
    open_prompts = Bundle("open_prompts")

    @initialize(
        policy=st.sampled_from(sorted(POLICIES)), write=WRITES, form=st.sampled_from(["raw", "split"])
    )
    def begin(self, policy: str, write: str, form: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.policy, self.write, self.form = policy, write, form
        self.clock = 0.0
        self.capacity_blocks, self.capacities = CAPACITY_BLOCKS, {"host": HOST_BYTES, "disk": DISK_BYTES}
        self.held: list[OpenPrompt] = []
        self.store = self.open_store()

    def open_store(self) -> BlockStore:
        config = CacheConfig(
            capacity_blocks=self.capacity_blocks,
            salt=SECRET,
            block_tokens=16,
            policy=self.policy,
            bytes_per_block=LAYOUT.num_bytes,
            quota_bytes={"bob": 3 * LAYOUT.num_bytes},
        )
        levels = [self.open_level(name) for name in self.capacities]
        return BlockStore(
            config,
            LAYOUT,
            levels=levels,
            write=self.write,  # type: ignore[arg-type]
            leaving_bytes=5 * LAYOUT.num_bytes,
            device_watermarks=(0.9, 0.6),
            in_background=False,
            clock=lambda: self.clock,
        )

    def open_level(self, name: str) -> Level:
        if name == "host":
            return Level(HostTier(self.capacities[name]), "raw")
        return Level(DiskTier(Path(self.folder.name), self.capacities[name], SECRET), self.form)

    @rule(prompt=prompts(), tenant=TENANTS, answer=st.lists(st.integers(0, 9), max_size=40))
    def serve(self, prompt: list[int], tenant: str, answer: list[int]) -> None:
        self.clock += 1.0
        serve(self.store, prompt, tenant, answer=answer)

    @rule(target=open_prompts, prompt=prompts(), tenant=TENANTS)
    def open(self, prompt: list[int], tenant: str) -> tuple[OpenPrompt, list[int]]:
        opened = self.store.open(prompt, tenant=tenant)
        self.held.append(opened)
        return opened, prompt

    @rule(opened=consumes(open_prompts), num_tokens=st.integers(0, 200))
    def keep_and_close(self, opened: tuple[OpenPrompt, list[int]], num_tokens: int) -> None:
        prompt, tokens = opened
        if prompt not in self.held:
            return
        self.held.remove(prompt)
        values = values_of(tokens)
        cached = prompt.num_cached_tokens
        assert relative_error(prompt.buffer[..., :cached, :], values[..., :cached, :]) == 0.0
        prompt.keep(layers_of(values[..., : max(cached, num_tokens), :]))
        prompt.close()
        prompt.close()

    @rule(opened=open_prompts, num_tokens=st.integers(0, 200))
    def keep_and_share(self, opened: tuple[OpenPrompt, list[int]], num_tokens: int) -> None:
        prompt, tokens = opened
        if prompt not in self.held:
            return
        values = values_of(tokens)
        prompt.keep(layers_of(values[..., : max(prompt.num_cached_tokens, num_tokens), :]))
        prompt.share()

    @rule(opened=consumes(open_prompts))
    def fail(self, opened: tuple[OpenPrompt, list[int]]) -> None:
        if opened[0] in self.held:
            self.held.remove(opened[0])
            opened[0].close()

    @rule(prompt=prompts(), tenant=TENANTS)
    def announce(self, prompt: list[int], tenant: str) -> None:
        self.store.announce(prompt, tenant=tenant)

    @rule(prompt=prompts(), tenant=TENANTS)
    def withdraw(self, prompt: list[int], tenant: str) -> None:
        self.store.withdraw(prompt, tenant=tenant)

    @rule()
    def fetch_ahead(self) -> None:
        self.store.run_prefetch()

    @rule(seconds=st.sampled_from([0.0, 1.0, 10.0]))
    def tend(self, seconds: float) -> None:
        self.clock += seconds
        self.store.tend()

    @rule(num_blocks=st.integers(0, CAPACITY_BLOCKS))
    def evict(self, num_blocks: int) -> None:
        self.store.evict(num_blocks)

    @rule(prompt=prompts(), tenant=TENANTS)
    def persist(self, prompt: list[int], tenant: str) -> None:
        self.store.persist(prompt, tenant=tenant)

    @rule(prompt=prompts())
    def grant(self, prompt: list[int]) -> None:
        self.store.index.grant_public(prompt[:32])

    @rule(policy=st.sampled_from(sorted(POLICIES)))
    def switch_policy(self, policy: str) -> None:
        self.policy = policy
        self.store.index.switch_policy(policy)

    @rule(
        capacity_blocks=st.integers(1, MOST_BLOCKS),
        host_bytes=st.sampled_from([0, 4_000, HOST_BYTES, 2 * HOST_BYTES]),
        disk_bytes=st.sampled_from([0, 60_000, DISK_BYTES]),
        form=st.sampled_from(["raw", "split"]),
        write=WRITES,
        policy=st.sampled_from(sorted(POLICIES)),
    )
    def reconfigure(
        self, capacity_blocks: int, host_bytes: int, disk_bytes: int, form: str, write: str, policy: str
    ) -> None:
        in_use = self.store.index.snapshot().leases
        self.capacity_blocks, self.policy, self.write, self.form = capacity_blocks, policy, write, form
        wanted = {"host": host_bytes, "disk": disk_bytes}
        self.capacities = {name: capacity for name, capacity in wanted.items() if capacity}
        there = {level.tier.name: level for level in self.store.hierarchy.levels}
        self.store.reconfigure(
            capacity_blocks=capacity_blocks,
            levels=[
                LevelSettings(
                    level=there.get(name) or self.open_level(name),
                    form=form if name == "disk" else None,
                    capacity_bytes=capacity,
                )
                for name, capacity in self.capacities.items()
            ],
            write=write,  # type: ignore[arg-type]
            policy=policy,
        )
        assert in_use or self.store.index.capacity_blocks == capacity_blocks

    @rule(is_clean=st.booleans())
    def restart(self, is_clean: bool) -> None:
        """With everything flushed, or with nothing but what was written until then."""
        self.held.clear()
        if is_clean:
            self.store.close()
        else:
            for level in self.store.hierarchy.levels:
                level.tier.close()
        self.store = self.open_store()

    @rule()
    def clear(self) -> None:
        self.store.clear()

    @invariant()
    def is_whole(self) -> None:
        if hasattr(self, "store") and not self.store.index.snapshot().leases:
            self.store.check_integrity()

    @invariant()
    def is_bounded(self) -> None:
        if hasattr(self, "store"):
            assert self.store.index.num_resident <= self.store.index.capacity_blocks
            for level in self.store.hierarchy.levels:
                assert level.tier.snapshot().held_bytes <= self.capacities[level.tier.name]
            assert self.store.snapshot().wrong_tokens == 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
