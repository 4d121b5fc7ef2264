"""What formats, types, quality levels and states are called, in the reader's language."""

from __future__ import annotations

from core.exports.design import designs
from core.exports.validation.report import Level
from core.storage.exports import COMPLETED, PENDING, PROCESSING
from core.storage.job_records import CANCELLED, FAILED
from pages.components.language import _, language

FORMAT_GROUPS = {
    "read": ("pdf", "docx", "odt", "rtf", "epub", "html", "txt"),
    "work": ("pptx", "xlsx", "csv", "md"),
    "system": ("json", "xml", "tex", "typst", "zip"),
}
"""Formats by what people want with them, in the order in which they are offered."""

STATE_COLOURS = {PENDING: "gray", PROCESSING: "blue", COMPLETED: "green", FAILED: "red", CANCELLED: "gray"}
AXIS_ICONS = {
    "formatting": ":material/format_shapes:",
    "content": ":material/notes:",
    "accessibility": ":material/accessibility_new:",
    "professional": ":material/work:",
}


def format_names() -> dict[str, str]:
    return {
        "pdf": "PDF",
        "docx": "Word",
        "odt": "OpenDocument",
        "rtf": "RTF",
        "epub": "EPUB",
        "html": "HTML",
        "txt": _("Plain text"),
        "pptx": "PowerPoint",
        "xlsx": "Excel",
        "csv": "CSV",
        "md": "Markdown",
        "json": "JSON",
        "xml": "XML",
        "tex": "LaTeX",
        "typst": "Typst",
        "zip": _("Zip of several"),
        "rst": "reStructuredText",
        "asciidoc": "AsciiDoc",
        "org": "Org",
        "mediawiki": "MediaWiki",
        "textile": "Textile",
        "docbook": "DocBook",
        "jats": "JATS",
        "tei": "TEI",
        "fb2": "FictionBook",
    }


def design_names() -> dict[str, str]:
    return {name: design.titles[language()] for name, design in designs().items()}


def level_names() -> dict[Level, str]:
    return {
        "basic": _("Basic"),
        "standard": _("Standard"),
        "professional": _("Professional"),
        "premium": _("Premium"),
        "enterprise": _("Enterprise"),
    }


def level_meanings() -> dict[Level, str]:
    return {
        "basic": _("The file opens and no text is lost."),
        "standard": _("Also valid against its format's schema, pictures described, no filler text."),
        "professional": _("Also accessible: headings, languages, tables and lists are marked as such."),
        "premium": _("Also with the company's name and logo, and a table of contents where it is long."),
        "enterprise": _("Also with sources and subject words, and everything that can be checked."),
    }


def axis_names() -> dict[str, str]:
    return {
        "formatting": _("Formatting"),
        "content": _("Content"),
        "accessibility": _("Accessibility"),
        "professional": _("Professional"),
    }


def state_names() -> dict[str, str]:
    return {
        PENDING: _("waiting"),
        PROCESSING: _("being made"),
        COMPLETED: _("ready"),
        FAILED: _("failed"),
        CANCELLED: _("stopped"),
    }


def kind_names() -> dict[str, str]:
    return {
        "draft": _("Draft"),
        "document": _("Document of the library"),
        "redundancy_report": _("Redundancy report"),
        "decisions": _("Decisions"),
        "quality_board": _("Quality board"),
        "cache_report": _("Cache report"),
        "bundle": _("Several at once"),
    }


def field_names() -> dict[str, str]:
    return {
        "to": _("To"),
        "from": _("From"),
        "subject": _("Subject"),
        "reference": _("Reference"),
        "place": _("Place"),
    }
