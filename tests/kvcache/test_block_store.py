"""The whole cache: what was kept comes back, from wherever it rests, and nothing else ever does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig, InvalidConfig
from kvcache.level import Level
from kvcache.record import BlockRecord
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import OVERHEAD_BYTES, HostTier
from tests.fakes.prompt_values import LAYOUT, SECRET, layers_of, relative_error, serve, values_of

ALONE, OTHER, THIRD = list(range(70)), list(range(1000, 1100)), list(range(2000, 2100))
INT8_ERROR = 0.01
BLOCK_BYTES = LAYOUT.num_bytes + OVERHEAD_BYTES + 64


class Hours:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Hours:
    return Hours()


@pytest.fixture
def open_store(tmp_path: Path, clock: Hours) -> Callable[..., BlockStore]:
    def open_store(
        *,
        capacity_blocks: int = 8,
        levels: str = "host disk",
        form: str = "split",
        host_bytes: int = 200_000,
        disk_bytes: int = 4_000_000,
        **settings: object,
    ) -> BlockStore:
        below = []
        if "host" in levels:
            below.append(Level(HostTier(host_bytes), "raw"))
        if "disk" in levels:
            below.append(Level(DiskTier(tmp_path / "blocks", disk_bytes, SECRET), form))
        config = CacheConfig(capacity_blocks=capacity_blocks, salt=SECRET, block_tokens=16, policy="lru")
        return BlockStore(config, LAYOUT, levels=below, in_background=False, clock=clock, **settings)  # type: ignore[arg-type]

    return open_store


def crash(store: BlockStore) -> None:
    """The process dies: nothing is flushed, and the folder is free for the next one."""
    for level in store.hierarchy.levels:
        level.tier.close()


def test_a_prompt_that_comes_again_is_cached_up_to_its_last_full_block(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store() as store:
        assert serve(store, ALONE) == 0
        assert serve(store, ALONE) == 64
        assert serve(store, ALONE[:40]) == 32
        store.check_integrity()


def test_the_last_token_is_always_left_to_compute(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        serve(store, ALONE[:64])
        assert serve(store, ALONE[:64]) == 63
        assert serve(store, []) == 0


def test_what_the_device_lets_go_is_demoted_and_comes_back(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        for prompt in (ALONE, OTHER, THIRD):
            serve(store, prompt)
        assert serve(store, ALONE) == 64, "while it is on its way down"
        store.tend()
        for prompt in (ALONE, OTHER, THIRD):
            assert serve(store, prompt) == len(prompt) // 16 * 16
            store.tend()
        counts = store.snapshot()
        assert counts.levels["host raw"].demoted_blocks > 0
        assert counts.levels["host raw"].hit_blocks > 0
        store.check_integrity()


def test_blocks_survive_a_restart_on_disk(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        serve(store, OTHER)
    with open_store() as store:
        assert store.match(OTHER) == 96
        assert serve(store, OTHER) == 96
        assert store.snapshot().levels["disk split"].hit_blocks == 6


def test_a_rounded_form_comes_back_within_its_error_and_the_ends_exactly(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store(form="int8") as store:
        serve(store, OTHER)
    with open_store(form="int8") as store, store.open(OTHER) as prompt:
        expected = values_of(OTHER)
        assert prompt.num_cached_tokens == 96
        for block in (0, 5):
            span = slice(16 * block, 16 * block + 16)
            assert relative_error(prompt.buffer[..., span, :], expected[..., span, :]) == 0.0
        middle = relative_error(prompt.buffer[..., 16:80, :], expected[..., 16:80, :])
        assert 0.0 < middle < INT8_ERROR


def test_an_answer_is_kept_with_its_prompt(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        serve(store, ALONE, answer=range(500, 530))
        assert serve(store, [*ALONE, *range(500, 530), 7]) == 96


def test_values_can_be_written_in_place(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        with store.open(ALONE, room_tokens=80) as prompt:
            prompt.buffer[..., :70, :] = values_of(ALONE)
            assert prompt.keep(num_tokens=70) == 64
        assert serve(store, ALONE) == 64


def test_write_back_loses_only_what_is_younger_than_its_window(
    open_store: Callable[..., BlockStore], clock: Hours
) -> None:
    store = open_store(levels="disk", loss_window_seconds=4.0)
    serve(store, ALONE)
    clock.seconds += 2.0
    store.tend()
    serve(store, OTHER)
    assert store.snapshot().unwritten_blocks == 6
    crash(store)
    with open_store(levels="disk") as store:
        assert store.match(ALONE) == 64
        assert store.match(OTHER) == 0


def test_write_through_loses_nothing(open_store: Callable[..., BlockStore]) -> None:
    store = open_store(levels="disk", write="write-through")
    serve(store, ALONE)
    crash(store)
    with open_store(levels="disk") as store:
        assert serve(store, ALONE) == 64


def test_cache_aside_writes_what_it_is_told_to(open_store: Callable[..., BlockStore]) -> None:
    with open_store(write="cache-aside") as store:
        for prompt in (ALONE, OTHER, THIRD):
            serve(store, prompt)
        store.tend()
        assert store.persist(THIRD) == 96
    with open_store(write="cache-aside") as store:
        assert [store.match(prompt) for prompt in (ALONE, OTHER, THIRD)] == [0, 0, 96]


def test_past_the_high_watermark_the_device_is_emptied_to_the_low_one(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store(capacity_blocks=10, device_watermarks=(0.8, 0.5)) as store:
        serve(store, ALONE)
        serve(store, OTHER)
        store.tend()
        assert store.index.num_resident == 5
        assert serve(store, ALONE) == 64
        store.check_integrity()


def test_tenants_share_nothing_but_what_was_granted(open_store: Callable[..., BlockStore]) -> None:
    with open_store(capacity_blocks=40) as store:
        store.index.grant_public(ALONE[:32])
        serve(store, ALONE, tenant="ann")
        assert serve(store, ALONE, tenant="bob") == 32
        assert store.snapshot().duplicate_public_blocks == 2
        tenants = store.snapshot().tenants
        assert [tenants[name].cached_tokens for name in ("ann", "bob")] == [0, 32]
        assert tenants["bob"].hit_blocks == {"device": 2}
        assert store.match(ALONE, tenant="bob") == 64
        assert store.match(ALONE, tenant="eve") == 32


def test_prompts_with_one_prefix_are_stored_once(open_store: Callable[..., BlockStore]) -> None:
    with open_store(capacity_blocks=200) as store:
        shared = list(range(160))
        for number in range(20):
            serve(store, [*shared, *range(1000 * number, 1000 * number + 16)])
        counts = store.snapshot()
        assert store.index.num_resident == 10 + 20
        assert counts.kept_blocks == 20 * 11
        assert counts.duplicate_blocks == 19 * 10


def test_announced_prompts_are_fetched_ahead(open_store: Callable[..., BlockStore]) -> None:
    with open_store(levels="disk") as store:
        serve(store, ALONE)
        serve(store, OTHER)
    with open_store(levels="disk") as store:
        store.announce(ALONE)
        store.announce(OTHER)
        store.run_prefetch()
        assert serve(store, ALONE) == 64
        store.withdraw(OTHER)
        ahead = store.snapshot().prefetch
        assert (ahead.loaded_blocks, ahead.useful_blocks, ahead.wasted_blocks) == (10, 4, 6)


def test_a_prompt_that_begins_before_its_blocks_were_fetched_cancels_the_rest(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store(levels="disk") as store:
        serve(store, OTHER)
    with open_store(levels="disk") as store:
        store.announce(OTHER)
        assert serve(store, OTHER) == 96
        store.run_prefetch()
        ahead = store.snapshot().prefetch
        assert (ahead.cancelled_blocks, ahead.loaded_blocks, ahead.staged_blocks) == (6, 0, 0)


def test_a_tier_that_costs_more_than_recomputing_is_not_asked(open_store: Callable[..., BlockStore]) -> None:
    with open_store(levels="disk") as store:
        serve(store, ALONE)
    with open_store(levels="disk") as store:
        for num_tokens in (64, 128, 256, 512):
            store.costs.observe_compute(num_tokens, 0, 1e-9 * num_tokens)
            store.costs.observe_load("disk split", 4_000 + num_tokens, 1.0)
        assert serve(store, ALONE) == 0
        counts = store.snapshot().levels["disk split"]
        assert (counts.declined_blocks, counts.hit_blocks) == (4, 0)


def test_warming_brings_blocks_up_without_computing(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        serve(store, OTHER)
    with open_store() as store:
        assert store.warm(OTHER) == 96
        assert store.index.match(OTHER) == 96


def test_an_error_while_computing_keeps_nothing(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        with pytest.raises(RuntimeError), store.open(ALONE):
            raise RuntimeError("the model failed")
        assert store.match(ALONE) == 0
        store.check_integrity()


def test_values_of_the_wrong_shape_are_refused_and_nothing_is_lost(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store() as store:
        serve(store, ALONE)
        with store.open(ALONE) as prompt:
            values = layers_of(values_of(ALONE))
            with pytest.raises(ValueError, match="2 layers"):
                prompt.keep(values[:1])
            with pytest.raises(ValueError, match="needs all from the first"):
                prompt.keep(layers_of(values_of(ALONE[:40])))
            with pytest.raises(ValueError, match="are not"):
                prompt.keep([(keys[..., :4], kept[..., :4]) for keys, kept in values])
            prompt.keep(values)
            with pytest.raises(ValueError, match="kept once"):
                prompt.keep(values)
        assert serve(store, ALONE) == 64


def test_a_prefill_that_was_cut_short_keeps_its_full_blocks(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        with store.open(OTHER) as prompt:
            prompt.keep(layers_of(values_of(OTHER[:50])))
        assert serve(store, OTHER) == 48
        store.check_integrity()


def test_clear_leaves_nothing_anywhere(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        for prompt in (ALONE, OTHER, THIRD):
            serve(store, prompt)
        store.tend()
        store.clear()
        assert [store.match(prompt) for prompt in (ALONE, OTHER, THIRD)] == [0, 0, 0]
        store.check_integrity()


def test_the_upkeep_thread_writes_without_being_asked(tmp_path: Path) -> None:
    config = CacheConfig(capacity_blocks=8, salt=SECRET, block_tokens=16)
    disk = DiskTier(tmp_path, 4_000_000, SECRET)
    with BlockStore(config, LAYOUT, levels=[Level(disk, "split")], loss_window_seconds=0.0) as store:
        serve(store, ALONE)
        until = time.monotonic() + 30.0
        while store.snapshot().unwritten_blocks:
            assert time.monotonic() < until, "nobody wrote them"
        assert disk.snapshot().blocks == 4


def test_many_threads_get_their_own_values(tmp_path: Path) -> None:
    config = CacheConfig(capacity_blocks=24, salt=SECRET, block_tokens=16)
    levels = [Level(HostTier(60_000), "raw"), Level(DiskTier(tmp_path, 4_000_000, SECRET), "split")]
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            for step in range(30):
                start = 50 * ((seed * 7 + step * 3) % 11)
                serve(store, list(range(start, start + 60 + step % 40)), tenant=str(seed % 2))
        except BaseException as error:
            failures.append(error)

    with BlockStore(config, LAYOUT, levels=levels) as store:
        threads = [Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        store.flush()
        store.check_integrity()
        assert store.snapshot().failed_upkeep == 0


@pytest.mark.parametrize(
    "settings",
    [{"write": "write-around"}, {"device_watermarks": (0.5, 0.9)}, {"device_watermarks": (1.2, 1.0)}],
)
def test_settings_out_of_bounds_are_refused(settings: dict[str, object]) -> None:
    config = CacheConfig(capacity_blocks=8, salt=SECRET, block_tokens=16)
    with pytest.raises(InvalidConfig):
        BlockStore(config, LAYOUT, in_background=False, **settings)  # type: ignore[arg-type]
    with pytest.raises(InvalidConfig, match="block_tokens"):
        BlockStore(CacheConfig(capacity_blocks=8, salt=SECRET), LAYOUT, in_background=False)


def test_below_the_device_the_least_recently_used_prompt_goes_first(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store(levels="host", capacity_blocks=7, host_bytes=20 * BLOCK_BYTES) as store:
        for prompt in (ALONE, OTHER, THIRD, ALONE):
            serve(store, prompt)
            store.evict(7)
            store.tend()
        (host,) = store.hierarchy.levels
        host.put(
            replace(host.get(store.index.blocks_of(OTHER).keys[0]), key=b"x" * 32, payload=bytes(6 * 4096))
        )
        assert [store.match(prompt) for prompt in (ALONE, OTHER)] == [64, 0]


@pytest.mark.parametrize("write", ["write-back", "write-through"])
def test_of_one_prompt_the_last_blocks_go_before_the_first(
    write: str, open_store: Callable[..., BlockStore], clock: Hours
) -> None:
    with open_store(levels="disk", disk_bytes=20_000, write=write) as store:
        serve(store, OTHER)
        clock.seconds += 10.0
        store.tend()
        store.index.clear()
        store.index.take_evicted()
        assert 0 < store.match(OTHER) < 96


def test_blocks_leave_the_device_with_the_first_of_a_prompt_last(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store(levels="host", host_bytes=4 * BLOCK_BYTES) as store:
        serve(store, OTHER)
        store.evict(6)
        store.tend()
        assert 0 < store.match(OTHER) < 96


def test_what_was_fetched_for_a_prompt_that_never_comes_makes_room_in_time(
    open_store: Callable[..., BlockStore], clock: Hours
) -> None:
    with open_store(levels="disk") as store:
        serve(store, ALONE)
        serve(store, OTHER)
    with open_store(levels="disk", prefetch_bytes=1) as store:
        assert store.prefetch(ALONE) == 4
        store.run_prefetch()
        clock.seconds += 1000.0
        store.tend()
        store.prefetch(OTHER)
        store.run_prefetch()
        ahead = store.snapshot().prefetch
        assert (ahead.loaded_blocks, ahead.wasted_blocks, ahead.cancelled_blocks) == (2, 1, 3)


def test_a_block_that_leaves_again_while_it_goes_down_is_still_written(
    open_store: Callable[..., BlockStore],
) -> None:
    with open_store() as store:
        residence, hierarchy = store._residence, store.hierarchy
        serve(store, ALONE[:16])
        store.evict(1)
        key = store.index.blocks_of(ALONE[:16]).keys[0]
        record = residence.leaving(key)
        assert record is not None
        residence._leaving[key] = (record, False)
        demote = hierarchy.demote

        def leave_again(record: BlockRecord, above: Level | None = None) -> None:
            hierarchy.demote = demote  # type: ignore[method-assign]
            residence._leave(record, is_unwritten=True)
            demote(record, above)

        hierarchy.demote = leave_again  # type: ignore[method-assign]
        residence.send_down()
        assert hierarchy.durable[0].holds(key)
        store.check_integrity()


def test_others_hit_a_prompt_that_is_shared_while_it_goes_on(open_store: Callable[..., BlockStore]) -> None:
    answer = list(range(9000, 9040))
    with open_store() as store, store.open(ALONE) as prompt:
        values = values_of([*ALONE, *answer])
        prompt.keep(layers_of(values[..., :70, :]))
        assert store.index.match(ALONE) == 0, "nobody hits it before it is shared"
        prompt.share()
        assert serve(store, ALONE) == 64
        store.evict(8)
        assert store.index.match(ALONE) == 0
        prompt.keep(layers_of(values), answer=answer)
        with pytest.raises(ValueError, match="kept once"):
            prompt.keep(layers_of(values))
        prompt.close()
        assert serve(store, [*ALONE, *answer]) == 96
        counted = store.snapshot()
        assert counted.kept_blocks - counted.duplicate_blocks == 6
        store.check_integrity()


def test_a_prompt_that_is_shared_and_closed_keeps_what_it_kept(open_store: Callable[..., BlockStore]) -> None:
    with open_store() as store:
        with store.open(ALONE) as prompt:
            prompt.keep(layers_of(values_of(ALONE)))
            prompt.share()
            prompt.share()
        assert serve(store, ALONE) == 64
        store.check_integrity()


@pytest.mark.parametrize("write", ["cache-aside", "write-through", "write-back"])
def test_blocks_that_are_kept_twice_are_written_once(
    open_store: Callable[..., BlockStore], write: str
) -> None:
    with open_store(levels="disk", write=write) as store:
        with store.open(ALONE) as prompt:
            prompt.keep(layers_of(values_of(ALONE)))
            prompt.share()
            store.flush()
            prompt.keep(layers_of(values_of(ALONE)), answer=[1] * 20)
            assert store.snapshot().unwritten_blocks == 0
        store.flush()
        assert store.snapshot().levels["disk split"].written_blocks == (0 if write == "cache-aside" else 4)
