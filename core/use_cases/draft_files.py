"""A consolidated draft as Markdown and HTML: each sentence with the number of its source, conflicts last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from core.content import Block
from core.redundancy.consolidation import ConsolidatedDraft
from core.storage.documents import DocumentSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWords:
    """What the file says around the text, in the reader's language."""

    sources: str = "Sources"
    conflicts: str = "To be reconciled"


@dataclass(frozen=True, slots=True)
class CitedPiece:
    """A stretch of a block; `source` is the number of the document that it was taken from, if it is cited."""

    text: str
    source: int | None


def cited_pieces(
    draft: ConsolidatedDraft, sources: Sequence[DocumentSummary]
) -> list[tuple[Block, list[CitedPiece]]]:
    """Every block of the draft, cut where its cited sentences begin and end; nothing is lost."""
    numbers = {source.id: number for number, source in enumerate(sources, 1)}
    by_block: dict[int, list[tuple[int, int, int]]] = {}
    for citation in draft.citations:
        start, end = citation.span
        by_block.setdefault(citation.block, []).append((start, end, numbers[citation.origin.id]))
    begin, blocks = 0, []
    for place, block in enumerate(draft.content.blocks):
        blocks.append((block, list(_pieces(block.text, begin, sorted(by_block.get(place, []))))))
        begin += len(block.text) + 1
    return blocks


def _pieces(text: str, begin: int, cited: list[tuple[int, int, int]]) -> Iterator[CitedPiece]:
    reached = 0
    for start, end, number in cited:
        if start - begin > reached:
            yield CitedPiece(text[reached : start - begin], None)
        yield CitedPiece(text[start - begin : end - begin], number)
        reached = end - begin
    if reached < len(text):
        yield CitedPiece(text[reached:], None)


def as_markdown(draft: ConsolidatedDraft, sources: Sequence[DocumentSummary], words: DraftWords) -> str:
    """CommonMark with tables."""
    numbers = {source.id: number for number, source in enumerate(sources, 1)}
    parts = []
    for block, pieces in cited_pieces(draft, sources):
        cited = "".join(
            _plain_markdown(piece.text) + (f" [{piece.source}]" if piece.source else "") for piece in pieces
        )
        parts.append(_markdown_block(block, cited))
    parts += [
        f"## {words.sources}",
        "\n".join(
            f"{number}. {_plain_markdown(source.title)} ({_plain_markdown(source.name)})"
            for number, source in enumerate(sources, 1)
        ),
    ]
    if draft.conflicts:
        parts.append(f"## {words.conflicts}")
        parts.append(
            "\n".join(
                f"- {_plain_markdown(_line(each.reading))} [{numbers[each.citation.origin.id]}] ≠ "
                f"{_plain_markdown(_line(each.other_reading))} [{numbers[each.other.id]}]"
                for each in draft.conflicts
            )
        )
    return "\n\n".join(parts) + "\n"


def _markdown_block(block: Block, cited: str) -> str:
    if block.kind == "heading":
        return f"{'#' * max(1, block.level)} {_line(cited)}"
    if block.kind == "list_item":
        return f"{'  ' * block.level}- {_line(cited)}"
    if block.kind == "quote":
        return "\n".join(f"> {line}" for line in cited.splitlines())
    if block.kind == "table" and block.rows:
        rows = [" | ".join(_plain_markdown(_line(cell)) for cell in row) for row in block.rows]
        rule = " | ".join("---" for _cell in block.rows[0])
        return "\n".join(f"| {row} |" for row in (rows[0], rule, *rows[1:]))
    if block.kind == "code":
        return "\n".join(f"    {line}" for line in block.text.splitlines())
    return cited


def _plain_markdown(text: str) -> str:
    """The text with every sign escaped that could act as markup."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]#<>|!~$" else sign for sign in text)


def _line(text: str) -> str:
    return " ".join(text.split())


def as_html(
    draft: ConsolidatedDraft, sources: Sequence[DocumentSummary], words: DraftWords, language: str
) -> str:
    """One file without scripts and without anything from outside. Texts are escaped."""
    numbers = {source.id: number for number, source in enumerate(sources, 1)}
    title = escape(sources[0].title) if sources else ""
    body = [
        _HTML_BLOCKS[block.kind](block, "".join(_html_piece(piece, sources) for piece in pieces))
        for block, pieces in cited_pieces(draft, sources)
    ]
    listed = "".join(
        f'<li id="source-{number}">{escape(source.title)} <small>{escape(source.name)}</small></li>'
        for number, source in enumerate(sources, 1)
    )
    body.append(f"<h2>{escape(words.sources)}</h2><ol>{listed}</ol>")
    if draft.conflicts:
        rows = "".join(
            f"<tr><td>{escape(each.reading)} {_reference(numbers[each.citation.origin.id])}</td>"
            f"<td>{escape(each.other_reading)} {_reference(numbers[each.other.id])}</td></tr>"
            for each in draft.conflicts
        )
        body.append(f"<h2>{escape(words.conflicts)}</h2><table>{rows}</table>")
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _html_piece(piece: CitedPiece, sources: Sequence[DocumentSummary]) -> str:
    if piece.source is None:
        return escape(piece.text)
    title = escape(sources[piece.source - 1].title)
    return f'<span title="{title}">{escape(piece.text)}</span> {_reference(piece.source)}'


def _reference(number: int) -> str:
    return f'<a class="ref" href="#source-{number}">[{number}]</a>'


def _html_table(block: Block, cited: str) -> str:
    if not block.rows:
        return f"<p>{cited}</p>"
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in block.rows
    )
    return f"<table>{rows}</table>"


def _html_heading(block: Block, cited: str) -> str:
    name = f"h{min(6, max(1, block.level))}"
    return f"<{name}>{cited}</{name}>"


def _html_item(block: Block, cited: str) -> str:
    return f'<p class="item" style="margin-left:{1 + block.level}rem">• {cited}</p>'


_HTML_BLOCKS: dict[str, Callable[[Block, str], str]] = {
    "heading": _html_heading,
    "paragraph": lambda _block, cited: f"<p>{cited}</p>",
    "list_item": _html_item,
    "table": _html_table,
    "quote": lambda _block, cited: f"<blockquote>{cited}</blockquote>",
    "code": lambda block, _cited: f"<pre>{escape(block.text)}</pre>",
    "caption": lambda _block, cited: f"<p><em>{cited}</em></p>",
}
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111827}"
    "table{border-collapse:collapse;margin:1rem 0}td{border:1px solid #d5dbe6;padding:.35rem .6rem;"
    "vertical-align:top}.ref{font-size:.75em;text-decoration:none;color:#1d4ed8}.item{margin:.2rem 0}"
    "blockquote{border-left:3px solid #d5dbe6;margin-left:0;padding-left:1rem;color:#374151}"
)
