"""Markdown: CommonMark with tables, strikethrough and footnotes, pictures inside, no HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.content import Block, BlockKind, MarkKind, Run, cell_runs, runs
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.words import words_of
from core.exports.writers.delimited import values
from core.exports.writers.markup.escaping import address, anchor
from core.exports.writers.markup.front import data_uri
from core.exports.writers.markup.lists import ItemList, nested
from core.exports.writers.office.numbering import note_numbers, reference_labels

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~#{}$]")
_AT_LINE_START = re.compile(r"^(\s*)([-+=:]|\d+(?=[.)]))", re.M)
_TICKS = re.compile(r"`+")
_FENCES: dict[MarkKind, str] = {"strike": "~~", "emphasis": "*", "strong": "**"}


class MarkdownText:
    name = "md"
    extension = ".md"
    media_type = "text/markdown"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        parts = (_front_matter(manuscript), *_Text(manuscript).blocks())
        return ("\n\n".join(parts) + "\n").encode("utf-8")


def _front_matter(manuscript: Manuscript) -> str:
    """YAML, whose strings may be written as those of JSON."""
    facts = {
        "title": manuscript.title,
        "subtitle": manuscript.subtitle,
        "author": manuscript.author,
        "date": manuscript.written.isoformat() if manuscript.written else "",
        "lang": manuscript.language,
        "version": manuscript.version,
        "keywords": list(manuscript.keywords),
        **({"fields": dict(manuscript.fields)} if manuscript.fields else {}),
    }
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items() if value)
    return "\n".join(("---", *lines, "---"))


@dataclass(slots=True)
class _Text:
    manuscript: Manuscript
    _notes: dict[str, int] = field(init=False)
    _sources: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._notes = dict(note_numbers(self.manuscript.content.blocks))
        self._sources = reference_labels(self.manuscript)

    def blocks(self) -> Iterator[str]:
        blocks = self.manuscript.content.blocks
        owned = caption_owners(blocks)
        for kind, group in groupby(enumerate(blocks), lambda each: _gathered(*each)):
            places, found = zip(*group, strict=True)
            if kind == "list_item":
                yield from ("\n".join(self._list(each)) for each in nested(found))
            elif kind == "reference":
                yield "\n".join(f"- {self._source(each)}" for each in found)
            elif kind != "footnote":
                yield from self._block(found[0], places[0] in owned)
        for key in sorted(self._notes, key=lambda key: self._notes[key]):
            note = self.manuscript.note(key)
            if note is not None:
                yield f"[^{anchor(key)}]: {self._line(runs(note))}"

    def _block(self, block: Block, is_caption: bool) -> Iterator[str]:
        match block.kind:
            case "heading":
                yield f"{'#' * min(6, block.level)} {self._line(runs(block))}"
            case "quote":
                yield "\n".join(f"> {line}" for line in self._prose(runs(block)).split("\n"))
            case "code":
                fence = "`" * max(3, 1 + _longest_ticks(block.text))
                yield f"{fence}\n{block.text}\n{fence}"
            case "table":
                yield self._table(block)
            case "picture":
                yield self._picture(block)
            case "chart":
                yield from self._chart(block)
            case "caption" if is_caption:
                yield f"_{self._line(_without(runs(block), 'emphasis'))}_"
            case _:
                yield self._prose(runs(block))

    def _list(self, items: ItemList) -> Iterator[str]:
        for number, entry in enumerate(items.entries, start=1):
            sign = f"{number}. " if items.is_ordered else "- "
            lines = [self._prose(runs(entry.block))] if entry.block is not None else []
            lines += ["\n".join(self._list(each)) for each in entry.lists]
            first, *rest = "\n".join(lines).split("\n")
            yield "\n".join((sign + first, *(" " * len(sign) + line for line in rest)))

    def _source(self, block: Block) -> str:
        label = self._sources.get(block.key, "")
        text = self._line(runs(block))
        return f"{escaped(f'[{label}]')} {text}" if label else text

    def _table(self, block: Block) -> str:
        rows = [[self._line(cell, is_cell=True) for cell in row] for row in cell_runs(block)]
        head = rows[: block.header_rows] or [[""] * len(rows[0])]
        body = [*head[1:], *rows[block.header_rows :]]
        lines = [head[0], ["---"] * len(rows[0]), *body]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def _picture(self, block: Block) -> str:
        picture = block.picture
        assert picture is not None
        data = self.manuscript.content.media[picture.sha256]
        alt = "" if picture.is_decorative else _folded(escaped(picture.alt))
        return f"![{alt}]({data_uri(picture.media_type, data)})"

    def _chart(self, block: Block) -> Iterator[str]:
        """Its values as a table under its title."""
        assert block.chart is not None
        words = words_of(self.manuscript.language)
        yield f"_{_folded(escaped(block.text or words.chart))}_"
        rows = values(block.chart, words)
        lines = [[_folded(escaped(cell)) for cell in row] for row in rows]
        lines.insert(1, ["---"] * len(rows[0]))
        yield "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def _prose(self, pieces: Sequence[Run]) -> str:
        text = self._inline(pieces)
        return _AT_LINE_START.sub(_unmarked, text).replace("\n", "\\\n")

    def _line(self, pieces: Sequence[Run], is_cell: bool = False) -> str:
        text = _folded(self._inline(pieces, is_cell))
        return text if is_cell else _AT_LINE_START.sub(_unmarked, text)

    def _inline(self, pieces: Sequence[Run], is_cell: bool = False) -> str:
        return _Inline(self._notes, self._sources, is_cell).written(_joined(pieces))


@dataclass(slots=True)
class _Inline:
    """Writes runs so that their signs of emphasis are always seen as such (CommonMark, 6.2).

    What stands right outside a sign and is a letter is written as its number, which counts as punctuation.
    Neighbours take turns at `*` and `_`, or their signs would run together.
    """

    notes: dict[str, int]
    sources: dict[str, str]
    is_cell: bool

    def written(self, pieces: Sequence[Run]) -> str:
        texts, is_turned = [self._text(run) for run in pieces], False
        out: list[str] = []
        for at, run in enumerate(pieces):
            shown = texts[at]
            styles = [name for name in _FENCES if name in run.styles]
            before, after = pieces[at - 1] if at else None, pieces[at + 1] if at + 1 < len(pieces) else None
            if not styles:
                if before is not None and _has_fence(before) and not before.signs:
                    shown = _coded(run, 0, shown)
                if after is not None and _has_fence(after) and not run.signs:
                    shown = _coded(run, -1, shown)
                is_turned = False
            else:
                if "code" not in run.styles:
                    shown = _without_edge_spaces(shown)
                touches = before is not None and _has_fence(before) and not before.signs
                is_turned = touches and not is_turned
                for name in styles:
                    fence = _FENCES[name].replace("*", "_") if is_turned else _FENCES[name]
                    shown = f"{fence}{shown}{fence}"
            if run.link and shown:
                shown = f"[{shown}](<{_target(run.link)}>)"
            out.append(shown + "".join(self._sign(sign.kind, sign.key) for sign in run.signs))
        return "".join(out)

    def _text(self, run: Run) -> str:
        if "code" in run.styles and run.text:
            return _code_span(run.text, self.is_cell)
        return escaped(run.text)

    def _sign(self, kind: str, key: str) -> str:
        if kind == "footnote" and key in self.notes:
            return f"[^{anchor(key)}]"
        label = escaped(f"[{self.sources.get(key, key)}]")
        return f"[{label}](<#source-{anchor(key)}>)" if kind == "citation" else ""


def escaped(text: str) -> str:
    """The text with a backslash before all that Markdown or its dialects could take for a sign."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _unmarked(found: re.Match[str]) -> str:
    """What begins a list or underlines a heading, so that it does not: a digit as its number."""
    sign = found[2]
    return found[1] + (f"&#{ord(sign[0])};{sign[1:]}" if sign[0].isdecimal() else f"\\{sign}")


def _joined(pieces: Sequence[Run]) -> list[Run]:
    """Runs that look alike in Markdown, which knows fewer styles, as one."""
    known = frozenset((*_FENCES, "code"))
    found: list[Run] = []
    for run in pieces:
        plain = Run(run.text, frozenset(run.styles & known), run.link, "", run.signs)
        last = found[-1] if found else None
        if last and not last.signs and (last.styles, last.link) == (plain.styles, plain.link):
            found[-1] = Run(last.text + plain.text, last.styles, last.link, "", plain.signs)
        else:
            found.append(plain)
    return found


def _without(pieces: Sequence[Run], style: MarkKind) -> list[Run]:
    return [Run(run.text, run.styles - {style}, run.link, run.language, run.signs) for run in pieces]


def _has_fence(run: Run) -> bool:
    return bool(run.text) and not run.styles.isdisjoint(_FENCES)


def _coded(run: Run, at: int, shown: str) -> str:
    """The first or last character as its number, if it is a letter or the like."""
    if not run.text or "code" in run.styles or run.link:
        return shown
    character = run.text[at]
    if character.isspace() or (character.isascii() and not character.isalnum()):
        return shown
    number = f"&#{ord(character)};"
    return number + shown[1:] if at == 0 else shown[:-1] + number


def _without_edge_spaces(shown: str) -> str:
    """Spaces right inside a sign of emphasis as their numbers, or it would be none."""
    for pattern in (r"^\s", r"(?<!\\)\s$"):
        shown = re.sub(pattern, lambda found: f"&#{ord(found[0])};", shown)
    return shown


def _code_span(text: str, is_cell: bool) -> str:
    ticks = "`" * (1 + _longest_ticks(text))
    has_edge = text[0] in "` " or text[-1] in "` "
    pad = " " if has_edge and text.strip(" ") else ""
    inner = text.replace("\n", " ")
    return f"{ticks}{pad}{inner.replace('|', chr(92) + '|') if is_cell else inner}{pad}{ticks}"


def _longest_ticks(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _target(link: str) -> str:
    return address(link).replace("(", "%28").replace(")", "%29")


def _folded(text: str) -> str:
    return text.replace("\n", " ")


def _gathered(at: int, block: Block) -> str:
    return block.kind if block.kind in ("list_item", "reference", "footnote") else f"{at}"
