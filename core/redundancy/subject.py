"""A document as this package sees it: a text, and what decides which of several copies is the one to keep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Subject:
    """One document under comparison. `id` is the caller's; `modified` without a zone is taken as UTC.

    `language` is a code of two letters, empty where it is not known; `quality` a score from 0 to 100, None
    where nobody judged.
    """

    id: str
    text: str
    title: str = ""
    modified: datetime | None = None
    num_words: int = 0
    language: str = ""
    quality: int | None = None

    @staticmethod
    def of(
        id: str, text: str, title: str = "", modified: datetime | None = None, language: str = ""
    ) -> Subject:
        """A subject whose words are counted here."""
        return Subject(id, text, title, modified, len(WORD.findall(text)), language)
