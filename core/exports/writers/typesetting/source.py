"""Typst source from a manuscript. Every text goes in as a typst string: nothing in it is ever markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files

from core.content import Block, Run, cell_runs, runs
from core.exports.charts.description import describe
from core.exports.charts.drawing import draw
from core.exports.charts.palette import tint, visible
from core.exports.design import Design
from core.exports.fonts import FALLBACKS, FAMILIES
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.words import Words, words_of

POINTS_PER_MM = 72 / 25.4
POINTS_PER_PIXEL = 0.75
TALLEST_PICTURE = 0.4  # of the page
LONGEST_UNBROKEN, PIECE = 24, 8
APART = "\u2003"  # between a number that the writer sets and the text it numbers
_LONG_WORD = re.compile(rf"[^\s\u200b]{{{LONGEST_UNBROKEN},}}")
_FIGURE = re.compile(r"[-+−(]?[€$£¥]?\s?\d[\d.,'\s]*\d?\s?(%|€|\$|£|[a-zA-Z]{1,3})?\)?$")
_RIGHT_TO_LEFT = ("ar", "he", "fa", "ur", "yi")


def source(manuscript: Manuscript, design: Design) -> str:
    """One file that needs no other: pictures and drawings are in it."""
    layout = (files(__package__) / "layout.typ").read_text(encoding="utf-8")
    parts = [_look(manuscript, design), layout, *_media(manuscript), "#show: styled", "#front()"]
    return "\n".join([*parts, *_Body(manuscript, design).written(), ""])


def string(text: str) -> str:
    """A typst string of this text. Words too long for a line get places to break."""
    broken = _LONG_WORD.sub(_with_breaks, text) if len(text) >= LONGEST_UNBROKEN else text
    return quoted(broken)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each >= " " else f"\\u{{{ord(each):x}}}" for each in escaped) + '"'


def long_date(written: date | None, language: str) -> str:
    """As the language writes it; by numbers where we do not know how."""
    if written is None:
        return ""
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        return str(format_date(written, "long", locale=Locale.parse(language, sep="-")))
    except (UnknownLocaleError, ValueError):
        return written.isoformat()


def _with_breaks(word: re.Match[str]) -> str:
    text = word[0]
    return "\u200b".join(text[at : at + PIECE] for at in range(0, len(text), PIECE))


def _look(manuscript: Manuscript, design: Design) -> str:
    branding, page, words = manuscript.branding, design.page, words_of(manuscript.language)
    primary, accent = visible(branding.primary, 5.0), visible(branding.accent)
    language, region = _language(manuscript.language)
    written = manuscript.written
    version = f"{words.version} {manuscript.version}" if manuscript.version else ""
    title_size = (2.9 if len(manuscript.title) < 60 else 2.2) * (1.0 if page.height > page.width else 0.72)
    values = {
        "title": string(manuscript.title),
        "plain-title": quoted(manuscript.title),
        "subtitle": string(manuscript.subtitle),
        "author": string(manuscript.author),
        "name": string(branding.name),
        "type": string(design.titles.get(language, design.titles["en"])),
        "version": string(version),
        "written": string(long_date(written, manuscript.language)),
        "date": f"datetime(year: {written.year}, month: {written.month}, day: {written.day})"
        if written
        else "auto",
        "keywords": _array(map(quoted, manuscript.keywords)),
        "fields": _array(f"({string(label)}, {string(value)})" for label, value in manuscript.fields),
        "header": string(branding.header),
        "footer": string(branding.footer),
        "page-of": string(words.page_of),
        "contents": string(words.contents),
        "logo": f"media({quoted(_numbers(branding.logo))})" if branding.logo else "none",
        "lang": quoted(language),
        "region": region,
        "direction": "rtl" if manuscript.is_right_to_left else "ltr",
        "front": quoted(design.front),
        "has-contents": _truth(design.has_contents),
        "has-breaks": _truth(design.breaks_before_sections),
        "is-numbered": _truth(design.is_numbered_by_page),
        "tables": quoted(design.tables),
        "columns": str(page.columns),
        "width": f"{page.width}mm",
        "height": f"{page.height}mm",
        "top": f"{page.top}mm",
        "bottom": f"{page.bottom}mm",
        "left": f"{page.left}mm",
        "right": f"{page.right}mm",
        "body": _families(branding.body_font, FAMILIES[design.body]),
        "headings": _families(branding.heading_font, FAMILIES[design.headings]),
        "size": f"{design.size_points}pt",
        "cover-size": f"{title_size}em",
        "leading": f"{design.line_height - 0.73:.3f}em",
        "primary": f'rgb("{primary}")',
        "accent": f'rgb("{accent}")',
        "wash": f'rgb("{tint(primary, 0.06)}")',
        "line": f'rgb("{tint(primary, 0.25)}")',
        "grid": f'rgb("{tint(primary, 0.4)}")',
        "ink": 'rgb("#1f2430")',
        "faint": 'rgb("#525866")',
    }
    lines = "\n".join(f"  {name}: {value}," for name, value in values.items())
    media = "#let media(data) = bytes(json(bytes(data)))\n" if branding.logo else ""
    return f"{media}#let look = (\n{lines}\n)"


def _families(wanted: str, usual: str) -> str:
    names = dict.fromkeys(filter(None, (wanted, usual, *FALLBACKS)))
    return _array(map(quoted, names))


def _array(values: Iterator[str]) -> str:
    return "(" + "".join(f"{value}, " for value in values) + ")"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _numbers(data: bytes) -> str:
    """Bytes as a JSON list, which typst turns into bytes soonest."""
    return f"[{','.join(map(str, data))}]"


def _language(tag: str) -> tuple[str, str]:
    """Language and region as typst takes them."""
    first, *rest = tag.split("-")
    region = next((quoted(part.upper()) for part in rest if len(part) == 2 and part.isalpha()), "none")
    return (first.lower() if first.isascii() and first.isalpha() and len(first) in (2, 3) else "en"), region


def _media(manuscript: Manuscript) -> Iterator[str]:
    used = {block.picture.sha256 for block in manuscript.content.blocks if block.picture}
    for sha256 in sorted(used & manuscript.content.media.keys()):
        yield f"#let picture-{sha256} = media({quoted(_numbers(manuscript.content.media[sha256]))})"


class _Body:
    """The blocks one after the other, and the numbers that count them."""

    def __init__(self, manuscript: Manuscript, design: Design) -> None:
        self._manuscript, self._design = manuscript, design
        self._words: Words = words_of(manuscript.language)
        self._blocks = manuscript.content.blocks
        self._captions = {owner: self._blocks[at] for at, owner in caption_owners(self._blocks).items()}
        self._owned = set(caption_owners(self._blocks))
        self._notes = {each.key: each for each in self._blocks if each.kind == "footnote" and each.key}
        references = [each for each in self._blocks if each.kind == "reference"]
        self._references = {each.key: str(number) for number, each in enumerate(references, start=1)}
        self._labelled: set[str] = set()
        self._counts: list[int] = []
        self._num_clauses = 0
        self._signed = _signed_notes(self._blocks)
        self._places = {
            each.key for each in self._blocks if each.key and each.kind in ("heading", "reference")
        }
        self._places |= self._signed
        page = design.page
        gutters = 8.0 * (page.columns - 1)
        self._width = (page.width - page.left - page.right - gutters) / page.columns * POINTS_PER_MM
        self._height = (page.height - page.top - page.bottom) * POINTS_PER_MM

    def written(self) -> Iterator[str]:
        place = 0
        while place < len(self._blocks):
            block = self._blocks[place]
            if block.kind == "list_item":
                end = place
                while end < len(self._blocks) and self._blocks[end].kind == "list_item":
                    end += 1
                yield "#" + self._list(self._blocks[place:end])
                place = end
                continue
            if place not in self._owned:
                yield from self._block(place, block)
            place += 1
        if self._design.has_signatures:
            words = self._words
            fields = (words.signature, words.name, words.position, words.date)
            yield f"#signatures({', '.join(map(string, fields))})"

    def _block(self, place: int, block: Block) -> Iterator[str]:
        written = {
            "heading": self._heading,
            "paragraph": self._paragraph,
            "quote": self._quote,
            "code": self._code,
            "caption": self._loose_caption,
            "footnote": self._unsigned_note,
            "reference": self._reference,
        }
        if block.kind in written:
            made = written[block.kind](block)
        elif block.kind == "table":
            made = self._table(block, self._captions.get(place))
        elif block.kind == "picture":
            made = self._picture(block, self._captions.get(place))
        else:
            made = self._chart(block, self._captions.get(place))
        if made:
            yield f"#{self._in_language(block, made)}{self._label(block)}"

    def _in_language(self, block: Block, made: str) -> str:
        return _spoken(block.language, made) if block.language else made

    def _label(self, block: Block) -> str:
        """Behind headings only; other blocks carry theirs inside."""
        return self._new_label(block.key) if block.kind == "heading" and not block.language else ""

    def _new_label(self, key: str) -> str:
        if not key or key in self._labelled:
            return ""
        self._labelled.add(key)
        return f"<{_name(key)}>"

    def _heading(self, block: Block) -> str:
        number = self._number(block.level)
        prefix = f"{quoted(number + APART)} + " if number else ""
        made = f"heading(level: {block.level}, {prefix}{self._text(block)})"
        label = self._new_label(block.key) if block.language else ""
        return f"[#{made}{label}]" if label else made

    def _number(self, level: int) -> str:
        if self._design.numbering == "none":
            return ""
        self._counts = [*self._counts, *[0] * level][:level]
        self._counts[-1] += 1
        self._num_clauses = 0
        numbers = ".".join(str(max(1, count)) for count in self._counts)
        return f"{numbers}." if self._design.numbering == "clauses" and level == 1 else numbers

    def _paragraph(self, block: Block) -> str:
        if self._design.numbering == "clauses" and len(self._counts) == 1:
            self._num_clauses += 1
            number = f"{self._counts[0]}.{self._num_clauses}"
            return f"clause({quoted(number + APART)}, {self._text(block)})"
        return f"par({self._text(block)})"

    def _quote(self, block: Block) -> str:
        return f"quote(block: true, {self._text(block)})"

    def _code(self, block: Block) -> str:
        # NOTE: a PDF keeps no blank lines and one blank of many, unless they are blanks that do not break.
        lines = (
            re.sub("^ +| {2,}", lambda found: "\u00a0" * len(found[0]), line) or "\u00a0"
            for line in block.text.split("\n")
        )
        return f"raw(block: true, {string(chr(10).join(lines))})"

    def _loose_caption(self, block: Block) -> str:
        return f"block(small({self._text(block)}))"

    def _unsigned_note(self, block: Block) -> str:
        if block.key in self._signed:
            return ""
        return f"block(small({string(self._words.note + ': ')} + {self._text(block)}))"

    def _reference(self, block: Block) -> str:
        number = quoted(f"[{self._references.get(block.key, '')}]{APART}")
        return f"[#reference({number} + {self._text(block)}){self._new_label(block.key)}]"

    def _list(self, items: Sequence[Block]) -> str:
        """Neighbours of one depth are one list; what is deeper belongs to the item before it."""
        made, place, depth = [], 0, min(item.level for item in items)
        while place < len(items):
            kind = items[place].is_ordered
            entries = []
            while place < len(items) and (items[place].is_ordered == kind or items[place].level > depth):
                item, start = items[place], place + 1 if items[place].level == depth else place
                end = start
                while end < len(items) and items[end].level > depth:
                    end += 1
                own = self._in_language(item, self._text(item)) if start > place else '""'
                inner = self._list(items[start:end]) if end > start else ""
                entries.append(f"{own} + {inner}" if inner else own)
                place = end
            made.append(f"{'enum' if kind else 'list'}({', '.join(entries)})")
        return made[0] if len(made) == 1 else f"({' + '.join(made)})"

    def _table(self, block: Block, caption: Block | None) -> str:
        spans = {(span.row, span.column): span for span in block.merged}
        covered = {
            (row, column)
            for span in block.merged
            for row in range(span.row, span.row + span.num_rows)
            for column in range(span.column, span.column + span.num_columns)
        } - spans.keys()
        figures = _columns_of_figures(block)
        rows = []
        for at, line in enumerate(cell_runs(block)):
            cells = []
            for column, written in enumerate(line):
                if (at, column) in covered:
                    continue
                cell = written or (
                    Run("\u00a0"),
                )  # NOTE: tags lose rows and columns in which nothing is drawn
                span = spans.get((at, column))
                place = f", colspan: {span.num_columns}, rowspan: {span.num_rows}" if span else ""
                if at < block.header_rows:
                    cells.append(
                        f"head-cell({'end' if column in figures else 'start'}, {self._runs(cell)}{place})"
                    )
                elif _FIGURE.match(block.rows[at][column]):
                    cells.append(f"table.cell(align: end + horizon{place}, {self._runs(cell)})")
                else:
                    cells.append(f"table.cell({self._runs(cell)}{place})" if span else self._runs(cell))
            rows.append("  " + "".join(f"{cell}, " for cell in cells))
        heads, body = rows[: block.header_rows], rows[block.header_rows :]
        columns = _array(_widths(block, figures))
        newline = "\n"
        made = f"cells({columns}, {len(heads)}, ({newline.join(heads)}), (\n{newline.join(body)}))"
        return self._captioned(made, caption, "table", self._words.table)

    def _picture(self, block: Block, caption: Block | None) -> str:
        picture = block.picture
        if picture is None or picture.sha256 not in self._manuscript.content.media:
            return ""
        wide, high = picture.width * POINTS_PER_PIXEL, picture.height * POINTS_PER_PIXEL
        fit = min(1.0, self._width / max(1, wide), TALLEST_PICTURE * self._height / max(1, high))
        size = f"{wide * fit:.2f}pt, {high * fit:.2f}pt"
        is_silent = picture.is_decorative or not picture.alt
        made = f"picture(picture-{picture.sha256}, {size}, {quoted(picture.alt)}, {_truth(is_silent)})"
        return self._captioned(made, caption, "image", self._words.figure)

    def _chart(self, block: Block, caption: Block | None) -> str:
        chart = block.chart
        if chart is None:
            return ""
        language = block.language or self._manuscript.language
        drawn = draw(chart, block.text, self._manuscript.branding, language=language)
        alternative = describe(chart, block.text, language)
        wide = min(self._width, 430.0, TALLEST_PICTURE * self._height * _proportion(drawn))
        made = f"drawing({quoted(drawn)}, {wide:.2f}pt, {quoted(alternative)})"
        return self._captioned(made, caption, "image", self._words.figure)

    def _captioned(self, made: str, caption: Block | None, kind: str, supplement: str) -> str:
        if caption is None:
            return f"shown({made})"
        spoken = self._in_language(caption, self._text(caption))
        return f"captioned({made}, {spoken}, {kind}, {string(supplement)})"

    def _text(self, block: Block) -> str:
        return self._runs(runs(block))

    def _runs(self, pieces: Sequence[Run]) -> str:
        return " + ".join(map(self._run, pieces)) or '""'

    def _run(self, run: Run) -> str:
        made = string(run.text)
        if run.text:
            for style in sorted(run.styles, key=_INNERMOST.index):
                made = f"raw({string(run.text)})" if style == "code" else f"{_STYLES[style]}({made})"
            if run.language:
                made = _spoken(run.language, made)
            if run.link:
                made = self._link(run.link, made)
        return " + ".join([made, *(self._sign(sign.kind, sign.key) for sign in run.signs)])

    def _link(self, target: str, made: str) -> str:
        if not target.startswith("#"):
            return f"link({quoted(target)}, {made})"
        return f"link(<{_name(target[1:])}>, {made})" if target[1:] in self._places else made

    def _sign(self, kind: str, key: str) -> str:
        if kind == "citation":
            number = self._references.get(key)
            return f"link(<{_name(key)}>, {quoted(f'[{number}]')})" if number else '""'
        note = self._notes.get(key)
        if note is None:
            return '""'
        if key in self._labelled:
            return f"footnote(<{_name(key)}>)"
        self._labelled.add(key)
        return f"[#footnote({self._in_language(note, self._text(note))})<{_name(key)}>]"


_INNERMOST = ("code", "strong", "emphasis", "underline", "strike", "highlight", "superscript", "subscript")
_STYLES = {
    "strong": "strong",
    "emphasis": "emph",
    "underline": "underline",
    "strike": "strike",
    "highlight": "highlight",
    "superscript": "super",
    "subscript": "sub",
}


def _proportion(drawn: str) -> float:
    """Width by height of an SVG drawing."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawn)
    return float(found[1]) / float(found[2]) if found else 16 / 9


def _columns_of_figures(block: Block) -> set[int]:
    """Those where most of what is written under the head is a figure."""
    found = set()
    for column, cells in enumerate(zip(*block.rows[block.header_rows :], strict=False)):
        written = [cell for cell in cells if cell]
        if 2 * sum(bool(_FIGURE.match(cell)) for cell in written) > len(written):
            found.add(column)
    return found


def _widths(block: Block, figures: set[int]) -> Iterator[str]:
    """As wide as what they hold; of more than three, the longest text takes the room that is left."""
    longest = [max(map(len, cells)) for cells in zip(*block.rows, strict=True)]
    texts = [column for column in range(len(longest)) if column not in figures]
    widest = max(texts, key=longest.__getitem__, default=-1) if len(longest) > 3 else -1
    yield from ("1fr" if column == widest else "auto" for column in range(len(longest)))


def _signed_notes(blocks: Sequence[Block]) -> set[str]:
    return {
        mark.target
        for block in blocks
        if block.kind not in ("footnote", "code")
        for mark in block.marks
        if mark.kind == "footnote"
    }


def _name(key: str) -> str:
    """A label of typst's alphabet for any key."""
    return "key-" + key.encode().hex()


def _spoken(tag: str, made: str) -> str:
    language, region = _language(tag)
    direction = "rtl" if language in _RIGHT_TO_LEFT else "ltr"
    return f"other({quoted(language)}, {region}, {direction}, {made})"
