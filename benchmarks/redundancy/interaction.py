"""What a person waits for while reviewing: a moved threshold, a pair side by side, a recommendation.

    BENCH_DATA=folder python -m benchmarks.redundancy.interaction

Prints one table and writes it to benchmarks/results/redundancy.md.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import load_corpus
from benchmarks.results import as_table, save_section
from core.redundancy import Subject, advise, align, cluster, find_pairs, histogram

THRESHOLDS = tuple(percent / 100 for percent in range(50, 101, 5))
NUM_WORDS = (8_000, 26_000)
NUM_CALLS = 5
NUM_PAIRS = 500


def main() -> None:
    corpus = load_corpus()
    pairs = find_pairs(corpus.texts, THRESHOLDS[0])
    subjects = [Subject.of(str(position), text) for position, text in enumerate(corpus.texts)]
    similar = list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist(), strict=True))
    one, other = long_texts()

    reclustered = [_time(lambda at=at: cluster(pairs, at)) for at in THRESHOLDS]
    counted = [_time(lambda: histogram(pairs, 25))]
    aligned = [_time(lambda: align(one, other), 1) for _ in range(NUM_CALLS)]
    advised = [
        _time(lambda a=a, b=b, jaccard=jaccard: advise(subjects[a], subjects[b], jaccard), 1)
        for a, b, jaccard in similar[:NUM_PAIRS]
    ]
    rows = [
        _row("re-cluster at a threshold", reclustered, "100"),
        _row("histogram of the pairs", counted, "100"),
        _row("align 8,000 x 26,000 words", aligned, "300"),
        _row(f"recommend, {len(advised)} pairs", advised, "-"),
    ]
    body = "\n\n".join(
        [
            as_table(("act", "median ms", "slowest ms", "goal ms"), rows),
            f"{corpus.name}; {len(pairs):,} cached pairs of Jaccard {THRESHOLDS[0]} and more, up to "
            f"{THRESHOLDS[-1]}. The long texts share 4,000 words; 1,000 of them have moved.",
            f"Machine: {describe_machine('numpy', 'rapidfuzz')}. CPU milliseconds.",
            "Repeat: `BENCH_DATA=folder python -m benchmarks.redundancy.interaction`",
        ]
    )
    print(body)
    save_section("redundancy", "Interaction", body)


def long_texts() -> tuple[str, str]:
    """Two texts of NUM_WORDS random words; 3,000 words stand in both in order, and 1,000 elsewhere."""
    chance = random.Random(1)
    one, other = ([f"word{chance.randrange(5_000)}" for _ in range(num_words)] for num_words in NUM_WORDS)
    other[5_000:8_000] = one[1_000:4_000]
    other[100:1_100] = one[6_000:7_000]
    return " ".join(one), " ".join(other)


def _time(act: Callable[[], object], num_calls: int = NUM_CALLS) -> float:
    """The median of some calls, in CPU milliseconds."""
    taken = []
    for _ in range(num_calls):
        started = time.process_time()
        act()
        taken.append((time.process_time() - started) * 1_000)
    return statistics.median(taken)


def _row(act: str, taken: list[float], goal: str) -> tuple[str, ...]:
    return act, f"{statistics.median(taken):.1f}", f"{max(taken):.1f}", goal


if __name__ == "__main__":
    main()
