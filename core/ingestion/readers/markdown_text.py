"""Markdown (CommonMark with tables and front matter), read through the HTML that it stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from core.ingestion.office_package import moment
from core.ingestion.pictures import PictureStore
from core.ingestion.reader import Extract, Source
from core.ingestion.readers.web_page import blocks_of, parse_html
from core.ingestion.text_decoding import decode

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,200})\]:[ \t]*(.+)$")
_NOTE_SIGN = re.compile(r"\[\^([^\]\s]{1,200})\]")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.+?)[ \t]*$", re.M)


class MarkdownText:
    name = "md"
    extensions = (".md", ".markdown")

    def read(self, source: Source) -> Iterator[Extract]:
        from markdown_it import MarkdownIt

        decoded = decode(source.data)
        head = _FRONT_MATTER.match(decoded.text)
        fields = _fields(head[1]) if head else {}
        body = decoded.text[head.end() :] if head else decoded.text
        body, notes = _without_notes(body)
        parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        parser.inline.ruler.before("link", "footnote", _footnote_sign)
        parser.core.ruler.push("caption", _tell_captions)
        html = parser.render(body, {"notes": notes})
        for key, text in notes.items():
            inner = parser.renderInline(text, {"notes": notes})
            html += f'<p data-kind="footnote" data-key="{escape(key)}">{inner}</p>'
        pictures = PictureStore()
        blocks = tuple(blocks_of(parse_html(html), pictures=pictures))
        yield Extract(
            blocks=blocks,
            media=pictures.media,
            title=fields.get("title", ""),
            author=fields.get("author"),
            modified=moment(fields.get("date", "")),
            warnings=decoded.warnings,
        )


def _fields(text: str) -> dict[str, str]:
    """The plain `key: value` lines; nested values are of no use here."""
    return {key.lower(): _scalar(value) for key, value in _FIELD.findall(text)}


def _scalar(value: str) -> str:
    """A string in double quotes is written as in JSON."""
    try:
        read = json.loads(value) if value.startswith('"') else None
    except ValueError:
        read = None
    return read if isinstance(read, str) else value.strip("\"'")


def _without_notes(body: str) -> tuple[str, dict[str, str]]:
    """The text without the definitions of its footnotes, and these by key; code is left alone."""
    kept, notes, fence = [], dict[str, str](), ""
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else mark[1]
        found = None if fence else _NOTE.match(line)
        if found:
            notes.setdefault(found[1], found[2])
        else:
            kept.append(line)
    return "\n".join(kept), notes


def _footnote_sign(state: StateInline, silent: bool) -> bool:
    """[^key], where a footnote of that key is."""
    found = _NOTE_SIGN.match(state.src, state.pos)
    if found is None or found[1] not in state.env.get("notes", {}):
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content = f'<a role="doc-noteref" data-key="{escape(found[1])}">1</a>'
    state.pos = found.end()
    return True


def _tell_captions(state: StateCore) -> None:
    """A paragraph in _underscores_ beside a table or a picture is its caption."""
    tokens = state.tokens
    for at, token in enumerate(tokens):
        if token.type != "paragraph_open" or not _is_emphasised(tokens[at + 1]):
            continue
        before = tokens[at - 1].type == "table_close" or (at > 1 and _is_picture(tokens[at - 2]))
        after = tokens[at + 3 : at + 5]
        if before or any(each.type == "table_open" or _is_picture(each) for each in after[:2]):
            token.attrSet("data-kind", "caption")
            inline = tokens[at + 1]
            inline.children = (inline.children or [])[1:-1]


def _is_emphasised(token: Token) -> bool:
    children = [each for each in token.children or [] if each.type != "text" or each.content]
    if len(children) < 3 or children[0].type != "em_open" or children[0].markup != "_":
        return False
    token.children = children
    closing = next((at for at, each in enumerate(children) if each.type == "em_close"), 0)
    return closing == len(children) - 1


def _is_picture(token: Token) -> bool:
    return token.type == "inline" and [each.type for each in token.children or []] == ["image"]
