"""What is asked of a file whatever its format: all of the text, and nothing that one would not send out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from core.content import BlockKind
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.comparison import MOST_ISSUES, lost_text
from core.exports.validation.report import Check, Issue, Rule

BY = "comparison"
LONG_DOCUMENT = 12
"""Headings from which a reader wants a table of contents."""

_FILLERS = re.compile(
    r"\{\{.*?\}\}|\blorem ipsum\b|\bTODO\b|\bTBD\b|\[\s*(?:insert|insertar|inserir)\b", re.I
)

RULES: Mapping[str, Rule] = {
    "shared.text": Rule(
        "content",
        "basic",
        "No text is lost",
        "Export again; if it stays, choose another format for this document.",
    ),
    "shared.pictures": Rule(
        "content",
        "basic",
        "Every picture could be drawn",
        "Replace the pictures that are damaged or missing in the source, then read it in again.",
    ),
    "shared.descriptions": Rule(
        "accessibility",
        "standard",
        "Every picture is described or marked as decoration",
        "Describe the pictures in the export's options, or mark them as decoration.",
    ),
    "shared.headings": Rule(
        "accessibility",
        "professional",
        "Headings went down level by level from the start",
        "Correct the levels of the headings in the document; the file has them raised.",
    ),
    "shared.fillers": Rule(
        "professional",
        "standard",
        "No filler text is left",
        "Replace the placeholders in the document.",
    ),
    "shared.author": Rule(
        "professional",
        "professional",
        "Author and date are stated",
        "State an author in the export's options.",
    ),
    "shared.brand": Rule(
        "professional",
        "premium",
        "The company's name and logo are on it",
        "Choose a company with a logo in the export's options.",
    ),
    "shared.contents": Rule(
        "professional",
        "premium",
        "A long document has a table of contents",
        "Choose a type of document that has one.",
    ),
    "shared.sources": Rule(
        "professional",
        "enterprise",
        "Every citation leads to a listed source",
        "Cite sources in the document, or choose a lower quality level.",
    ),
    "shared.keywords": Rule(
        "professional",
        "enterprise",
        "Subject words are stated",
        "State subject words in the export's options.",
    ),
}


def check(
    text: str,
    manuscript: Manuscript,
    design: Design,
    leaves_out: frozenset[BlockKind],
    changes: Mapping[str, int],
) -> Iterator[Check]:
    """`text` is what an independent reader found in the file, `changes` what preparation had to do."""
    blocks = manuscript.content.blocks
    yield _check("shared.text", list(lost_text(text, manuscript, leaves_out))[:MOST_ISSUES])
    missing = changes.get("pictures_missing", 0)
    yield _check("shared.pictures", [Issue(f"{missing} could not be drawn.")] * bool(missing))
    undescribed = [
        Issue("It has no description.", f"block {number + 1}")
        for number, block in enumerate(blocks)
        if block.picture and not block.picture.alt and not block.picture.is_decorative
    ]
    if any(block.picture for block in blocks):
        yield _check("shared.descriptions", undescribed)
    skipped = changes.get("heading_levels", 0)
    yield _check("shared.headings", [Issue(f"{skipped} skipped a level.")] * bool(skipped))
    yield _check("shared.fillers", list(_fillers(manuscript)))
    is_stated = bool(manuscript.author and manuscript.written)
    yield _check("shared.author", [] if is_stated else [Issue("Author or date is missing.")])
    is_branded = bool(manuscript.branding.name and manuscript.branding.logo)
    yield _check("shared.brand", [] if is_branded else [Issue("Name or logo is missing.")])
    num_headings = sum(block.kind == "heading" for block in blocks)
    if num_headings >= LONG_DOCUMENT:
        yield _check("shared.contents", [] if design.has_contents else [Issue(f"{num_headings} headings.")])
    if any(mark.kind == "citation" for block in blocks for mark in block.marks):
        yield _check("shared.sources", list(_uncited(manuscript)))
    yield _check("shared.keywords", [] if manuscript.keywords else [Issue("None is stated.")])


def _check(rule: str, issues: list[Issue]) -> Check:
    return Check(rule, BY, tuple(issues))


def _fillers(manuscript: Manuscript) -> Iterator[Issue]:
    texts = [
        (-1, manuscript.title),
        *((at, block.text) for at, block in enumerate(manuscript.content.blocks)),
    ]
    for at, text in texts:
        for found in _FILLERS.finditer(text):
            yield Issue(f"“{found[0][:60]}”", f"block {at + 1}" if at >= 0 else "title")


def _uncited(manuscript: Manuscript) -> Iterator[Issue]:
    for number, block in enumerate(manuscript.content.blocks):
        for mark in block.marks:
            if mark.kind == "citation" and manuscript.note(mark.target) is None:
                yield Issue(f"{mark.target} is not listed.", f"block {number + 1}")
