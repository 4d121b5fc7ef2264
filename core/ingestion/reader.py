"""What a reader is given, what it gives back, and what it promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.content import Block
from core.ingestion.limits import IngestionLimits
from core.ingestion.reading import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The bytes of one document. `name` is already safe."""

    name: str
    data: bytes
    limits: IngestionLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document that travels inside another. `name` is as it stands there, so not yet safe."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """One document as its reader understood it, before repair and language.

    `media` are the files of pictures by their SHA-256 (hex); a picture that is too large is not among them.
    `record` and `data` are set by formats that hold many documents: the record's id and its own bytes.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    author: str | None = None
    modified: datetime | None = None
    warnings: tuple[str, ...] = ()
    record: str = ""
    data: bytes | None = None
    attachments: tuple[Attachment, ...] = ()
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class Reader(Protocol):
    """Understands one file format.

    `read` gives one Extract for each document in the source, in order, and a Problem for each record that
    cannot be read. It raises UnreadableFile when it knows why the source as a whole cannot be read; whatever
    else a library raises on a damaged file is caught by the intake. It opens nothing but the source: no file,
    no address that the document points to. Blocks are in reading order; `page` is set where there are pages,
    slides or sheets.
    """

    @property
    def name(self) -> str: ...

    @property
    def extensions(self) -> tuple[str, ...]:
        """In lower case with their dot; the first is the usual one."""
        ...

    def read(self, source: Source) -> Iterator[Extract | Problem]: ...
