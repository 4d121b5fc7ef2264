"""The styles of a Word document: everything that says how text looks is here, nothing in its paragraphs."""

from __future__ import annotations

from dataclasses import dataclass

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.writers.office.colours import Palette
from core.exports.writers.office.measures import column_width, text_width, twips
from core.exports.writers.office.typefaces import CODE_FONT, Typefaces
from core.exports.writers.word.package import NAMESPACES
from core.exports.xml_text import document, escaped

HEADING_SIZES = (1.8, 1.35, 1.15, 1.0, 1.0)
_TITLE_SIZES = {"cover": 3.2, "nameplate": 3.4, "masthead": 2.4, "memo": 2.1, "letterhead": 1.45, "none": 2.4}
_NATURAL_LINE = 1.17  # what a word processor calls single spacing, in ems of the office fonts


@dataclass(frozen=True, slots=True)
class Look:
    """What the styles are made of."""

    manuscript: Manuscript
    design: Design
    palette: Palette
    fonts: Typefaces

    @property
    def size(self) -> int:
        """In half points."""
        return round(self.design.size_points * 2)


def styles(look: Look) -> bytes:
    made = (
        *_text_styles(look),
        *_heading_styles(look),
        *_front_styles(look),
        *_list_styles(look),
        *_contents_styles(look),
        *_edge_styles(look),
        *_character_styles(look),
        *_table_styles(look),
    )
    return document(f"<w:styles {NAMESPACES}>{_defaults(look)}{''.join(made)}</w:styles>")


def _defaults(look: Look) -> str:
    language = escaped(look.manuscript.language)
    latin = language if not look.manuscript.is_right_to_left else "en"
    both = language if look.manuscript.is_right_to_left else "ar"
    east = language if language.partition("-")[0] in ("zh", "ja", "ko") else "zh-CN"
    return (
        "<w:docDefaults><w:rPrDefault><w:rPr>"
        f"{_font(look.fonts.body, look.fonts)}"
        f'<w:color w:val="{look.palette.ink}"/><w:sz w:val="{look.size}"/><w:szCs w:val="{look.size}"/>'
        f'<w:lang w:val="{latin}" w:eastAsia="{east}" w:bidi="{both}"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )


def _text_styles(look: Look) -> tuple[str, ...]:
    line = round(240 * look.design.line_height / _NATURAL_LINE)
    quote_bar = (
        f'<w:pBdr><w:left w:val="single" w:sz="18" w:space="10" w:color="{look.palette.accent}"/></w:pBdr>'
    )
    box = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="6" w:color="{look.palette.line}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    small = round(look.size * 0.88)
    code = round(look.size * 0.86)
    return (
        _paragraph(
            "Normal",
            "Normal",
            f'<w:widowControl/><w:spacing w:after="120" w:line="{line}" w:lineRule="auto"/>',
            default=True,
        ),
        _paragraph(
            "Quote",
            "Quote",
            f'{quote_bar}<w:spacing w:before="120" w:after="160"/><w:ind w:left="340" w:right="340"/>',
            f'<w:i/><w:iCs/><w:color w:val="{look.palette.muted}"/>',
        ),
        _paragraph(
            "CodeBlock",
            "Code Block",
            f'<w:pBdr>{box}</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="{look.palette.wash}"/>'
            '<w:suppressAutoHyphens/><w:spacing w:before="160" w:after="200" w:line="264" '
            'w:lineRule="auto"/>'
            '<w:ind w:left="140" w:right="140"/>',
            f'<w:rFonts w:ascii="{CODE_FONT}" w:hAnsi="{CODE_FONT}" w:cs="{CODE_FONT}"/><w:noProof/>'
            f"{_size(code)}",
        ),
        _paragraph(
            "Caption",
            "caption",
            '<w:keepLines/><w:spacing w:before="80" w:after="160" w:line="252" w:lineRule="auto"/>',
            f'<w:color w:val="{look.palette.muted}"/>{_size(small)}',
        ),
        _paragraph(
            "CaptionAbove",
            "Caption Above",
            '<w:keepNext/><w:spacing w:before="160" w:after="80"/>',
            based="Caption",
        ),
        _paragraph(
            "Picture", "Picture", '<w:spacing w:before="160" w:after="80" w:line="240" w:lineRule="auto"/>'
        ),
        _paragraph(
            "Reference", "Bibliography", '<w:spacing w:after="80"/><w:ind w:left="567" w:hanging="567"/>'
        ),
        _paragraph(
            "FootnoteText",
            "footnote text",
            '<w:spacing w:after="40" w:line="240" w:lineRule="auto"/>',
            _size(round(look.size * 0.84)),
        ),
        _paragraph(
            "TableText",
            "Table Text",
            '<w:spacing w:before="20" w:after="20" w:line="252" w:lineRule="auto"/>',
            _size(round(look.size * 0.92)),
        ),
        _paragraph(
            "TableHeader",
            "Table Header",
            "<w:keepNext/>",
            f'<w:b/><w:bCs/><w:color w:val="{_header_ink(look)}"/>',
            based="TableText",
        ),
        _paragraph(
            "TableGap", "Table Gap", '<w:spacing w:after="0" w:line="160" w:lineRule="exact"/>', _size(8)
        ),
        _paragraph(
            "Signature",
            "Signature",
            "<w:keepNext/><w:keepLines/>"
            f'<w:tabs><w:tab w:val="left" w:leader="underscore" '
            f'w:pos="{twips(column_width(look.design.page) * 0.44)}"/>'
            f'<w:tab w:val="left" w:pos="{twips(column_width(look.design.page) * 0.56)}"/>'
            f'<w:tab w:val="right" w:leader="underscore" '
            f'w:pos="{twips(column_width(look.design.page))}"/></w:tabs>'
            '<w:spacing w:before="320" w:after="0"/>',
        ),
    )


def _heading_styles(look: Look) -> tuple[str, ...]:
    found = []
    for level, factor in enumerate(HEADING_SIZES, start=1):
        size = round(look.size * factor)
        is_first = level == 1
        settings = (
            "<w:keepNext/><w:keepLines/>"
            + ("<w:pageBreakBefore/>" if is_first and look.design.breaks_before_sections else "")
            + (
                f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>'
                if look.design.numbering != "none"
                else ""
            )
            + f'<w:spacing w:before="{420 if is_first else 300 - level * 20}" '
            f'w:after="{140 if is_first else 90}" '
            f'w:line="252" w:lineRule="auto"/><w:outlineLvl w:val="{level - 1}"/>'
        )
        colour = look.palette.primary if level < 3 else look.palette.ink
        italic = "<w:i/><w:iCs/>" if level == 5 else ""
        letters = (
            f"{_font(look.fonts.headings, look.fonts)}<w:b/><w:bCs/>{italic}<w:color "
            f'w:val="{colour}"/>{_size(size)}'
        )
        found.append(_paragraph(f"Heading{level}", f"heading {level}", settings, letters, following="Normal"))
    if look.design.numbering == "clauses":
        found += [
            _paragraph(
                f"Clause{level}",
                f"Clause {level}",
                f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>',
            )
            for level in range(1, 6)
        ]
    return tuple(found)


def _front_styles(look: Look) -> tuple[str, ...]:
    palette, front = look.palette, look.design.front
    font = _font(look.fonts.headings, look.fonts)
    middle = '<w:jc w:val="center"/>' if front == "nameplate" else ""
    top = round(twips(look.design.page.height) * 0.22) if front == "cover" else 0
    rule = (
        f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="6" w:color="{palette.primary}"/></w:pBdr>'
        if front in ("masthead", "memo", "nameplate")
        else ""
    )
    tab = twips(30)
    title_size = round(look.size * _TITLE_SIZES[front])
    return (
        _paragraph(
            "Kicker",
            "Kicker",
            f'<w:keepNext/><w:spacing w:before="{top}" w:after="120"/>{middle}',
            f'{font}<w:b/><w:bCs/><w:caps/><w:color w:val="{palette.accent}"/><w:spacing w:val="40"/>'
            f"{_size(look.size)}",
        ),
        _paragraph(
            "Title",
            "Title",
            f'<w:keepNext/><w:keepLines/><w:spacing w:before="0" '
            f'w:after="{240 if front == "cover" else 120}" w:line="252" w:lineRule="auto"/>{middle}',
            f'{font}<w:b/><w:bCs/><w:color w:val="{palette.primary}"/>{_size(title_size)}',
            following="Normal",
        ),
        _paragraph(
            "Subtitle",
            "Subtitle",
            f'<w:keepLines/><w:spacing w:before="0" w:after="160" w:line="276" w:lineRule="auto"/>{middle}',
            f'{font}<w:color w:val="{palette.muted}"/>'
            f"{_size(round(look.size * (1.5 if front == 'cover' else 1.25)))}",
            following="Normal",
        ),
        _paragraph(
            "Byline",
            "Byline",
            f'{rule}<w:spacing w:before="{480 if front == "cover" else 60}" '
            f'w:after="{80 if front == "cover" else 300}"/>{middle}',
            f'<w:color w:val="{palette.muted}"/>',
        ),
        _paragraph(
            "Field",
            "Field",
            f'<w:tabs><w:tab w:val="left" w:pos="{tab}"/></w:tabs><w:spacing '
            f'w:after="40"/><w:ind w:left="{tab}" w:hanging="{tab}"/>',
        ),
        _paragraph("FieldLast", "Field Last", f'{rule}<w:spacing w:after="300"/>', based="Field"),
    )


def _list_styles(look: Look) -> tuple[str, ...]:
    names = []
    for name in ("Bullet", "Number"):
        for level in range(1, 6):
            number = f" {level}" if level > 1 else ""
            names.append(
                _paragraph(
                    f"List{name}{number.strip()}",
                    f"List {name}{number}",
                    '<w:spacing w:after="60"/><w:contextualSpacing/>',
                )
            )
    return tuple(names)


def _contents_styles(look: Look) -> tuple[str, ...]:
    right = twips(column_width(look.design.page))
    made = [
        _paragraph(
            "TOCHeading",
            "TOC Heading",
            '<w:keepNext/><w:spacing w:before="0" w:after="200"/>',
            f"{_font(look.fonts.headings, look.fonts)}<w:b/><w:bCs/><w:color "
            f'w:val="{look.palette.primary}"/>{_size(round(look.size * 1.8))}',
        )
    ]
    for level in (1, 2, 3):
        left = 340 * (level - 1)
        bold = "<w:b/><w:bCs/>" if level == 1 else ""
        number = 480 + 160 * (level - 1)
        tabs = f'<w:tab w:val="left" w:pos="{left + number}"/>' if look.design.numbering != "none" else ""
        made.append(
            _paragraph(
                f"TOC{level}",
                f"toc {level}",
                f'<w:tabs>{tabs}<w:tab w:val="right" w:leader="dot" w:pos="{right}"/></w:tabs>'
                f'<w:spacing w:before="{120 if level == 1 else 0}" w:after="40"/><w:ind w:left="{left}"/>',
                bold,
            )
        )
    return tuple(made)


def _edge_styles(look: Look) -> tuple[str, ...]:
    right = twips(text_width(look.design.page))
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{right}"/></w:tabs>'
    line = 'w:val="single" w:sz="4" w:space="6"'
    letters = f'<w:color w:val="{look.palette.muted}"/>{_size(min(20, round(look.size * 0.8)))}'
    spacing = '<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    roomy = '<w:spacing w:after="360" w:line="240" w:lineRule="auto"/>'
    return (
        _paragraph(
            "Header",
            "header",
            f'<w:pBdr><w:bottom {line} w:color="{look.palette.line}"/></w:pBdr>{tabs}{spacing}',
            letters,
        ),
        _paragraph("HeaderFirst", "Header First", f"{tabs}{roomy}", letters),
        _paragraph(
            "Footer",
            "footer",
            f'<w:pBdr><w:top {line} w:color="{look.palette.line}"/></w:pBdr>{tabs}{spacing}',
            letters,
        ),
    )


def _character_styles(look: Look) -> tuple[str, ...]:
    palette = look.palette
    strong = f'<w:b/><w:bCs/><w:color w:val="{palette.accent}"/>'
    return (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name '
        'w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>',
        _character("Hyperlink", "Hyperlink", f'<w:color w:val="{palette.primary}"/><w:u w:val="single"/>'),
        _character("FootnoteReference", "footnote reference", '<w:vertAlign w:val="superscript"/>'),
        _character("CitationSign", "Citation Sign", f'<w:color w:val="{palette.primary}"/>'),
        _character(
            "CodeText",
            "Code Text",
            f'<w:rFonts w:ascii="{CODE_FONT}" w:hAnsi="{CODE_FONT}" '
            f'w:cs="{CODE_FONT}"/><w:noProof/><w:shd w:val="clear" w:color="auto" '
            f'w:fill="{palette.wash}"/>',
        ),
        _character("CaptionLabel", "Caption Label", strong),
        _character("FieldLabel", "Field Label", f'<w:b/><w:bCs/><w:color w:val="{palette.accent}"/>'),
        _character("ReferenceLabel", "Reference Label", f'<w:color w:val="{palette.muted}"/>'),
        _character("Company", "Company", f'<w:b/><w:bCs/><w:color w:val="{palette.primary}"/>'),
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/></w:style>',
    )


def _table_styles(look: Look) -> tuple[str, ...]:
    palette, kind = look.palette, look.design.tables
    thin = f'w:val="single" w:sz="4" w:space="0" w:color="{palette.line}"'
    strong = f'w:val="single" w:sz="8" w:space="0" w:color="{palette.primary}"'
    borders = {
        "lines": f"<w:top {strong}/><w:bottom {strong}/><w:insideH {thin}/>",
        "banded": f"<w:bottom {strong}/>",
        "grid": f"<w:top {thin}/><w:left {thin}/><w:bottom {thin}/><w:right {thin}/><w:insideH {thin}/>"
        f"<w:insideV {thin}/>",
    }[kind]
    head = {"lines": "", "banded": palette.band, "grid": palette.tint}[kind]
    under = f"<w:tcBorders><w:bottom {strong}/></w:tcBorders>" if kind == "lines" else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{head}"/>' if head else ""
    band = (
        f'<w:tblStylePr w:type="band2Horz"><w:tcPr><w:shd w:val="clear" w:color="auto" '
        f'w:fill="{palette.wash}"/></w:tcPr></w:tblStylePr>'
    )
    margins = (
        '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="100" w:type="dxa"/><w:bottom '
        'w:w="40" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar>'
    )
    normal = (
        '<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom '
        'w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar>'
    )
    return (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        f'<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        f"{normal}</w:tblPr></w:style>",
        '<w:style w:type="table" w:customStyle="1" w:styleId="CompanyTable"><w:name w:val="Company Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblStyleRowBandSize w:val="1"/>'
        f"<w:tblBorders>{borders}</w:tblBorders>{margins}</w:tblPr>"
        f'<w:tblStylePr w:type="firstRow"><w:tcPr>{under}{fill}</w:tcPr></w:tblStylePr>'
        f"{band if kind == 'banded' else ''}</w:style>",
    )


def header_fill(look: Look) -> str:
    """RRGGBB behind the cells of header rows; empty for none."""
    return {"lines": "", "banded": look.palette.band, "grid": look.palette.tint}[look.design.tables]


def _header_ink(look: Look) -> str:
    return look.palette.on_band if look.design.tables == "banded" else look.palette.primary


def _font(name: str, fonts: Typefaces) -> str:
    font = escaped(name)
    return (
        f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{fonts.east_asian}" '
        f'w:cs="{fonts.complex_script}"/>'
    )


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


_OFFICE_NAMES = (
    "normal",
    "quote",
    "caption",
    "title",
    "subtitle",
    "signature",
    "header",
    "footer",
    "bibliography",
)


def _paragraph(
    key: str,
    name: str,
    settings: str,
    letters: str = "",
    *,
    based: str = "Normal",
    following: str = "",
    default: bool = False,
) -> str:
    lower = name.lower()
    is_office = lower in _OFFICE_NAMES or lower.startswith(("heading ", "toc ", "list ", "footnote "))
    return (
        f'<w:style w:type="paragraph"{" w:default=" + chr(34) + "1" + chr(34) if default else ""}'
        f'{"" if is_office else " w:customStyle=" + chr(34) + "1" + chr(34)} w:styleId="{key}"><w:name '
        f'w:val="{name}"/>'
        + ("" if default else f'<w:basedOn w:val="{based}"/>')
        + (f'<w:next w:val="{following}"/>' if following else "")
        + f"<w:qFormat/><w:pPr>{settings}</w:pPr>"
        + (f"<w:rPr>{letters}</w:rPr>" if letters else "")
        + "</w:style>"
    )


def _character(key: str, name: str, letters: str) -> str:
    is_office = name.lower() in ("hyperlink", "footnote reference")
    return (
        f'<w:style w:type="character"{"" if is_office else " w:customStyle=" + chr(34) + "1" + chr(34)} '
        f'w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="DefaultParagraphFont"/><w:rPr>{letters}</w:rPr></w:style>'
    )
