"""Rich Text Format (.rtf), version 1.9.1: styles, real lists, tables, notes and pictures in ASCII bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.content import Block, BlockKind, CellSpan, Run, Sign, cell_runs, runs
from core.exports.charts.description import describe
from core.exports.charts.drawing import draw
from core.exports.charts.raster import png
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.pagination import page_numbers
from core.exports.words import Words, words_of
from core.exports.writers.office.colours import Palette, palette
from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.office.front_matter import front_matter, joined
from core.exports.writers.office.measures import (
    chart_size,
    column_width,
    fitted,
    logo_size,
    text_width,
    twips,
)
from core.exports.writers.office.numbering import (
    ListPlace,
    caption_labels,
    heading_numbers,
    list_places,
    reference_labels,
)
from core.exports.writers.office.table_grid import Grid, grid, is_number
from core.exports.writers.office.typefaces import CODE_FONT, Typefaces, typefaces

HEADINGS = (1.8, 1.35, 1.15, 1.0, 1.0)
_ESCAPES = {"\\": "\\\\", "{": "\\{", "}": "\\}", "\n": "\\line ", "\t": "\\tab "}
_PLAIN = re.compile(r"[^ -\[\]-z|~]")
_BLANKS = re.compile(" (?= )")
_COLOURS = ("ink", "primary", "accent", "muted", "line", "wash", "tint", "band", "on_band")
_LOOKS = {
    "strong": "\\b",
    "emphasis": "\\i",
    "underline": "\\ul",
    "strike": "\\strike",
    "code": "\\f2",
    "superscript": "\\super",
    "subscript": "\\sub",
    "highlight": "\\highlight10",
}
# Windows language identifiers ([MS-LCID]); others are told as unknown.
_LANGUAGES = {
    "en": 1033,
    "es": 3082,
    "pt": 2070,
    "fr": 1036,
    "de": 1031,
    "it": 1040,
    "ar": 1025,
    "he": 1037,
    "zh": 2052,
    "ja": 1041,
    "ko": 1042,
    "ru": 1049,
    "nl": 1043,
    "pl": 1045,
    "tr": 1055,
}


class RichText:
    name = "rtf"
    extension = ".rtf"
    media_type = "application/rtf"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        words = words_of(manuscript.language)
        fonts = typefaces(manuscript.branding, design, manuscript.language)
        body = _Body(manuscript, design, words, palette(manuscript.branding))
        head = body.front()
        contents = body.contents() if design.has_contents else ""
        blocks = body.blocks()
        whole = (
            "{\\rtf1\\ansi\\ansicpg1252\\uc1\\deff0"
            f"\\deflang{_language(manuscript.language)}{_fonts(fonts)}{_colours(body.palette)}{_styles(body)}"
            f"{_lists(body.ordered)}{_info(manuscript)}{_page(design)}{_edges(body)}"
            f"{head}{contents}{blocks}}}"
        )
        return whole.encode("ascii")


@dataclass(slots=True)
class _Body:
    manuscript: Manuscript
    design: Design
    words: Words
    palette: Palette
    _cited: dict[str, int] = field(default_factory=dict)
    _is_in_note: bool = False
    looks: dict[str, tuple[int, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.looks = _look(self)
        self.labels = reference_labels(self.manuscript)

    @property
    def ordered(self) -> list[ListPlace]:
        blocks = self.manuscript.content.blocks
        return [place for at, place in list_places(blocks).items() if blocks[at].is_ordered]

    def front(self) -> str:
        matter = front_matter(self.manuscript, self.design, self.words)
        fields = [
            self.paragraph("Field", f"{{\\b\\cf3 {escaped(label)}}}\\tab {escaped(value)}")
            for label, value in matter.fields
        ]
        head = [self.paragraph("Title", escaped(matter.title))]
        head += [self.paragraph("Subtitle", escaped(matter.subtitle))] if matter.subtitle else []
        if matter.byline and self.design.front not in ("letterhead", "memo"):
            head.append(
                self.paragraph(
                    "Byline",
                    escaped(joined(matter.byline, is_right_to_left=self.manuscript.is_right_to_left)),
                )
            )
        if self.design.front == "letterhead":
            return self._logo() + "".join(fields + head)
        kicker = self.paragraph("Kicker", escaped(matter.kicker))
        last = "\\page " if self.design.front == "cover" else ""
        if self.design.page.columns > 1:
            last = f"\\sect\\sectd\\sbknone\\cols{self.design.page.columns}\\colsx500 "
        return self._logo() + kicker + "".join(head + fields) + last

    def contents(self) -> str:
        blocks = self.manuscript.content.blocks
        numbers = heading_numbers(self.manuscript, self.design)
        pages = page_numbers(self.manuscript, self.design)
        lines = ""
        for at, block in enumerate(blocks):
            if block.kind == "heading" and block.level <= 3:
                number = f"{numbers[at]}  " if at in numbers else ""
                page = f"\\tab {pages[at]}" if at in pages else ""
                text = escaped(number + " ".join(block.text.split()))
                lines += self.paragraph(
                    f"toc {block.level}", _link(f"toc{at}", text + page, is_inside=True, is_plain=True)
                )
        if not lines:
            return ""
        heading = self.paragraph("Contents Heading", escaped(self.words.contents))
        return heading + lines + ("" if self.design.breaks_before_sections else "\\page ")

    def blocks(self) -> str:
        blocks = self.manuscript.content.blocks
        numbers = heading_numbers(self.manuscript, self.design)
        lists, owners = list_places(blocks), caption_owners(blocks)
        labels = caption_labels(self.manuscript, self.words)
        made = []
        for at, block in enumerate(blocks):
            text = "" if block.kind == "footnote" else self._runs(runs(block))
            if block.kind == "heading":
                number = f"{numbers[at]}  " if at in numbers else ""
                marks = _mark(f"toc{at}") + (_mark(_name(block.key)) if block.key else "")
                level = min(5, max(1, block.level))
                made.append(self.paragraph(f"heading {level}", marks + escaped(number) + text, block))
            elif block.kind == "list_item":
                made.append(self._item(block, lists[at], text))
            elif block.kind == "table":
                made.append(self._table(block))
            elif block.kind in ("picture", "chart"):
                made.append(self._frame(block, has_caption=owners.get(at + 1) == at))
            elif block.kind == "caption":
                label = f"{labels[at][0]} {labels[at][1]}  " if at in labels else ""
                before = f"{{\\b\\cf3 {escaped(label)}}}" if label else ""
                keep = "\\keepn" if owners.get(at) == at + 1 else ""
                made.append(self.paragraph("caption", before + text, block, keep))
            elif block.kind == "reference":
                label = self.labels[block.key]
                made.append(
                    self.paragraph("Bibliography", f"{_mark(_name(block.key))}[{label}]\\tab {text}", block)
                )
            elif block.kind != "footnote":
                number = f"{{\\b {numbers[at]}}}{escaped('  ')}" if at in numbers else ""
                style = {"quote": "Quote", "code": "Code Block"}.get(block.kind, "Normal")
                made.append(self.paragraph(style, number + text, block))
        uncited = [each for each in blocks if each.kind == "footnote" and each.key not in self._cited]
        made += [self.paragraph("footnote text", self._runs(runs(each)), each) for each in uncited]
        return "".join(made) + self._signatures()

    def paragraph(self, style: str, text: str, block: Block | None = None, more: str = "") -> str:
        language = (block.language if block else "") or self.manuscript.language
        is_turned = is_right_to_left(language) and style != "Code Block"
        number, settings = self.looks[style]
        told = f"\\lang{_language(language)}" if block and block.language else ""
        way = "\\rtlpar\\qr\\rtlch" if is_turned else "\\ltrpar"
        return f"{{\\pard\\plain\\s{number}{settings}{way}{more}{told} {text}\\par}}\n"

    def _item(self, block: Block, place: ListPlace, text: str) -> str:
        number = place.list + 10 if block.is_ordered else 1
        indent = 360 * (place.level + 1)
        sign = f"{place.number}." if block.is_ordered else "•"
        more = f"\\ls{number}\\ilvl{place.level}\\fi-360\\li{indent}\\lin{indent}\\tx{indent}"
        return self.paragraph("List", f"{{\\listtext {escaped(sign)}\\tab}}{text}", block, more)

    def _frame(self, block: Block, *, has_caption: bool) -> str:
        page, keep = self.design.page, "\\keepn" if has_caption else ""
        if block.chart is not None:
            size = chart_size(page, 450 / 800)
            branding, language = self.manuscript.branding, self.manuscript.language
            drawn = draw(block.chart, block.text, branding, 800, 450, language)
            alt = describe(block.chart, block.text, language)
            return self.paragraph("Picture", _picture(png(drawn, 1600), "png", size, alt), more=keep)
        picture = block.picture
        data = self.manuscript.content.media.get(picture.sha256) if picture else None
        if not picture or data is None:
            return ""
        kind = "png" if picture.media_type == "image/png" else "jpeg"
        size = fitted(picture.width, picture.height, page)
        alt = "" if picture.is_decorative else picture.alt
        return self.paragraph("Picture", _picture(data, kind, size, alt), more=keep)

    def _logo(self) -> str:
        branding = self.manuscript.branding
        size = logo_size(branding.logo, 14.0, 60.0)
        if size:
            return self.paragraph("Picture", _picture(branding.logo, "png", size, branding.name))
        return self.paragraph("Picture", f"{{\\b\\cf2 {escaped(branding.name)}}}") if branding.name else ""

    def _table(self, block: Block) -> str:
        laid, cells = grid(block), cell_runs(block)
        rows = "".join(self._row(block, at, cells[at], laid) for at in range(len(cells)))
        return f"{rows}{{\\pard\\plain\\fs8\\par}}\n"

    def _row(self, block: Block, at: int, cells: list[tuple[Run, ...]], laid: Grid) -> str:
        room, edge = twips(column_width(self.design.page)), 0.0
        is_header = at < block.header_rows
        definitions, written, column = "", "", 0
        while column < laid.num_columns:
            span = laid.spans.get((at, column)) or laid.covered.get((at, column)) or CellSpan(at, column)
            edge += sum(laid.shares[column : column + span.num_columns])
            merge = ("\\clvmgf" if span.row == at else "\\clvmrg") if span.num_rows > 1 else ""
            definitions += f"{merge}{self._cell_look(at, is_header)}\\cellx{round(edge * room)}"
            is_there = (at, column) not in laid.covered and column < len(cells)
            text = self._runs(cells[column]) if is_there else ""
            plain = block.rows[at][column] if column < len(block.rows[at]) else ""
            is_right = column in laid.numeric and span.num_columns == 1 if is_header else is_number(plain)
            ink = 9 if self.design.tables == "banded" else 2
            look = f"\\b\\cf{ink}" if is_header else ""
            side = "\\qr" if is_right else ""
            number, settings = self.looks["Table Text"]
            written += f"{{\\pard\\plain\\intbl\\s{number}{settings}{side}{look} {text}\\cell}}"
            column += span.num_columns
        head = "\\trhdr" if is_header else ""
        way = "\\rtlrow" if is_right_to_left(block.language or self.manuscript.language) else ""
        return f"{{\\trowd\\trgaph100\\trkeep{head}{way}{definitions}{written}\\row}}\n"

    def _cell_look(self, at: int, is_header: bool) -> str:
        kind = self.design.tables
        if kind == "grid":
            borders = "".join(f"\\clbrdr{side}\\brdrs\\brdrw5\\brdrcf5" for side in "tlbr")
            return borders + ("\\clcbpat7" if is_header else "")
        if kind == "banded":
            return "\\clcbpat8" if is_header else ("\\clcbpat6" if at % 2 == 0 else "")
        return f"\\clbrdrb\\brdrs\\brdrw{15 if is_header else 5}\\brdrcf{2 if is_header else 5}"

    def _signatures(self) -> str:
        if not self.design.has_signatures:
            return ""
        labels = (self.words.signature, self.words.name, self.words.position, self.words.date)
        return "".join(
            self.paragraph("Signature", f"{escaped(label)} \\tab\\tab {escaped(label)} \\tab")
            for label in labels
        )

    def _runs(self, runs: Sequence[Run]) -> str:
        return "".join(self._run(run) for run in runs)

    def _run(self, run: Run) -> str:
        look = "".join(_LOOKS[style] for style in sorted(run.styles))
        look += f"\\lang{_language(run.language)}" if run.language else ""
        text = escaped(run.text)
        if run.link and text:
            is_inside = run.link.startswith("#")
            text = _link(_name(run.link[1:]) if is_inside else run.link, text, is_inside=is_inside)
        return (f"{{{look} {text}}}" if look and text else text) + "".join(map(self._sign, run.signs))

    def _sign(self, sign: Sign) -> str:
        if sign.kind == "citation":
            label = self.labels.get(sign.key, "")
            shown = f"{{\\cf2 [{label}]}}"
            return _link(_name(sign.key), shown, is_inside=True, is_plain=True) if label else ""
        block = self.manuscript.note(sign.key)
        if block is None or self._is_in_note:
            return ""  # a note cannot hold another
        if sign.key in self._cited:
            return f"{{\\super {self._cited[sign.key]}}}"
        self._cited[sign.key] = len(self._cited) + 1
        self._is_in_note = True
        text = self._runs(runs(block))
        self._is_in_note = False
        number, settings = self.looks["footnote text"]
        way = "\\rtlpar\\qr" if is_right_to_left(block.language or self.manuscript.language) else ""
        shown = "{\\super\\chftn}"
        return f"{shown}{{\\footnote\\pard\\plain\\s{number}{settings}{way} {shown} {text}}}"


def escaped(text: str) -> str:
    """Text that is nothing but text in RTF; ASCII whatever the letters are."""
    # NOTE: an empty group between blanks, as LibreOffice widens those that follow each other
    return _BLANKS.sub(" {}", _PLAIN.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    letter = match[0]
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter < " ":
        return ""
    units = letter.encode("utf-16-le", "surrogatepass")
    numbers = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(f"\\u{number}?" for number in numbers)


def _look(body: _Body) -> dict[str, tuple[int, str]]:
    """Number and settings of each style. The settings are repeated in each paragraph, as RTF asks."""
    size = body.design.size_points
    right = twips(column_width(body.design.page))
    line = round(240 * body.design.line_height / 1.17)
    normal = f"\\f0\\cf1\\fs{round(size * 2)}"
    front = body.design.front
    middle = "\\qc" if front == "nameplate" else ""
    top = round(twips(body.design.page.height) * 0.22) if front == "cover" else 0
    rule = "\\brdrb\\brdrs\\brdrw25\\brdrcf2\\brsp80" if front in ("masthead", "memo", "nameplate") else ""
    page = "\\pagebb" if body.design.breaks_before_sections else ""
    big = {"cover": 3.2, "nameplate": 3.2, "letterhead": 1.45}.get(front, 2.3)
    looks = {
        "Normal": f"\\sa120\\sl{line}\\slmult1{normal}",
        "Title": f"\\sa160\\keepn{middle}\\f1\\b\\cf2\\fs{round(size * 2 * big)}",
        "Subtitle": f"\\sa160{middle}\\f1\\cf4\\fs{round(size * 2.6)}",
        "Kicker": f"\\sb{top}\\sa120{middle}\\f1\\b\\caps\\cf3\\fs{round(size * 2)}",
        "Byline": f"\\sb80\\sa300{middle}{rule}\\f0\\cf4\\fs{round(size * 2)}",
        "Field": f"\\fi-1700\\li1700\\tx1700\\sa40{normal}",
        "Quote": f"\\li340\\ri340\\sa160\\brdrl\\brdrs\\brdrw40\\brdrcf3\\brsp200\\f0\\i\\cf4"
        f"\\fs{round(size * 2)}",
        "Code Block": f"\\li140\\ri140\\sb120\\sa180\\cbpat6\\f2\\cf1\\fs{round(size * 1.72)}",
        "caption": f"\\sa160\\f0\\cf4\\fs{round(size * 1.76)}",
        "Picture": f"\\sb120\\sa80{normal}",
        "Bibliography": f"\\fi-567\\li567\\tx567\\sa80{normal}",
        "footnote text": f"\\sa40\\f0\\cf1\\fs{round(size * 1.7)}",
        "List": f"\\sa60\\sl{line}\\slmult1{normal}",
        "Table Text": f"\\sb40\\sa40\\f0\\cf1\\fs{round(size * 1.84)}",
        "Signature": f"\\sb320\\keepn\\tlul\\tx{right * 44 // 100}\\tx{right * 56 // 100}\\tlul\\tx{right}"
        f"{normal}",
        "Contents Heading": f"\\sa200\\f1\\b\\cf2\\fs{round(size * 3.6)}",
    }
    for level in (1, 2, 3):
        bold = "\\b" if level == 1 else ""
        looks[f"toc {level}"] = f"\\li{340 * (level - 1)}\\sa60\\tqr\\tldot\\tx{right}{normal}{bold}"
    for level, factor in enumerate(HEADINGS, start=1):
        look = f"\\f1\\b\\cf{2 if level < 3 else 1}\\fs{round(size * 2 * factor)}"
        space = f"\\sb{400 if level == 1 else 260}\\sa{140 if level == 1 else 90}"
        looks[f"heading {level}"] = (
            f"\\keepn{page if level == 1 else ''}{space}\\outlinelevel{level - 1}{look}"
        )
    return {name: (at, _for_all_scripts(settings)) for at, (name, settings) in enumerate(looks.items())}


def _for_all_scripts(settings: str) -> str:
    """Size and weight are told apart for letters that run right to left."""
    return re.sub(r"\\(fs\d+|b|i)(?![a-z])", r"\\\1\\a\1", settings)


def _styles(body: _Body) -> str:
    lines = "".join(f"{{\\s{number}{settings} {name};}}" for name, (number, settings) in body.looks.items())
    return f"{{\\stylesheet{lines}}}\n"


def _fonts(fonts: Typefaces) -> str:
    names = (fonts.body, fonts.headings, CODE_FONT)
    lines = "".join(f"{{\\f{at}\\fnil {escaped(name).replace(';', '')};}}" for at, name in enumerate(names))
    return f"{{\\fonttbl{lines}}}"


def _colours(palette: Palette) -> str:
    values = [*(str(getattr(palette, name)) for name in _COLOURS), "FFFF00"]
    lines = "".join(
        f"\\red{int(value[:2], 16)}\\green{int(value[2:4], 16)}\\blue{int(value[4:], 16)};"
        for value in values
    )
    return f"{{\\colortbl;{lines}}}"


def _lists(ordered: Sequence[ListPlace]) -> str:
    """The bullets are list 1; each ordered list is one of its own and so begins at 1."""
    bullets = _list(1, "".join(_level(23, "\\'01\\u8226?;", "", at) for at in range(9)))
    formats = (0, 4, 2)
    made, overrides = bullets, "{\\listoverride\\listid1\\listoverridecount0\\ls1}"
    for number in sorted({each.list for each in ordered}):
        levels = "".join(_level(formats[at % 3], f"\\'02\\'0{at}.;", "\\'01", at) for at in range(9))
        made += _list(number + 10, levels)
        overrides += f"{{\\listoverride\\listid{number + 10}\\listoverridecount0\\ls{number + 10}}}"
    return f"{{\\*\\listtable{made}}}{{\\*\\listoverridetable{overrides}}}\n"


def _list(number: int, levels: str) -> str:
    return f"{{\\list\\listtemplateid{number}{levels}\\listid{number}}}"


def _level(kind: int, text: str, places: str, at: int) -> str:
    indent = 360 * (at + 1)
    return (
        f"{{\\listlevel\\levelnfc{kind}\\leveljc0\\levelfollow0\\levelstartat1{{\\leveltext{text}}}"
        f"{{\\levelnumbers{places};}}\\cf3\\fi-360\\li{indent}\\lin{indent}}}"
    )


def _info(manuscript: Manuscript) -> str:
    written = manuscript.written
    moment = f"{{\\creatim\\yr{written.year}\\mo{written.month}\\dy{written.day}}}" if written else ""
    texts = (
        ("title", manuscript.title),
        ("subject", manuscript.subtitle),
        ("author", manuscript.author),
        ("keywords", ", ".join(manuscript.keywords)),
    )
    lines = "".join(f"{{\\{tag} {escaped(text)}}}" for tag, text in texts if text)
    return f"{{\\info{lines}{moment}}}\n"


def _page(design: Design) -> str:
    page = design.page
    way = "\\landscape" if page.width > page.height else ""
    first = "\\titlepg" if design.front == "cover" else ""
    return (
        f"\\paperw{twips(page.width)}\\paperh{twips(page.height)}\\margl{twips(page.left)}"
        f"\\margr{twips(page.right)}\\margt{twips(page.top)}\\margb{twips(page.bottom)}{way}\\ftnbj\n"
        f"\\sectd\\headery680\\footery680{first}\n"
    )


def _edges(body: _Body) -> str:
    branding, right = body.manuscript.branding, twips(text_width(body.design.page))
    left = escaped(branding.header or branding.name)
    look = f"\\pard\\plain\\tqr\\tx{right}\\f0\\cf4\\fs16"
    header = (
        f"{{\\header {look}\\brdrb\\brdrs\\brdrw5\\brdrcf5\\brsp80 {left}\\tab "
        f"{escaped(body.manuscript.title)}\\par}}"
    )
    number = ""
    if body.design.is_numbered_by_page:
        before, _, rest = body.words.page_of.partition("{page}")
        between, _, after = rest.partition("{pages}")
        number = f"\\tab {escaped(before)}{_field('PAGE', '1')}{escaped(between)}{_field('NUMPAGES', '1')}"
        number += escaped(after)
    footer = (
        f"{{\\footer {look}\\brdrt\\brdrs\\brdrw5\\brdrcf5\\brsp80 {escaped(branding.footer)}{number}\\par}}"
    )
    return f"{header}{footer}\n"


def _field(instruction: str, shown: str) -> str:
    return f"{{\\field{{\\*\\fldinst {instruction}}}{{\\fldrslt {shown}}}}}"


def _link(target: str, text: str, *, is_inside: bool, is_plain: bool = False) -> str:
    address = escaped(target.replace('"', "%22"))
    shown = text if is_plain else f"{{\\ul\\cf2 {text}}}"
    way, end = ('\\\\l "' if is_inside else '"'), '"'
    return f"{{\\field{{\\*\\fldinst HYPERLINK {way}{address}{end}}}{{\\fldrslt {shown}}}}}"


def _mark(name: str) -> str:
    return f"{{\\*\\bkmkstart {name}}}{{\\*\\bkmkend {name}}}"


def _name(key: str) -> str:
    """A bookmark: letters, digits and lines of ASCII."""
    return "k_" + "".join(each if each.isascii() and each.isalnum() else f"_{ord(each):x}" for each in key)


def _picture(data: bytes, kind: str, size: tuple[float, float], alt: str) -> str:
    told = f"{{\\*\\picprop{{\\sp{{\\sn wzDescription}}{{\\sv {escaped(alt)}}}}}}}" if alt else ""
    return f"{{\\pict{told}\\{kind}blip\\picwgoal{twips(size[0])}\\pichgoal{twips(size[1])}\n{data.hex()}}}"


def _language(tag: str) -> int:
    return _LANGUAGES.get(tag.partition("-")[0].lower(), 1024)
