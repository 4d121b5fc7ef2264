"""A document to draft from, as it is handed over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from core.content import Content
from core.documents.draft import DraftSource
from core.language.stop_words import Language, known_language


@dataclass(frozen=True, slots=True)
class SourceText:
    """`id` is the caller's. A language that is none of the three is guessed from the text."""

    id: str
    title: str
    name: str
    language: str
    content: Content

    @property
    def spoken(self) -> Language:
        return known_language(self.content.text, self.language)

    def as_draft_source(self) -> DraftSource:
        digest = hashlib.sha256(self.content.text.encode("utf-8", "surrogatepass")).hexdigest()
        return DraftSource(self.id, self.title, self.name, self.language, digest)
