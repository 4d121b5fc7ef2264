"""A draft as a document that can leave: each sentence with its citation, what is missing said where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.content import Block, Chart, Content, Mark, Run, Series, Sign, marked
from core.documents.draft import ChartAdvice, Draft, DraftBlock, DraftSection, Statement
from core.documents.drafting.header import read_figure


@dataclass(frozen=True, slots=True)
class DraftWords:
    """What is said around the draft, in its language."""

    sources: str
    missing: str
    conflicts: str
    unsupported: str


WORDS = {
    "en": DraftWords("Sources", "Not said by any source", "To be reconciled", "No source says this"),
    "es": DraftWords("Fuentes", "Ninguna fuente lo dice", "Por conciliar", "Ninguna fuente dice esto"),
    "pt": DraftWords("Fontes", "Nenhuma fonte o diz", "A conciliar", "Nenhuma fonte diz isto"),
}


def draft_content(draft: Draft) -> Content:
    """The sections from heading level 1 on, without the title; cited sources at the end, under the
    numbers that they have in the draft. Tables whose figures are worth it are followed by their chart.
    """
    words = WORDS[draft.language]
    blocks = [block for section in draft.sections for block in _section(section, words)]
    blocks += _conflicts(draft, words)
    return Content((*blocks, *_sources(draft, words)))


def _section(section: DraftSection, words: DraftWords) -> Iterator[Block]:
    yield Block("heading", section.title, level=1)
    for block in section.blocks:
        yield _table(block) if block.kind == "table" else _prose(block, words)
        if block.chart and (chart := drawn(block, block.chart)):
            yield Block("chart", _chart_title(chart), chart=chart)
    for gap in section.gaps:
        told = (Run(f"{words.missing}: ", frozenset({"strong"})), Run(gap.question, frozenset({"highlight"})))
        text, marks = marked(told)
        yield Block("paragraph", text, marks=marks)


def _prose(block: DraftBlock, words: DraftWords) -> Block:
    runs: list[Run] = []
    for statement in block.statements:
        runs += [Run(" ")] if runs else []
        runs += _statement(statement, words)
    text, marks = marked(runs)
    return Block(
        block.kind, text, level=max(2, block.level) if block.kind == "heading" else block.level, marks=marks
    )


def _statement(statement: Statement, words: DraftWords) -> Iterator[Run]:
    if statement.label:
        yield Run(f"{statement.label}: ", frozenset({"strong"}))
    if statement.support == "unsupported":
        yield Run(statement.text, frozenset({"highlight"}))
        yield Run(f" [{words.unsupported}]", frozenset({"emphasis"}))
    else:
        yield Run(statement.text, signs=_signs(statement))


def _signs(statement: Statement) -> tuple[Sign, ...]:
    numbers = dict.fromkeys(origin.source for origin in statement.origins)
    return tuple(Sign("citation", str(number)) for number in numbers)


def _table(block: DraftBlock) -> Block:
    """Each row with its source behind its last cell."""
    table = Block.table([list(each.cells) for each in block.statements], header_rows=int(block.has_header))
    marks, position = [], 0
    for statement, row in zip(block.statements, table.rows, strict=True):
        position += sum(map(len, row)) + max(0, len(row) - 1)
        marks += [Mark(sign.kind, position, position, sign.key) for sign in _signs(statement)]
        position += 1
    return replace(table, marks=tuple(marks))


def drawn(block: DraftBlock, advice: ChartAdvice) -> Chart | None:
    """The chart that the advice speaks of, with the figures of the table; None where they cannot be read."""
    rows = [each.cells for each in block.statements]
    head, body = (rows[0], rows[1:]) if block.has_header else ((), rows)
    columns = (advice.category, *advice.values)
    if not body or any(len(row) <= max(columns) for row in rows):
        return None
    series = tuple(
        Series(head[at] if head else "", tuple(_value(row[at]) for row in body))
        for at in (columns if advice.kind == "scatter" else advice.values)
    )
    if all(value is None for each in series for value in each.values):
        return None
    names = tuple(row[advice.category] for row in body)
    return Chart(
        advice.kind, names, series, head[advice.category] if head else "", _unit(body, advice.values)
    )


def _value(cell: str) -> float | None:
    found = read_figure(cell)
    return None if found is None else float(found.number)


def _unit(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> str:
    """The unit that all figures share, if they do."""
    units = {found.unit for row in rows for at in columns if (found := read_figure(row[at]))}
    return str(units.pop()) if len(units) == 1 else ""


def _chart_title(chart: Chart) -> str:
    names = [each.name for each in chart.series if each.name]
    told = ", ".join(names)
    return (
        f"{told} / {chart.category_title}" if told and chart.category_title else told or chart.category_title
    )


def _conflicts(draft: Draft, words: DraftWords) -> Iterator[Block]:
    still_open = [
        each for section in draft.sections for each in section.disagreements if each.state == "open"
    ]
    if not still_open:
        return
    yield Block("heading", words.conflicts, level=1)
    for each in still_open:
        runs = (
            Run(each.reading.text, signs=_signs(each.reading)),
            Run(" ≠ "),
            Run(each.other_reading.text, signs=_signs(each.other_reading)),
        )
        text, marks = marked(runs)
        yield Block("list_item", text, marks=marks)


def _sources(draft: Draft, words: DraftWords) -> Iterator[Block]:
    used = {origin.source for each in draft.statements for origin in each.origins}
    used |= {
        origin.source
        for section in draft.sections
        for conflict in section.disagreements
        if conflict.state == "open"
        for each in (conflict.reading, conflict.other_reading)
        for origin in each.origins
    }
    listed = [(number, source) for number, source in enumerate(draft.sources, 1) if number in used]
    if listed:
        yield Block("heading", words.sources, level=1)
    for number, source in listed:
        yield Block("reference", f"{source.title} ({source.name})", key=str(number))
