"""What does the search for near vectors cost, and what does the graph miss?"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.redundancy.semantic.neighbours import near_neighbours

SIZES = (20_000, 60_000)
DIM, FLOOR = 384, 0.65


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    rows = [row for size in parser.parse_args().sizes for row in _rows(size)]
    body = "\n\n".join(
        [
            as_table(("vectors", "search", "CPU s", "near pairs", "recall"), rows),
            f"Synthetic vectors of {DIM} numbers in groups of about eight, all pairs with a cosine of "
            f"{FLOOR} and more, building the index included, one thread, one run each. The product uses the "
            "flat search up to 50,000 vectors.",
            f"Machine: {describe_machine('faiss-cpu', 'numpy')}.",
            "Repeat: `OMP_NUM_THREADS=1 python -m benchmarks.semantic.neighbours`",
        ]
    )
    print(body)
    save_section("semantic", "Near vectors: flat search and graph", body)


def _rows(size: int) -> list[tuple[str, ...]]:
    vectors, owners = _clustered(size), np.arange(size, dtype=np.int64)
    flat_seconds, exact = _search(vectors, owners, most_flat=size)
    graph_seconds, found = _search(vectors, owners, most_flat=0)
    recall = len(np.intersect1d(exact, found)) / len(exact)
    return [
        (f"{size:,}", "flat", f"{flat_seconds:.1f}", f"{len(exact):,}", "1.000"),
        (f"{size:,}", "HNSW", f"{graph_seconds:.1f}", f"{len(found):,}", f"{recall:.4f}"),
    ]


def _clustered(size: int) -> NDArray[np.float32]:
    random = np.random.default_rng(11)
    centres = random.standard_normal((size // 8, DIM), np.float32)
    vectors = centres[random.integers(len(centres), size=size)]
    vectors += 0.6 * random.standard_normal((size, DIM), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _search(
    vectors: NDArray[np.float32], owners: NDArray[np.int64], most_flat: int
) -> tuple[float, NDArray[np.int64]]:
    begin = time.process_time()
    found = near_neighbours(vectors, owners, FLOOR, most_flat=most_flat)
    seconds = time.process_time() - begin
    return seconds, np.sort(found.query * len(vectors) + found.found)


if __name__ == "__main__":
    main()
