"""Markdown (CommonMark with tables and front matter), read through the HTML that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.ingestion.office_package import moment
from core.ingestion.reader import Extract, Source
from core.ingestion.readers.web_page import blocks_of, parse_html
from core.ingestion.text_decoding import decode

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
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
        html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(body)
        yield Extract(
            blocks=tuple(blocks_of(parse_html(html))),
            title=fields.get("title", ""),
            author=fields.get("author"),
            modified=moment(fields.get("date", "")),
            warnings=decoded.warnings,
        )


def _fields(text: str) -> dict[str, str]:
    """The plain `key: value` lines; nested values are of no use here."""
    return {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(text)}
