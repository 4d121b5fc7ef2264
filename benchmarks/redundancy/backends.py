"""The same search in this process, on disk and on Spark: equal pairs, CPU seconds, memory.

    BENCH_DATA=folder python -m benchmarks.redundancy.backends [--floor 0.7]

Each backend runs in a process of its own on the same corpus; counted are that process and all it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass

import psutil

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import Corpus, load_corpus
from benchmarks.redundancy.spark_slopes import own_use, tree_use
from benchmarks.redundancy.synthetic import synthetic_texts
from benchmarks.results import as_table, save_section

NUM_SYNTHETIC = 20_000
CONFIGURATIONS = {
    "in process": ("in_process", "prefix"),
    "DuckDB, 128 MB": ("duckdb", "prefix"),
    "Spark, prefix filter": ("spark", "prefix"),
    "Spark, MinHash 0.999": ("spark", "minhash"),
}

Pairs = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Measured:
    pairs: Pairs
    clusters: list[list[int]]
    cpu_seconds: float
    wall_seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floor", type=float, default=0.7, help="Jaccard similarity of the pairs to find")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        _search(arguments.one, arguments.floor)
        return
    body = _section(arguments.floor, {name: _measure(name, arguments.floor) for name in CONFIGURATIONS})
    print(body)
    save_section("redundancy", f"Backends, Jaccard {arguments.floor} and more", body)


def _corpus() -> Corpus:
    corpus = load_corpus()
    if corpus.truth:
        return corpus
    return Corpus(f"{NUM_SYNTHETIC:,} made-up documents", synthetic_texts(NUM_SYNTHETIC), {})


def _measure(name: str, floor: float) -> Measured:
    command = [sys.executable, "-m", "benchmarks.redundancy.backends", "--floor", str(floor), "--one", name]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    began, cpu, megabytes = time.monotonic(), 0.0, 0.0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as written:
        child = subprocess.Popen(command, env=environment, stdout=written)
        root = psutil.Process(child.pid)
        while child.poll() is None:
            seconds, memory = tree_use(root)
            cpu, megabytes = max(cpu, seconds), max(megabytes, memory)
            time.sleep(0.2)
        written.seek(0)
        lines = written.read().splitlines()
    if child.returncode:
        sys.exit(f"{name} failed.")
    found = json.loads(lines[-1])
    return Measured(
        {(one, other): jaccard for one, other, jaccard in found["pairs"]},
        found["clusters"],
        max(cpu, found["cpu"]),
        time.monotonic() - began,
        max(megabytes, found["megabytes"]),
    )


def _search(name: str, floor: float) -> None:
    from core.redundancy.backends import BackendConfig, open_backend

    backend_name, candidates = CONFIGURATIONS[name]
    config = BackendConfig(memory_mb=128 if backend_name == "duckdb" else 1024, spark_master="local[2]")
    if candidates == "minhash":
        config = BackendConfig(memory_mb=1024, spark_master="local[2]", candidates="minhash")
    texts = _corpus().texts
    with closing(open_backend(backend_name, config)) as backend:
        pairs = backend.find_pairs(texts, floor)
        clusters = backend.cluster(pairs, floor)
    cpu, megabytes = own_use()
    rows = list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist(), strict=True))
    print(json.dumps({"pairs": rows, "clusters": clusters, "cpu": cpu, "megabytes": megabytes}))


def _section(floor: float, measured: dict[str, Measured]) -> str:
    corpus = _corpus()
    truth = corpus.truth.get(floor)
    first = next(iter(measured.values()))
    header = (
        "backend", "pairs", "equal to in process", "of the known pairs", "clusters equal", "CPU s", "wall s",
        "peak MB",
    )  # fmt: skip
    rows = [
        (
            label,
            f"{len(each.pairs):,}",
            "yes" if each.pairs == first.pairs else f"no, {len(each.pairs.keys() & first.pairs.keys())}",
            f"{len(each.pairs.keys() & truth)} of {len(truth)}" if truth else "-",
            "yes" if each.clusters == first.clusters else "no",
            f"{each.cpu_seconds:.1f}",
            f"{each.wall_seconds:.1f}",
            f"{each.megabytes:,.0f}",
        )
        for label, each in measured.items()
    ]
    notes = [
        f"{corpus.name}. Equal means the same pairs with the same similarity to the last bit. From texts in "
        "memory to clusters, a process each; CPU seconds and memory of that process and all it starts, "
        "imports, corpus and Java included, shared pages counted once. Other work ran beside it: compare CPU "
        "seconds.",
        f"Machine: {describe_machine('numpy', 'duckdb', 'pyspark')}.",
        "Repeat: `BENCH_DATA=folder python -m benchmarks.redundancy.backends`",
    ]
    return "\n\n".join([as_table(header, rows), *notes])


if __name__ == "__main__":
    main()
