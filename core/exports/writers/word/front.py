"""What stands before and after the blocks: title, fields, table of contents, signatures."""

from __future__ import annotations

from collections.abc import Mapping

from core.content import Block
from core.exports.words import Words
from core.exports.writers.office.front_matter import front_matter, joined
from core.exports.writers.office.numbering import heading_numbers
from core.exports.writers.word.body import contents_mark
from core.exports.writers.word.story import Story, text_run
from core.exports.writers.word.styles import Look
from core.exports.xml_text import escaped

CONTENTS_LEVELS = 3


def front(look: Look, words: Words, story: Story) -> str:
    matter = front_matter(look.manuscript, look.design, words)
    is_letter = look.design.front == "letterhead"
    fields = [
        story.paragraph(
            "FieldLast" if at == len(matter.fields) - 1 else "Field",
            text_run(f"{label}\t", '<w:rStyle w:val="FieldLabel"/>') + text_run(value),
        )
        for at, (label, value) in enumerate(matter.fields)
    ]
    head = [story.paragraph("Title", text_run(matter.title))]
    if matter.subtitle:
        head.append(story.paragraph("Subtitle", text_run(matter.subtitle)))
    if is_letter:
        return "".join(fields + head)
    kicker = [story.paragraph("Kicker", text_run(matter.kicker))]
    if look.design.front == "memo" and fields:
        return "".join(kicker + head + fields)
    if matter.byline:
        head.append(
            story.paragraph(
                "Byline", text_run(joined(matter.byline, is_right_to_left=look.manuscript.is_right_to_left))
            )
        )
    return "".join(kicker + head + fields)


def contents(look: Look, words: Words, story: Story, pages: Mapping[int, int]) -> str:
    """The table of contents, filled; Word can refresh it. Empty if there are no headings."""
    places = contents_places(look.manuscript.content.blocks)
    if not places:
        return ""
    numbers = heading_numbers(look.manuscript, look.design)
    lines = [
        _entry(at, block, numbers.get(at, ""), pages.get(at), story, place == 0)
        for place, (at, block) in enumerate(places)
    ]
    heading = story.paragraph("TOCHeading", text_run(words.contents))
    end = '<w:p><w:pPr><w:pStyle w:val="TableGap"/></w:pPr><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    needs_break = not look.design.breaks_before_sections
    return (
        '<w:sdt><w:sdtPr><w:id w:val="1200300400"/><w:docPartObj><w:docPartGallery w:val="Table of '
        'Contents"/>'
        f"<w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>"
        f"{heading}{''.join(lines)}{end}</w:sdtContent></w:sdt>"
        + ('<w:p><w:r><w:br w:type="page"/></w:r></w:p>' if needs_break else "")
    )


def contents_places(blocks: tuple[Block, ...]) -> list[tuple[int, Block]]:
    """The headings that a table of contents lists, with their places."""
    return [
        (at, block)
        for at, block in enumerate(blocks)
        if block.kind == "heading" and block.level <= CONTENTS_LEVELS
    ]


def signatures(look: Look, words: Words, story: Story) -> str:
    """Lines for two people to sign on."""
    lines = []
    for label in (words.signature, words.name, words.position, words.date):
        text = text_run(f"{label} \t\t{label} \t")
        lines.append(story.paragraph("Signature", text))
    return "".join(lines) if look.design.has_signatures else ""


def _entry(at: int, block: Block, number: str, page: int | None, story: Story, is_first: bool) -> str:
    mark = contents_mark(at)
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> '
        f'TOC \\o "1-{CONTENTS_LEVELS}" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar '
        f'w:fldCharType="separate"/></w:r>'
        if is_first
        else ""
    )
    lead = text_run(f"{number}\t") if number else ""
    shown = "" if page is None else text_run("\t") + _page_field(mark, page)
    words = " ".join(block.text.split())
    link = f'<w:hyperlink w:anchor="{mark}" w:history="1">{lead}{text_run(words)}{shown}</w:hyperlink>'
    return story.paragraph(f"TOC{block.level}", begin + link)


def _page_field(mark: str, page: int) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> PAGEREF {escaped(mark)} \\h </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{page}</w:t></w:r><w:r><w:fldChar '
        f'w:fldCharType="end"/></w:r>'
    )
