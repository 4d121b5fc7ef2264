"""Near-duplicate pairs from raw texts: ours and the peers, same corpus, same run, one thread, CPU seconds.

    BENCH_DATA=folder python -m benchmarks.redundancy.near_duplicates [--floor 0.7] [--only-ours]

Prints one table and writes it to benchmarks/results/redundancy.md. Each method runs in a fresh process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import Corpus, load_corpus
from benchmarks.redundancy.measure import WARM_CALLS
from benchmarks.redundancy.methods import METHODS, Pairs
from benchmarks.redundancy.peers import PYTHON, make_peers
from benchmarks.results import as_table, save_section

OURS = "ours"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Measured:
    cold_seconds: float
    warm_seconds: float
    megabytes: float
    pairs: Pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floor", type=float, default=0.7, help="Jaccard similarity of the pairs to find")
    parser.add_argument("--only-ours", action="store_true", help="leave the peers out")
    arguments = parser.parse_args()
    corpus = load_corpus()
    problem = "left out on request" if arguments.only_ours else make_peers()
    names = [name for name in METHODS if name == OURS or not problem]
    measured = {name: _measure(name, arguments.floor) for name in names}
    body = _section(corpus, arguments.floor, measured, problem)
    print(body)
    save_section("redundancy", f"Near-duplicate pairs, Jaccard {arguments.floor} and more", body)


def _measure(name: str, floor: float) -> Measured:
    python = sys.executable if name == OURS else str(PYTHON)
    command = [python, "-m", "benchmarks.redundancy.measure", name, str(floor)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr}")
    values = json.loads(done.stdout)
    return Measured(
        values["cold_seconds"],
        values["warm_seconds"],
        values["megabytes"],
        {(one, other) for one, other in values["pairs"]},
    )


def _section(corpus: Corpus, floor: float, measured: dict[str, Measured], problem: str | None) -> str:
    truth, truth_name = _truth(corpus, floor, measured)
    header = (
        "method", "cold CPU s", "warm CPU s", "docs/CPU-s warm", "pairs", "precision", "recall",
        "MB above corpus", "ours is faster, cold", "warm",
    )  # fmt: skip
    rows = [_row(name, one, measured[OURS], truth, len(corpus.texts)) for name, one in measured.items()]
    notes = [
        f"{corpus.name}. Truth: {truth_name}, {len(truth):,} pairs.",
        "From raw texts to verified pairs, one thread, a fresh process each; CPU seconds of the process and "
        f"its children without imports. Cold is the first call, warm the median of {WARM_CALLS} more. Memory "
        "is the peak above what the loaded corpus takes.",
        f"Machine: {describe_machine('numpy')}.",
        "Repeat: `BENCH_DATA=folder python -m benchmarks.redundancy.near_duplicates"
        f"{'' if floor == 0.7 else f' --floor {floor}'}`",
    ]
    if not corpus.truth:
        notes.insert(
            0, "BENCH_DATA names no folder with reuters.jsonl.gz, so this ran on texts written for it."
        )
    if problem:
        notes.insert(0, f"Without the peers: {problem}.")
    return "\n\n".join([as_table(header, rows), *notes])


def _truth(corpus: Corpus, floor: float, measured: dict[str, Measured]) -> tuple[Pairs, str]:
    if floor in corpus.truth:
        return corpus.truth[floor], "an exhaustive comparison by independent programs"
    union: Pairs = set().union(*(one.pairs for one in measured.values()))
    return union, "every verified pair that any of the methods found"


def _row(name: str, one: Measured, ours: Measured, truth: Pairs, num_texts: int) -> tuple[str, ...]:
    right = len(one.pairs & truth)
    return (
        name,
        f"{one.cold_seconds:.2f}",
        f"{one.warm_seconds:.2f}",
        f"{num_texts / one.warm_seconds:,.0f}",
        f"{len(one.pairs):,}",
        f"{right / len(one.pairs):.3f}" if one.pairs else "-",
        f"{right / len(truth):.3f}" if truth else "-",
        f"{one.megabytes:.0f}",
        f"{one.cold_seconds / ours.cold_seconds:.1f}x",
        f"{one.warm_seconds / ours.warm_seconds:.1f}x",
    )


if __name__ == "__main__":
    main()
