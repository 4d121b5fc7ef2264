"""How long a whole library takes to search for contradictions, and how much is flagged.

    BENCH_DATA=folder python -m benchmarks.contradictions.search

Reuters stories where BENCH_DATA names their folder, else texts written for the benchmark. News is not what
the flags are made for: stories of other days state other numbers, so what is flagged there is mostly no
contradiction; the table says how much of that gets through.
"""

from __future__ import annotations

import resource
import time
from collections import Counter

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import load_corpus
from benchmarks.results import as_table, save_section
from core.redundancy import Subject
from core.redundancy.contradictions import find_contradictions


def main() -> None:
    corpus = load_corpus()
    subjects = [Subject.of(str(number), text) for number, text in enumerate(corpus.texts)]
    started = time.process_time()
    found = find_contradictions(subjects)
    seconds = time.process_time() - started
    facts = Counter(each.relation for each in found)
    pairs = Counter(
        relation
        for relation, *_ in {(each.relation, each.a.document_id, each.b.document_id) for each in found}
    )
    header = ("relation", "facts", "pairs", "pairs per 1,000 documents")
    rows = [
        (
            relation,
            f"{facts[relation]:,}",
            f"{pairs[relation]:,}",
            f"{1000 * pairs[relation] / len(subjects):.1f}",
        )
        for relation in sorted(facts)
    ]
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    notes = [
        f"{corpus.name}: {len(subjects):,} documents in {seconds:.0f} CPU s, one thread, "
        f"{len(subjects) / seconds:,.0f} documents a CPU second; {megabytes:,.0f} MB at the peak.",
        f"Machine: {describe_machine('numpy')}.",
        "Repeat: `BENCH_DATA=folder python -m benchmarks.contradictions.search`",
    ]
    body = "\n\n".join([as_table(header, rows), *notes])
    print(body)
    save_section("contradictions", "A whole library", body)


if __name__ == "__main__":
    main()
