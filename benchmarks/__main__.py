"""Run every benchmark, each in a process of its own, one after the other."""

from __future__ import annotations

import subprocess
import sys

QUESTIONS = (
    "benchmarks.redundancy.near_duplicates",
    "benchmarks.redundancy.interaction",
    "benchmarks.ingestion.throughput",
    "benchmarks.pages.page_runs",
    "benchmarks.kvcache.hit_rates",
    "benchmarks.kvcache.index_speed",
    "benchmarks.kvcache.operations",
    "benchmarks.kvcache.tiers",
    "benchmarks.kvcache.forms",
)


def main() -> int:
    failed = []
    for question in QUESTIONS:
        print(f"\n## {question}\n", flush=True)
        if subprocess.run([sys.executable, "-m", question], check=False).returncode:
            failed.append(question)
    if failed:
        print(f"\nNot measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
