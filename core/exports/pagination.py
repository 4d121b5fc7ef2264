"""On which page each heading stands, as our own typesetting of the document has it."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.design import Design
from core.exports.manuscript import Manuscript


def page_numbers(manuscript: Manuscript, design: Design) -> Mapping[int, int]:
    """The page, from 1, of each heading by its place in the blocks.

    Empty where the typesetter is missing or cannot set this text: a table of contents then has no page
    numbers until the word processor refreshes it.
    """
    from core.errors import ExportFailed

    try:
        from core.exports.writers.portable_document import heading_pages
    except ImportError:
        return {}
    try:
        return heading_pages(manuscript, design)
    except ExportFailed:
        return {}
