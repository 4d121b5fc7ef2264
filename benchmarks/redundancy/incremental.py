"""One document more or less in an index of 20,000: how long the update takes, and until it is on disk.

    BENCH_DATA=folder python -m benchmarks.redundancy.incremental

Reuters where BENCH_DATA names it, filled up with made-up documents to 20,000; else made-up documents alone.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import load_corpus
from benchmarks.redundancy.synthetic import synthetic_texts
from benchmarks.results import as_table, save_section
from core.redundancy import find_pairs
from core.redundancy.index import PairIndex
from core.redundancy.index_file import IndexShelf

NUM_DOCUMENTS = 20_000
NUM_UPDATES = 1_000


def main() -> None:
    corpus = load_corpus()
    texts = [*corpus.texts, *synthetic_texts(NUM_DOCUMENTS)][:NUM_DOCUMENTS]
    names = [str(place) for place in range(len(texts))]
    began = time.process_time()
    pairs = find_pairs(texts, 0.5)
    full = time.process_time() - began
    began = time.process_time()
    index = PairIndex.build(names, texts, pairs)
    built = time.process_time() - began
    chosen = random.Random(5).sample(range(len(texts)), NUM_UPDATES)
    removals = [_seconds(lambda place=place: index.remove(names[place])) for place in chosen]
    additions = [_seconds(lambda place=place: index.add(names[place], texts[place])) for place in chosen]
    again = index.table(names)
    equal = (again.first.tolist(), again.second.tolist(), again.jaccard.tolist()) == (
        pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist()
    )  # fmt: skip
    commits, loaded, size = _on_disk(index, names, texts, chosen)
    rows = [
        ("add, in memory", *_spread(additions)),
        ("delete, in memory", *_spread(removals)),
        ("add and delete until they are on disk (fsync)", *_spread(commits)),
    ]
    body = as_table(("one document", "p50 ms", "p95 ms", "slowest ms"), rows)
    body += (
        f"\n\n{corpus.name}, {len(texts):,} documents, floor 0.5, {NUM_UPDATES:,} updates of each kind. "
        f"The pairs afterwards {'equal' if equal else 'DIFFER FROM'} those of a full run ({len(pairs):,}). "
        f"Full run {full:.2f} CPU s, index from its pairs {built:.2f} CPU s, taken up from its journal "
        f"({size / 1e6:.0f} MB) {loaded:.2f} s.\n\nMachine: {describe_machine('numpy')}.\n\n"
        "Repeat: `BENCH_DATA=folder python -m benchmarks.redundancy.incremental`."
    )
    print(body)
    save_section("redundancy", "One document more or less", body)


def _on_disk(
    index: PairIndex, names: list[str], texts: list[str], chosen: list[int]
) -> tuple[list[float], float, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with IndexShelf(path).open("library", index.floor) as opened:
            opened.replace(index)

            def update(place: int) -> None:
                opened.remove([names[place]])
                opened.add([names[place]], [texts[place]])

            commits = [_seconds(lambda place=place: update(place)) for place in chosen]
        began = time.perf_counter()
        with IndexShelf(path).open("library", index.floor) as opened:
            loaded = time.perf_counter() - began
            size = opened.path.stat().st_size
    return commits, loaded, size


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _spread(seconds: list[float]) -> tuple[str, str, str]:
    return (
        f"{np.median(seconds) * 1e3:.2f}",
        f"{np.percentile(seconds, 95) * 1e3:.2f}",
        f"{max(seconds) * 1e3:.2f}",
    )


if __name__ == "__main__":
    main()
