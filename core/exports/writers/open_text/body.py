"""The blocks of a manuscript as the body of an OpenDocument text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.content import Block, CellSpan, Run, Sign, cell_runs, runs
from core.exports.charts.description import describe
from core.exports.charts.drawing import draw
from core.exports.charts.raster import png
from core.exports.manuscript import caption_owners
from core.exports.words import Words
from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.office.front_matter import front_matter, joined
from core.exports.writers.office.measures import chart_size, column_width, fitted, logo_size
from core.exports.writers.office.numbering import (
    caption_labels,
    heading_numbers,
    list_places,
    note_numbers,
    reference_labels,
)
from core.exports.writers.office.table_grid import Grid, grid, is_number
from core.exports.writers.office.typefaces import CODE_FONT
from core.exports.writers.word.styles import Look
from core.exports.xml_text import escaped

CONTENTS_LEVELS, CHART_SHAPE = 3, 450 / 800
_SPACES = re.compile(r" {2,}|^ | $|\n|\t")


@dataclass(slots=True)
class Body:
    """Writes blocks; the styles they make are collected for the head of the file."""

    look: Look
    words: Words
    automatic: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    _cited: dict[str, int] = field(default_factory=dict)
    _is_in_note: bool = False
    _labels: Mapping[str, str] = field(default_factory=dict)
    _numbers: Mapping[int, str] = field(default_factory=dict)
    num_frames: int = 0

    def __post_init__(self) -> None:
        manuscript = self.look.manuscript
        self._labels = reference_labels(manuscript)
        self._numbers = heading_numbers(manuscript, self.look.design)

    def front(self) -> str:
        manuscript, design = self.look.manuscript, self.look.design
        matter = front_matter(manuscript, design, self.words)
        fields = [
            f'<text:p text:style-name="{"Field_20_Last" if at == len(matter.fields) - 1 else "Field"}">'
            f'<text:span text:style-name="Field_20_Label">{escaped(label)}</text:span><text:tab/>'
            f"{letters(value)}</text:p>"
            for at, (label, value) in enumerate(matter.fields)
        ]
        head = [_line("Title", matter.title)]
        head += [_line("Subtitle", matter.subtitle)] if matter.subtitle else []
        if matter.byline and design.front not in ("letterhead", "memo"):
            head.append(_line("Byline", joined(matter.byline, is_right_to_left=manuscript.is_right_to_left)))
        kicker = [] if design.front == "letterhead" else [_line("Kicker", matter.kicker)]
        order = fields + head if design.front == "letterhead" else kicker + head + fields
        return self._logo() + "".join(order)

    def contents(self, pages: Mapping[int, int]) -> str:
        entries = ""
        for at, block in enumerate(self.look.manuscript.content.blocks):
            if block.kind == "heading" and block.level <= CONTENTS_LEVELS:
                number = f"{self._numbers[at]}  " if at in self._numbers else ""
                shown = letters(number + " ".join(block.text.split()))
                page = f"<text:tab/>{pages[at]}" if at in pages else ""
                entries += (
                    f'<text:p text:style-name="Contents_20_{block.level}"><text:a xlink:type="simple" '
                    f'xlink:href="#toc-{at}" '
                    f'text:style-name="Index_20_Link" text:visited-style-name="Index_20_Link">'
                    f"{shown}{page}</text:a></text:p>"
                )
        if not entries:
            return ""
        title = escaped(self.words.contents)
        return (
            '<text:table-of-content text:name="Contents" text:protected="true">'
            f'<text:table-of-content-source text:outline-level="{CONTENTS_LEVELS}">'
            f'<text:index-title-template text:style-name="Contents_20_Heading">'
            f"{title}</text:index-title-template>"
            '</text:table-of-content-source><text:index-body><text:index-title text:name="ContentsTitle">'
            f"{_line('Contents_20_Heading', self.words.contents)}</text:index-title>"
            f"{entries}</text:index-body>"
            "</text:table-of-content>"
        )

    def blocks(self) -> str:
        blocks = self.look.manuscript.content.blocks
        lists, labels, owners = (
            list_places(blocks),
            caption_labels(self.look.manuscript, self.words),
            caption_owners(blocks),
        )
        made, at = [], 0
        while at < len(blocks):
            block = blocks[at]
            if block.kind == "list_item":
                end = at
                while end < len(blocks) and blocks[end].kind == "list_item":
                    end += 1
                made.append(self._list([(lists[each].level, blocks[each]) for each in range(at, end)], 0))
                at = end
                continue
            if block.kind == "caption":
                made.append(self._caption(at, block, labels.get(at), owners.get(at)))
            elif block.kind in ("picture", "chart"):
                made.append(self._frame(block, has_caption=owners.get(at + 1) == at))
            elif block.kind != "footnote":
                made.append(self._block(at, block))
            at += 1
        cited = note_numbers(blocks)
        made += [
            self._text("Footnote", each, f'<text:bookmark text:name="note-{escaped(each.key)}"/>')
            for each in blocks
            if each.kind == "footnote" and each.key not in cited
        ]
        return "".join(made) + self._signatures()

    def _block(self, at: int, block: Block) -> str:
        if block.kind == "heading":
            level = min(5, max(1, block.level))
            key = f'<text:bookmark text:name="{escaped(block.key)}"/>' if block.key else ""
            return (
                f'<text:h text:style-name="{self._turned(f"Heading_20_{level}", block)}" '
                f'text:outline-level="{level}">'
                f'<text:bookmark text:name="toc-{at}"/>'
                f"{key}{self._clause_number(at)}{self._runs(runs(block), block.language)}</text:h>"
            )
        if block.kind == "table":
            return self._table(block)
        if block.kind == "reference":
            label = (
                f'<text:bookmark text:name="ref-{escaped(block.key)}"/><text:span '
                f'text:style-name="Reference_20_Label">'
            )
            return self._text(
                "Bibliography", block, f"{label}[{self._labels[block.key]}]<text:tab/></text:span>"
            )
        if block.kind == "paragraph" and at in self._numbers:
            return self._text("Standard", block, self._clause_number(at))
        return self._text(
            {"quote": "Quotations", "code": "Preformatted_20_Text"}.get(block.kind, "Standard"), block
        )

    def _clause_number(self, at: int) -> str:
        """Where headings and clauses are counted together, which outlines of the format do not; and where
        lines run right to left, as programs set the outline's numbers into the margin there.
        """
        is_counted = self.look.design.numbering == "decimal" and not self.look.manuscript.is_right_to_left
        if at not in self._numbers or is_counted:
            return ""
        return (
            f'<text:span text:style-name="Clause_20_Number">{self._numbers[at]}<text:s '
            f'text:c="2"/></text:span>'
        )

    def _text(self, style: str, block: Block, before: str = "") -> str:
        inside = self._runs(runs(block), block.language)
        return f'<text:p text:style-name="{self._turned(style, block)}">{before}{inside}</text:p>'

    def _turned(self, style: str, block: Block) -> str:
        """The style, or one made of it for a block of the other direction or another language."""
        if not block.language or block.kind == "code":
            return style
        way, side = ("rl-tb", "right") if is_right_to_left(block.language) else ("lr-tb", "left")
        return self._automatic(
            "paragraph",
            f'<style:paragraph-properties fo:text-align="{side}" style:writing-mode="{way}"/>'
            f"<style:text-properties {_tongue(block.language)}/>",
            parent=style,
        )

    def _list(self, items: Sequence[tuple[int, Block]], depth: int) -> str:
        made, at = "", 0
        while at < len(items):
            level, block = items[at]
            style = "Numbers" if block.is_ordered else "Bullets"
            inside = ""
            while at < len(items) and (items[at][0] > depth or items[at][1].is_ordered == block.is_ordered):
                own = ""
                if items[at][0] <= depth:
                    own, at = self._text("List", items[at][1]), at + 1
                start = at
                while at < len(items) and items[at][0] > depth:
                    at += 1
                below = self._list(items[start:at], depth + 1) if at > start else ""
                inside += f"<text:list-item>{own}{below}</text:list-item>"
                if level > depth:
                    break
            made += f'<text:list text:style-name="{style}">{inside}</text:list>'
        return made

    def _caption(self, at: int, block: Block, label: tuple[str, int] | None, owner: int | None) -> str:
        before = ""
        if label:
            before = (
                f'<text:span text:style-name="Caption_20_Label">{escaped(label[0])} '
                f'{label[1]}<text:s text:c="2"/></text:span>'
            )
        return self._text("Caption_20_Above" if owner == at + 1 else "Caption", block, before)

    def _frame(self, block: Block, *, has_caption: bool) -> str:
        page = self.look.design.page
        if block.chart is not None:
            drawn = draw(
                block.chart,
                block.text,
                self.look.manuscript.branding,
                800,
                450,
                self.look.manuscript.language,
            )
            data, name = png(drawn, 1600), f"Pictures/chart{self.num_frames + 1}.png"
            size, alt = (
                chart_size(page, CHART_SHAPE),
                describe(block.chart, block.text, self.look.manuscript.language),
            )
        else:
            picture = block.picture
            found = self.look.manuscript.content.media.get(picture.sha256) if picture else None
            if not picture or found is None:
                return ""
            data = found
            extension = "png" if picture.media_type == "image/png" else "jpeg"
            name = f"Pictures/{picture.sha256[:32]}.{extension}"
            size, alt = (
                fitted(picture.width, picture.height, page),
                "" if picture.is_decorative else picture.alt,
            )
        style = "Picture_20_Above" if has_caption else "Picture"
        return f'<text:p text:style-name="{style}">{self._image(name, data, size, alt, block.text)}</text:p>'

    def _image(self, name: str, data: bytes, size: tuple[float, float], alt: str, title: str = "") -> str:
        self.pictures[name] = data
        self.num_frames += 1
        told = f"<svg:title>{escaped(title)}</svg:title>" if title and alt else ""
        told += f"<svg:desc>{escaped(alt)}</svg:desc>"  # said to be empty where it only decorates
        return (
            f'<draw:frame draw:name="Picture{self.num_frames}" text:anchor-type="as-char" '
            f'svg:width="{size[0]:.2f}mm" '
            f'svg:height="{size[1]:.2f}mm"><draw:image xlink:href="{name}" xlink:type="simple" '
            f'xlink:show="embed" '
            f'xlink:actuate="onLoad"/>{told}</draw:frame>'
        )

    def _logo(self) -> str:
        branding = self.look.manuscript.branding
        size = logo_size(branding.logo, 14.0, 60.0)
        if size is None:
            return _line("Header_20_First", branding.name) if branding.name else ""
        alt = branding.name or self.look.manuscript.title
        return (
            f'<text:p text:style-name="Header_20_First">'
            f"{self._image('Pictures/logo.png', branding.logo, size, alt)}</text:p>"
        )

    def _signatures(self) -> str:
        if not self.look.design.has_signatures:
            return ""
        labels = (self.words.signature, self.words.name, self.words.position, self.words.date)
        return "".join(
            f'<text:p text:style-name="Signature">{escaped(label)} <text:tab/></text:p>'
            for label in labels * 2
        )

    def _table(self, block: Block) -> str:
        laid, cells = grid(block), cell_runs(block)
        room = column_width(self.look.design.page)
        way = "rl-tb" if is_right_to_left(block.language or self.look.manuscript.language) else "lr-tb"
        own = self._automatic(
            "table",
            f'<style:table-properties style:width="{room:.2f}mm" '
            f'table:align="margins" style:writing-mode="{way}"/>',
        )
        columns = "".join(
            '<table:table-column table:style-name="'
            + self._automatic(
                "table-column", f'<style:table-column-properties style:column-width="{share * room:.2f}mm"/>'
            )
            + '"/>'
            for share in laid.shares
        )
        rows = [self._row(block, at, cells[at], laid) for at in range(len(cells))]
        head, body = "".join(rows[: block.header_rows]), "".join(rows[block.header_rows :])
        head = f"<table:table-header-rows>{head}</table:table-header-rows>" if head else ""
        self.num_frames += 1
        return (
            f'<table:table table:name="Table{self.num_frames}" table:style-name="{own}">'
            f'{columns}{head}{body}</table:table><text:p text:style-name="Gap"/>'
        )

    def _row(self, block: Block, at: int, cells: list[tuple[Run, ...]], laid: Grid) -> str:
        made = ""
        for column in range(laid.num_columns):
            if (at, column) in laid.covered:
                made += "<table:covered-table-cell/>"
                continue
            span = laid.spans.get((at, column), CellSpan(at, column))
            text = block.rows[at][column] if column < len(block.rows[at]) else ""
            is_header = at < block.header_rows
            is_right = column in laid.numeric and span.num_columns == 1 if is_header else is_number(text)
            style = (
                ("Table_20_Heading" if is_header else "Table_20_Contents")
                if not is_right
                else ("Table_20_Heading_20_Number" if is_header else "Table_20_Number")
            )
            over = (
                f' table:number-columns-spanned="{span.num_columns}" '
                f'table:number-rows-spanned="{span.num_rows}"'
            )
            over = over if (at, column) in laid.spans else ""
            inside = self._runs(cells[column] if column < len(cells) else (), block.language)
            made += (
                f'<table:table-cell table:style-name="{self._cell_style(at, is_header)}"{over}>'
                f'<text:p text:style-name="{style}">{inside}</text:p></table:table-cell>'
            )
        return f"<table:table-row>{made}</table:table-row>"

    def _cell_style(self, at: int, is_header: bool) -> str:
        palette, kind = self.look.palette, self.look.design.tables
        strong, thin = f"1pt solid #{palette.primary}", f"0.5pt solid #{palette.line}"
        fill = {"banded": palette.band, "grid": palette.tint}.get(kind, "") if is_header else ""
        if kind == "banded" and not is_header and at % 2 == 0:
            fill = palette.wash
        border = {
            "grid": f'fo:border="{thin}"',
            "lines": f'fo:border-bottom="{strong if is_header else thin}"',
        }
        top = f' fo:border-top="{strong}"' if kind == "lines" and is_header else ""
        shade = f' fo:background-color="#{fill}"' if fill else ""
        return self._automatic(
            "table-cell",
            f'<style:table-cell-properties fo:padding="1.2mm" {border.get(kind, "")}{top}{shade}/>',
        )

    def _runs(self, runs: Sequence[Run], language: str) -> str:
        return "".join(self._run(run, language) for run in runs)

    def _run(self, run: Run, language: str) -> str:
        look = _look(run)
        if run.language and run.language != language:
            look = f"{look} {_tongue(run.language)}".strip()
        text = letters(run.text)
        if look and text:
            own = self._automatic("text", f"<style:text-properties {look}/>")
            text = f'<text:span text:style-name="{own}">{text}</text:span>'
        if run.link and text:
            key = run.link[1:]
            block = self.look.manuscript.note(key) if run.link.startswith("#") else None
            target = f"#ref-{key}" if block and block.kind == "reference" else run.link
            text = (
                f'<text:a xlink:type="simple" xlink:href="{escaped(target)}" '
                f'text:style-name="Internet_20_link">{text}</text:a>'
            )
        return text + "".join(self._sign(sign) for sign in run.signs)

    def _sign(self, sign: Sign) -> str:
        if sign.kind == "citation":
            label = self._labels.get(sign.key, "")
            target = f'xlink:type="simple" xlink:href="#ref-{escaped(sign.key)}"'
            written = f'<text:a {target} text:style-name="Citation_20_Sign">[{label}]</text:a>'
            return written if label else ""
        block = self.look.manuscript.note(sign.key)
        key = escaped(sign.key)
        if block is None or self._is_in_note:
            return ""  # a note cannot hold another
        if sign.key in self._cited:
            return (
                '<text:note-ref text:note-class="footnote" text:reference-format="text" '
                f'text:ref-name="note-{key}">{self._cited[sign.key]}</text:note-ref>'
            )
        number = self._cited[sign.key] = len(self._cited) + 1
        self._is_in_note = True
        inside = self._text("Footnote", block)
        self._is_in_note = False
        return (
            f'<text:note text:id="note-{key}" text:note-class="footnote">'
            f"<text:note-citation>{number}</text:note-citation>"
            f"<text:note-body>{inside}</text:note-body></text:note>"
        )

    def _automatic(self, family: str, inside: str, parent: str = "") -> str:
        """The name of the style of this family and look; one is made where there is none."""
        based = f' style:parent-style-name="{parent}"' if parent else ""
        whole = f'style:family="{family}"{based}>{inside}</style:style>'
        return self.automatic.setdefault(whole, f"A{len(self.automatic) + 1}")

    def automatic_styles(self) -> str:
        return "".join(f'<style:style style:name="{name}" {whole}' for whole, name in self.automatic.items())


def letters(text: str) -> str:
    """Text whose blanks, line ends and tabs stay what they are."""

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        if found == "\n":
            return "<text:line-break/>"
        return "<text:tab/>" if found == "\t" else f'<text:s text:c="{len(found)}"/>'

    return _SPACES.sub(blank, escaped(text))


def _line(style: str, text: str) -> str:
    return f'<text:p text:style-name="{style}">{letters(text)}</text:p>'


def _tongue(tag: str) -> str:
    language, _, country = tag.partition("-")
    kind = "-complex" if is_right_to_left(tag) else "-asian" if language in ("zh", "ja", "ko") else ""
    prefix = "style" if kind else "fo"
    return (
        f'{prefix}:language{kind}="{escaped(language)}" {prefix}:country{kind}="{escaped(country) or "none"}"'
    )


def _look(run: Run) -> str:
    styles, made = run.styles, []
    for name, letters_ in (
        ("code", f'fo:font-family="{CODE_FONT}"'),
        ("strong", 'fo:font-weight="bold" style:font-weight-complex="bold"'),
        ("emphasis", 'fo:font-style="italic"'),
        ("underline", 'style:text-underline-style="solid"'),
        ("strike", 'style:text-line-through-style="solid"'),
        ("highlight", 'fo:background-color="#ffff00"'),
        ("superscript", 'style:text-position="super 58%"'),
    ):
        made += [letters_] if name in styles else []
    if "subscript" in styles and "superscript" not in styles:
        made.append('style:text-position="sub 58%"')
    return " ".join(made)
