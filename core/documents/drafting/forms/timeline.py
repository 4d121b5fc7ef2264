"""Sentences that name a day, in the order of the days."""

from __future__ import annotations

import re

from core.documents.drafting.desk import SectionDesk, Written
from core.documents.drafting.forms.tables import write_dated_table
from core.documents.drafting.paragraphs import as_items
from core.documents.drafting.passages import Passage
from core.documents.drafting.selection import choose
from core.documents.drafting.shelf import SourceShelf
from core.documents.facts import Day, find_facts, read_day

NO_DAYS = "The sources name no days for this: what they say about it stands in their order."
_FEWEST_DAYS = 2
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def write_timeline(desk: SectionDesk) -> Written:
    """Dated sentences by date; else a table that has dates; else what there is, as the source has it."""
    dated = [
        (day, passage)
        for passage in choose(desk, lambda passage: _day(desk.shelf, passage) is not None)
        if (day := _day(desk.shelf, passage)) is not None
    ]
    if len(dated) >= _FEWEST_DAYS:
        ordered = sorted(dated, key=lambda one: (one[0], one[1].number))
        return Written(as_items(desk.shelf, [passage for _, passage in ordered]))
    if (table := write_dated_table(desk)) is not None:
        return table
    blocks = as_items(desk.shelf, sorted(choose(desk), key=lambda passage: passage.number))
    return Written(blocks, NO_DAYS if blocks else "")


def _day(shelf: SourceShelf, passage: Passage) -> Day | None:
    """The first day that the sentence names; the year is that which the source named last, if need be."""
    language = shelf.language(passage)
    found = find_facts(passage.text, language, ("date",))
    day = read_day(found[0].text, language) if found else None
    if day is None or day.year:
        return day
    before = shelf.texts[passage.source - 1][: passage.start]
    years = _YEAR.findall(before[-20_000:])
    return day._replace(year=int(years[-1])) if years else day
