"""How long a known prefix takes to come together from each level, and what sharing saves.

    python -m benchmarks.kvcache.store

Prints two tables and writes them to benchmarks/results/kvcache.md.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.forms.layout import BlockLayout
from kvcache.level import Level
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from kvcache.tiers.tier import Tier

LAYOUT = BlockLayout(num_layers=8, num_kv_heads=2, block_tokens=64, head_dim=64, dtype="bfloat16")
SECRET = b"the secret of a benchmark"
PROMPT = list(range(2048))
KNOWN_TOKENS = 1984
RUNS = 15
TITLE_OPEN, TITLE_SHARED = "Bringing a known prefix together", "What 100 prompts with one prefix take"


def main() -> None:
    torch.set_num_threads(1)
    rows = [("device", *_measure(None, "raw"))]
    rows += [(f"host {form}", *_measure(_host, form)) for form in ("raw", "split", "int8", "int4")]
    rows += [(f"disk {form}, page cache warm", *_measure(_disk, form)) for form in ("split", "int8", "int4")]
    table = as_table(("from", "ms", "GB/s of bf16"), rows)
    about = (
        f"`open` of a prompt of {len(PROMPT):,} tokens of which {KNOWN_TOKENS:,} are known: lookup, hashing, "
        f"verification, decoding and assembly; {LAYOUT.num_layers} layers of 2 KV heads of 64, 256 KiB a "
        f"block at 16 bit; median of {RUNS} runs on one thread, values drawn from a normal distribution."
    )
    _say_and_save(TITLE_OPEN, table, about)
    _say_and_save(TITLE_SHARED, *_shared())


def _measure(make: Callable[[Path], Tier] | None, form: str) -> tuple[str, str]:
    """Median milliseconds of `open`, and the bytes that it brought together a second."""
    with tempfile.TemporaryDirectory() as folder:
        levels = [] if make is None else [Level(make(Path(folder)), form)]
        with _store(levels) as store:
            _serve(store, PROMPT)
            seconds = []
            gc.disable()
            for _ in range(RUNS):
                if levels:
                    store.evict(len(PROMPT))
                    store.tend()
                begun = time.perf_counter()
                with store.open(PROMPT) as prompt:
                    seconds.append(time.perf_counter() - begun)
                    assert prompt.num_known * 64 >= KNOWN_TOKENS
                    prompt.keep()
            gc.enable()
    middle = statistics.median(seconds)
    num_bytes = LAYOUT.num_bytes // LAYOUT.block_tokens * len(PROMPT)
    return f"{middle * 1e3:.1f}", f"{num_bytes / middle / 1e9:.2f}"


def _shared() -> tuple[str, str]:
    """Prompts of which 95 % are one prefix, each with an end of its own."""
    rows = []
    for form in ("split", "int8", "int4"):
        with tempfile.TemporaryDirectory() as folder:
            level = Level(DiskTier(Path(folder), 4 << 30, SECRET), form)
            with _store([level], capacity_blocks=400) as store:
                prefix = list(range(1920))
                for number in range(100):
                    _serve(store, [*prefix, *range(10_000 * (number + 1), 10_000 * (number + 1) + 128)])
                store.flush()
                once = 30 + 100 * 2
                blocks = level.tier.snapshot().blocks
                stored = level.tier.snapshot().stored_bytes
                rows.append(
                    (
                        form,
                        f"{blocks:,}",
                        f"{blocks / once:.3f}",
                        f"{stored / 2**20:.0f}",
                        f"{100 * 32 * LAYOUT.sixteen_bit_bytes / stored:.0f}x",
                    )
                )
    about = "100 prompts of 2,048 tokens, 1,920 of them shared; beside 32 blocks a prompt kept whole."
    header = ("form on disk", "blocks", "of prefix + ends", "MiB", "smaller than each whole")
    return as_table(header, rows), about


def _host(folder: Path) -> Tier:
    return HostTier(1 << 30)


def _disk(folder: Path) -> Tier:
    return DiskTier(folder, 4 << 30, SECRET)


def _store(levels: list[Level], capacity_blocks: int = 64) -> BlockStore:
    config = CacheConfig(capacity_blocks=capacity_blocks, salt=SECRET, policy="lru")
    return BlockStore(config, LAYOUT, levels=levels, in_background=False, loss_window_seconds=0.0)


def _serve(store: BlockStore, prompt: list[int]) -> None:
    shape = (LAYOUT.num_layers, 2, LAYOUT.num_kv_heads, len(prompt), LAYOUT.head_dim)
    values = torch.randn(shape, dtype=torch.float32).to(torch.bfloat16)
    with store.open(prompt, room_tokens=len(prompt)) as opened:
        opened.buffer[:] = values
        opened.keep(num_tokens=len(prompt))
    store.tend()


def _say_and_save(title: str, table: str, about: str) -> None:
    machine = describe_machine("torch")
    body = f"{table}\n\n{about}\n\nMachine: {machine}.\n\nRepeat: `python -m benchmarks.kvcache.store`"
    print(f"{title}\n{body}\n")
    save_section("kvcache", title, body)


if __name__ == "__main__":
    main()
