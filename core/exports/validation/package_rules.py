"""What holds for every Office package, whatever is in it: docx, pptx, xlsx (ECMA-376, part 2)."""

from __future__ import annotations

import io
import posixpath
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from core.exports.validation.report import Issue, Rule

DAMAGE = (zipfile.BadZipFile, KeyError, ValueError, OSError, etree.XMLSyntaxError)
_ALLOWED_OUTSIDE = ("http:", "https:", "mailto:")
_ACTIVE = ("vbaproject", "activex", "oleobject", "vbadata", "customui")

RULES: Mapping[str, Rule] = {
    "schema": Rule(
        "formatting",
        "basic",
        "Every part follows the Open XML schema",
        "Export again; if it stays, choose another format for this document.",
    ),
    "relations": Rule(
        "formatting",
        "basic",
        "Every part that is named is there",
        "Export again; parts of the file are missing.",
    ),
    "outside": Rule(
        "professional",
        "basic",
        "Nothing is fetched from outside the file",
        "Remove links to pictures or templates on other machines.",
    ),
    "active": Rule(
        "professional",
        "basic",
        "The file holds no macros and no embedded programs",
        "Remove macros, controls and embedded objects.",
    ),
    "title": Rule(
        "accessibility",
        "standard",
        "The file states its title",
        "Give the document a title.",
    ),
}


class Package:
    """The parts of a file that was written. Raises what is in DAMAGE for a broken one."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}

    def xml(self, name: str) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        return etree.fromstring(self.parts[name], parser)

    def relations(self) -> Iterator[tuple[str, etree._Element]]:
        """The part that each relation belongs to, and the relation."""
        for name in self.parts:
            if name.endswith(".rels"):
                folder, file = posixpath.split(name)
                owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
                for relation in self.xml(name):
                    yield owner, relation


def schema_issues(data: bytes, extension: str) -> Iterator[Issue]:
    """What openxml-audit finds against the schema and the rules beside it."""
    from openxml_audit import OpenXmlValidator, ValidationSeverity

    with tempfile.TemporaryDirectory(prefix="office-") as folder:
        path = Path(folder) / f"file{extension}"
        path.write_bytes(data)
        found = OpenXmlValidator(max_errors=100).validate(path)
    for error in found.errors:
        if error.severity == ValidationSeverity.ERROR:
            yield Issue(error.description, f"{error.part_uri} {error.path}".strip())


def relation_issues(package: Package) -> Iterator[Issue]:
    for owner, relation in package.relations():
        if relation.get("TargetMode") == "External":
            continue
        target = str(relation.get("Target", ""))
        folder = posixpath.dirname(owner)
        path = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
        )
        if path not in package.parts:
            yield Issue(f"{target} is not there.", owner)


def outside_issues(package: Package) -> Iterator[Issue]:
    for owner, relation in package.relations():
        if relation.get("TargetMode") == "External":
            kind = str(relation.get("Type", "")).rpartition("/")[2]
            target = str(relation.get("Target", ""))
            if kind != "hyperlink" or not target.lower().startswith(_ALLOWED_OUTSIDE):
                yield Issue(f"{kind}: {target[:120]}", owner)


def active_issues(package: Package) -> Iterator[Issue]:
    """Workbooks behind charts are the only embedded files."""
    for name in package.parts:
        lower = name.lower()
        is_strange = "/embeddings/" in lower and not lower.endswith(".xlsx")
        if is_strange or any(word in lower for word in _ACTIVE) or lower.endswith(".bin"):
            yield Issue("An active or embedded part.", name)


def title_issues(package: Package) -> Iterator[Issue]:
    if (
        "docProps/core.xml" not in package.parts
        or not (
            package.xml("docProps/core.xml").findtext("{http://purl.org/dc/elements/1.1/}title") or ""
        ).strip()
    ):
        yield Issue("There is no title in the properties.", "docProps/core.xml")
