"""No tenant hits, probes or names what another keeps, however it tries."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.level import Level
from kvcache.tiers.disk import DiskTier
from tests.fakes.prompt_values import LAYOUT, SECRET, serve

OWN_PROMPTS = [list(range(start, start + 48)) for start in range(0, 1000, 50)]
HOSTILE_TENANTS = ["", "ann ", "Ann", "ann\0", "ann/", "public", "ann\x00tenant", "nan"]


def attempts(num: int) -> int:
    """Lookups of other tenants for exactly the victim's prompts, parts and variations of them; the hits."""
    choose = random.Random(5)
    config = CacheConfig(capacity_blocks=100, salt=SECRET, block_tokens=16)
    hits = 0
    with BlockStore(config, LAYOUT, in_background=False) as store:
        for prompt in OWN_PROMPTS:
            serve(store, prompt, tenant="ann")
        for number in range(num):
            prompt = OWN_PROMPTS[number % len(OWN_PROMPTS)]
            if number % 3 == 1:
                prompt = prompt[: choose.randrange(16, 48)]
            elif number % 3 == 2:
                prompt = [*prompt[:16], *choose.sample(range(2000), 16)]
            hits += store.match(prompt, tenant=HOSTILE_TENANTS[number % len(HOSTILE_TENANTS)])
        assert all(store.match(prompt, tenant="ann") == 48 for prompt in OWN_PROMPTS)
    return hits


def test_lookups_across_tenants_hit_nothing() -> None:
    assert attempts(20_000) == 0


@pytest.mark.slow
def test_a_million_lookups_across_tenants_hit_nothing() -> None:
    assert attempts(1_000_000) == 0


def test_another_server_secret_finds_nothing_of_this_one() -> None:
    stores = [
        BlockStore(CacheConfig(capacity_blocks=100, salt=salt, block_tokens=16), LAYOUT, in_background=False)
        for salt in (SECRET, b"another secret of the server")
    ]
    keys = [store.index.blocks_of(OWN_PROMPTS[0], tenant="ann").keys for store in stores]
    assert not set(keys[0]) & set(keys[1])


@pytest.mark.parametrize("what", ["fingerprint", "codec"])
def test_another_model_finds_nothing_of_this_one(what: str, tmp_path: Path) -> None:
    for setting in ("", "other"):
        config = CacheConfig(capacity_blocks=8, salt=SECRET, block_tokens=16, **{what: setting})  # type: ignore[arg-type]
        level = Level(DiskTier(tmp_path, 4_000_000, SECRET), "raw")
        with BlockStore(config, LAYOUT, levels=[level], in_background=False) as store:
            assert serve(store, OWN_PROMPTS[0]) == 0
