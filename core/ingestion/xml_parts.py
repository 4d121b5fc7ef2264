"""XML from documents, parsed without entities, without network and without keeping more than is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from core.ingestion.problems import unreadable

_DECLARATION = re.compile(rb"<!(ENTITY|DOCTYPE)", re.I)
_ENTITY = re.compile(rb"<!ENTITY|<!DOCTYPE[^>]*\[", re.I)


def parse(data: bytes, *, may_name_doctype: bool = False) -> etree._Element:
    """The root element. Raises UnreadableFile with forbidden_xml or damaged_file."""
    refuse_entities(data, may_name_doctype=may_name_doctype)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _cause(error) from error


def stream(data: bytes, *tags: str) -> Iterator[etree._Element]:
    """The outermost elements of these tags, one at a time; each is emptied when the next one is asked for.

    Memory stays that of one such element.
    """
    refuse_entities(data)
    depth = 0
    events = etree.iterparse(
        BytesIO(data),
        events=("start", "end"),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 0:
                yield element
                _empty(element)
    except etree.XMLSyntaxError as error:
        raise _cause(error) from error


def refuse_entities(data: bytes, *, may_name_doctype: bool = False) -> None:
    """An office document needs no document type; an e-book may name one, but not declare what is in it."""
    pattern = _ENTITY if may_name_doctype else _DECLARATION
    plain = data.replace(b"\x00", b"") if b"\x00" in data[:4] else data  # UTF-16 and UTF-32
    if pattern.search(plain):
        raise unreadable("forbidden_xml")


def _cause(error: etree.XMLSyntaxError) -> Exception:
    """lxml says in the same way that there is no memory left and that the XML is broken."""
    if "allocation" in str(error):
        return MemoryError()
    return unreadable("damaged_file", format="XML")


def _empty(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and (previous := element.getprevious()) is not None:
        parent.remove(previous)
