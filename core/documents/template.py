"""What a type of document asks for: its sections, their length and form, and the facts that it must state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from core.language.stop_words import Language

Wording: TypeAlias = Mapping[Language, str]
"""The same words in each language that documents are written in."""

Words: TypeAlias = Mapping[Language, tuple[str, ...]]

SlotForm = Literal["prose", "list", "steps", "table", "facts", "timeline", "questions"]
"""How a section is set: paragraphs, a list, numbered steps, a table of the sources, the facts as label and
value, events by date, questions with answers."""

FactKind = Literal[
    "party",
    "person",
    "place",
    "date",
    "duration",
    "money",
    "percentage",
    "quantity",
    "identifier",
    "obligation",
    "action",
    "decision",
    "risk",
]

SLOT_FORMS: tuple[SlotForm, ...] = get_args(SlotForm)
FACT_KINDS: tuple[FactKind, ...] = get_args(FactKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredFact:
    """A fact that the section must state. `hints` are the words beside which it stands in a source;
    `question` is what a person is asked where no source has it.
    """

    key: str
    kind: FactKind
    label: Wording
    question: Wording
    hints: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A section of a type of document. `hints` are the words by which its sources are found."""

    key: str
    form: SlotForm
    title: Wording
    question: Wording
    hints: Words
    min_words: int
    max_words: int
    is_required: bool = True
    facts: tuple[RequiredFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTemplate:
    """A type of document. `areas` are the business areas that write it, the home first; `names` are what
    people call it, the first of each language its title. `version` goes up when drafts would come out
    differently. `layout` says how exports set it. `origin` is where it was read from.
    """

    key: str
    version: int
    areas: tuple[str, ...]
    names: Words
    purpose: Wording
    tone: str
    layout: tuple[str, ...]
    slots: tuple[Slot, ...]
    origin: str = ""

    def name(self, language: Language) -> str:
        return self.names[language][0]

    @property
    def min_words(self) -> int:
        return sum(slot.min_words for slot in self.slots if slot.is_required)

    @property
    def max_words(self) -> int:
        return sum(slot.max_words for slot in self.slots)
