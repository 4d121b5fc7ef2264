"""How soon a replay of real traffic draws its first curve, and all of them with predictions.

    BENCH_DATA=folder python -m benchmarks.tuning.what_if

Takes the first 12,000 requests of the conversation trace the way an uploaded trace goes, and writes
benchmarks/results/tuning.md. First-token times are not in the trace: made-up ones make the fit and its
intervals cost what they cost.
"""

from __future__ import annotations

import random
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.kvcache.corpus import load_trace
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.inference.cache_tuning import CacheTuning
from core.tuning.reach import MIB, BlockCosts
from core.tuning.recorded import RecordedRequest, Traffic
from core.tuning.uploads import Uploads
from core.tuning.what_if import Findings, Question, replay_traffic
from kvcache.traces import Trace, write_trace

NUM_REQUESTS = 12_000
FIRST_CURVE_GOAL_SECONDS, ALL_GOAL_SECONDS = 2.0, 30.0
BLOCKS_A_MIB = 4
REPEAT = "Repeat: `BENCH_DATA=folder python -m benchmarks.tuning.what_if`"


def main() -> None:
    with TemporaryDirectory() as folder:
        checked, trace = _brought(Path(folder))
    traffic = Traffic(trace, tuple(_timed(trace)))
    rows = [("checked and kept, from .jsonl.gz", "", f"{checked:.2f}")]
    before = 0.0
    last = None
    for last in replay_traffic(traffic, _question(trace), lambda _done, _total: None):
        what = "predictions with intervals" if last.is_done else f"{last.curves[-1].policy} curve"
        rows.append((what, f"{last.seconds - before:.2f}", f"{last.seconds:.2f}"))
        before = last.seconds
    assert last is not None, "a replay finds something"
    _publish(trace, rows, last)


def _brought(folder: Path) -> tuple[float, Trace]:
    """Seconds to take the file in, and what is read of it for a replay."""
    whole = load_trace()
    file = folder / "brought.jsonl.gz"
    write_trace(Trace(whole.block_tokens, whole.requests[:NUM_REQUESTS]), file)
    started = time.perf_counter()
    with file.open("rb") as source:
        taken = Uploads(folder, "default").add(file.name, source, "benchmark")
    seconds = time.perf_counter() - started
    return seconds, Uploads(folder, "default").read(taken.id)


def _timed(trace: Trace) -> list[RecordedRequest]:
    chance = random.Random(1)
    made = []
    for request in trace.requests:
        cached = min(request.num_tokens // 3, 2000)
        first = 20 + 0.01 * (request.num_tokens - cached) + chance.expovariate(0.2)
        made.append(RecordedRequest(request, trace.block_tokens, "", cached, first))
    return made


def _question(trace: Trace) -> Question:
    """What runs keeps 3 % of the distinct blocks on the device, what is proposed 10 %, and nothing below."""
    costs = BlockCosts(bytes_per_token=MIB / BLOCKS_A_MIB / trace.block_tokens)
    current, proposed = (
        CacheTuning(device_mb=trace.capacity(size) // BLOCKS_A_MIB, host_mb=0, disk_mb=0)
        for size in (0.03, 0.1)
    )
    return Question(tunings=(("current", current), ("proposed", proposed)), costs=costs)


def _publish(trace: Trace, rows: list[tuple[str, ...]], found: Findings) -> None:
    table = as_table(("step", "seconds", "since the start"), rows)
    predicted = as_table(
        ("tuning", "device blocks", "token hit %", "95 % of", "first token ms", "95 % of "),
        [
            (
                each.name,
                f"{each.device_blocks:,}",
                f"{100 * each.hit_rate.value:.2f}",
                f"{100 * (each.hit_rate.low or 0):.2f} to {100 * (each.hit_rate.high or 0):.2f}",
                f"{each.first_token_ms.value:.1f}" if each.first_token_ms else "",
                f"{each.first_token_ms.low:.1f} to {each.first_token_ms.high:.1f}"
                if each.first_token_ms
                else "",
            )
            for each in found.predictions
        ],
    )
    first, seconds = found.first_curve_seconds or 0.0, found.seconds
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    body = "\n\n".join(
        [
            table,
            f"First curve after {first:.2f} s (goal {FIRST_CURVE_GOAL_SECONDS:.0f}), everything after"
            f" {seconds:.1f} s (goal {ALL_GOAL_SECONDS:.0f}), in one process, whose memory peaked at"
            f" {peak_mb:.0f} MiB. {len(trace.requests):,} requests, {trace.num_blocks:,} block accesses,"
            f" {found.num_families:,} families; {len(found.curves)} curves of"
            f" {len(found.curves[0].points)} sizes.",
            predicted,
            f"Machine: {describe_machine('numpy', 'pydantic')}.",
            REPEAT,
        ]
    )
    print(f"{body}\n")
    save_section("tuning", "Replaying traffic under other settings", body)


if __name__ == "__main__":
    main()
