"""Checks XML against its published schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.schemas import schema
from core.exports.validation.findings import checks, package
from core.exports.validation.report import Check, Issue, Rule, Tool

_AGAIN = "Export the document again."


class XmlCheck:
    formats = ("xml",)
    rules: Mapping[str, Rule] = {
        "xml.opens": Rule("formatting", "basic", "The file is well-formed XML", _AGAIN),
        "xml.schema": Rule("formatting", "basic", "The file follows its published schema", _AGAIN),
        "xml.media": Rule("content", "basic", "Every picture has its file", _AGAIN),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (package("lxml"),)

    def text(self, data: bytes) -> str:
        try:
            root = _parsed(data)
        except etree.XMLSyntaxError:
            return ""
        found = root.iter("{*}title", "{*}text", "{*}cell")
        return "\n".join(element.text or "" for element in found)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        found: dict[str, list[Issue]] = {"xml.opens": []}
        try:
            root = _parsed(data)
        except etree.XMLSyntaxError as error:
            found["xml.opens"].append(Issue(str(error)))
        else:
            rules = etree.XMLSchema(etree.fromstring(schema("manuscript.xsd")))
            found["xml.schema"] = _broken(rules, root)
            files = {element.get("sha256") for element in root.iter("{*}file")}
            found["xml.media"] = [
                Issue("Its file is missing.", str(element.get("sha256")))
                for element in root.iter("{*}picture")
                if element.get("sha256") not in files
            ]
        yield from checks(self.tools()[0], found)


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(data, parser)


def _broken(rules: etree.XMLSchema, root: etree._Element) -> list[Issue]:
    try:
        rules.assertValid(root)
    except etree.DocumentInvalid as error:
        return [Issue(str(error))]
    return []
