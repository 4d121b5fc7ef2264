"""A draft as Markdown and HTML: each sentence with the number of its source, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from core.documents.draft import Draft, DraftBlock, DraftSection, DraftSource, Statement
from core.documents.markdown_form import escaped, section_markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWords:
    """What a file says around the text, in the language of its reader."""

    sources: str = "Sources"
    missing: str = "Not said by any source"
    conflicts: str = "To be reconciled"
    unsupported: str = "No source says this"


def as_markdown(draft: Draft, words: FileWords) -> str:
    """CommonMark with tables and footnotes, one footnote for each source."""
    parts = [f"# {escaped(draft.title)}"]
    for section in draft.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [section_markdown(section)] if section.blocks else []
        parts += [f"> **{words.missing}:** {escaped(gap.question)}" for gap in section.gaps]
    conflicts = list(_open_conflicts(draft))
    if conflicts:
        parts.append(f"## {words.conflicts}")
        parts.append("\n".join(f"- {escaped(one)} ≠ {escaped(other)}" for one, other in conflicts))
    notes = [
        f"[^{number}]: {escaped(source.title)} ({escaped(source.name)})" for number, source in _cited(draft)
    ]
    if any(each.support == "unsupported" for each in draft.statements):
        notes.append(f"[^?]: {words.unsupported}")
    return "\n\n".join(part for part in (*parts, *notes) if part) + "\n"


def as_html(draft: Draft, words: FileWords) -> str:
    """One file without scripts and without anything from outside. Texts are escaped."""
    body = [f"<h1>{escape(draft.title)}</h1>"]
    for section in draft.sections:
        body.append(f"<h2>{escape(section.title)}</h2>")
        body += _section_html(section, draft, words)
    conflicts = "".join(
        f"<tr><td>{escape(one)}</td><td>{escape(other)}</td></tr>" for one, other in _open_conflicts(draft)
    )
    if conflicts:
        body.append(f"<h2>{escape(words.conflicts)}</h2><table>{conflicts}</table>")
    listed = "".join(_source_html(number, source) for number, source in _cited(draft))
    if listed:
        body.append(f"<h2>{escape(words.sources)}</h2><ol>{listed}</ol>")
    return (
        f'<!doctype html>\n<html lang="{draft.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(draft.title)}</title><style>{_STYLE}</style></head><body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _cited(draft: Draft) -> Iterator[tuple[int, DraftSource]]:
    """The sources that some sentence names, by their number."""
    used = {origin.source for each in draft.statements for origin in each.origins}
    return ((number, source) for number, source in enumerate(draft.sources, 1) if number in used)


def _open_conflicts(draft: Draft) -> Iterator[tuple[str, str]]:
    for section in draft.sections:
        for each in section.disagreements:
            if each.state == "open":
                yield each.reading.text, each.other_reading.text


def _section_html(section: DraftSection, draft: Draft, words: FileWords) -> Iterator[str]:
    items: list[str] = []
    for block in section.blocks:
        if block.kind == "list_item":
            items.append(f'<li class="level-{min(block.level, 5)}">{_text_html(block, draft, words)}</li>')
            continue
        yield from _list_html(items)
        items = []
        yield _HTML_BLOCKS[block.kind](block, _text_html(block, draft, words))
    yield from _list_html(items)
    for gap in section.gaps:
        yield f'<p class="gap"><strong>{escape(words.missing)}:</strong> {escape(gap.question)}</p>'


def _list_html(items: list[str]) -> Iterator[str]:
    if items:
        yield f"<ul>{''.join(items)}</ul>"


def _text_html(block: DraftBlock, draft: Draft, words: FileWords) -> str:
    return " ".join(_statement_html(each, draft, words) for each in block.statements)


def _statement_html(statement: Statement, draft: Draft, words: FileWords) -> str:
    label = f"<strong>{escape(statement.label)}:</strong> " if statement.label else ""
    if statement.support == "unsupported":
        return f'{label}<mark title="{escape(words.unsupported)}">{escape(statement.text)}</mark>'
    return label + escape(statement.text) + _references(statement, draft)


def _references(statement: Statement, draft: Draft) -> str:
    numbers = dict.fromkeys(origin.source for origin in statement.origins)
    return "".join(
        f'<sup><a href="#source-{number}" title="{escape(_title(draft, number))}">{number}</a></sup>'
        for number in numbers
    )


def _title(draft: Draft, number: int) -> str:
    return draft.sources[number - 1].title if 0 < number <= len(draft.sources) else ""


def _source_html(number: int, source: DraftSource) -> str:
    named = f"{escape(source.title)} <small>{escape(source.name)}</small>"
    return f'<li id="source-{number}" value="{number}">{named}</li>'


def _table_html(block: DraftBlock, _text: str) -> str:
    rows = [each.cells for each in block.statements]
    head = ""
    if block.has_header and rows:
        cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0])
        head, rows = f"<thead><tr>{cells}</tr></thead>", rows[1:]
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _heading_html(block: DraftBlock, text: str) -> str:
    name = f"h{min(6, max(3, block.level))}"
    return f"<{name}>{text}</{name}>"


_HTML_BLOCKS: dict[str, Callable[[DraftBlock, str], str]] = {
    "heading": _heading_html,
    "paragraph": lambda _block, text: f"<p>{text}</p>",
    "table": _table_html,
    "quote": lambda _block, text: f"<blockquote>{text}</blockquote>",
    "code": lambda block, _text: f"<pre>{escape(block.text)}</pre>",
    "caption": lambda _block, text: f"<p><em>{text}</em></p>",
}
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;color:#111827;background:#fff}"
    "main{max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #d5dbe6;padding:.35rem .6rem;"
    "text-align:left;vertical-align:top}th{background:#f3f5f9}sup a{text-decoration:none;color:#1d4ed8}"
    "blockquote{border-left:3px solid #d5dbe6;margin-left:0;padding-left:1rem;color:#374151}"
    ".gap{border-left:3px solid #b45309;padding-left:1rem}mark{background:#fde68a}"
    ".level-1{margin-left:1.5rem}.level-2{margin-left:3rem}.level-3{margin-left:4.5rem}"
)
