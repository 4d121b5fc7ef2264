"""The marks in a filled part give way to the passages that they stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.documents.word_templates.package_check import W
from core.documents.word_templates.passages import CLOSE, MARK, OPEN, PassageShelf, text_elements

if TYPE_CHECKING:
    from lxml import etree

_CONTAINERS = frozenset(f"{W}{name}" for name in ("body", "tc", "hdr", "ftr", "txbxContent", "sdtContent"))
_LEFT_OVER = re.compile(f"[{OPEN}{CLOSE}]")


def put_in_place(root: etree._Element, shelf: PassageShelf) -> None:
    """A mark alone in its paragraph becomes blocks, one amid other words becomes their text."""
    _gather_loose_text(root)
    for paragraph in reversed(list(root.iter(f"{W}p"))):
        _place(paragraph, shelf)
    for text in list(root.iter(f"{W}t")):
        _write(text)
    _close_cells(root)
    _sweep(root, shelf)


def _gather_loose_text(root: etree._Element) -> None:
    """What stands for a whole paragraph or run leaves its text between the elements; it gets its own."""
    for element in list(root.iter()):
        parent = element.getparent()
        if element.text and element.text.strip() and _takes_text(element):
            element.insert(0, _carrier(element, element.text))
            element.text = None
        if parent is not None and element.tail and element.tail.strip() and _takes_text(parent):
            parent.insert(parent.index(element) + 1, _carrier(parent, element.tail))
            element.tail = None


def _takes_text(element: etree._Element) -> bool:
    return element.tag in _CONTAINERS or element.tag == f"{W}p"


def _carrier(container: etree._Element, text: str) -> etree._Element:
    from lxml import etree

    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = text.strip()
    if container.tag == f"{W}p":
        return run
    paragraph = etree.Element(f"{W}p")
    paragraph.append(run)
    return paragraph


def _place(paragraph: etree._Element, shelf: PassageShelf) -> None:
    texts = list(paragraph.iter(f"{W}t"))
    said = "".join(text.text or "" for text in texts)
    numbers = [int(number) for number in MARK.findall(said)]
    if not numbers:
        return
    if not MARK.sub("", said).strip() and _can_go(paragraph):
        _replace(paragraph, numbers, shelf)
        return
    for text in texts:
        text.text = _as_text(text.text or "", shelf)


def _can_go(paragraph: etree._Element) -> bool:
    """Not where it also holds a drawing, or where no blocks may stand."""
    parent = paragraph.getparent()
    kept = ("drawing", "pict", "object", "txbxContent")
    return parent is not None and all(next(paragraph.iter(f"{W}{name}"), None) is None for name in kept)


def _replace(paragraph: etree._Element, numbers: list[int], shelf: PassageShelf) -> None:
    parent = paragraph.getparent()
    assert parent is not None
    properties = paragraph.find(f"{W}pPr")
    style = properties.find(f"{W}pStyle") if properties is not None else None
    text_style = "" if style is None else style.get(f"{W}val", "")
    for number in numbers:
        for element in shelf.elements(shelf.blocks(number), text_style):
            paragraph.addprevious(element)
    if properties is not None and properties.find(f"{W}sectPr") is not None:
        for child in list(paragraph):
            if child is not properties:
                paragraph.remove(child)  # the paragraph ends a section of the document
    else:
        paragraph.tail = None
        parent.remove(paragraph)


def _write(text: etree._Element) -> None:
    said, parent = text.text or "", text.getparent()
    if parent is None or not ("\n" in said or "\t" in said):
        if said != said.strip():
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        return
    for element in text_elements(said):
        text.addprevious(element)
    parent.remove(text)


def _close_cells(root: etree._Element) -> None:
    """A cell ends with a paragraph, and so do headers and text boxes."""
    from lxml import etree

    for name in ("tc", "hdr", "ftr", "txbxContent"):
        for container in root.iter(f"{W}{name}"):
            if len(container) == 0 or container[-1].tag != f"{W}p":
                etree.SubElement(container, f"{W}p")


def _sweep(root: etree._Element, shelf: PassageShelf) -> None:
    """Marks where no blocks can stand, as in the properties of the file, and those that a filter cut up."""
    for element in root.iter():
        if element.text and (OPEN in element.text or CLOSE in element.text):
            element.text = _LEFT_OVER.sub("", _as_text(element.text, shelf))


def _as_text(text: str, shelf: PassageShelf) -> str:
    return MARK.sub(lambda mark: shelf.inline(shelf.blocks(int(mark[1]))), text)
