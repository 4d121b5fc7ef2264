"""What somebody wants to export, and what is gathered for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from core.content import Content
from core.gateway.roles import Principal
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A thing of this kind: its id where it has one, its version (0: the newest), and how it is looked at:
    filters by name, plain values.
    """

    kind: str
    id: str = ""
    version: int = 0
    view: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The content without its title as heading, and what is known about it. `design` is the type of document
    that suits it; `layout` are words of the catalogue on how its pages are set.
    """

    title: str
    content: Content
    language: str
    design: str = "report"
    subtitle: str = ""
    author: str = ""
    written: date | None = None
    keywords: tuple[str, ...] = ()
    version: str = ""
    company: str = ""
    layout: tuple[str, ...] = ()


class Exportable(Protocol):
    """A kind of thing that can leave as a file.

    `gather` asks for the rights that looking at it needs, changes nothing, and gives equal content for an
    equal state of the workspace. It raises NotFound for what is gone and Invalid for a view that makes no
    sense. `language` is the reader's, for what the product itself has to say; documents keep their own.
    """

    @property
    def kind(self) -> str: ...

    @property
    def is_stored(self) -> bool:
        """Whether another process finds the same later: true for what is in the database."""
        ...

    def gather(
        self, subject: Subject, language: str, principal: Principal, workbench: Workbench
    ) -> Gathered: ...
