"""What a policy rule is, what it looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Protocol, Self

from core.quality.policy.identifiers import Identifier, find_identifiers
from core.quality.policy.parameters import Given, Value
from core.redundancy.evidence import Span

SEVERITIES = ("low", "medium", "high", "critical")
MOST_PLACES = 100
"""Places of one finding that are kept; its count tells of all."""

Figure = str | int | float


@dataclass(frozen=True)
class PolicyDocument:
    """A text under check. `language` is a code of two letters, or "und" where it is not known."""

    id: str
    text: str
    language: str = "und"

    @cached_property
    def identifiers(self) -> tuple[Identifier, ...]:
        """Every identifier of a person, a company or an account that stands in the text, in reading order."""
        return find_identifiers(self.text)


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that a rule found: a key of FINDINGS with its parameters, and up to MOST_PLACES places."""

    code: str
    parameters: Mapping[str, Figure] = field(default_factory=dict)
    places: tuple[Span, ...] = ()


class RuleCheck(Protocol):
    """A kind of rule with its parameters. One module and one line in RULES.

    Looks at one document alone, keeps nothing, and takes time that grows linearly with the text.
    """

    kind: ClassVar[str]

    @classmethod
    def read(cls, given: Given) -> Self:
        """Raises Invalid, naming the parameter and what it may be."""

    def parameters(self) -> dict[str, Value]:
        """Plain values from which `read` makes an equal check."""

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        """What the document does that it should not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """A rule that people gave a name and a severity."""

    name: str
    severity: str
    check: RuleCheck
    id: str = ""

    @property
    def kind(self) -> str:
        return self.check.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFinding:
    """What one rule found in one document.

    `num_places` counts all places, `places` holds up to MOST_PLACES of them in reading order. `excerpts` are
    the text around the first ones, with every identifier in it masked.
    """

    rule_id: str
    rule_name: str
    kind: str
    severity: str
    document_id: str
    code: str
    parameters: Mapping[str, Figure]
    num_places: int
    places: tuple[Span, ...]
    excerpts: tuple[str, ...]
