"""A section as Markdown that a person can edit, and back again with what each sentence rests on.

A citation is written as a footnote mark, [^2] for the second source; [^?] marks a claim that no source has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.content.blocks import BlockKind
from core.documents.draft import DraftBlock, DraftSection, Statement
from core.language.sentences import split_sentences

if TYPE_CHECKING:
    from markdown_it.token import Token

Ground = Callable[[str], Statement]
"""What a sentence that a person wrote rests on."""

_MARK = re.compile(r"[ \t]*\[\^(?:\d+|\?)\]")
_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&])")
_OPENS_BLOCK = re.compile(r"^(\d*)([-+=.)])")
_KINDS: dict[str, BlockKind] = {
    "bullet_list": "list_item",
    "ordered_list": "list_item",
    "blockquote": "quote",
}


def section_markdown(section: DraftSection) -> str:
    """CommonMark with tables. `read_section` is its inverse."""
    parts: list[str] = []
    for number, block in enumerate(section.blocks):
        is_list = block.kind == "list_item"
        follows = is_list and number > 0 and section.blocks[number - 1].kind == "list_item"
        parts.append(("\n" if follows else "\n\n" if parts else "") + block_markdown(block))
    return "".join(parts)


def block_markdown(block: DraftBlock) -> str:
    if block.kind == "table":
        return "\n".join(_table_lines(block))
    if block.kind == "code":
        return f"```\n{block.text}\n```"
    text = " ".join(_cited(each) for each in block.statements)
    if block.kind == "heading":
        return f"{'#' * max(3, min(6, block.level))} {text}"
    if block.kind == "list_item":
        return f"{'  ' * block.level}- {text}"
    if block.kind == "quote":
        return f"> {text}"
    return text


def escaped(text: str) -> str:
    """Text as Markdown that shows exactly it, on one line."""
    return _OPENS_BLOCK.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", _plain(text)))


def read_section(markdown: str, before: DraftSection, ground: Ground) -> DraftSection:
    """The section with the text that a person wrote.

    A sentence that stood there before keeps what it rests on; any other is asked of `ground`. A gap is closed
    once the section says something about it: the gap of the whole section by any text.
    """
    known = _Known(before)
    blocks = tuple(block for block in _blocks(markdown, known, ground) if block.statements)
    gaps = tuple(gap for gap in before.gaps if gap.fact or not blocks)
    return replace(before, blocks=blocks, gaps=gaps)


@dataclass(slots=True)
class _Known:
    """The statements of the section before it was edited, each to be found once by its words."""

    section: DraftSection
    statements: dict[str, list[Statement]] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for each in self.section.statements:
            self.statements.setdefault(_plain(each.text), []).append(each)
        self.labels = frozenset(each.label for each in self.section.statements if each.label)

    def take(self, text: str) -> Statement | None:
        found = self.statements.get(_plain(text))
        if not found:
            return None
        return found.pop(0) if len(found) > 1 else found[0]


def _table_lines(block: DraftBlock) -> Iterator[str]:
    rows = [list(each.cells) for each in block.statements]
    if not block.has_header:
        rows.insert(0, [""] * len(rows[0]))
    for number, row in enumerate(rows):
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
        if number == 0:
            yield f"|{' --- |' * len(row)}"


def _cited(statement: Statement) -> str:
    text = escaped(statement.text)
    if statement.label:
        text = f"**{escaped(statement.label)}:** {text}"
    return text + marks(statement)


def marks(statement: Statement) -> str:
    """The footnote marks behind a statement."""
    if statement.support == "unsupported":
        return " [^?]"
    numbers = dict.fromkeys(origin.source for origin in statement.origins)
    return "".join(f" [^{number}]" for number in numbers)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _blocks(markdown: str, known: _Known, ground: Ground) -> Iterator[DraftBlock]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    around: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        name = token.type.rsplit("_", 1)[0]
        if token.type == "table_open":
            end = next(at for at in range(place, len(tokens)) if tokens[at].type == "table_close")
            yield _table(tokens[place:end], known)
            place = end
        elif token.type in ("fence", "code_block"):
            text = token.content.strip("\n")
            yield DraftBlock("code", (known.take(text) or Statement(text, "own"),) if text.strip() else ())
        elif token.type == "heading_open":
            statement = _statement(_text(tokens[place + 1]), known, ground)
            yield DraftBlock("heading", (statement,), level=max(3, int(token.tag[1:])))
            place += 1
        elif name in _KINDS and token.nesting:
            around.append(name) if token.nesting > 0 else around.pop()
        elif token.type == "inline":
            yield _text_block(token, around, known, ground)
        place += 1


def _text_block(token: Token, around: Sequence[str], known: _Known, ground: Ground) -> DraftBlock:
    lists = [name for name in around if name != "blockquote"]
    kind: BlockKind = _KINDS[around[-1]] if around else "paragraph"
    level = max(0, len(lists) - 1) if kind == "list_item" else 0
    return DraftBlock(kind, tuple(_statements(_text(token), known, ground)), level=level)


def _table(tokens: Sequence[Token], known: _Known) -> DraftBlock:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_plain(_text(token)))
    if rows and not any(rows[0]):
        rows = rows[1:]
        has_header = False
    else:
        has_header = True
    statements = tuple(
        known.take(text) or Statement(text, "own", cells=tuple(row))
        for row in rows
        if (text := "\t".join(row)).strip()
    )
    chart = next(
        (
            block.chart
            for block in known.section.blocks
            if block.kind == "table" and block.statements == statements
        ),
        None,
    )
    return DraftBlock("table", statements, has_header=has_header, chart=chart)


def _text(token: Token) -> str:
    """What the inline token shows; line ends become spaces."""
    shown = {"softbreak": " ", "hardbreak": " "}
    return "".join(shown.get(child.type, child.content) for child in token.children or ())


def _statements(text: str, known: _Known, ground: Ground) -> Iterator[Statement]:
    """The sentences between the marks; a mark ends what stands before it."""
    for piece in _MARK.split(text):
        if not piece.strip():
            continue
        if found := _known_statement(piece.strip(), known):
            yield found
            continue
        for start, end in split_sentences(piece):
            yield _statement(piece[start:end], known, ground)


def _statement(text: str, known: _Known, ground: Ground) -> Statement:
    text = _MARK.sub("", text).strip()
    if found := _known_statement(text, known):
        return found
    label = next((each for each in known.labels if text.startswith(f"{each}:")), "")
    said = text.removeprefix(f"{label}:").strip() if label else text
    return replace(ground(said), label=label)


def _known_statement(text: str, known: _Known) -> Statement | None:
    if found := known.take(text):
        return found if not found.label else replace(found, label="")
    for label in known.labels:
        if text.startswith(f"{label}:") and (found := known.take(text.removeprefix(f"{label}:"))):
            return replace(found, label=label)
    return None
