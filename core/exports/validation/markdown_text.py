"""Checks Markdown by parsing it again with markdown-it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks, package
from core.exports.validation.report import Check, Issue, Rule, Tool

if TYPE_CHECKING:
    from markdown_it.token import Token

_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.S)
_NOTE = re.compile(r"^\[\^([^\]\s]+)\]: ", re.M)
_SIGN = re.compile(r"(?<!\\)\[\^([^\]\s]+)\](?!:)")
_AGAIN = "Export the document again."


class MarkdownCheck:
    formats = ("md",)
    rules: Mapping[str, Rule] = {
        "md.opens": Rule("formatting", "basic", "The file is UTF-8 with a head that can be read", _AGAIN),
        "md.no_html": Rule("professional", "basic", "There is no HTML in the text", _AGAIN),
        "md.headings": Rule("content", "basic", "Every heading is one when it is read again", _AGAIN),
        "md.tables": Rule("content", "basic", "Every table is one when it is read again", _AGAIN),
        "md.notes": Rule("content", "standard", "Every footnote has its text", _AGAIN),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (package("markdown-it-py"),)

    def text(self, data: bytes) -> str:
        """Without the signs of notes and citations."""
        try:
            head, body = _parts(data.decode("utf-8", errors="replace"))
        except ValueError:
            return ""
        shown = [str(head.get("title", ""))]
        for token in _tokens(_NOTE.sub("", body)):
            shown += _said(token.children or []) if token.type == "inline" else [token.content]
        return "\n".join(shown)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        found: dict[str, list[Issue]] = {"md.opens": []}
        try:
            text = data.decode("utf-8")
            head, body = _parts(text)
            if head.get("title") != manuscript.title:
                found["md.opens"].append(Issue("The title is not in the head."))
        except (UnicodeDecodeError, ValueError) as error:
            found["md.opens"].append(Issue(str(error)))
        else:
            tokens = _tokens(body)
            blocks = manuscript.content.blocks
            num_tables = sum(block.kind in ("table", "chart") for block in blocks)
            found |= {
                "md.no_html": [Issue(token.content[:60]) for token in _all(tokens) if "html" in token.type],
                "md.headings": _count(tokens, "heading_open", sum(b.kind == "heading" for b in blocks)),
                "md.tables": _count(tokens, "table_open", num_tables),
                "md.notes": [
                    Issue("No text.", key) for key in set(_SIGN.findall(body)) - set(_NOTE.findall(body))
                ],
            }
        yield from checks(self.tools()[0], found)


def _parts(text: str) -> tuple[dict[str, object], str]:
    head = _HEAD.match(text)
    if head is None:
        raise ValueError("There is no head.")
    lines = (line.partition(": ") for line in head[1].split("\n"))
    return {key: json.loads(value) for key, _, value in lines}, text[head.end() :]


def _tokens(body: str) -> list[Token]:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _said(children: list[Token]) -> Iterator[str]:
    """One string for the whole line, without links to sources and signs of notes."""
    parts, is_sign = [], False
    for token in children:
        if token.type == "link_open":
            is_sign = str(token.attrGet("href") or "").startswith("#source-")
        elif token.type == "link_close":
            is_sign = False
        elif not is_sign and token.type != "image":
            parts.append("\n" if token.type.endswith("break") else token.content)
    yield _SIGN.sub("", "".join(parts))


def _count(tokens: list[Token], kind: str, wanted: int) -> list[Issue]:
    found = sum(token.type == kind for token in tokens)
    return [] if found == wanted else [Issue(f"{found} instead of {wanted}")]
