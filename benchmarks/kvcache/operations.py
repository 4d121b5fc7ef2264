"""What one operation costs: a lookup from token ids, and a request at 10^4 to 10^6 resident blocks.

    python -m benchmarks.kvcache.operations

Prints two tables and writes them to benchmarks/results/kvcache.md.
"""

from __future__ import annotations

import gc
import random
import statistics
import time

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.config import CacheConfig
from kvcache.prefix_cache import PrefixCache
from kvcache.run import Account
from kvcache.simulator import open_index

PROMPT_TOKENS = 4096
NUM_LOOKUPS = 5000
CAPACITIES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
PROMPT_BLOCKS = 20
NUM_TIMED = 20_000


def main() -> None:
    rows = [_lookup(policy) for policy in ("lru", "adaptive")]
    _publish(
        "Lookup of a prompt",
        as_table(("policy", "median µs", "p99 µs", "slowest µs", "goal p99 µs"), rows),
        f"{PROMPT_TOKENS:,} tokens in blocks of 64, keys made from token ids, tokens compared, locks and "
        f"metrics on, processor time; {NUM_LOOKUPS:,} lookups, every other one a hit, the others a miss from "
        f"the middle on.",
    )
    rows = [
        (f"{capacity:,}", *(f"{_request(policy, capacity):.1f}" for policy in ("lru", "adaptive")))
        for capacity in CAPACITIES
    ]
    _publish(
        "Cost of a request by the size of the cache",
        as_table(("resident blocks", "lru µs", "adaptive µs"), rows),
        f"A full cache, prompts of {PROMPT_BLOCKS} blocks, half of them new, the others cut from known ones; "
        f"match, lock, evict, insert, unlock; processor time, mean of {NUM_TIMED:,} requests, collector off.",
    )


def _lookup(policy: str) -> tuple[str, ...]:
    chance = random.Random(1)
    config = CacheConfig(capacity_blocks=20_000, salt=b"salt of the benchmark", policy=policy)
    cache = PrefixCache(config)
    prompts = [[chance.randrange(32_000) for _ in range(PROMPT_TOKENS)] for _ in range(100)]
    for prompt in prompts:
        with cache.lock(prompt) as lease:
            cache.insert(lease)
    half = PROMPT_TOKENS // 2
    missing = [prompt[:half] + [token ^ 1 for token in prompt[half:]] for prompt in prompts]
    taken = []
    for number in range(NUM_LOOKUPS):
        prompt = (prompts if number % 2 else missing)[number // 2 % len(prompts)]
        started = time.thread_time()
        lease = cache.acquire(prompt)
        taken.append((time.thread_time() - started) * 1e6)
        cache.release(lease)
    taken.sort()
    p99 = taken[int(len(taken) * 0.99)]
    return policy, f"{statistics.median(taken):.0f}", f"{p99:.0f}", f"{taken[-1]:.0f}", "1,000"


def _request(policy: str, capacity_blocks: int) -> float:
    """Mean microseconds of a request once the cache is full."""
    chance = random.Random(2)
    tree = open_index(policy, capacity_blocks, block_tokens=1).tree
    account = Account("timed")
    num_filling = 2 * capacity_blocks // PROMPT_BLOCKS
    known: list[list[int]] = []
    fresh = 0
    prompts = []
    for _ in range(num_filling + NUM_TIMED):
        if known and chance.random() < 0.5:
            kept = chance.choice(known)[: chance.randint(1, PROMPT_BLOCKS)]
        else:
            kept = []
        prompt = kept + list(range(fresh, fresh + PROMPT_BLOCKS - len(kept)))
        fresh += PROMPT_BLOCKS - len(kept)
        prompts.append(prompt)
        if len(known) < capacity_blocks // (2 * PROMPT_BLOCKS):
            known.append(prompt)
        else:
            known[chance.randrange(len(known))] = prompt
    gc.collect()
    gc.disable()
    for number, prompt in enumerate(prompts):
        if number == num_filling:
            started = time.thread_time()
        lease = tree.acquire(prompt, account, float(number))
        tree.extend(lease)
        tree.release(lease)
    taken = time.thread_time() - started
    gc.enable()
    return taken / NUM_TIMED * 1e6


def _publish(title: str, table: str, note: str) -> None:
    repeat = "Repeat: `python -m benchmarks.kvcache.operations`"
    body = "\n\n".join([table, note, f"Machine: {describe_machine('numpy')}.", repeat])
    print(f"{title}\n\n{body}\n")
    save_section("kvcache", title, body)


if __name__ == "__main__":
    main()
