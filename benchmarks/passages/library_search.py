"""What does it cost to find the passages of a library, and to check one text against it?

    BENCH_DATA=folder python -m benchmarks.passages.library_search

Reuters, 19,779 stories, one thread, CPU seconds. Prints one table and writes it to
benchmarks/results/passages.md.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import load_corpus
from benchmarks.results import as_table, save_section
from core.redundancy.passages import PassageIndex, check_text, find_passages
from core.redundancy.subject import Subject

CHECKED = 300
SEED = 3

Result = TypeVar("Result")


def main() -> None:
    corpus = load_corpus()
    if not corpus.truth:
        sys.exit("BENCH_DATA names no folder with reuters.jsonl.gz.")
    subjects = [Subject(str(number), text) for number, text in enumerate(corpus.texts)]
    indexing, index = _timed(lambda: PassageIndex(subjects))
    searching, report = _timed(lambda: find_passages(subjects, index=index))
    counting = sum(link.exclusion is None for link in report.links)
    chosen = random.Random(SEED).sample(subjects, CHECKED)
    checks = [_check_seconds(subject, index, corpus.texts) for subject in chosen]
    adds = [_timed(lambda subject=subject: index.add(subject.id, subject.text))[0] for subject in chosen]
    rows = [
        ("index the library", f"{indexing:.2f} s"),
        ("memory of the index", f"{index.num_bytes / index.num_words:.1f} bytes a word"),
        ("find all passages, index given", f"{searching:.2f} s"),
        ("links, and those that count", f"{len(report.links):,} and {counting:,}"),
        ("check one text, median", f"{_quantile(checks, 0.5):.1f} ms"),
        ("check one text, 95th percentile", f"{_quantile(checks, 0.95):.1f} ms"),
        ("replace one text, 95th percentile", f"{_quantile(adds, 0.95):.1f} ms"),
    ]
    notes = [
        f"{corpus.name}: {len(subjects):,} texts, {index.num_words:,} words. CPU seconds of one thread; "
        f"{CHECKED} texts drawn for checks and replacements.",
        f"Machine: {describe_machine('numpy', 'rapidfuzz')}.",
        "Repeat: `BENCH_DATA=folder python -m benchmarks.passages.library_search`",
    ]
    body = "\n\n".join([as_table(("what", "cost"), rows), *notes])
    print(body)
    save_section("passages", "Searching a library", body)


def _check_seconds(subject: Subject, index: PassageIndex, texts: list[str]) -> float:
    return _timed(lambda: check_text(subject.text, index, lambda id: texts[int(id)], own_id=subject.id))[0]


def _timed(act: Callable[[], Result]) -> tuple[float, Result]:
    begun = time.process_time()
    result = act()
    return time.process_time() - begun, result


def _quantile(seconds: list[float], share: float) -> float:
    return 1000 * sorted(seconds)[int(share * len(seconds))]


if __name__ == "__main__":
    main()
