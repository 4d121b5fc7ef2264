"""The words that a type of document may use for its tone and layout; those for its areas are core.agents."""

from __future__ import annotations

from core.agents import AREAS

TONES = (
    "professional",
    "casual",
    "friendly",
    "formal",
    "persuasive",
    "informative",
    "conversational",
    "authoritative",
    "creative",
    "technical",
)

LAYOUTS = {
    "cover": "A page of its own with the title, for whom and by whom.",
    "contents": "A table of contents after the cover.",
    "numbered_headings": "Sections and subsections carry numbers.",
    "numbered_clauses": "Paragraphs carry numbers, so that they can be referred to.",
    "letterhead": "Sender, place and date at the top of the first page.",
    "masthead": "Name, issue and date across the first page.",
    "summary_first": "The summary stands on the first page, set apart.",
    "two_columns": "Text in two columns.",
    "landscape": "Pages lie on their side.",
    "wide_tables": "Tables take the whole width and their heading row repeats.",
    "charts": "Tables of figures come with a chart.",
    "callouts": "Warnings and quotations are set apart from the text.",
    "signatures": "Lines to sign at the end.",
    "version_table": "Versions with date, author and change.",
    "confidential_mark": "Every page says that it is confidential.",
    "page_numbers": "Pages carry their number and the number of all.",
    "appendix": "Sources and long tables go to the end.",
    "page_breaks": "Each section begins on a new page.",
}
"""How exports may set a document, and what that means."""

__all__ = ["AREAS", "LAYOUTS", "TONES"]
