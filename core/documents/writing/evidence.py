"""The passages of the sources that a model may draw on, as one numbered list for the whole document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from core.documents.drafting.desk import SectionDesk
from core.documents.drafting.passages import Passage
from core.documents.drafting.shelf import SourceShelf

MOST_OF_SECTION = 8
"""Passages that each section brings in."""

LONGEST_PASSAGE = 600
SHORT_PASSAGE = 240
"""Characters of a passage; the second where not every section finds room with the first."""

OPEN, CLOSE = "<<<SOURCES", "SOURCES>>>"

_MARKS = re.compile(r"<{2,}|>{2,}|<\||\|>|\[(?=/?[A-Za-z]{2,12}\]|\d{1,4}\])|#{3,}|`{3,}|={3,}|-{4,}")
_SAFE = {"<": "‹", ">": "›", "[": "(", "#": "", "`": "'", "=": " ", "-": "–"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`passages` in the order of their numbers, from 1; `of_section` are the numbers for each section's key,
    the best first.
    """

    passages: tuple[Passage, ...]
    of_section: Mapping[str, tuple[int, ...]]
    text: str

    def passage(self, number: int) -> Passage | None:
        return self.passages[number - 1] if 1 <= number <= len(self.passages) else None


def candidates_of(desk: SectionDesk) -> list[Passage]:
    """What the extractive writer would consider for the section, the sentences with required facts first.
    Orders to a program are not among it.
    """
    stating = [found.reading.passage for found in desk.facts]
    best = [candidate.passage for candidate in desk.candidates]
    return list(dict.fromkeys((*stating, *best)))[:MOST_OF_SECTION]


def gather(
    wanted: Mapping[str, Sequence[Passage]], room: int, count_tokens: Callable[[str], int]
) -> Evidence:
    """The best passages of each section in turn, as many as have `room` in tokens; numbered as they stand in
    the sources. Empty where no passage has room.
    """
    for longest in (LONGEST_PASSAGE, SHORT_PASSAGE):
        chosen = _chosen(wanted, room, count_tokens, longest)
        if len(chosen) == len({passage for listed in wanted.values() for passage in listed}):
            break
    ordered = sorted(chosen, key=lambda passage: (passage.source, passage.start))
    number_of = {passage: number for number, passage in enumerate(ordered, start=1)}
    return Evidence(
        passages=tuple(ordered),
        of_section={
            key: tuple(number_of[passage] for passage in listed if passage in number_of)
            for key, listed in wanted.items()
        },
        text="\n".join(line(number, passage, longest) for passage, number in number_of.items()),
    )


def line(number: int, passage: Passage, longest: int = LONGEST_PASSAGE) -> str:
    return f"[{number}] {as_data(passage.text, longest)}"


def as_data(text: str, longest: int) -> str:
    """In one line, without what could be taken for the end of the sources, for a turn of the conversation or
    for another number, and without characters that nobody sees.
    """
    seen = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter)[0] != "C")
    plain = " ".join(seen.split())
    safe = _MARKS.sub(lambda match: "".join(_SAFE.get(letter, letter) for letter in match[0]), plain)
    safe = safe.replace("SOURCES", "Sources")
    if len(safe) <= longest:
        return safe
    return safe[:longest].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def nearest(shelf: SourceShelf, terms: Iterable[int]) -> Passage | None:
    """The quotable passage that shares most with these terms."""
    import numpy as np

    if not shelf.passages:
        return None
    scores = shelf.postings.scores(dict.fromkeys(terms, 1.0))
    best: list[int] = np.argsort(-scores, kind="stable")[:20].tolist()
    for at in best:
        if scores[at] > 0 and at not in shelf.left_out:
            return shelf.passages[at]
    return None


def _chosen(
    wanted: Mapping[str, Sequence[Passage]], room: int, count_tokens: Callable[[str], int], longest: int
) -> list[Passage]:
    chosen: dict[Passage, None] = {}
    for turn in zip_longest(*wanted.values()):
        for passage in turn:
            if passage is None or passage in chosen:
                continue
            size = count_tokens(line(len(chosen) + 100, passage, longest) + "\n")
            if size <= room:
                room -= size
                chosen[passage] = None
    return list(chosen)
