"""The corpus that all methods read: Reuters where BENCH_DATA names its folder, else texts of our own.

Imports nothing but the standard library, because the peers' environment reads it too.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

NUM_WRITTEN = 6_000

_SUBJECTS = [
    "The supplier",
    "The customer",
    "Our team",
    "The board",
    "The branch in Lima",
    "Each party",
    "The auditor",
]
_VERBS = [
    "confirms",
    "reviews",
    "delivers",
    "pays",
    "plans",
    "reports",
    "rejects",
    "extends",
    "measures",
    "repeats",
]
_OBJECTS = [
    "the order",
    "the annual report",
    "the lease",
    "the claim",
    "the training plan",
    "the price list",
    "the survey",
]
_MANNERS = [
    "in writing",
    "before the end of the month",
    "without delay",
    "as agreed",
    "at its own cost",
    "on request",
]


@dataclass(frozen=True, slots=True)
class Corpus:
    """`truth` maps a floor to all pairs of positions of at least that similarity, where they are known."""

    name: str
    texts: list[str]
    truth: dict[float, set[tuple[int, int]]]


def load_corpus() -> Corpus:
    named = os.environ.get("BENCH_DATA")
    for folder in [Path(named), Path(named) / "redundancy"] if named else []:
        if (folder / "reuters.jsonl.gz").is_file():
            return _reuters(folder)
    return Corpus(f"{NUM_WRITTEN:,} written texts", written_texts(NUM_WRITTEN), {})


def written_texts(num_texts: int, seed: int = 7) -> list[str]:
    """Texts of some 150 words, of which one in five repeats an earlier one with a few sentences changed."""
    chance = random.Random(seed)
    texts: list[list[str]] = []
    for _ in range(num_texts):
        if texts and chance.random() < 0.2:
            sentences = list(chance.choice(texts))
            for _ in range(chance.randrange(5)):
                sentences[chance.randrange(len(sentences))] = _sentence(chance)
        else:
            sentences = [_sentence(chance) for _ in range(15)]
        texts.append(sentences)
    return [" ".join(sentences) for sentences in texts]


def _sentence(chance: random.Random) -> str:
    parts = [chance.choice(words) for words in (_SUBJECTS, _VERBS, _OBJECTS, _MANNERS)]
    return f"{' '.join(parts)} {chance.randrange(10_000)}."


def _reuters(folder: Path) -> Corpus:
    with gzip.open(folder / "reuters.jsonl.gz", "rt", encoding="utf-8") as lines:
        stories = [story for story in map(json.loads, lines) if story["body"]]
    place = {story["id"]: position for position, story in enumerate(stories)}
    truth = {}
    for floor, name in ((0.7, "reuters_pairs_j070.tsv"), (0.5, "reuters_pairs_j050.tsv")):
        rows = [line.split("\t") for line in (folder / name).read_text(encoding="utf-8").splitlines()[1:]]
        pairs = ((place[int(one)], place[int(other)]) for one, other, _ in rows)
        truth[floor] = {(min(pair), max(pair)) for pair in pairs}
    texts = [f"{story['title']}\n{story['body']}" for story in stories]
    return Corpus(f"Reuters-21578, {len(texts):,} stories with a body", texts, truth)
