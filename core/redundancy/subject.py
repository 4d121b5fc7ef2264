"""A document as this package sees it: a text, and what decides which of several copies is the one to keep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Subject:
    """One document under comparison. `id` is the caller's; `modified` without a zone is taken as UTC."""

    id: str
    text: str
    title: str = ""
    modified: datetime | None = None
    num_words: int = 0

    @staticmethod
    def of(id: str, text: str, title: str = "", modified: datetime | None = None) -> Subject:
        """A subject whose words are counted here."""
        return Subject(id, text, title, modified, len(WORD.findall(text)))
