"""Copies with one changed fact: is one ever dropped unasked, and how many are flagged?

    BENCH_DATA=folder python -m benchmarks.contradictions.changed_numbers [--pairs 2400]

Reuters stories where BENCH_DATA names their folder, and the sample library. In a copy of each one number,
date, name or negation is changed (seeded); the advice for the copy and the flags between the two are counted.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import describe_machine
from benchmarks.redundancy.corpus import load_corpus
from benchmarks.results import as_table, save_section
from core.redundancy import Subject, advise, facts
from core.redundancy.contradictions import contradictions
from core.redundancy.fact import Fact
from core.redundancy.subject import WORD

SOURCES = Path(__file__).parents[2] / "samples" / "sources"
KINDS = ("number", "date", "name", "negation")
SEED = 20260101
_OTHER_NAMES = ("Quintanilla", "Osterwald", "Farnborough", "Ybarrola")


class Changed(NamedTuple):
    corpus: str
    kind: str
    original: str
    copy: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2400, help="how many pairs of Reuters stories to make")
    pairs = list(changed_pairs(parser.parse_args().pairs))
    body = _section(pairs)
    print(body)
    save_section("contradictions", "Copies with one changed fact", body)


def changed_pairs(num_stories: int) -> Iterator[Changed]:
    """Stories and sample documents, each with a copy in which one fact is another."""
    draw = random.Random(SEED)
    corpus = load_corpus()
    stories = draw.sample(corpus.texts, min(len(corpus.texts), 2 * num_stories))
    made = 0
    for text in stories:
        pair = _changed("stories", text, draw)
        if pair is not None and made < num_stories:
            made += 1
            yield pair
    for file in sorted(SOURCES.rglob("*.md")) or sorted(SOURCES.rglob("*.*")):
        text = file.read_text(encoding="utf-8").split("---", 2)[-1]
        for _ in range(4):
            pair = _changed("samples", text, draw)
            if pair is not None:
                yield pair


def _changed(corpus: str, text: str, draw: random.Random) -> Changed | None:
    stated = facts(text)
    kinds = [kind for kind in KINDS if any(fact.kind == kind for fact in stated)]
    if not kinds:
        return None
    kind = draw.choice(kinds)
    fact = draw.choice([fact for fact in stated if fact.kind == kind])
    copy = text[: fact.start] + _other(fact, draw) + text[fact.end :]
    return None if copy == text else Changed(corpus, kind, text, copy)


def _other(fact: Fact, draw: random.Random) -> str:
    if fact.kind == "negation":
        return ""
    if fact.kind == "name":
        return draw.choice(_OTHER_NAMES)
    digits = [match.start() for match in re.finditer(r"\d", fact.text)]
    if not digits:
        return "May" if fact.text != "May" else "June"
    place = digits[-1]
    return f"{fact.text[:place]}{(int(fact.text[place]) + draw.randint(1, 8)) % 10}{fact.text[place + 1 :]}"


def _section(pairs: list[Changed]) -> str:
    started = time.process_time()
    told = [_judged(pair) for pair in pairs]
    seconds = time.process_time() - started
    header = ("changed", "pairs", "dropped unasked", "drop, look first", "flagged")
    rows = []
    for corpus in dict.fromkeys(pair.corpus for pair in pairs):
        for kind in KINDS:
            found = [
                each
                for pair, each in zip(pairs, told, strict=True)
                if (pair.corpus, pair.kind) == (corpus, kind)
            ]
            rows.append(_row(f"{corpus}: {kind}", found))
    rows.append(_row("all", told))
    return "\n\n".join(
        [
            as_table(header, rows),
            f"{len(pairs):,} pairs in {seconds:.0f} CPU s, one thread. Dropped unasked must be 0.",
            f"Machine: {describe_machine('numpy')}.",
            "Repeat: `BENCH_DATA=folder python -m benchmarks.contradictions.changed_numbers`",
        ]
    )


def _row(name: str, found: list[tuple[str, bool, bool]]) -> tuple[str, ...]:
    acts = Counter((act, automatic) for act, automatic, _ in found)
    flagged = sum(flag for _, _, flag in found)
    share = f"{flagged / len(found):.0%}" if found else "-"
    return name, f"{len(found):,}", f"{acts['drop', True]:,}", f"{acts['drop', False]:,}", share


def _judged(pair: Changed) -> tuple[str, bool, bool]:
    a, b = Subject.of("a", pair.original), Subject.of("b", pair.copy)
    advice = advise(a, b, _jaccard(pair.original, pair.copy))
    return advice.act, advice.automatic, bool(contradictions(a, b))


def _jaccard(a: str, b: str) -> float:
    one, other = (_triples(text) for text in (a, b))
    return len(one & other) / max(1, len(one | other))


def _triples(text: str) -> set[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


if __name__ == "__main__":
    main()
