"""Styles and numberings of Word documents (ECMA-376, part 1, 17.7 and 17.9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lxml import etree

from core.content.blocks import BlockKind, MarkKind
from core.ingestion.archive import Package
from core.ingestion.office_package import related
from core.ingestion.xml_parts import parse

_HEADING = re.compile(r"heading ([1-9])$")
_KINDS: dict[str, BlockKind] = {
    "quote": "quote",
    "intense quote": "quote",
    "quotations": "quote",
    "preformatted text": "code",
    "caption": "caption",
    "html preformatted": "code",
    "source code": "code",
    "code block": "code",
    "footnote text": "footnote",
    "endnote text": "footnote",
    "bibliography": "reference",
}
_LETTER_MARKS: dict[str, MarkKind] = {
    "strong": "strong",
    "emphasis": "emphasis",
    "code text": "code",
    "html code": "code",
    "verbatim char": "code",
    "source text": "code",
}
_UNMARKED = ("hyperlink", "internet link", "followedhyperlink", "footnote reference", "endnote reference")
_FIXED_WIDTH = re.compile(r"courier|mono|consolas|menlo|source code", re.I)
_FRONT = {"kicker", "byline", "field", "field last", "title", "subtitle", "signature"}
_OWN = {"kicker", "byline", "caption label"}


@dataclass(frozen=True)
class Style:
    """`marks` are what its letters are; `numbering` is the list it puts paragraphs in."""

    name: str
    outline: int | None
    is_list: bool
    based_on: str
    numbering: str = ""
    kind: BlockKind | None = None
    marks: frozenset[MarkKind] = frozenset()
    is_paragraph: bool = True

    @cached_property
    def heading_level(self) -> int | None:
        """1 to 6; a document's title counts as 1."""
        match = _HEADING.match(self.name)
        if match:
            return min(6, int(match[1]))
        if self.name == "title":
            return 1
        return self.outline


@dataclass(frozen=True, slots=True)
class Styles:
    """All styles by their id. `languages` are the document's by attribute: val, eastAsia, bidi."""

    by_id: Mapping[str, Style] = field(default_factory=dict)
    default: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    front: frozenset[str] = frozenset()

    def paragraph(self, settings: etree._Element | None) -> Style | None:
        return None if settings is None else self.by_id.get(child_value(settings, "pStyle"))


def styles(package: Package, part: str) -> Styles:
    listing = related(package, part, "styles")
    if listing is None:
        return Styles()
    found, default, languages = {}, "", dict[str, str]()
    for element in parse(package.read(listing)):
        if local(element) == "docDefaults":
            languages |= _languages(element)
        if local(element) != "style":
            continue
        key = value(element, "styleId")
        found[key] = _style(element)
        if value(element, "default") in ("1", "true") and value(element, "type") == "paragraph":
            default = key
            languages |= _languages(element)
    inherited = {key: _inherit(style, found) for key, style in found.items()}
    names = {style.name for style in inherited.values()}
    # What stands before the text in documents of our own; other programs use these names for text.
    return Styles(inherited, default, languages, frozenset(_FRONT) if names >= _OWN else frozenset())


def numberings(package: Package, part: str) -> dict[tuple[str, int], bool]:
    """Whether the list of this number counts at this level. 17.9.17: the format of numbers."""
    listing = related(package, part, "numbering")
    if listing is None:
        return {}
    root = parse(package.read(listing))
    abstract = {
        value(element, "abstractNumId"): _counting(element)
        for element in root
        if local(element) == "abstractNum"
    }
    found: dict[tuple[str, int], bool] = {}
    for element in root:
        if local(element) == "num":
            levels = {**abstract.get(child_value(element, "abstractNumId"), {}), **_counting(element)}
            found |= {(value(element, "numId"), level): counts for level, counts in levels.items()}
    return found


def letter_marks(settings: etree._Element | None) -> tuple[set[MarkKind], set[MarkKind]]:
    """What these settings of letters put on, and what they take off."""
    on, off = set[MarkKind](), set[MarkKind]()
    for child in () if settings is None else settings:
        tag, told = local(child), value(child, "val")
        kind: MarkKind | None = None
        is_on = told not in ("0", "false", "off", "none")
        if tag in ("b", "i", "strike", "dstrike", "u", "highlight"):
            kind = _TOGGLES[tag]
        elif tag == "vertAlign":
            kind = _POSITIONS.get(told)
        elif tag == "rFonts" and _FIXED_WIDTH.search(value(child, "ascii")):
            kind = "code"
        if kind:
            (on if is_on else off).add(kind)
    return on, off


_TOGGLES: dict[str, MarkKind] = {
    "b": "strong",
    "i": "emphasis",
    "strike": "strike",
    "dstrike": "strike",
    "u": "underline",
    "highlight": "highlight",
}
_POSITIONS: dict[str, MarkKind] = {"superscript": "superscript", "subscript": "subscript"}


def _style(element: etree._Element) -> Style:
    namespace = namespace_of(element)
    settings = element.find(f"{namespace}pPr")
    numbered = None if settings is None else settings.find(f"{namespace}numPr")
    name = child_value(element, "name").lower()
    is_paragraph = value(element, "type") != "character"
    return Style(
        name=name,
        outline=outline(settings),
        is_list=numbered is not None,
        based_on=child_value(element, "basedOn"),
        numbering="" if numbered is None else child_value(numbered, "numId"),
        kind=_KINDS.get(name),
        marks=frozenset() if is_paragraph else _style_marks(name, element.find(f"{namespace}rPr")),
        is_paragraph=is_paragraph,
    )


def _style_marks(name: str, letters: etree._Element | None) -> frozenset[MarkKind]:
    if name in _UNMARKED:
        return frozenset()
    if name in _LETTER_MARKS:
        return frozenset({_LETTER_MARKS[name]})
    return frozenset(letter_marks(letters)[0])


def _inherit(style: Style, styles: Mapping[str, Style]) -> Style:
    """What a style does not say, the style it is based on says; circles are cut."""
    seen, ancestor = {style.name}, style
    level, is_list, numbering, kind, marks = (
        style.outline,
        style.is_list,
        style.numbering,
        style.kind,
        style.marks,
    )
    while (parent := styles.get(ancestor.based_on)) and parent.name not in seen:
        seen.add(parent.name)
        ancestor = parent
        if level is None:
            level, is_list = parent.heading_level, is_list or parent.is_list
        numbering, kind, marks = numbering or parent.numbering, kind or parent.kind, marks | parent.marks
    return replace(style, outline=level, is_list=is_list, numbering=numbering, kind=kind, marks=marks)


def _counting(element: etree._Element) -> dict[int, bool]:
    found = {}
    for level in element.iter(f"{namespace_of(element)}lvl"):
        number, form = value(level, "ilvl"), child_value(level, "numFmt")
        if number.isdecimal():
            found[int(number)] = form not in ("bullet", "none", "")
    return found


def _languages(element: etree._Element) -> dict[str, str]:
    found = element.find(f".//{namespace_of(element)}lang")
    return {} if found is None else {str(name).rpartition("}")[2]: str(told) for name, told in found.items()}


def outline(settings: etree._Element | None) -> int | None:
    """1 to 6 from w:outlineLvl, where 9 means body text."""
    told = "" if settings is None else child_value(settings, "outlineLvl")
    return min(6, int(told) + 1) if told.isdecimal() and int(told) < 9 else None


def child_value(element: etree._Element, tag: str) -> str:
    child = element.find(f"{namespace_of(element)}{tag}")
    return "" if child is None else value(child, "val")


def value(element: etree._Element, attribute: str) -> str:
    return str(element.get(f"{namespace_of(element)}{attribute}", ""))


def namespace_of(element: etree._Element) -> str:
    return f"{str(element.tag).rpartition('}')[0]}}}"


def local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
