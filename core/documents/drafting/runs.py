"""Runs of list items that stand together in a source, as the steps of a procedure do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from core.documents.drafting.desk import SectionDesk
from core.documents.drafting.passages import Passage
from core.documents.drafting.sentence_signs import is_imperative

_IMPERATIVE_SHARE = 0.5
_FEWEST_ITEMS = 2


def relevant_runs(desk: SectionDesk) -> list[tuple[Passage, ...]]:
    """Whole runs that have relevant items, the best first, of which at least half are imperative."""
    scores: dict[int, float] = {}
    for candidate in desk.candidates:
        if candidate.passage.kind == "list_item":
            heading = candidate.passage.heading
            scores[heading] = scores.get(heading, 0.0) + candidate.score
    best = sorted(scores, key=lambda heading: (-scores[heading], heading))
    runs = (run(desk, heading) for heading in best)
    return [items for items in runs if _is_procedure(items)]


def run(desk: SectionDesk, heading: int) -> tuple[Passage, ...]:
    """The items under one heading that can be quoted, in order."""
    return tuple(
        passage
        for passage in desk.shelf.under(heading)
        if passage.kind == "list_item" and desk.can_stand(passage) and not desk.is_said(passage)
    )


def _is_procedure(items: tuple[Passage, ...]) -> bool:
    openings = list(first_sentences(items))
    num_orders = sum(is_imperative(passage.text) for passage in openings)
    return len(openings) >= _FEWEST_ITEMS and num_orders >= _IMPERATIVE_SHARE * len(openings)


def first_sentences(items: Iterable[Passage]) -> Iterator[Passage]:
    """The first sentence of each item."""
    for _, group in groupby(items, key=lambda passage: passage.paragraph):
        yield next(group)
