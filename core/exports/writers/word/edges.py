"""Headers and footers of the pages, and the sections they belong to."""

from __future__ import annotations

from core.exports.words import Words
from core.exports.writers.office.measures import GUTTER_MM, logo_size, twips
from core.exports.writers.word import drawings
from core.exports.writers.word.package import NAMESPACES, Relations
from core.exports.writers.word.story import Story, field_run, text_run
from core.exports.writers.word.styles import Look
from core.exports.xml_text import document

COVER_BAND_MM = 9.0
EDGE_MM = 12.0


def header(look: Look, story: Story) -> bytes:
    branding = look.manuscript.branding
    left = branding.header or branding.name
    runs = (
        text_run(left) + text_run("\t" + look.manuscript.title) if left else text_run(look.manuscript.title)
    )
    return document(f"<w:hdr {NAMESPACES}>{story.paragraph('Header', runs)}</w:hdr>")


def first_header(look: Look, story: Story, relations: Relations) -> bytes:
    """On the first page: the logo or the name of the company; on a cover a band of its colour too."""
    branding, page = look.manuscript.branding, look.design.page
    runs = ""
    if look.design.front == "cover":
        left = page.width - COVER_BAND_MM if look.manuscript.is_right_to_left else 0.0
        runs += drawings.band(1, left, 0.0, COVER_BAND_MM, page.height, look.palette.band)
        runs += drawings.band(
            2, left, page.height * 0.75, COVER_BAND_MM, page.height * 0.25, look.palette.accent
        )
    size = logo_size(branding.logo, 14.0, 60.0)
    name = text_run(branding.name, '<w:rStyle w:val="Company"/>') if branding.name else ""
    if size:
        relation = relations.add("image", "media/logo.png")
        runs += drawings.picture(relation, 3, size, branding.name or look.manuscript.title)
        runs += text_run("\t") + name if look.design.front == "letterhead" else ""
    else:
        runs += name
    is_turned = look.manuscript.is_right_to_left and look.design.front != "letterhead"
    after = '<w:jc w:val="right"/>' if is_turned else ""
    # NOTE: never bidi, in which the place of the band would be counted from the other side
    paragraph = story.paragraph("HeaderFirst", runs, language="en", after=after)
    return document(f"<w:hdr {NAMESPACES}>{paragraph}</w:hdr>")


def footer(look: Look, story: Story, words: Words) -> bytes:
    page = ""
    if look.design.is_numbered_by_page:
        before, _, rest = words.page_of.partition("{page}")
        between, _, after = rest.partition("{pages}")
        page = text_run("\t" + before) + field_run("PAGE", "1") + text_run(between)
        page += field_run("NUMPAGES", "1") + (text_run(after) if after else "")
    runs = text_run(look.manuscript.branding.footer) + page
    return document(f"<w:ftr {NAMESPACES}>{story.paragraph('Footer', runs)}</w:ftr>")


def cover_section(look: Look) -> str:
    """Ends the page of the cover."""
    return _ending(_section(look, ("first", "none"), is_new_page=True, columns=1))


def nameplate_section(look: Look) -> str:
    """Ends the head over the columns."""
    return _ending(_section(look, ("first", "footer"), is_new_page=True, columns=1, has_first=True))


def last_section(look: Look) -> str:
    front = look.design.front
    is_headed = front in ("masthead", "letterhead", "memo")
    return _section(
        look,
        ("header", "footer"),
        is_new_page=front != "nameplate",
        columns=look.design.page.columns,
        has_first=is_headed,
    )


def _ending(section: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="TableGap"/>{section}</w:pPr></w:p>'


def _section(
    look: Look, edges: tuple[str, str], *, is_new_page: bool, columns: int, has_first: bool = False
) -> str:
    """`edges` name the header and footer by the ids that the package gives them."""
    page = look.design.page
    top, bottom = edges
    references = (
        f'<w:headerReference w:type="default" r:id="{EDGE_IDS["header" if has_first else top]}"/>'
        + (f'<w:headerReference w:type="first" r:id="{EDGE_IDS["first"]}"/>' if has_first else "")
        + f'<w:footerReference w:type="default" r:id="{EDGE_IDS[bottom]}"/>'
        + (f'<w:footerReference w:type="first" r:id="{EDGE_IDS["footer"]}"/>' if has_first else "")
    )
    landscape = ' w:orient="landscape"' if page.width > page.height else ""
    return (
        f'<w:sectPr>{references}<w:type w:val="{"nextPage" if is_new_page else "continuous"}"/>'
        f'<w:pgSz w:w="{twips(page.width)}" w:h="{twips(page.height)}"{landscape}/>'
        f'<w:pgMar w:top="{twips(page.top)}" w:right="{twips(page.right)}" w:bottom="{twips(page.bottom)}" '
        f'w:left="{twips(page.left)}" w:header="{twips(EDGE_MM)}" w:footer="{twips(EDGE_MM)}" '
        f'w:gutter="0"/>'
        f'<w:cols w:num="{columns}" w:space="{twips(GUTTER_MM)}"/>'
        + ("<w:titlePg/>" if has_first else "")
        + ("<w:bidi/>" if look.manuscript.is_right_to_left else "")
        + "</w:sectPr>"
    )


def empty_footer() -> bytes:
    return document(f'<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="TableGap"/></w:pPr></w:p></w:ftr>')


EDGE_IDS = {"header": "rId6", "first": "rId7", "footer": "rId8", "none": "rId9"}
"""The relations of the document to its headers and footers; the package makes them in this order."""
