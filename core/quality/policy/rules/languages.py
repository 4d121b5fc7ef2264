"""Documents in a language that is not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Invalid
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import Breach, PolicyDocument

RECOGNISED = ("en", "es", "pt", "fr")
UNKNOWN = "und"


@dataclass(frozen=True, slots=True)
class Languages:
    """`allowed` codes. A text whose language is not recognised is let through where `accept_unknown`."""

    kind: ClassVar[str] = "languages"
    allowed: tuple[str, ...]
    accept_unknown: bool

    @classmethod
    def read(cls, given: Given) -> Self:
        made = cls(given.choices("allowed", RECOGNISED), given.flag("accept_unknown", False))
        if not made.allowed:
            raise Invalid("The rule allows no language.", remedy="Choose at least one.")
        return made

    def parameters(self) -> dict[str, Value]:
        return {"allowed": list(self.allowed), "accept_unknown": self.accept_unknown}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        if document.language == UNKNOWN:
            if not self.accept_unknown:
                yield Breach("language_unknown")
        elif document.language not in self.allowed:
            yield Breach("language_not_allowed", {"language": document.language})
