"""Checks JSON against its published schema and reads the manuscript back from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from core.errors import Invalid
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.schemas import schema
from core.exports.validation.findings import checks, package
from core.exports.validation.report import Check, Issue, Rule, Tool

_AGAIN = "Export the document again."


class JsonCheck:
    formats = ("json",)
    rules: Mapping[str, Rule] = {
        "json.opens": Rule("formatting", "basic", "The file is JSON in UTF-8", _AGAIN),
        "json.schema": Rule("formatting", "basic", "The file follows its published schema", _AGAIN),
        "json.lossless": Rule("content", "basic", "The document can be read back as it was", _AGAIN),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (package("jsonschema"),)

    def text(self, data: bytes) -> str:
        try:
            values = json.loads(data)
            return "\n".join([values["title"], *(block.get("text", "") for block in values["blocks"])])
        except (ValueError, KeyError, TypeError, AttributeError):
            return ""

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        import jsonschema  # type: ignore[import-untyped]

        found: dict[str, list[Issue]] = {"json.opens": []}
        try:
            values = json.loads(data)
        except ValueError as error:
            found["json.opens"].append(Issue(str(error)))
        else:
            errors = jsonschema.Draft202012Validator(json.loads(schema("manuscript.schema.json")))
            found["json.schema"] = [
                Issue(each.message[:200], each.json_path) for each in errors.iter_errors(values)
            ]
            found["json.lossless"] = _differences(data, manuscript)
        yield from checks(self.tools()[0], found)


def _differences(data: bytes, manuscript: Manuscript) -> list[Issue]:
    from core.exports.writers.json_document import read_manuscript

    try:
        again = read_manuscript(data)
    except Invalid as error:
        return [Issue(error.message)]
    is_same = again == manuscript and again.content.media == manuscript.content.media
    return [] if is_same else [Issue("What was read back differs.")]
