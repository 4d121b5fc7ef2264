"""From 1,000 to 100,000 documents: does the time of a full comparison grow with them, and the memory?

    python -m benchmarks.redundancy.growth [--most 100000]

Each size runs in a process of its own, one thread, from raw texts to clusters.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time

from benchmarks.machine import describe_machine
from benchmarks.redundancy.synthetic import synthetic_texts
from benchmarks.results import as_table, save_section
from core.redundancy import cluster, find_pairs

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="largest number of documents")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_measure(arguments.one)))
        return
    measured = [_run(size) for size in SIZES if size <= arguments.most]
    first, last = measured[0], measured[-1]
    slope = math.log(last["cpu"] / measured[-3]["cpu"]) / math.log(
        last["documents"] / measured[-3]["documents"]
    )
    rows = [
        (
            f"{each['documents']:,}",
            f"{each['cpu']:.2f}",
            f"{each['documents'] / each['cpu']:,.0f}",
            f"{each['pairs']:,.0f}",
            f"{each['megabytes']:,.0f}",
        )
        for each in measured
    ]
    header = ("documents", "CPU s", "documents/CPU-s", "pairs", "peak MB of the process")
    body = as_table(header, rows)
    body += (
        "\n\nMade-up documents of about 150 words, one in ten a copy with 5 % of its words changed; floor "
        f"0.5; peak memory includes the texts and Python. The time grows with the power {slope:.2f} of the "
        f"number over the last decade.\n\nMachine: {describe_machine('numpy')}.\n\n"
        "Repeat: `python -m benchmarks.redundancy.growth`."
    )
    assert first["pairs"]
    print(body)
    save_section("redundancy", "Growth", body)


def _run(size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.redundancy.growth", "--one", str(size)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(size: int) -> dict[str, float]:
    import resource

    texts = synthetic_texts(size)
    began = time.process_time()
    pairs = find_pairs(texts, 0.5)
    cluster(pairs, 0.7)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"documents": size, "cpu": seconds, "pairs": len(pairs), "megabytes": peak}


if __name__ == "__main__":
    main()
