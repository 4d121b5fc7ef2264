"""One fact of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FactKind = Literal["number", "date", "identifier", "name", "negation"]


@dataclass(frozen=True, slots=True)
class Fact:
    """`value` is the same for every way to write the same fact; `text` stands from `start` to `end`."""

    kind: FactKind
    value: str
    text: str
    start: int
    end: int
