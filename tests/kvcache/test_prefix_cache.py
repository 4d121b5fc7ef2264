"""The door: keys, tenants, tokens compared on a hit, leases, pins, quotas, threads."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from kvcache.block import BlockKeys
from kvcache.config import CacheConfig, InvalidConfig
from kvcache.policies import POLICIES
from kvcache.prefix_cache import PrefixCache

SECRET = b"a secret of the server"
CONFIG = CacheConfig(capacity_blocks=64, salt=SECRET, block_tokens=16, policy="lru", fingerprint="model 1")


def blocks(*names: int) -> list[int]:
    return [name for name in names for _ in range(16)]


def open_cache(**changes: Any) -> PrefixCache:
    return PrefixCache(replace(CONFIG, **changes))


def serve(cache: PrefixCache, prompt: list[int], tenant: str = "") -> int:
    """Tokens that were hit."""
    with cache.lock(prompt, tenant=tenant) as lease:
        cache.insert(lease)
    return lease.num_hit_tokens


def test_only_full_blocks_are_kept() -> None:
    cache = open_cache()
    assert serve(cache, blocks(1, 2) + [3] * 15) == 0
    assert serve(cache, blocks(1, 2) + [3] * 15) == 32
    assert cache.snapshot().resident_blocks == 2


def test_slots_follow_the_hit_blocks_without_a_gap() -> None:
    cache = open_cache()
    serve(cache, blocks(1, 2))
    with cache.lock(blocks(1, 2, 3, 4)) as lease:
        hit = list(lease.slots)
        new = cache.insert(lease)
    assert (len(hit), len(new)) == (2, 2)
    assert lease.slots == hit + new
    assert len(set(lease.slots)) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"salt": b"another secret of it"},
        {"fingerprint": "model 2"},
        {"dtype": "bfloat16"},
        {"codec": "int8"},
        {"block_tokens": 32},
    ],
)
def test_keys_change_with_everything_that_values_depend_on(change: dict[str, Any]) -> None:
    prompt = blocks(1, 2, 3, 4)
    ours, other = BlockKeys(CONFIG), BlockKeys(replace(CONFIG, **change))
    assert not set(ours.of(prompt, "acme").keys) & set(other.of(prompt, "acme").keys)


def test_keys_are_the_same_in_every_process_and_name_the_whole_prefix() -> None:
    keys = BlockKeys(CONFIG).of(blocks(1, 2), "acme").keys
    assert keys == BlockKeys(CONFIG).of(blocks(1, 2), "acme").keys
    assert keys[1] != BlockKeys(CONFIG).of(blocks(3, 2), "acme").keys[1]


def test_fields_of_the_root_cannot_be_shifted_into_each_other() -> None:
    one = BlockKeys(replace(CONFIG, dtype="ab", codec="c")).of(blocks(1), "")
    other = BlockKeys(replace(CONFIG, dtype="a", codec="bc")).of(blocks(1), "")
    assert one.keys != other.keys


def test_a_tenant_never_hits_what_another_brought() -> None:
    cache = open_cache()
    serve(cache, blocks(1, 2), "acme")
    assert cache.match(blocks(1, 2), tenant="other") == 0
    assert serve(cache, blocks(1, 2), "other") == 0
    assert cache.match(blocks(1, 2), tenant="acme") == 32


def test_a_granted_prefix_is_shared_and_what_follows_is_not() -> None:
    cache = open_cache()
    cache.grant_public(blocks(1, 2))
    serve(cache, blocks(1, 2, 3), "acme")
    assert cache.match(blocks(1, 2, 3), tenant="other") == 32
    cache.revoke_public(blocks(1, 2))
    assert cache.match(blocks(1, 2, 3), tenant="other") == 0


@pytest.mark.slow
def test_a_million_lookups_across_tenants_hit_nothing() -> None:
    """Every tenant asks for what all others keep, with names that try to look like theirs."""
    cache = open_cache(capacity_blocks=4096)
    chance = random.Random(3)
    names = ["a", "a\0", "a\0a", "A", "tenant", "public", "", "a" * 64]
    prompts = {name: [blocks(*[chance.randrange(9) for _ in range(4)]) for _ in range(50)] for name in names}
    for name, wanted in prompts.items():
        for prompt in wanted:
            serve(cache, prompt, name)
    own = {name: BlockKeys(CONFIG) for name in names}
    kept = {
        name: {key for prompt in prompts[name] for key in own[name].of(prompt, name).keys} for name in names
    }
    assert all(not kept[one] & kept[other] for one, other in permutations(names, 2))
    strangers = [f"{name}{mark}" for name in names for mark in ("'", "\0\0", "x", "1")]
    lookups = hits = 0
    everything = [prompt for wanted in prompts.values() for prompt in wanted]
    while lookups < 1_000_000:
        for stranger in strangers:
            for prompt in everything:
                hits += cache.match(prompt, tenant=stranger)
                lookups += 1
    assert hits == 0


def test_tokens_are_compared_so_a_collision_of_keys_is_a_miss() -> None:
    cache = open_cache()
    serve(cache, blocks(1, 2))
    slot = cache._tree.match(cache._keys.of(blocks(1, 2), "").keys)[1]
    cache._tree.pool.tokens[slot] = b"other tokens"
    assert cache.match(blocks(1, 2)) == 16
    assert serve(cache, blocks(1, 2)) == 16
    assert cache.snapshot().collisions == 1
    cache.check_integrity()


def test_blocks_that_are_still_being_filled_are_not_hit() -> None:
    cache = open_cache()
    filling = cache.acquire(blocks(1, 2))
    cache.insert(filling)
    assert cache.match(blocks(1, 2)) == 0
    beside = cache.acquire(blocks(1, 2))
    assert (beside.num_hit_tokens, cache.insert(beside)) == (0, [])
    cache.release(filling)
    cache.release(beside)
    assert cache.match(blocks(1, 2)) == 32
    assert cache.snapshot().hit_blocks == 0
    assert cache.snapshot().collisions == 0


def test_an_error_while_serving_gives_the_inserted_blocks_up() -> None:
    cache = open_cache()
    with pytest.raises(ZeroDivisionError), cache.lock(blocks(1, 2)) as lease:
        cache.insert(lease)
        raise ZeroDivisionError
    assert cache.match(blocks(1, 2)) == 0
    assert cache.snapshot().resident_blocks == 0
    assert serve(cache, blocks(1, 2)) == 0
    assert cache.match(blocks(1, 2)) == 32


@pytest.mark.parametrize("policy", POLICIES)
def test_a_block_in_use_is_never_evicted(policy: str) -> None:
    cache = open_cache(capacity_blocks=4, policy=policy)
    with cache.lock(blocks(1, 2, 3)) as lease:
        cache.insert(lease)
        for other in range(10, 20):
            serve(cache, blocks(other, other + 1))
        assert cache.evict(4) <= 1
        cache.check_integrity()
    assert cache.match(blocks(1, 2, 3)) == 48


def test_a_quota_holds_and_takes_from_the_tenant_itself() -> None:
    cache = open_cache(bytes_per_block=100, quota_bytes={"small": 350})
    serve(cache, blocks(50, 51), "large")
    for name in range(10):
        serve(cache, blocks(name, name + 100), "small")
        assert cache.snapshot().tenants["small"].resident_blocks <= 3
    assert cache.match(blocks(9, 109), tenant="small") == 32
    assert cache.match(blocks(50, 51), tenant="large") == 32
    assert cache.snapshot().evicted_blocks["quota"] == 17
    cache.check_integrity()


@pytest.mark.parametrize("policy", POLICIES)
def test_a_quota_takes_no_shared_block_under_which_another_tenant_has_its_own(policy: str) -> None:
    cache = open_cache(policy=policy, bytes_per_block=100, quota_bytes={"small": 200})
    cache.grant_public(blocks(1, 2))
    serve(cache, blocks(1, 2), "small")
    serve(cache, blocks(1, 2, 3), "large")
    assert serve(cache, blocks(7), "small") == 0
    cache.check_integrity()
    assert cache.match(blocks(1, 2, 3), tenant="large") == 48
    cache.clear()
    assert cache.num_resident == 0
    for name in range(5):  # and takes it later, when nothing rests below it
        serve(cache, blocks(1, 2), "small")
        serve(cache, blocks(1, 2, 3), "large")
        cache.evict(1)
        serve(cache, blocks(10 + name), "small")
        cache.check_integrity()
        cache.clear()


def test_a_tenant_pays_for_what_it_adds_to_a_shared_prefix_and_no_other() -> None:
    cache = open_cache(policy="adaptive", bytes_per_block=100, quota_bytes={"small": 200})
    cache.grant_public(blocks(1, 2, 3))
    lease = cache.acquire(blocks(1, 2, 3), tenant="small")
    cache.insert(lease)
    cache.release(lease)
    assert cache.snapshot().tenants["small"].resident_blocks == 2
    assert serve(cache, blocks(1, 2, 3), "large") == 32
    cache.check_integrity()
    tenants = cache.snapshot().tenants
    assert (tenants["small"].resident_blocks, tenants["large"].resident_blocks) == (2, 1)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_pin_outlasts_use_by_others_and_ends_in_time(policy: str) -> None:
    now = [0.0]
    cache = PrefixCache(replace(CONFIG, capacity_blocks=4, policy=policy), clock=lambda: now[0])
    serve(cache, blocks(1, 2))
    assert cache.pin(blocks(1, 2), 10) == 32
    for name in range(10, 20):
        serve(cache, blocks(name, name + 1))
    assert cache.match(blocks(1, 2)) == 32
    now[0] = 11.0
    for name in range(20, 60):
        serve(cache, blocks(name, name + 1))
    assert cache.match(blocks(1, 2)) < 32 or policy in ("lfu", "arc", "slru", "adaptive")
    cache.check_integrity()


def test_pins_are_soft_and_the_one_that_ends_first_goes_first() -> None:
    cache = open_cache(capacity_blocks=4)
    serve(cache, blocks(1, 2))
    serve(cache, blocks(3, 4))
    cache.pin(blocks(1, 2), 100)
    cache.pin(blocks(3, 4), 200)
    serve(cache, blocks(5, 6))
    assert (cache.match(blocks(1, 2)), cache.match(blocks(3, 4))) == (0, 32)
    cache.check_integrity()


def test_clearing_leaves_what_is_in_use() -> None:
    cache = open_cache()
    serve(cache, blocks(1, 2))
    with cache.lock(blocks(3)) as lease:
        cache.insert(lease)
        assert cache.clear() == 2
    assert cache.snapshot().resident_blocks == 1


def test_the_snapshot_is_a_fact_and_does_not_change() -> None:
    cache = open_cache(capacity_blocks=2)
    serve(cache, blocks(1, 2))
    before = cache.snapshot()
    serve(cache, blocks(1, 2))
    serve(cache, blocks(3, 4))
    after = cache.snapshot()
    assert (before.requests, before.hit_blocks, before.hit_rate) == (1, 0, 0.0)
    assert (after.requests, after.hit_blocks, after.requested_blocks) == (3, 2, 6)
    assert after.evicted_blocks["request"] == 2
    assert after.uses_at_eviction.num == after.age_at_eviction_ms.num == 2
    assert after.lookup_us.num == 3


@pytest.mark.parametrize("policy", POLICIES)
def test_threads_may_use_one_cache(policy: str) -> None:
    cache = open_cache(capacity_blocks=24, policy=policy)

    def work(seed: int) -> int:
        chance = random.Random(seed)
        served = 0
        for _ in range(300):
            prompt = blocks(*[chance.randrange(3) for _ in range(chance.randrange(8))])
            with cache.lock(prompt, tenant=chance.choice(["a", "b"])) as lease:
                cache.insert(lease)
                held = list(lease.slots)
                cache.announce(prompt)
                assert cache.snapshot().resident_blocks <= 24
                assert lease.slots == held
            served += 1
        return served

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1200
    cache.check_integrity()
    assert cache.snapshot().leases == 0


@pytest.mark.parametrize(
    "change",
    [
        {"capacity_blocks": 0},
        {"block_tokens": 8},
        {"salt": b"short"},
        {"policy": "clock"},
        {"bytes_per_block": 0},
    ],
)
def test_a_setting_out_of_bounds_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig):
        replace(CONFIG, **change)


def test_the_keys_of_evicted_blocks_are_listed_once() -> None:
    config = CacheConfig(capacity_blocks=2, salt=b"sixteen or more bytes", block_tokens=16, policy="lru")
    cache = PrefixCache(config, tracks_evictions=True)
    for start in (0, 1000):
        with cache.lock(list(range(start, start + 32))) as lease:
            cache.insert(lease)
    assert len(cache.take_evicted()) == 2
    assert cache.take_evicted() == []


def test_a_prompt_goes_on_with_its_answer() -> None:
    cache = PrefixCache(CacheConfig(capacity_blocks=8, salt=b"sixteen or more bytes", block_tokens=16))
    with cache.lock(list(range(40))) as lease:
        cache.lengthen(lease, list(range(70)))
        assert len(cache.insert(lease)) == 4
    assert cache.match(list(range(70))) == 64
    with cache.lock(list(range(40))) as lease, pytest.raises(ValueError, match="only go on"):
        cache.lengthen(lease, list(range(1, 71)))


def test_slots_that_were_not_filled_are_given_up() -> None:
    cache = PrefixCache(CacheConfig(capacity_blocks=8, salt=b"sixteen or more bytes", block_tokens=16))
    lease = cache.acquire(list(range(64)))
    assert len(cache.insert(lease)) == 4
    cache.release(lease, num_filled=3)
    assert cache.match(list(range(64))) == 48
    assert len(cache.resident_keys()) == 3
    cache.check_integrity()


def test_slots_given_up_while_another_is_in_there_are_free_once_it_leaves() -> None:
    config = CacheConfig(capacity_blocks=4, salt=b"sixteen or more bytes", block_tokens=16)
    cache = PrefixCache(config)
    prompt = list(range(16))
    with cache.lock(prompt) as lease:
        cache.insert(lease)
    cache.evict(1)
    waiting, failing = cache.acquire(prompt), cache.acquire(prompt)
    assert len(cache.insert(failing)) == 1
    cache.release(failing, num_filled=0)
    cache.release(waiting)
    assert cache.resident_keys() == []
    with cache.lock(prompt) as lease:
        assert len(cache.insert(lease)) == 1
    assert cache.match(prompt) == 16


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_resumed_prompt_is_in_use_as_before_and_counts_once(policy: str) -> None:
    config = CacheConfig(capacity_blocks=4, salt=b"sixteen or more bytes", block_tokens=16, policy=policy)
    cache = PrefixCache(config)
    prompt = list(range(48))
    lease = cache.acquire(prompt)
    cache.insert(lease)
    cache.release(lease)
    cache.evict(1)
    cache.resume(lease)
    cache.check_integrity()
    assert len(lease.slots) == 2
    assert cache.evict(4) == 0
    assert len(cache.insert(lease)) == 1
    cache.release(lease)
    cache.check_integrity()
    assert cache.match(prompt) == 48
    assert cache.snapshot().requests == 1
    assert cache.evict(4) == 3
