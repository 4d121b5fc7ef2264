"""Identifiers of persons, companies and accounts that must not stand in a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Invalid
from core.quality.policy.identifiers import IDENTIFIERS
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import MOST_PLACES, Breach, PolicyDocument
from core.redundancy.evidence import Span


@dataclass(frozen=True, slots=True)
class PersonalData:
    """`identifiers` are keys of IDENTIFIERS. Fewer than `least_places` of one kind are let through."""

    kind: ClassVar[str] = "personal_data"
    identifiers: tuple[str, ...]
    least_places: int

    @classmethod
    def read(cls, given: Given) -> Self:
        made = cls(given.choices("identifiers", IDENTIFIERS), given.whole("least_places", 1, 1_000) or 1)
        if not made.identifiers:
            raise Invalid("The rule names no identifier.", remedy="Choose at least one.")
        return made

    def parameters(self) -> dict[str, Value]:
        return {"identifiers": list(self.identifiers), "least_places": self.least_places}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        found: dict[str, list[Span]] = defaultdict(list)
        for identifier in document.identifiers:
            found[identifier.kind].append(Span(identifier.start, identifier.end))
        for kind in self.identifiers:
            places = found.get(kind, [])
            if len(places) >= self.least_places:
                yield Breach(
                    "personal_data",
                    {"identifier": kind, "num_places": len(places)},
                    tuple(places[:MOST_PLACES]),
                )
