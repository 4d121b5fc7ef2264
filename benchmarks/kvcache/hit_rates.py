"""What share of the prompt tokens each policy hits, beside the optimum that nobody can pass.

    BENCH_DATA=folder python -m benchmarks.kvcache.hit_rates

Prints two tables, the public conversation trace and generated traffic of other kinds, and writes them to
benchmarks/results/kvcache.md.
"""

from __future__ import annotations

from statistics import median

from benchmarks.kvcache.corpus import SIZES, load_trace
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.policies import POLICIES
from kvcache.simulator import OPTIMUM, replay
from kvcache.traces import Trace
from tests.kvcache.generated_traces import GENERATORS

WINDOW = 200
SEEDS = (901, 902, 903, 904, 905)
NUM_REQUESTS = 4000
REPEAT = "Repeat: `BENCH_DATA=folder python -m benchmarks.kvcache.hit_rates`"


def main() -> None:
    trace = load_trace()
    spent = 0.0
    rows = []
    for policy, lookahead in [*((name, 0) for name in POLICIES), ("adaptive", WINDOW), (OPTIMUM, 0)]:
        results = [replay(trace, policy, trace.capacity(size), lookahead=lookahead) for size in SIZES]
        if policy in POLICIES and not lookahead:
            spent += sum(result.seconds for result in results)
        name = f"{policy}, next {lookahead} announced" if lookahead else policy
        rows.append((name, *(f"{100 * result.token_hit_rate:.2f}" for result in results)))
    _publish(
        "Hit rates on the conversation trace",
        rows,
        f"Token hit %, prefix semantics, tails not kept, capacity as a share of the distinct blocks. "
        f"Mooncake FAST'25 conversation: {len(trace.requests):,} requests, "
        f"{trace.num_blocks:,} block accesses. "
        f"{len(POLICIES)} policies x {len(SIZES)} sizes took {spent:.1f} s on one core.",
    )
    rows = []
    for kind, generate in GENERATORS.items():
        traces = [generate(seed, NUM_REQUESTS) for seed in SEEDS]
        for policy, lookahead in (
            ("lru", 0),
            ("lfu", 0),
            ("adaptive", 0),
            ("adaptive", WINDOW),
            (OPTIMUM, 0),
        ):
            name = f"{policy}, next {lookahead} announced" if lookahead else policy
            rows.append((f"{kind}: {name}", *(_median(traces, policy, size, lookahead) for size in SIZES)))
    _publish(
        "Hit rates on generated traffic of other kinds",
        rows,
        f"Token hit %, median of {len(SEEDS)} seeds that nothing was tuned on, {NUM_REQUESTS:,} requests.",
    )


def _median(traces: list[Trace], policy: str, size: float, lookahead: int) -> str:
    rates = [
        replay(trace, policy, trace.capacity(size), lookahead=lookahead).token_hit_rate for trace in traces
    ]
    return f"{100 * median(rates):.2f}"


def _publish(title: str, rows: list[tuple[str, ...]], note: str) -> None:
    table = as_table(("policy", *(f"{size:.0%}" for size in SIZES)), rows)
    body = "\n\n".join([table, note, f"Machine: {describe_machine('numpy')}.", REPEAT])
    print(f"{title}\n\n{body}\n")
    save_section("kvcache", title, body)


if __name__ == "__main__":
    main()
