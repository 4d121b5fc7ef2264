"""Where the cited places of a draft stand in its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.content import Content
from core.documents.draft import Draft, Origin

AROUND = 260
"""Characters of a source that are shown on each side of a place."""


@dataclass(frozen=True, slots=True)
class Context:
    """Words of a source, and some that stand around them."""

    before: str
    text: str
    after: str


def contexts_of(draft: Draft, contents: Mapping[str, Content]) -> dict[Origin, Context]:
    """For each place that the draft cites, if its source is among the contents, which are by id."""
    texts = {
        number: contents[source.id].text
        for number, source in enumerate(draft.sources, 1)
        if source.id in contents
    }
    cited = {origin for each in draft.statements for origin in each.origins}
    cited |= {
        origin
        for section in draft.sections
        for each in section.disagreements
        for origin in (*each.reading.origins, *each.other_reading.origins)
    }
    return {origin: _context(texts[origin.source], origin) for origin in cited if origin.source in texts}


def _context(text: str, origin: Origin) -> Context:
    begin, end = max(0, origin.start - AROUND), min(len(text), origin.end + AROUND)
    before, after = text[begin : origin.start], text[origin.end : end]
    if begin > 0:
        before = "… " + before.partition(" ")[2]
    if end < len(text):
        after = after.rpartition(" ")[0] + " …"
    return Context(before, text[origin.start : origin.end], after)
