"""Points of a list, and steps in the order in which a source has them."""

from __future__ import annotations

from itertools import groupby

from core.documents.drafting.desk import SectionDesk, Written, num_words
from core.documents.drafting.paragraphs import as_items, in_reading_order
from core.documents.drafting.passages import Passage
from core.documents.drafting.runs import relevant_runs
from core.documents.drafting.selection import choose
from core.documents.drafting.sentence_signs import is_imperative

NO_STEPS = "No source lists steps for this: what the sources say about it stands instead."


def write_list(desk: SectionDesk) -> Written:
    return Written(as_items(desk.shelf, in_reading_order(choose(desk))))


def write_steps(desk: SectionDesk) -> Written:
    """The steps of the best list of orders, whole as far as there is room, then of the next one. Where no
    source has one, orders that stand in sentences, in the order of the source.
    """
    steps: list[Passage] = []
    for items in relevant_runs(desk):
        if num_words(steps) >= desk.section.min_words and steps:
            break
        steps += _within(desk, steps, items)
    if steps:
        return Written(as_items(desk.shelf, steps))
    orders = choose(desk, lambda passage: is_imperative(passage.text))
    if orders:
        return Written(as_items(desk.shelf, in_reading_order(orders)))
    blocks = as_items(desk.shelf, in_reading_order(choose(desk)))
    return Written(blocks, NO_STEPS if blocks else "")


def _within(desk: SectionDesk, steps: list[Passage], items: tuple[Passage, ...]) -> list[Passage]:
    """The first items that there is room for; the sentences of an item stay together."""
    taken: list[Passage] = []
    for _, group in groupby(items, key=lambda passage: passage.paragraph):
        item = list(group)
        if (steps or taken) and num_words([*steps, *taken, *item]) > desk.section.max_words:
            break
        if not any(desk.says_same(passage, other) for passage in item for other in (*steps, *taken)):
            taken += item
    return taken
