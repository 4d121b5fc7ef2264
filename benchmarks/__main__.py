"""Run every benchmark, or those of the areas named, each in a process of its own, one after the other.

python -m benchmarks [redundancy] [semantic] [passages] [contradictions] [quality] [policy]
    [documents] [exports] [jobs] [ingestion] [pages] [kvcache] [engine] [tuning]
"""

from __future__ import annotations

import subprocess
import sys

QUESTIONS = (
    "benchmarks.redundancy.near_duplicates",
    "benchmarks.redundancy.interaction",
    "benchmarks.redundancy.incremental",
    "benchmarks.redundancy.growth",
    "benchmarks.redundancy.backends",
    "benchmarks.semantic.sentences",
    "benchmarks.semantic.translations",
    "benchmarks.semantic.neighbours",
    "benchmarks.semantic.calibration",
    "benchmarks.passages.copied_answers",
    "benchmarks.passages.planted_splices",
    "benchmarks.passages.library_search",
    "benchmarks.contradictions.changed_numbers",
    "benchmarks.contradictions.search",
    "benchmarks.quality.readability",
    "benchmarks.quality.sentiment",
    "benchmarks.policy.pii",
    "benchmarks.policy.linear_time",
    "benchmarks.documents.extractive",
    "benchmarks.documents.batch",
    "benchmarks.documents.routing",
    "benchmarks.documents.model_path",
    "benchmarks.exports.pdf",
    "benchmarks.exports.formats",
    "benchmarks.exports.matrix",
    "benchmarks.jobs.throughput",
    "benchmarks.ingestion.throughput",
    "benchmarks.pages.page_runs",
    "benchmarks.pages.model_loading",
    "benchmarks.pages.live_updates",
    "benchmarks.kvcache.hit_rates",
    "benchmarks.kvcache.index_speed",
    "benchmarks.kvcache.operations",
    "benchmarks.kvcache.tiers",
    "benchmarks.kvcache.forms",
    "benchmarks.kvcache.store",
    "benchmarks.engine.first_token",
    "benchmarks.engine.decoding",
    "benchmarks.engine.restart",
    "benchmarks.engine.scheduling",
    "benchmarks.engine.quality",
    "benchmarks.tuning.what_if",
    "benchmarks.tuning.intervals",
)


def main() -> int:
    areas = sys.argv[1:]
    failed = []
    for question in QUESTIONS:
        if areas and question.split(".")[1] not in areas:
            continue
        print(f"\n## {question}\n", flush=True)
        if subprocess.run([sys.executable, "-m", question], check=False).returncode:
            failed.append(question)
    if failed:
        print(f"\nNot measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
