"""What comes out of a file: readings for what was understood, problems for what was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.content import Content

RepairKind = Literal["mojibake", "lost_byte", "lost_letter", "control_character"]


@dataclass(frozen=True, slots=True)
class Repair:
    """One stretch of text that was damaged before it reached us.

    `start` counts characters in the text of block number `block` as it stands now, which reads `repaired`
    where the file said `original`. When not `certain`, the two are equal: nothing was changed, and
    `candidates` are the words it may have been.

    mojibake: UTF-8 that was read as another code page. lost_byte: the same, and half of a letter is gone.
    lost_letter: a letter was replaced by U+FFFD. control_character: punctuation that became a C1 control.
    """

    block: int
    start: int
    original: str
    repaired: str
    kind: RepairKind
    certain: bool
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One document that was read from a file.

    `name` is safe to show and to store: "report.docx", "archive.zip/folder/a.md" for a member of an archive,
    "letters.jsonl#42" for a record, "mail.eml/offer.pdf" for an attachment. `sha256` (hex) and `num_bytes`
    describe the bytes of this document, not of the file around it.
    `title` is the document's own title, else its first heading, else its name in readable form.
    `language` is "es", "en", "pt", "fr" or "und". `modified` and `author` come from inside the file;
    `modified` is in UTC.
    """

    name: str
    format: str
    sha256: str
    num_bytes: int
    title: str
    language: str
    modified: datetime | None
    author: str | None
    content: Content
    repairs: tuple[Repair, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One file, archive member or record that could not be read. `code` is a key of problems.PROBLEMS."""

    name: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """Everything that one file gave, in the order it stands in the file. Never empty on both sides."""

    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
