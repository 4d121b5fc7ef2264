"""How much of the hit rate is back after a restart, clean or by kill -9.

    python -m benchmarks.engine.restart

Prints a table and writes it to benchmarks/results/engine.md.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.forms.layout import BlockLayout
from kvcache.level import Level
from kvcache.tiers.disk import DiskTier

LAYOUT = BlockLayout(num_layers=6, num_kv_heads=2, block_tokens=64, head_dim=64, dtype="bfloat16")
SECRET = b"the secret of a benchmark"
CONVERSATIONS, TURNS, TURN_TOKENS = 40, 4, 300
LOSS_WINDOW_SECONDS = 1.0
TITLE = "Hit rate after a restart"


def main() -> None:
    rows = [("before", *_as_cells(_before()), "")]
    for name, is_killed in (("clean end", False), ("kill -9", True)):
        with tempfile.TemporaryDirectory() as folder:
            rows.append((name, *_after(Path(folder), is_killed)))
    table = as_table(("restart", "tokens from the cache", "of all", "of before"), rows)
    body = (
        f"{table}\n\n{CONVERSATIONS} conversations of {TURNS} turns are kept, then the last turn of each is "
        f"asked again in a new process. Disk level in form split, write-back with a loss window of "
        f"{LOSS_WINDOW_SECONDS:g} s; the kill comes when the snapshot says that nothing is unwritten. "
        "Caches in the memory of a process, as transformers and llama.cpp have them, begin at nothing.\n\n"
        f"Machine: {describe_machine('torch')}.\n\n"
        "Repeat: `python -m benchmarks.engine.restart`"
    )
    print(f"{TITLE}\n{body}")
    save_section("engine", TITLE, body)


def _before() -> tuple[int, int]:
    """Tokens from the cache when nothing was restarted, and all tokens."""
    with tempfile.TemporaryDirectory() as folder, _open(Path(folder)) as store:
        _keep_all(store)
        return _ask_again(store)


def _after(folder: Path, is_killed: bool) -> tuple[str, str, str]:
    expected, _ = _before()
    child = subprocess.Popen(
        [sys.executable, "-m", __spec__.name, "child", str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "written"
    child.send_signal(signal.SIGKILL if is_killed else signal.SIGTERM)
    child.wait()
    with _open(folder) as store:
        cached, asked = _ask_again(store)
    return *_as_cells((cached, asked)), f"{cached / expected:.1%}"


def _child(folder: Path) -> None:
    store = _open(folder)
    signal.signal(signal.SIGTERM, lambda *_: (store.close(), os._exit(0)))
    _keep_all(store)
    while store.snapshot().unwritten_blocks:
        time.sleep(0.05)
    print("written", flush=True)
    signal.pause()


def _as_cells(counts: tuple[int, int]) -> tuple[str, str]:
    return f"{counts[0]:,}", f"{counts[0] / counts[1]:.1%}"


def _open(folder: Path) -> BlockStore:
    config = CacheConfig(capacity_blocks=256, salt=SECRET, policy="lru")
    level = Level(DiskTier(folder, 2 << 30, SECRET), "split")
    return BlockStore(config, LAYOUT, levels=[level], loss_window_seconds=LOSS_WINDOW_SECONDS)


def _turn(conversation: int, turn: int) -> list[int]:
    choose = random.Random(conversation)
    return [choose.randrange(32_000) for _ in range(turn * TURN_TOKENS)]


def _keep_all(store: BlockStore) -> None:
    shape = (LAYOUT.num_layers, 2, LAYOUT.num_kv_heads, TURNS * TURN_TOKENS, LAYOUT.head_dim)
    values = torch.randn(shape).to(torch.bfloat16)
    for turn in range(1, TURNS + 1):
        for conversation in range(CONVERSATIONS):
            tokens = _turn(conversation, turn)
            with store.open(tokens, room_tokens=len(tokens)) as prompt:
                prompt.buffer[:] = values[..., : len(tokens), :]
                prompt.keep(num_tokens=len(tokens))


def _ask_again(store: BlockStore) -> tuple[int, int]:
    cached = asked = 0
    for conversation in range(CONVERSATIONS):
        tokens = _turn(conversation, TURNS)
        with store.open(tokens) as prompt:
            cached += prompt.num_cached_tokens
            asked += len(tokens)
    return cached, asked


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        _child(Path(sys.argv[2]))
    else:
        main()
