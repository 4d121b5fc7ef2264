"""Conditions and loops whose tags stand alone in their paragraphs, which then leave no empty lines behind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PARAGRAPH = re.compile(r"<w:p(?:\s[^>]*)?>(?:(?!<w:p[ >]|</w:p>).)*</w:p>", re.DOTALL)
_TAG = re.compile(r"{%[-+]?\s*(\w+)((?:(?!%}).)*)%}", re.DOTALL)
_KEPT = re.compile(r"<w:(sectPr|drawing|pict|object|br|instrText)\b")
_ENDS = {"endfor": "for", "endif": "if"}
_BETWEEN = ("elif", "else")


@dataclass(slots=True)
class _Group:
    """The tags of one condition or loop: where each stands, None for one amid other words."""

    name: str
    paragraphs: list[tuple[int, int, str] | None] = field(default_factory=list)


def without_standing_tags(source: str) -> str:
    """Only where all tags of a group stand alone, as otherwise the halves of paragraphs would not match."""
    alone = {}
    for paragraph in _PARAGRAPH.finditer(source):
        tag = _TAG.fullmatch(re.sub(r"<[^>]*>", "", paragraph[0]).strip())
        found = _TAG.search(paragraph[0])
        if tag and found and not _KEPT.search(paragraph[0]):
            alone[paragraph.start() + found.start()] = (paragraph.start(), paragraph.end(), found[0])
    done: list[tuple[int, int, str]] = []
    for group in _groups(source, alone):
        standing = [each for each in group.paragraphs if each is not None]
        if len(standing) == len(group.paragraphs):
            done += standing
    for start, end, tag_text in sorted(done, reverse=True):
        source = source[:start] + tag_text + source[end:]
    return source


def _groups(source: str, alone: dict[int, tuple[int, int, str]]) -> list[_Group]:
    """Groups that are closed; nothing at all if the tags do not match."""
    open_groups: list[_Group] = []
    closed: list[_Group] = []
    for tag in _TAG.finditer(source):
        name, place = tag[1], alone.get(tag.start())
        if name in _ENDS.values():
            open_groups.append(_Group(name, [place]))
        elif name in (*_BETWEEN, *_ENDS):
            if not open_groups or _ENDS.get(name, open_groups[-1].name) != open_groups[-1].name:
                return []
            open_groups[-1].paragraphs.append(place)
            if name in _ENDS:
                closed.append(open_groups.pop())
    return [] if open_groups else closed
