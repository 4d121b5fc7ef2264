"""Styles of OpenDocument texts: what a style is based on, how its letters look, which lists count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from core.content.blocks import MarkKind
from core.ingestion.archive import Package
from core.ingestion.xml_parts import stream

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_MARKS: dict[str, MarkKind] = {
    "strong_20_emphasis": "strong",
    "emphasis": "emphasis",
    "source_20_text": "code",
}
_UNMARKED = ("internet_20_link", "visited_20_internet_20_link", "footnote_20_anchor", "footnote_20_symbol")
_FIXED_WIDTH = re.compile(r"courier|mono|consolas|menlo|source code", re.I)
_FRONT = ("Kicker", "Byline", "Field", "Field_20_Last", "Title", "Subtitle", "Signature", "Header_20_First")
_LANGUAGES = {
    "val": (f"{FO}language", f"{FO}country"),
    "bidi": (f"{STYLE}language-complex", f"{STYLE}country-complex"),
    "eastAsia": (f"{STYLE}language-asian", f"{STYLE}country-asian"),
}


@dataclass(frozen=True, slots=True)
class Style:
    """`languages` are by script, as `script_of` names them."""

    parent: str = ""
    marks: frozenset[MarkKind] = frozenset()
    languages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Styles:
    by_name: Mapping[str, Style]
    counting: frozenset[tuple[str, int]]  # list styles and the levels, from 1, at which they count
    language: str
    front: frozenset[str]

    def names(self, name: str) -> Iterator[str]:
        """The style and all that it is based on; circles are cut."""
        seen = set[str]()
        while name and name not in seen:
            seen.add(name)
            yield name
            name = self.by_name.get(name, Style()).parent

    def marks(self, name: str) -> frozenset[MarkKind]:
        found = frozenset[MarkKind]()
        for each in self.names(name):
            if each.lower() in _UNMARKED:
                return found
            found |= self.by_name.get(each, Style()).marks
        return found

    def language_of(self, name: str, script: str) -> str:
        told = (self.by_name.get(each, Style()).languages.get(script, "") for each in self.names(name))
        return next(filter(None, told), "")


def styles(package: Package, content: bytes) -> Styles:
    """Those of the file and those that programs make for single places, which stand with the content."""
    found: dict[str, Style] = {}
    counting: set[tuple[str, int]] = set()
    language = ""
    tags = (f"{STYLE}style", f"{STYLE}default-style", f"{TEXT}list-style")
    for part in (package.read("styles.xml") if "styles.xml" in package else b"", content):
        for element in stream(part, *tags) if part else ():
            name = str(element.get(f"{STYLE}name", ""))
            if element.tag == f"{TEXT}list-style":
                counting |= {(name, level) for level in _counting_levels(element)}
            elif element.tag == f"{STYLE}style":
                found[name] = _style(name, element)
            elif element.get(f"{STYLE}family") == "paragraph":
                language = _languages(element).get("val", "")
    is_own = {"Kicker", "Byline", "Caption_20_Label"} <= set(found)
    return Styles(found, frozenset(counting), language, frozenset(_FRONT if is_own else ()))


def _style(name: str, element: etree._Element) -> Style:
    letters = element.find(f"{STYLE}text-properties")
    is_text = element.get(f"{STYLE}family") == "text"
    marks = frozenset(_marks(name, letters)) if is_text else frozenset[MarkKind]()
    return Style(str(element.get(f"{STYLE}parent-style-name", "")), marks, _languages(element))


def _marks(name: str, letters: etree._Element | None) -> Iterator[MarkKind]:
    if name.lower() in _MARKS:
        yield _MARKS[name.lower()]
    if letters is None or name.lower() in _MARKS:
        return
    weight = letters.get(f"{FO}font-weight", "")
    if weight == "bold" or (weight.isdecimal() and int(weight) >= 600):
        yield "strong"
    if letters.get(f"{FO}font-style", "normal") != "normal":
        yield "emphasis"
    if letters.get(f"{STYLE}text-underline-style", "none") != "none":
        yield "underline"
    if letters.get(f"{STYLE}text-line-through-style", "none") != "none":
        yield "strike"
    if letters.get(f"{FO}background-color", "transparent") != "transparent":
        yield "highlight"
    if _FIXED_WIDTH.search(letters.get(f"{FO}font-family") or letters.get(f"{STYLE}font-name") or ""):
        yield "code"
    position = (letters.get(f"{STYLE}text-position") or "").split(" ")[0]
    if position == "super" or (position.endswith("%") and position[:1].isdigit() and position != "0%"):
        yield "superscript"
    elif position == "sub" or position.startswith("-"):
        yield "subscript"


def _languages(element: etree._Element) -> dict[str, str]:
    letters = element.find(f"{STYLE}text-properties")
    found: dict[str, str] = {}
    if letters is None:
        return found
    for script, (language, country) in _LANGUAGES.items():
        told, where = letters.get(language, ""), letters.get(country, "")
        if told and told not in ("none", "zxx"):
            found[script] = f"{told}-{where}" if where and where != "none" else told
    return found


def _counting_levels(element: etree._Element) -> Iterator[int]:
    for level in element.iter(f"{TEXT}list-level-style-number"):
        number = level.get(f"{TEXT}level", "")
        if level.get(f"{STYLE}num-format") and number.isdecimal():
            yield int(number)
