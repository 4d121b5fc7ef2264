"""How many blocks a second the index serves, beside the indexes of vLLM and SGLang, and what metrics cost.

    BENCH_DATA=folder BENCH_PEERS=script PEER_SCRATCH=folder python -m benchmarks.kvcache.index_speed

The script times the peers' own code out of their wheels; its head says what PEER_SCRATCH holds. PEER_PYTHON
names the interpreter that can import what the peers need. Without BENCH_PEERS the peers are left out, and the
table says so. All serve the same prompts (full blocks of the public trace) at the same capacity, in turns,
on the same clock: processor time. Prints two tables and writes them to benchmarks/results/kvcache.md.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from statistics import median
from threading import Lock

from benchmarks.kvcache.corpus import load_trace
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.run import Account
from kvcache.simulator import open_index
from kvcache.traces import Trace, TraceRequest, iterate_full_blocks, write_trace

SIZE = 0.1
ROUNDS = 9
ROUNDS_OF_METRICS = 21
PEERS = {"vllm": "vLLM BlockPool", "sglang_rust": "SGLang Rust core", "sglang": "SGLang radix cache"}
ON_PROCESSOR_TIME = (
    "import runpy, sys, time; time.perf_counter = time.process_time; "
    "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
REPEAT = (
    "Repeat: `BENCH_DATA=folder BENCH_PEERS=script PEER_SCRATCH=folder "
    "python -m benchmarks.kvcache.index_speed`"
)


def main() -> None:
    trace = load_trace()
    capacity = trace.capacity(SIZE)
    prompts = _full_blocks_only(trace)
    _publish_speed(prompts, capacity)
    _publish_cost_of_metrics(prompts, capacity)


def _publish_speed(prompts: Trace, capacity: int) -> None:
    ours = {
        f"ours, {policy}, {label}": partial(_time_ours, prompts, policy, capacity, locks, counters)
        for policy in ("lru", "adaptive")
        for label, locks, counters in (
            ("locks and metrics on", True, True),
            ("locks off", False, True),
            ("metrics off", True, False),
        )
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "prompts.jsonl.gz"
        write_trace(prompts, file)
        size = (capacity + 0.5) / prompts.num_distinct_blocks
        peers = {name: partial(_time_peer, impl, file, size) for impl, name in PEERS.items()}
        seconds = _in_turns({**ours, **peers}, ROUNDS)
    fastest = {name: min(taken) for name, taken in seconds.items() if taken}
    yardstick = fastest.get(PEERS["vllm"])
    rows = [
        (name, f"{prompts.num_blocks / taken:,.0f}", f"{yardstick / taken:.1f}x" if yardstick else "-")
        for name, taken in fastest.items()
    ]
    left_out = "" if yardstick else " Peers left out: BENCH_PEERS is not set or they could not run."
    _publish(
        "Index speed",
        as_table(("index", "blocks/s", "beside vLLM"), rows),
        f"Match, lock, evict, insert, unlock for every request of the conversation trace at {SIZE:.0%} "
        f"of its distinct blocks, slots given out, full blocks only, hashing left out, collector off, "
        f"processor time, best of {ROUNDS} in turns.{left_out}",
    )


def _publish_cost_of_metrics(prompts: Trace, capacity: int) -> None:
    rows = []
    for policy in ("lru", "adaptive"):
        on = partial(_time_ours, prompts, policy, capacity, True, True)
        off = partial(_time_ours, prompts, policy, capacity, True, False)
        seconds = _in_turns({"on": on, "off": off}, ROUNDS_OF_METRICS)
        least = min(seconds["on"]) / min(seconds["off"]) - 1
        middle = median(on / off for on, off in zip(seconds["on"], seconds["off"], strict=True)) - 1
        rows.append((policy, f"{least:.1%}", f"{middle:.1%}", "2.0%"))
    _publish(
        "Cost of metrics",
        as_table(("policy", "by the fastest runs", "by the median of pairs", "goal"), rows),
        f"Processor time of the same replay with metrics on and off, in turns, {ROUNDS_OF_METRICS} pairs.",
    )


def _in_turns(timed: dict[str, Callable[[], float | None]], num_rounds: int) -> dict[str, list[float]]:
    """Seconds of each in every round, so that whatever else the machine does is shared fairly."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(num_rounds):
        order = list(timed) if number % 2 else list(reversed(timed))
        for name in order:
            taken = timed[name]()
            if taken is not None:
                seconds[name].append(taken)
    return seconds


def _full_blocks_only(trace: Trace) -> Trace:
    requests = [
        TraceRequest(
            timestamp_ms=request.timestamp_ms,
            num_tokens=len(block_ids) * trace.block_tokens,
            num_output_tokens=0,
            block_ids=block_ids,
        )
        for request, block_ids in zip(trace.requests, iterate_full_blocks(trace), strict=True)
    ]
    return Trace(trace.block_tokens, tuple(requests))


def _time_ours(trace: Trace, policy: str, capacity: int, locks: bool, counters: bool) -> float:
    """Each of the three calls under a lock of its own as at the door."""
    index = open_index(policy, capacity, block_tokens=trace.block_tokens)
    if not counters:
        index.tree.counters = None
    prompts = [(list(request.block_ids), request.timestamp_ms) for request in trace.requests]
    lock: AbstractContextManager[object] = Lock() if locks else nullcontext()
    tree, account = index.tree, Account("timed")
    gc.collect()
    gc.disable()
    started = time.process_time()
    for block_ids, timestamp_ms in prompts:
        with lock:
            lease = tree.acquire(block_ids, account, timestamp_ms)
        with lock:
            tree.extend(lease)
        with lock:
            tree.release(lease)
    taken = time.process_time() - started
    gc.enable()
    return taken


def _time_peer(impl: str, file: Path, size: float) -> float | None:
    script = os.environ.get("BENCH_PEERS")
    if not script:
        return None
    python = os.environ.get("PEER_PYTHON", sys.executable)
    command = [python, "-c", ON_PROCESSOR_TIME, script, str(file), impl, str(size)]
    settings = {**os.environ, "REPS": "1", "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
    if ran.returncode:
        print(f"{impl} could not run: {ran.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return float(json.loads(ran.stdout.splitlines()[-1])["best_s"])


def _publish(title: str, table: str, note: str) -> None:
    body = "\n\n".join([table, note, f"Machine: {describe_machine('numpy')}.", REPEAT])
    print(f"{title}\n\n{body}\n")
    save_section("kvcache", title, body)


if __name__ == "__main__":
    main()
