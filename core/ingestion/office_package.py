"""What docx, pptx and xlsx share: relationships between parts, and the core properties (ECMA-376, part 2)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from core.ingestion.archive import Package
from core.ingestion.problems import unreadable
from core.ingestion.xml_parts import parse

_DUBLIN_CORE = {
    "title": "{http://purl.org/dc/elements/1.1/}title",
    "author": "{http://purl.org/dc/elements/1.1/}creator",
    "modified": "{http://purl.org/dc/terms/}modified",
}


@dataclass(frozen=True, slots=True)
class Relationship:
    """`kind` is the last part of the relationship's type, `target` the name of a part in the package."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Properties:
    title: str = ""
    author: str | None = None
    modified: datetime | None = None


def relationships(package: Package, part: str = "") -> dict[str, Relationship]:
    """By id. The empty part is the package itself. Targets outside the package are left out."""
    folder, name = posixpath.split(part)
    listing = f"{folder}/_rels/{name}.rels".lstrip("/")
    if listing not in package:
        return {}
    found = {}
    for element in parse(package.read(listing)):
        if element.get("TargetMode") == "External":
            continue
        target = element.get("Target", "")
        path = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
        )
        found[element.get("Id", "")] = Relationship(element.get("Type", "").rpartition("/")[2], path)
    return found


def relationship_id(element: etree._Element) -> str:
    """The r:id that an element refers to another part by."""
    return next((str(value) for name, value in element.items() if str(name).endswith("}id")), "")


def main_part(package: Package) -> str:
    part = related(package, "", "officeDocument")
    if part is None:
        raise unreadable("damaged_file", format="an office document")
    return part


def related(package: Package, part: str, kind: str) -> str | None:
    """The first part of this kind that `part` refers to and that is there."""
    for relationship in relationships(package, part).values():
        if relationship.kind == kind and relationship.target in package:
            return relationship.target
    return None


def properties(package: Package) -> Properties:
    part = related(package, "", "core-properties")
    if part is None:
        return Properties()
    root = parse(package.read(part))
    found = {key: (root.findtext(tag) or "").strip() for key, tag in _DUBLIN_CORE.items()}
    return Properties(found["title"], found["author"] or None, moment(found["modified"]))


def moment(text: str) -> datetime | None:
    """A W3C or ISO 8601 moment; None for what is none."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None
