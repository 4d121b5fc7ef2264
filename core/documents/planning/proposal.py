"""What a brief seems to ask for, each part with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from core.agents.routing import Ranked
from core.documents.plan import Complexity
from core.documents.planning.reasons import Reason
from core.language.stop_words import Language
from core.priority import Priority

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    value: T
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """All areas and all types, the likeliest first. `is_sure` is False where a person should choose the type.

    `brief` is the part that was read. `subject` is what the title names; `keywords` are the terms that the
    document is about. `recipients` are whom it goes to by name, `due` is the day by which it is wanted.
    """

    brief: str
    areas: tuple[Ranked, ...]
    types: tuple[Ranked, ...]
    is_sure: bool
    title: str
    subject: str
    language: Choice[Language]
    audience: Choice[str]
    tone: Choice[str]
    complexity: Choice[Complexity]
    priority: Choice[Priority]
    due: date | None = None
    recipients: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    warnings: tuple[Reason, ...] = ()
