"""The styles and pages of an OpenDocument text (OASIS OpenDocument 1.3, part 3, chapter 16)."""

from __future__ import annotations

import re

from core.exports.words import Words
from core.exports.writers.office.measures import column_width, text_width
from core.exports.writers.office.typefaces import CODE_FONT
from core.exports.writers.word.styles import HEADING_SIZES, Look
from core.exports.xml_text import document, escaped

NAMESPACES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("style", "style"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("fo", "xsl-fo-compatible"),
            ("svg", "svg-compatible"),
            ("meta", "meta"),
        )
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
_TITLES = {"cover": 3.2, "nameplate": 3.2, "masthead": 2.4, "memo": 2.1, "letterhead": 1.45, "none": 2.4}
_SIGNS, _FORMATS = "•–▪", ("1", "a", "i")


def styles(look: Look, words: Words) -> bytes:
    return document(
        f'<office:document-styles {NAMESPACES} office:version="1.3">'
        f"<office:styles>{_defaults(look)}{_paragraphs(look)}{_letters(look)}{_outline(look)}{_lists(look)}"
        f"</office:styles><office:automatic-styles>{_layouts(look)}</office:automatic-styles>"
        f"<office:master-styles>{_masters(look, words)}</office:master-styles></office:document-styles>"
    )


def _defaults(look: Look) -> str:
    size, font = look.design.size_points, escaped(look.fonts.body)
    language, _, country = look.manuscript.language.partition("-")
    place = f'fo:language="{escaped(language)}" fo:country="{escaped(country) or "none"}"'
    if look.manuscript.is_right_to_left:
        complex_script = f'style:language-complex="{escaped(language)}"'
        place += f' {complex_script} style:country-complex="{escaped(country) or "none"}"'
    return (
        f'<style:default-style style:family="paragraph"><style:paragraph-properties '
        f'style:writing-mode="{direction(look)}"/><style:text-properties fo:font-family="{font}" '
        f'style:font-family-complex="Arial" fo:font-size="{size}pt" style:font-size-complex="{size}pt" '
        f'fo:color="#{look.palette.ink}" {place}/></style:default-style>'
    )


def direction(look: Look) -> str:
    return "rl-tb" if look.manuscript.is_right_to_left else "lr-tb"


def _paragraphs(look: Look) -> str:
    palette, size, design = look.palette, look.design.size_points, look.design
    line = f'fo:line-height="{round(design.line_height / 1.17 * 100)}%"'
    font = f'fo:font-family="{escaped(look.fonts.headings)}"'
    bold = 'fo:font-weight="bold" style:font-weight-complex="bold"'
    middle = ' fo:text-align="center"' if design.front == "nameplate" else ""
    top = round(design.page.height * 0.22) if design.front == "cover" else 0
    rule = f'fo:border-bottom="1.5pt solid #{palette.primary}" fo:padding-bottom="2mm" '
    ruled = rule if design.front in ("masthead", "memo", "nameplate") else ""
    bar = f'fo:border-left="2pt solid #{palette.accent}" fo:padding-left="3mm"'
    box = f'fo:background-color="#{palette.wash}" fo:border="0.5pt solid #{palette.line}" fo:padding="2mm"'
    muted = f'fo:color="#{palette.muted}"'
    page_break = ' fo:break-before="page"' if design.breaks_before_sections else ""
    head_ink = palette.on_band if design.tables == "banded" else palette.primary
    made = [
        _style("Standard", f'fo:margin-bottom="2.1mm" {line}', "", parent=""),
        _style(
            "Quotations",
            f'fo:margin-left="6mm" fo:margin-bottom="3mm" {bar}',
            f'fo:font-style="italic" {muted}',
        ),
        _style(
            "Preformatted_20_Text",
            f'fo:margin-top="2mm" fo:margin-bottom="3mm" '
            f'fo:line-height="110%" {box} style:writing-mode="lr-tb" '
            f'fo:text-align="left"',
            f'fo:font-family="{CODE_FONT}" {_points(size * 0.86)}',
        ),
        _style("Caption", 'fo:margin-top="1mm" fo:margin-bottom="3mm"', f"{muted} {_points(size * 0.88)}"),
        _style(
            "Caption_20_Above",
            'fo:margin-top="3mm" fo:margin-bottom="1mm" fo:keep-with-next="always"',
            "",
            parent="Caption",
        ),
        _style("Picture", 'fo:margin-top="3mm" fo:margin-bottom="1.5mm"', ""),
        _style("Picture_20_Above", 'fo:keep-with-next="always"', "", parent="Picture"),
        _style(
            "Bibliography",
            'fo:margin-left="10mm" fo:text-indent="-10mm" fo:margin-bottom="1.5mm"',
            "",
            tabs=(10.0, "left", ""),
        ),
        _style("Footnote", 'fo:margin-bottom="0.5mm" fo:line-height="100%"', _points(size * 0.84)),
        _style("List", 'fo:margin-bottom="1mm"', ""),
        _style("Table_20_Contents", 'fo:margin-bottom="0mm" fo:line-height="105%"', _points(size * 0.92)),
        _style("Table_20_Number", 'fo:text-align="end"', "", parent="Table_20_Contents"),
        _style("Table_20_Heading", "", f'{bold} fo:color="#{head_ink}"', parent="Table_20_Contents"),
        _style("Table_20_Heading_20_Number", 'fo:text-align="end"', "", parent="Table_20_Heading"),
        _style("Gap", 'fo:margin-bottom="0mm" fo:line-height="2.5mm"', 'fo:font-size="4pt"'),
        _style(
            "Kicker",
            f'fo:margin-top="{top}mm" fo:margin-bottom="2mm"{middle}',
            f'{font} {bold} fo:text-transform="uppercase" fo:letter-spacing="0.7mm" '
            f'fo:color="#{palette.accent}"',
        ),
        _style(
            "Title",
            f'fo:margin-bottom="{4 if top else 2}mm" fo:line-height="110%" '
            f'fo:keep-with-next="always"{middle}',
            f'{font} {bold} fo:color="#{palette.primary}" {_points(size * _TITLES[design.front])}',
        ),
        _style(
            "Subtitle",
            f'fo:margin-bottom="3mm"{middle}',
            f"{font} {muted} {_points(size * (1.5 if top else 1.25))}",
        ),
        _style("Byline", f'{ruled}fo:margin-top="{8 if top else 1}mm" fo:margin-bottom="5mm"{middle}', muted),
        _style(
            "Field",
            'fo:margin-left="30mm" fo:text-indent="-30mm" fo:margin-bottom="0.7mm"',
            "",
            tabs=(30.0, "left", ""),
        ),
        _style("Field_20_Last", f'{ruled}fo:margin-bottom="5mm"', "", parent="Field"),
        _style(
            "Signature",
            'fo:margin-top="6mm" fo:keep-with-next="always"',
            "",
            tabs=(column_width(design.page) * 0.44, "left", "_"),
        ),
        _style(
            "Contents_20_Heading",
            'fo:margin-bottom="4mm"',
            f'{font} {bold} fo:color="#{palette.primary}" {_points(size * 1.8)}',
        ),
        _style(
            "Header",
            f'fo:border-bottom="0.5pt solid #{palette.line}" fo:padding-bottom="1.5mm"',
            f"{muted} {_points(min(10, size * 0.8))}",
            tabs=(text_width(design.page), "right", ""),
        ),
        _style(
            "Footer",
            f'fo:border-top="0.5pt solid #{palette.line}" fo:padding-top="1.5mm"',
            f"{muted} {_points(min(10, size * 0.8))}",
            tabs=(text_width(design.page), "right", ""),
        ),
        _style("Header_20_First", 'fo:margin-bottom="4mm"', f'{bold} fo:color="#{palette.primary}"'),
    ]
    for level in (1, 2, 3):
        heavy = bold if level == 1 else ""
        made.append(
            _style(
                f"Contents_20_{level}",
                f'fo:margin-left="{6 * (level - 1)}mm" fo:margin-bottom="0.7mm"',
                heavy,
                tabs=(column_width(design.page) - 6 * (level - 1), "right", "."),
            )
        )
    for level, factor in enumerate(HEADING_SIZES, start=1):
        colour = palette.primary if level < 3 else palette.ink
        made.append(
            _style(
                f"Heading_20_{level}",
                f'fo:margin-top="{7 if level == 1 else 5}mm" '
                f'fo:margin-bottom="{2.5 if level == 1 else 1.5}mm" '
                f'fo:line-height="105%" fo:keep-with-next="always"{page_break if level == 1 else ""}',
                f'{font} {bold} fo:color="#{colour}" {_points(size * factor)}',
                more=f' style:default-outline-level="{level}"',
            )
        )
    return _mirrored("".join(made)) if look.manuscript.is_right_to_left else "".join(made)


def _mirrored(styles: str) -> str:
    """Sides are physical where programs do not turn them: borders, and where lines begin."""
    turned = re.sub(r"(fo:(?:border|padding))-left", r"\1-right", styles)
    turned = turned.replace('fo:text-align="end"', 'fo:text-align="left"')
    return turned.replace(
        "<style:paragraph-properties ", '<style:paragraph-properties fo:text-align="right" ', 1
    )


def _style(
    name: str,
    settings: str,
    letters: str,
    *,
    parent: str = "Standard",
    tabs: tuple[float, str, str] | None = None,
    more: str = "",
) -> str:
    stops = ""
    if tabs:
        place, kind, leader = tabs
        lead = f' style:leader-style="solid" style:leader-text="{leader}"' if leader else ""
        stops = f'<style:tab-stop style:position="{place:.2f}mm" style:type="{kind}"{lead}/>'
        stops = f"<style:tab-stops>{stops}</style:tab-stops>"
    shown = escaped(name.replace("_20_", " "))
    based = f' style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:display-name="{shown}" '
        f'style:family="paragraph"{based}{more}>'
        f"<style:paragraph-properties {settings}>{stops}</style:paragraph-properties>"
        f"<style:text-properties {letters}/></style:style>"
    )


def _letters(look: Look) -> str:
    palette = look.palette
    accent = f'fo:font-weight="bold" fo:color="#{palette.accent}"'
    return "".join(
        f'<style:style style:name="{name}" style:display-name="{name.replace("_20_", " ")}" '
        f'style:family="text"><style:text-properties {letters}/></style:style>'
        for name, letters in (
            ("Index_20_Link", f'fo:color="#{palette.ink}" style:text-underline-style="none"'),
            ("Internet_20_link", f'fo:color="#{palette.primary}" style:text-underline-style="solid"'),
            ("Citation_20_Sign", f'fo:color="#{palette.primary}"'),
            ("Caption_20_Label", accent),
            ("Field_20_Label", accent),
            ("Clause_20_Number", 'fo:font-weight="bold"'),
            ("Reference_20_Label", f'fo:color="#{palette.muted}"'),
            ("Bullet", f'fo:color="#{palette.accent}"'),
        )
    )


def _outline(look: Look) -> str:
    levels = ""
    for level in range(1, 11):
        shown = (
            '1" text:display-levels="' + str(level)
            if look.design.numbering == "decimal" and not look.manuscript.is_right_to_left
            else ""
        )
        suffix = f' style:num-suffix="{"." if level == 1 else ""}\u00a0"' if shown else ""
        follow = '<style:list-level-label-alignment text:label-followed-by="space"/>'
        levels += (
            f'<text:outline-level-style text:level="{level}" style:num-format="{shown}"{suffix}>'
            '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
            f"{follow}</style:list-level-properties></text:outline-level-style>"
        )
    return f'<text:outline-style style:name="Outline">{levels}</text:outline-style>'


def _lists(look: Look) -> str:
    bullets = "".join(
        f'<text:list-level-style-bullet text:level="{level}" text:style-name="Bullet" '
        f'text:bullet-char="{_SIGNS[(level - 1) % 3]}">{_indent(level)}</text:list-level-style-bullet>'
        for level in range(1, 11)
    )
    numbers = "".join(
        f'<text:list-level-style-number text:level="{level}" text:style-name="Bullet" style:num-suffix="." '
        f'style:num-format="{_FORMATS[(level - 1) % 3]}">{_indent(level)}</text:list-level-style-number>'
        for level in range(1, 11)
    )
    return (
        f'<text:list-style style:name="Bullets">{bullets}</text:list-style>'
        f'<text:list-style style:name="Numbers">{numbers}</text:list-style>'
        '<text:notes-configuration text:note-class="footnote" style:num-format="1" style:num-suffix=" "/>'
    )


def _indent(level: int) -> str:
    return (
        '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="listtab" fo:text-indent="-6mm" '
        f'text:list-tab-stop-position="{6 * level}mm" fo:margin-left="{6 * level}mm"/>'
        f"</style:list-level-properties>"
    )


def _layouts(look: Look) -> str:
    page = look.design.page
    edges = 12.0
    way = "landscape" if page.width > page.height else "portrait"

    def layout(name: str, has_edges: bool) -> str:
        top, bottom = (edges, edges) if has_edges else (page.top, page.bottom)
        frame = (
            f'<style:header-style><style:header-footer-properties fo:min-height="{page.top - edges}mm" '
            'fo:margin-bottom="5mm"/></style:header-style><style:footer-style>'
            "<style:header-footer-properties "
            f'fo:min-height="{page.bottom - edges}mm" fo:margin-top="5mm"/></style:footer-style>'
        )
        return (
            f'<style:page-layout style:name="{name}"><style:page-layout-properties '
            f'fo:page-width="{page.width}mm" fo:page-height="{page.height}mm" '
            f'style:print-orientation="{way}" '
            f'fo:margin-top="{top}mm" fo:margin-bottom="{bottom}mm" fo:margin-left="{page.left}mm" '
            f'fo:margin-right="{page.right}mm" style:writing-mode="{direction(look)}"/>'
            f"{frame if has_edges else ''}</style:page-layout>"
        )

    return layout("PageLayout", True) + layout("CoverLayout", False)


def _masters(look: Look, words: Words) -> str:
    branding = look.manuscript.branding
    left = escaped(branding.header or branding.name)
    title = escaped(look.manuscript.title)
    header = f'<text:p text:style-name="Header">{left}<text:tab/>{title}</text:p>'
    number = ""
    if look.design.is_numbered_by_page:
        shown = escaped(words.page_of).replace(
            "{page}", '<text:page-number text:select-page="current">1</text:page-number>'
        )
        number = "<text:tab/>" + shown.replace("{pages}", "<text:page-count>1</text:page-count>")
    footer = f'<text:p text:style-name="Footer">{escaped(branding.footer)}{number}</text:p>'
    standard = (
        '<style:master-page style:name="Standard" style:page-layout-name="PageLayout">'
        f"<style:header>{header}</style:header><style:footer>{footer}</style:footer></style:master-page>"
    )
    cover = (
        '<style:master-page style:name="Cover" style:page-layout-name="CoverLayout" '
        'style:next-style-name="Standard"/>'
    )
    return standard + cover


def _points(points: float) -> str:
    return f'fo:font-size="{points:.1f}pt" style:font-size-complex="{points:.1f}pt"'
