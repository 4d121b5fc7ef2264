"""How many blocks a second the index serves, beside the indexes of vLLM and SGLang.

    BENCH_DATA=folder BENCH_PEERS=script PEER_SCRATCH=folder python -m benchmarks.kvcache.index_speed

The script times the peers' own code out of their wheels on the same trace; its head says what PEER_SCRATCH
holds. PEER_PYTHON names the interpreter that can import what the peers need. Without BENCH_PEERS the peers
are left out, and the table says so. Prints one table and writes it to benchmarks/results/kvcache.md.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from benchmarks.kvcache.corpus import load_trace, trace_file
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.run import Account
from kvcache.simulator import open_index
from kvcache.traces import Trace, iterate_full_blocks

SIZE = 0.1
REPEATS = 3
PEERS = {"vllm": "vLLM BlockPool", "sglang_rust": "SGLang Rust core", "sglang": "SGLang radix cache"}


def main() -> None:
    trace = load_trace()
    ours = {
        f"ours, {policy}, {label}": _best(trace, policy, locks, counters)
        for policy in ("lru", "adaptive")
        for label, locks, counters in (
            ("locks and metrics on", True, True),
            ("locks off", False, True),
            ("metrics off", True, False),
        )
    }
    peers = {f"{name}": speed for impl, name in PEERS.items() if (speed := _time_peer(impl)) is not None}
    yardstick = peers.get(PEERS["vllm"])
    rows = [
        (name, f"{speed:,.0f}", f"{speed / yardstick:.1f}x" if yardstick else "-")
        for name, speed in {**ours, **peers}.items()
    ]
    left_out = "" if peers else " Peers left out: BENCH_PEERS is not set or they could not run."
    body = "\n\n".join(
        [
            as_table(("index", "blocks/s", "beside vLLM"), rows),
            f"Match, lock, evict, insert, unlock for every request of the conversation trace at {SIZE:.0%} "
            f"of its distinct blocks, slots given out, hashing left out, collector off, best of {REPEATS}."
            f"{left_out}",
            f"Machine: {describe_machine('numpy')}.",
            "Repeat: `BENCH_DATA=folder BENCH_PEERS=script PEER_SCRATCH=folder "
            "python -m benchmarks.kvcache.index_speed`",
        ]
    )
    print(body)
    save_section("kvcache", "Index speed", body)


def _best(trace: Trace, policy: str, locks: bool, counters: bool) -> float:
    """Blocks a second, each of the three calls under a lock of its own as at the door."""
    prompts = [
        (list(block_ids), request.timestamp_ms)
        for block_ids, request in zip(iterate_full_blocks(trace), trace.requests, strict=True)
    ]
    taken = []
    for _ in range(REPEATS):
        index = open_index(policy, trace.capacity(SIZE), block_tokens=trace.block_tokens)
        if not counters:
            index.tree.counters = None
        lock: AbstractContextManager[object] = Lock() if locks else nullcontext()
        tree, account = index.tree, Account("timed")
        gc.collect()
        gc.disable()
        started = time.perf_counter()
        for block_ids, timestamp_ms in prompts:
            with lock:
                lease = tree.acquire(block_ids[:], account, timestamp_ms)
            with lock:
                tree.extend(lease)
            with lock:
                tree.release(lease)
        taken.append(time.perf_counter() - started)
        gc.enable()
    return trace.num_blocks / min(taken)


def _time_peer(impl: str) -> float | None:
    script = os.environ.get("BENCH_PEERS")
    if not script:
        return None
    command = [os.environ.get("PEER_PYTHON", sys.executable), script, str(trace_file()), impl, str(SIZE)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"{impl} could not run: {ran.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return float(json.loads(ran.stdout.splitlines()[-1])["blocks_per_s"])


if __name__ == "__main__":
    main()
