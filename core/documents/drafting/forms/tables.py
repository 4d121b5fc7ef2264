"""The table of the sources that fits a section best, as it stands, with advice on how to draw it."""

from __future__ import annotations

import re

from core.documents.draft import DraftBlock, Origin, Statement
from core.documents.drafting.charts import advise_chart
from core.documents.drafting.desk import SectionDesk, Written
from core.documents.drafting.header import has_header
from core.documents.drafting.paragraphs import as_items, in_reading_order
from core.documents.drafting.passages import SourceTable
from core.documents.drafting.relevance import LEAST_EVIDENCE, evidence_of, nearness
from core.documents.drafting.selection import choose
from core.documents.facts import find_facts
from core.language.stop_words import Language

NO_TABLE = "No source has a table about this: what the sources say about it stands as a list."
CUT = "The table is longer than the section: its first rows stand here."

_MOST_READ_ROWS = 30
_MOST_ROWS = 60
_FEWEST_DATED_ROWS = 2
_CLOCK = re.compile(r"\W*(?:[01]?\d|2[0-3])(?::[0-5]\d|\s?h(?:[0-5]\d)?\b|\s?[ap]\.?m\b)", re.IGNORECASE)


def write_table(desk: SectionDesk) -> Written:
    for table in ranked_tables(desk):
        return _written(desk, table)
    blocks = as_items(desk.shelf, in_reading_order(choose(desk)))
    return Written(blocks, NO_TABLE if blocks else "")


def write_dated_table(desk: SectionDesk) -> Written | None:
    """The best table of which at least two rows name a day or a time of day; None if there is none."""
    for table in ranked_tables(desk):
        language = desk.shelf.languages[table.source - 1]
        if sum(_is_dated(row, language) for row in table.rows) >= _FEWEST_DATED_ROWS:
            return _written(desk, table)
    return None


def _is_dated(row: tuple[str, ...], language: Language) -> bool:
    """Whether a cell begins with the time of day, or one names a day."""
    return any(map(_CLOCK.match, row)) or bool(find_facts("\t".join(row), language, ("date",)))


def ranked_tables(desk: SectionDesk) -> list[SourceTable]:
    """Tables on the subject that are not in the draft yet, the best first."""
    scored = []
    for table in desk.shelf.tables:
        if len(table.rows) < 2 or desk.used.has_place(table.source, *table.spans[-1]):
            continue
        found = evidence_of(desk.query, *_terms(desk, table))
        if found >= LEAST_EVIDENCE:
            scored.append((found * nearness(desk.query, table.source), table))
    return [table for _, table in sorted(scored, key=lambda one: (-one[0], one[1].number))]


def _terms(desk: SectionDesk, table: SourceTable) -> tuple[set[int], dict[int, float]]:
    language = desk.shelf.languages[table.source - 1]
    text = "\n".join("\t".join(row) for row in table.rows[:_MOST_READ_ROWS])
    return set(desk.shelf.vocabulary.read(text, language)), desk.shelf.terms_over(table.heading)


def _written(desk: SectionDesk, table: SourceTable) -> Written:
    rows: list[Statement] = []
    length = 0
    for row, (start, end) in zip(table.rows, table.spans, strict=True):
        length += sum(len(cell.split()) for cell in row)
        if len(rows) >= _MOST_ROWS or (len(rows) > 2 and length > 2 * desk.section.max_words):
            break
        passage = desk.shelf.passage_at(table.source, start)
        if passage is None or passage.number not in desk.shelf.left_out:
            origin = Origin(table.source, start, end, table.page)
            rows.append(Statement("\t".join(row), "quoted", (origin,), cells=row))
    header = has_header(table.rows)
    block = DraftBlock("table", tuple(rows), has_header=header)
    chart = advise_chart([each.cells for each in rows], header)
    is_cut = len(rows) < len(table.rows)
    return Written(
        (DraftBlock("table", block.statements, has_header=header, chart=chart),), CUT if is_cut else ""
    )
