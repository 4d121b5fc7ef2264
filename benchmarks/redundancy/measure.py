"""One method in a process of its own: CPU seconds cold and warm, memory above the corpus, pairs. Prints JSON.

    python -m benchmarks.redundancy.measure "ours" 0.7

Standard library only, apart from what the method itself needs.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.redundancy.corpus import load_corpus
from benchmarks.redundancy.methods import METHODS, Method, Pairs

WARM_CALLS = 5


def main() -> None:
    method, floor = METHODS[sys.argv[1]], float(sys.argv[2])
    corpus = load_corpus()
    method(["one text of a few words", "another"], floor)  # imports are not what is measured
    before = _reset_peak()
    found, cold = _timed(method, corpus.texts, floor)
    peak = _peak()
    warm = [_timed(method, corpus.texts, floor)[1] for _ in range(WARM_CALLS)]
    print(
        json.dumps(
            {
                "cold_seconds": cold,
                "warm_seconds": statistics.median(warm),
                "megabytes": max(peak, _peak()) - before,
                "pairs": sorted(found),
            }
        )
    )


def _timed(method: Method, texts: Sequence[str], floor: float) -> tuple[Pairs, float]:
    started = _cpu_seconds()
    found = method(texts, floor)
    return found, _cpu_seconds() - started


def _cpu_seconds() -> float:
    """Of this process with all its threads and the children it waited for."""
    return sum(os.times()[:4])


def _reset_peak() -> float:
    """Forget the peak of reading the corpus. Returns the resident megabytes now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
