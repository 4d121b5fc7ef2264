"""What an agent is: a business area, what it is good at, and the words by which its work is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.language.stop_words import Language
from core.priority import Priority


class Keyword(NamedTuple):
    """A term that speaks for the area; a weight under 1 for one that others use as well."""

    term: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """`key` is the business area. `audience` are the usual readers of what it writes, `types` the keys of the
    types of document that it writes, what is most its own first. `priority` is that of its work where a brief
    does not say how urgent it is.
    """

    key: str
    names: Mapping[Language, str]
    description: Mapping[Language, str]
    audience: Mapping[Language, str]
    specialisations: Mapping[Language, tuple[str, ...]]
    keywords: Mapping[Language, tuple[Keyword, ...]]
    tone: str
    priority: Priority
    types: tuple[str, ...]
