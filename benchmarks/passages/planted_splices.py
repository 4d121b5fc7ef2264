"""How exactly are planted copies found? Stretches of 30 to 200 words of some documents, put into others.

    BENCH_DATA=folder python -m benchmarks.passages.planted_splices [--splices 400]

Each document with a planted stretch is checked against its donor; ours also against all donors at once, of
which the passages of the right one are looked at. Of the copied words, how many are highlighted; of the
highlighted words, how many are copied. Prints one table and writes it to
benchmarks/results/passages.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from rapidfuzz.distance import Indel

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.redundancy.passages import MIN_WORDS, PassageIndex, check_text
from core.redundancy.subject import WORD, Subject

LEAST_WORDS, MOST_WORDS = 30, 200
CORPORA = ("reuters", "bizdocs_en")
SEED = 21


@dataclass(frozen=True, slots=True)
class Splice:
    """`text` with the donor's words from number `begin` to `end` planted as its words `at` onwards."""

    text: str
    donor: str
    at: int
    num_words: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splices", type=int, default=400, help="documents with a planted stretch, in all")
    arguments = parser.parse_args()
    rows = []
    for name in CORPORA:
        documents = load_documents(name)
        if not documents:
            sys.exit(f"BENCH_DATA names no folder with {name}.jsonl.gz.")
        rows += _rows(name, documents, arguments.splices // len(CORPORA))
    header = ("corpus, method", "copied words covered", "highlighted words right", "CPU ms a text")
    notes = [
        f"{arguments.splices} documents with one stretch of {LEAST_WORDS} to {MOST_WORDS} words of another "
        f"planted at a random word, seed {SEED}; drawn where the two share no run of {MIN_WORDS} words. "
        f"Peers highlight the equal runs of at least {MIN_WORDS} words, which is more than they do by "
        "themselves; the runs of any length are given as well. Sums over all words.",
        f"Machine: {describe_machine('numpy', 'rapidfuzz')}.",
        "Repeat: `BENCH_DATA=folder python -m benchmarks.passages.planted_splices`",
    ]
    body = "\n\n".join([as_table(header, rows), *notes])
    print(body)
    save_section("passages", "Planted copies", body)


def load_documents(name: str) -> list[str]:
    """Those with enough words to take a stretch from."""
    named = Path(os.environ.get("BENCH_DATA") or "no-folder-named")
    for file in (named / f"{name}.jsonl.gz", named / "redundancy" / f"{name}.jsonl.gz"):
        if file.is_file():
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                texts = [f"{row['title']}\n{row['body']}" for row in map(json.loads, lines) if row["body"]]
            return [text for text in texts if MOST_WORDS + 50 <= len(WORD.findall(text)) <= 2_000]
    return []


def plant(documents: Sequence[str], num_splices: int, seed: int = SEED) -> list[Splice]:
    chance = random.Random(seed)
    splices: list[Splice] = []
    while len(splices) < num_splices:
        host, donor = chance.sample(documents, 2)
        if _longest_common(host, donor) < MIN_WORDS:
            splices.append(_splice(host, donor, chance))
    return splices


def _splice(host: str, donor: str, chance: random.Random) -> Splice:
    spans = [found.span() for found in WORD.finditer(donor)]
    num_words = chance.randint(LEAST_WORDS, MOST_WORDS)
    begin = chance.randrange(len(spans) - num_words + 1)
    stretch = donor[spans[begin][0] : spans[begin + num_words - 1][1]]
    starts = [found.start() for found in WORD.finditer(host)]
    at = chance.randrange(len(starts))
    place = starts[at]
    return Splice(f"{host[:place]}{stretch} {host[place:]}", donor, at, num_words)


def _longest_common(one: str, other: str) -> int:
    words = [WORD.findall(text.lower()) for text in (one, other)]
    phrases = [set(zip(*(own[n:] for n in range(MIN_WORDS)), strict=False)) for own in words]
    return MIN_WORDS if phrases[0] & phrases[1] else 0


def _rows(name: str, documents: list[str], num_splices: int) -> list[tuple[str, ...]]:
    splices = plant(documents, num_splices)
    donors = {splice.donor: splice.donor for splice in splices}
    index = PassageIndex(Subject(id, text) for id, text in donors.items())
    methods: dict[str, Callable[[Splice], Iterable[int]]] = {
        "ours": _ours,
        "ours, all donors at once": lambda splice: _checked(splice, index),
        f"difflib, runs of {MIN_WORDS}": lambda splice: _difflib(splice, MIN_WORDS),
        "difflib, all runs": lambda splice: _difflib(splice, 1),
        f"rapidfuzz, runs of {MIN_WORDS}": lambda splice: _rapidfuzz(splice, MIN_WORDS),
        "rapidfuzz, all runs": lambda splice: _rapidfuzz(splice, 1),
    }
    return [_measure(f"{name}, {method}", splices, find) for method, find in methods.items()]


def _measure(
    name: str, splices: Sequence[Splice], find: Callable[[Splice], Iterable[int]]
) -> tuple[str, ...]:
    num_copied = num_highlighted = num_right = 0
    begun = time.process_time()
    for splice in splices:
        copied = set(range(splice.at, splice.at + splice.num_words))
        highlighted = set(find(splice))
        num_copied += len(copied)
        num_highlighted += len(highlighted)
        num_right += len(copied & highlighted)
    seconds = time.process_time() - begun
    return (
        name,
        f"{num_right / num_copied:.4f}",
        f"{num_right / max(1, num_highlighted):.4f}",
        f"{1000 * seconds / len(splices):.2f}",
    )


def _ours(splice: Splice) -> Iterable[int]:
    return _checked(splice, PassageIndex([Subject(splice.donor, splice.donor)]))


def _checked(splice: Splice, index: PassageIndex) -> list[int]:
    """The numbers of the words in passages that the donor has, whether they count or not.

    Texts serve as ids.
    """
    found = check_text(splice.text, index, lambda id: id).passages
    passages = [
        passage
        for passage in found
        if splice.donor in (place.id for place in (passage.source, *passage.also_in))
    ]
    return [
        number
        for number, word in enumerate(WORD.finditer(splice.text))
        if any(passage.span.start <= word.start() < passage.span.end for passage in passages)
    ]


def _difflib(splice: Splice, least: int) -> Iterable[int]:
    one, other = WORD.findall(splice.text.lower()), WORD.findall(splice.donor.lower())
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return _numbers((block.a, block.size) for block in blocks if block.size >= least)


def _rapidfuzz(splice: Splice, least: int) -> Iterable[int]:
    codes = Indel.opcodes(WORD.findall(splice.text.lower()), WORD.findall(splice.donor.lower()))
    runs = ((code.src_start, code.src_end - code.src_start) for code in codes if code.tag == "equal")
    return _numbers(run for run in runs if run[1] >= least)


def _numbers(runs: Iterable[tuple[int, int]]) -> list[int]:
    return [number for begin, length in runs for number in range(begin, begin + length)]


if __name__ == "__main__":
    main()
