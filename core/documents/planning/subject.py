"""What a brief is about, without the words that only give instructions."""

from __future__ import annotations

from collections.abc import Mapping

from core.documents.template import DocumentTemplate
from core.language.keywords import find_keywords
from core.language.stop_words import Language

MOST_TITLE = 110


def subject_of(brief: str, language: Language, types: Mapping[str, DocumentTemplate]) -> str:
    """Its weightiest term that names no type of document; empty if there is none."""
    names = {name.lower() for each in types.values() for words in each.names.values() for name in words}
    for term in find_keywords(brief, language):
        if term.text.lower() not in names:
            return term.text
    return ""


def title_of(template: DocumentTemplate, subject: str, language: Language) -> str:
    name = template.name(language)
    return f"{name}: {subject}"[:MOST_TITLE] if subject else name
