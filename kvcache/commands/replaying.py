"""The commands that replay recorded traffic: replay, compare, bench."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from kvcache.commands.terminal import Commands, at_least_one, say
from kvcache.policies import POLICIES
from kvcache.simulator import OPTIMUM, ReplayResult, miss_ratio_curve, replay
from kvcache.traces import Trace, read_trace

SIZES = (0.01, 0.03, 0.1, 0.3)


def add_trace_commands(commands: Commands) -> None:
    replaying = commands.add_parser("replay", help="run a trace through policies at some capacities")
    _add_trace_options(replaying)
    replaying.add_argument("--policy", nargs="+", default=["adaptive"], choices=[*POLICIES, OPTIMUM])
    replaying.set_defaults(command=_replay)

    comparing = commands.add_parser("compare", help="all policies, the LRU curve and the optimum")
    _add_trace_options(comparing)
    comparing.set_defaults(command=_compare, policy=[*POLICIES, OPTIMUM])

    measuring = commands.add_parser("bench", help="time the index on a trace, best of some runs")
    _add_trace_options(measuring)
    measuring.add_argument("--policy", nargs="+", default=["lru", "adaptive"], choices=list(POLICIES))
    measuring.add_argument("--repeat", type=at_least_one, default=3, help="runs, of which the best counts")
    measuring.set_defaults(command=_bench)


def _add_trace_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("trace", type=Path, metavar="TRACE", help=".jsonl or .jsonl.gz")
    parser.add_argument(
        "--capacity",
        type=_size,
        nargs="+",
        default=list(SIZES),
        help="below 1 a share of the trace's distinct blocks, else blocks",
    )
    parser.add_argument("--lookahead", type=int, default=0, help="how many coming requests are announced")
    parser.add_argument(
        "--block-tokens", type=at_least_one, help="tokens a block, where the file does not say"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")


def _replay(options: argparse.Namespace) -> None:
    trace = read_trace(options.trace, block_tokens=options.block_tokens)
    results = _run(trace, options)
    _print_results(results, options)


def _compare(options: argparse.Namespace) -> None:
    trace = read_trace(options.trace, block_tokens=options.block_tokens)
    results = _run(trace, options)
    capacities = [trace.capacity(size) for size in options.capacity]
    curve = dict(zip(capacities, miss_ratio_curve(trace, capacities), strict=True))
    if options.json:
        rows = [result.as_row() for result in results]
        say(json.dumps({"results": rows, "lru_miss_ratio": {str(at): curve[at] for at in curve}}))
        return
    _print_table(results)
    say("\nLRU miss ratio, full blocks, one pass")
    for capacity, ratio in curve.items():
        say(f"{capacity:>10,} blocks  {ratio:7.2%}")


def _bench(options: argparse.Namespace) -> None:
    trace = read_trace(options.trace, block_tokens=options.block_tokens)
    best = [
        min(
            (
                replay(trace, policy, trace.capacity(size), lookahead=options.lookahead)
                for _ in range(options.repeat)
            ),
            key=lambda result: result.seconds,
        )
        for policy in options.policy
        for size in options.capacity
    ]
    _print_results(best, options)


def _run(trace: Trace, options: argparse.Namespace) -> list[ReplayResult]:
    results = []
    for policy in options.policy:
        for size in options.capacity:
            capacity = trace.capacity(size)
            results.append(
                replay(
                    trace, policy, capacity, lookahead=options.lookahead, progress=_progress(policy, capacity)
                )
            )
    return results


def _progress(policy: str, capacity: int) -> Callable[[int, int], None] | None:
    """Tells people at a terminal how far a replay is; a file or a pipe gets none of it."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\r{policy} at {capacity:,} blocks: {done:,} of {total:,} requests\033[K\r")

    return show


def _print_results(results: Sequence[ReplayResult], options: argparse.Namespace) -> None:
    if options.json:
        say(json.dumps([result.as_row() for result in results]))
    else:
        _print_table(results)


def _print_table(results: Sequence[ReplayResult]) -> None:
    say(f"{'policy':<10}{'capacity':>10}{'resident':>10}{'token hit':>11}{'block hit':>11}{'blocks/s':>12}")
    for result in results:
        block_hits = result.hit_blocks / result.blocks if result.blocks else 0.0
        speed = result.blocks / result.seconds if result.seconds else 0.0
        say(
            f"{result.policy:<10}{result.capacity_blocks:>10,}{result.max_resident_blocks:>10,}"
            f"{result.token_hit_rate:>11.2%}{block_hits:>11.2%}{speed:>12,.0f}"
        )


def _size(text: str) -> float:
    size = float(text)
    if size < 0 or (size >= 1 and size != int(size)):
        raise argparse.ArgumentTypeError("a share below 1, or whole blocks")
    return size
