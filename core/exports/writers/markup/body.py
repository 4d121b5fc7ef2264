"""The blocks of a manuscript as markup that is HTML and XHTML at once.

What is not content (numbers, signs, values of charts shown again) carries data-role="apart".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.content import Block, Chart, Picture, Run, Sign, cell_runs, runs
from core.exports.charts.description import describe
from core.exports.charts.drawing import draw
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.words import words_of
from core.exports.writers.markup.escaping import address, anchor, attributes, escaped
from core.exports.writers.markup.lists import ItemList, nested
from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.office.numbering import (
    caption_labels,
    heading_numbers,
    note_numbers,
    reference_labels,
)
from core.exports.writers.office.table_grid import grid

CHART_SIZE = 560, 330
NOTE, SOURCE = "note-", "source-"

_TAGS = (
    ("strong", "strong"),
    ("emphasis", "em"),
    ("underline", "u"),
    ("strike", "s"),
    ("code", "code"),
    ("superscript", "sup"),
    ("subscript", "sub"),
    ("highlight", "mark"),
)
_TEXTURE = re.compile(r'(id="|url\(#)(?=texture)')
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: the file of a block (empty in a single page) and the address of a picture's file."""

    picture: Callable[[Picture], str]
    file_of: Callable[[int], str] = lambda place: ""
    is_book: bool = False


@dataclass(slots=True)
class Body:
    """Writes blocks of one manuscript. Remembers which signs of notes it has written."""

    manuscript: Manuscript
    design: Design
    places: Places
    _first_signs: dict[str, str] = field(default_factory=dict)
    _captions: dict[int, int] = field(init=False)
    _numbers: dict[int, str] = field(init=False)
    _notes: dict[str, int] = field(init=False)
    _sources: dict[str, str] = field(init=False)
    _labels: dict[int, tuple[str, int]] = field(init=False)
    _anchors: dict[str, tuple[int, str]] = field(init=False)
    _num_charts: int = 0

    def __post_init__(self) -> None:
        blocks, words = self.manuscript.content.blocks, words_of(self.manuscript.language)
        self._captions = {owner: at for at, owner in caption_owners(blocks).items()}
        self._numbers = heading_numbers(self.manuscript, self.design)
        self._notes = dict(note_numbers(blocks))
        self._sources = reference_labels(self.manuscript)
        self._labels = caption_labels(self.manuscript, words)
        self._anchors = _anchors(blocks)

    def markup(self, places: Sequence[int]) -> str:
        """The blocks at these places, in order. Captions go with what they belong to, footnotes elsewhere."""
        blocks = self.manuscript.content.blocks
        owned = set(self._captions.values())
        wanted = [at for at in places if blocks[at].kind != "footnote" and at not in owned]
        parts = []
        for kind, group in groupby(wanted, lambda at: _gathered(blocks[at], at)):
            found = list(group)
            if kind == "list_item":
                parts += [self._list(each) for each in nested([blocks[at] for at in found])]
            elif kind == "reference":
                parts.append(self._references(found))
            else:
                parts += [self._block(at, blocks[at]) for at in found]
        return "\n".join(parts)

    def notes(self, keys: Sequence[str]) -> str:
        """The footnotes of these keys, each with the way back to its first sign."""
        if not keys:
            return ""
        word = escaped(words_of(self.manuscript.language).note)
        kind = "footnote" if self.places.is_book else None
        items = []
        for key in keys:
            note = self.manuscript.note(key)
            if note is None:
                continue
            number = self._notes[key]
            back = attributes(
                class_="back",
                href=self._first_signs.get(key, "#"),
                role="doc-backlink",
                aria_label=f"{word} {number}",
                data_role="apart",
            )
            which = attributes(
                id=NOTE + anchor(key), epub__type=kind, data_key=key, data_kind="footnote", **_language(note)
            )
            text = f"{self._text(runs(note))} <a{back}>\u21a9\ufe0e</a>"
            items.append(f'<li value="{number}"{which}><p>{text}</p></li>')
        section = attributes(
            class_="notes",
            role="doc-endnotes",
            aria_label=word,
            epub__type="footnotes" if self.places.is_book else None,
        )
        return f"<section{section}><ol>\n" + "\n".join(items) + "\n</ol></section>"

    def note_keys(self, places: Sequence[int]) -> list[str]:
        """The notes whose first sign is in one of these blocks, in the order of their numbers."""
        here = {
            mark.target
            for at in places
            for mark in self.manuscript.content.blocks[at].marks
            if mark.kind == "footnote" and self.manuscript.content.blocks[at].kind != "footnote"
        }
        return sorted((key for key in here if key in self._notes), key=lambda key: self._notes[key])

    def heading_anchor(self, place: int) -> str:
        key = self.manuscript.content.blocks[place].key
        return anchor(key) if key else f"section-{place}"

    def heading_text(self, place: int) -> str:
        """With its number, as plain markup without links: for lists of contents."""
        number = self._numbers.get(place, "")
        text = escaped(self.manuscript.content.blocks[place].text.replace("\n", " "))
        return f'<span class="number">{number}</span> {text}' if number else text

    def _block(self, at: int, block: Block) -> str:
        tongue = _language(block)
        match block.kind:
            case "heading":
                return self._heading(at, block)
            case "quote":
                return f"<blockquote{attributes(**tongue)}><p>{self._text(runs(block))}</p></blockquote>"
            case "code":
                return f'<pre tabindex="0" dir="ltr"><code>{escaped(block.text)}</code></pre>'
            case "table":
                return self._table(at, block)
            case "picture":
                return self._picture(at, block)
            case "chart":
                return self._chart(at, block)
            case "caption":
                which = attributes(class_="caption", data_kind="caption", **tongue)
                return f"<p{which}>{self._text(runs(block))}</p>"
            case _:
                return f"<p{attributes(**tongue)}>{self._number(at)}{self._text(runs(block))}</p>"

    def _heading(self, at: int, block: Block) -> str:
        tag = f"h{min(6, block.level + 1)}"
        which = attributes(id=self.heading_anchor(at), **_language(block))
        return f"<{tag}{which}>{self._number(at)}{self._text(runs(block))}</{tag}>"

    def _number(self, at: int) -> str:
        number = self._numbers.get(at)
        return f'<span class="number" data-role="apart">{number}</span> ' if number else ""

    def _list(self, items: ItemList) -> str:
        tag = "ol" if items.is_ordered else "ul"
        lines = []
        for entry in items.entries:
            inner = "".join(map(self._list, entry.lists))
            if entry.block is None:
                lines.append(f'<li class="bare">{inner}</li>')
            else:
                tongue = attributes(**_language(entry.block))
                lines.append(f"<li{tongue}>{self._text(runs(entry.block))}{inner}</li>")
        return f"<{tag}>\n" + "\n".join(lines) + f"\n</{tag}>"

    def _references(self, places: Sequence[int]) -> str:
        items = []
        for at in places:
            block = self.manuscript.content.blocks[at]
            label = self._sources.get(block.key, "")
            which = attributes(
                id=SOURCE + anchor(block.key) if block.key else None,
                data_key=block.key or None,
                data_kind="reference",
                **_language(block),
            )
            sign = f'<span class="label" data-role="apart">[{escaped(label)}]</span> ' if label else ""
            items.append(f"<li{which}>{sign}<span>{self._text(runs(block))}</span></li>")
        return '<ul class="references">\n' + "\n".join(items) + "\n</ul>"

    def _picture(self, at: int, block: Block) -> str:
        picture = block.picture
        assert picture is not None
        which = attributes(
            src=self.places.picture(picture),
            alt="" if picture.is_decorative else picture.alt,
            width=str(picture.width),
            height=str(picture.height),
        )
        return f"<figure>{self._with_caption(at, f'<img{which}/>', 'figcaption')}</figure>"

    def _chart(self, at: int, block: Block) -> str:
        assert block.chart is not None
        title = f'<p class="chart-title" data-role="apart">{escaped(block.text)}</p>' if block.text else ""
        shown = f"{title}{self._drawing(block.chart, block.text)}{self._values(block.chart, block.text)}"
        which = attributes(class_="chart", data_chart=block.chart.kind, data_title=block.text)
        return f"<figure{which}>{self._with_caption(at, shown, 'figcaption')}</figure>"

    def _drawing(self, chart: Chart, title: str) -> str:
        self._num_charts += 1
        language = self.manuscript.language
        svg = draw(chart, "", self.manuscript.branding, *CHART_SIZE, language)
        own = rf"\g<1>c{self._num_charts}-"
        svg = _TAG.sub(lambda tag: _TEXTURE.sub(own, tag[0]), svg)
        head, _, rest = svg.partition(">")
        name = escaped(title or words_of(language).chart)
        told = describe(chart, title, language)
        label = attributes(aria_label=told, direction="ltr")
        return f"{head}{label}><title>{name}</title><desc>{escaped(told)}</desc>{rest}"

    def _values(self, chart: Chart, title: str) -> str:
        words = words_of(self.manuscript.language)
        head = "".join(
            f'<th scope="col">{escaped(name)}</th>'
            for name in (chart.category_title, *(each.name for each in chart.series))
        )
        names = chart.categories or ("",) * max((len(each.values) for each in chart.series), default=0)
        rows = []
        for at, name in enumerate(names):
            cells = "".join(
                _value(each.values[at] if at < len(each.values) else None) for each in chart.series
            )
            rows.append(f'<tr><th scope="row">{escaped(name)}</th>{cells}</tr>')
        unit = f"<caption>{escaped(chart.value_title)}</caption>" if chart.value_title else ""
        return (
            f'<details data-role="apart"><summary>{escaped(words.table)}: {escaped(title or words.chart)}'
            f'</summary><div class="scroll" tabindex="0"><table>{unit}<thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div></details>"
        )

    def _table(self, at: int, block: Block) -> str:
        words, layout, cells = words_of(self.manuscript.language), grid(block), cell_runs(block)
        lines = []
        for row, found in enumerate(cells):
            line = []
            for column, cell in enumerate(found):
                covering = layout.covered.get((row, column))
                if covering is not None and (covering.row, covering.column) != (row, column):
                    continue
                line.append(self._cell(block, row, column, cell, column in layout.numeric))
            lines.append(f"<tr>{''.join(line)}</tr>")
        head, rest = lines[: block.header_rows], lines[block.header_rows :]
        inner = (f"<thead>{''.join(head)}</thead>" if head else "") + (
            f"<tbody>{''.join(rest)}</tbody>" if rest else ""
        )
        at_caption = self._captions.get(at)
        caption = self._caption(at_caption, "caption", at) if at_caption is not None else ""
        name = words.table if at_caption is None else self.manuscript.content.blocks[at_caption].text
        look = attributes(class_=self.design.tables, **_language(block))
        scroll = attributes(class_="scroll", tabindex="0", role="region", aria_label=name)
        return f"<div{scroll}><table{look}>{caption}{inner}</table></div>"

    def _cell(self, block: Block, row: int, column: int, cell: Sequence[Run], is_numeric: bool) -> str:
        span = next((each for each in block.merged if (each.row, each.column) == (row, column)), None)
        rows, columns = (span.num_rows, span.num_columns) if span else (1, 1)
        tag = "th" if row < block.header_rows else "td"
        which = attributes(
            scope=("colgroup" if columns > 1 else "col") if tag == "th" else None,
            colspan=str(columns) if columns > 1 else None,
            rowspan=str(rows) if rows > 1 else None,
            class_="number" if is_numeric else None,
            dir="ltr" if is_numeric and tag == "td" else None,
        )
        return f"<{tag}{which}>{self._text(cell)}</{tag}>"

    def _with_caption(self, at: int, shown: str, tag: str) -> str:
        place = self._captions.get(at)
        if place is None:
            return shown
        caption = self._caption(place, tag, at)
        return f"{shown}{caption}" if place > at else f"{caption}{shown}"

    def _caption(self, place: int, tag: str, owner: int) -> str:
        block = self.manuscript.content.blocks[place]
        word, number = self._labels.get(place, ("", 0))
        label = f'<span class="label" data-role="apart">{escaped(word)} {number}</span> ' if word else ""
        which = attributes(class_="below" if tag == "caption" and place > owner else None, **_language(block))
        return f"<{tag}{which}>{label}{self._text(runs(block))}</{tag}>"

    def _text(self, pieces: Sequence[Run]) -> str:
        """Runs of one link are one link, unless a sign, which is a link itself, stands between them."""
        parts: list[str] = []
        inner, link = "", ""
        for run in pieces:
            if run.link != link:
                parts.append(self._linked(link, inner))
                inner, link = "", run.link
            inner += _styled(run)
            if run.signs:
                parts += [self._linked(link, inner), *map(self._sign, run.signs)]
                inner = ""
        return "".join((*parts, self._linked(link, inner)))

    def _linked(self, link: str, inner: str) -> str:
        if not link or not inner:
            return inner
        if link.startswith("#"):
            href = self._way_to(link[1:])
            return f"<a{attributes(href=href)}>{inner}</a>" if href else inner
        return f"<a{attributes(href=address(link), rel='noopener noreferrer')}>{inner}</a>"

    def _way_to(self, key: str) -> str:
        if key not in self._anchors:
            return ""
        place, name = self._anchors[key]
        return f"{self.places.file_of(place)}#{name}"

    def _sign(self, sign: Sign) -> str:
        href = self._way_to(sign.key)
        if sign.kind == "citation":
            label = self._sources.get(sign.key, sign.key)
            which = attributes(href=href, role="doc-biblioref", data_key=sign.key)
            return f'<span class="sign"><a{which}>[{escaped(label)}]</a></span>'
        number = self._notes.get(sign.key, 0)
        count = f"sign-{anchor(sign.key)}"
        place = None
        if sign.key not in self._first_signs:
            self._first_signs[sign.key] = f"#{count}"
            place = count
        href = f"#{NOTE}{anchor(sign.key)}" if self.manuscript.note(sign.key) else href
        which = attributes(
            id=place,
            href=href,
            role="doc-noteref",
            data_key=sign.key,
            epub__type="noteref" if self.places.is_book else None,
        )
        return f'<sup class="sign"><a{which}>{number}</a></sup>'


def _styled(run: Run) -> str:
    inner = escaped(run.text).replace("\n", "<br/>")
    if not inner:
        return ""
    for style, tag in reversed(_TAGS):
        if style in run.styles:
            inner = f"<{tag}>{inner}</{tag}>"
    if run.language:
        inner = f"<span{attributes(**_tongue(run.language))}>{inner}</span>"
    return inner


def _value(value: float | None) -> str:
    shown = "" if value is None else f"{value:.15g}"
    return f'<td class="number">{shown}</td>'


def _language(block: Block) -> dict[str, str | None]:
    return _tongue(block.language) if block.language else {}


def _tongue(language: str) -> dict[str, str | None]:
    return {"lang": language, "dir": "rtl" if is_right_to_left(language) else "ltr"}


def _gathered(block: Block, at: int) -> str:
    return block.kind if block.kind in ("list_item", "reference") else f"{at}"


def _anchors(blocks: Sequence[Block]) -> dict[str, tuple[int, str]]:
    """By key. Notes and sources come before a heading of the same key: signs must find them."""
    found: dict[str, tuple[int, str]] = {}
    prefixes = {"footnote": NOTE, "reference": SOURCE, "heading": ""}
    for kind in ("reference", "footnote", "heading"):
        for place, block in enumerate(blocks):
            if block.key and block.kind == kind:
                found.setdefault(block.key, (place, prefixes[kind] + anchor(block.key)))
    return found
