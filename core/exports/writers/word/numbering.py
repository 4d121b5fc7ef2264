"""The numberings of a Word document: headings and clauses, bullets, and one for each ordered list."""

from __future__ import annotations

from collections.abc import Iterable

from core.exports.writers.office.numbering import ListPlace
from core.exports.writers.word.package import NAMESPACES
from core.exports.writers.word.styles import Look
from core.exports.xml_text import document

BULLETS, FIRST_ORDERED = 2, 10
_SIGNS = "•–▪"
_FORMATS = ("decimal", "lowerLetter", "lowerRoman")
_STEP = 360


def numbering(look: Look, ordered: Iterable[ListPlace]) -> bytes:
    """`ordered` has a place in each ordered list; that list begins again at 1."""
    lists = sorted({(each.list, each.level) for each in ordered})
    restarts = "".join(
        f'<w:num w:numId="{FIRST_ORDERED + number}"><w:abstractNumId w:val="3"/>'
        f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        for number, level in lists
    )
    return document(
        f"<w:numbering {NAMESPACES}>"
        f"{_abstract(1, _heading_levels(look))}{_abstract(2, _bullet_levels(look))}"
        f'{_abstract(3, _ordered_levels(look))}<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
        f'<w:num w:numId="{BULLETS}"><w:abstractNumId w:val="2"/></w:num>{restarts}</w:numbering>'
    )


def _abstract(number: int, levels: str) -> str:
    return (
        f'<w:abstractNum w:abstractNumId="{number}"><w:nsid w:val="4B0000{number:02X}"/>'
        f'<w:multiLevelType w:val="multilevel"/><w:tmpl w:val="5C0000{number:02X}"/>'
        f"{levels}</w:abstractNum>"
    )


def _heading_levels(look: Look) -> str:
    made = ""
    is_clauses = look.design.numbering == "clauses"
    for level in range(9):
        text = ".".join(f"%{each + 1}" for each in range(level + 1)) + ("." if level == 0 else "")
        style = (
            f'<w:pStyle w:val="Heading{level + 1}"/>' if level < 5 and look.design.numbering != "none" else ""
        )
        hanging = 720 if is_clauses else 500 + 200 * min(level, 3)
        made += (
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>{style}'
            f'<w:suff w:val="tab"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
            f'<w:pPr><w:ind w:left="{hanging}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
        )
    return made


def _bullet_levels(look: Look) -> str:
    return "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="bullet"/>'
        f'<w:lvlText w:val="{_SIGNS[level % 3]}"/><w:lvlJc w:val="left"/>{_indent(level)}'
        f'<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:color '
        f'w:val="{look.palette.accent}"/></w:rPr></w:lvl>'
        for level in range(9)
    )


def _ordered_levels(look: Look) -> str:
    return "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{_FORMATS[level % 3]}"/>'
        f'<w:lvlText w:val="%{level + 1}."/><w:lvlJc w:val="left"/>{_indent(level)}'
        f'<w:rPr><w:color w:val="{look.palette.accent}"/></w:rPr></w:lvl>'
        for level in range(9)
    )


def _indent(level: int) -> str:
    return f'<w:pPr><w:ind w:left="{_STEP * (level + 1)}" w:hanging="{_STEP}"/></w:pPr>'
