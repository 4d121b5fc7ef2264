"""What is going to be written, decided from a brief before the draft. A person may change all of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from core.documents.template import DocumentTemplate, FactKind, SlotForm
from core.language.stop_words import Language

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Complexity = Literal["simple", "moderate", "complex"]
Engine = Literal["extractive", "model"]
"""Sentences quoted from the sources, or sentences that a model writes and that are checked against them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFact:
    """A required fact in the document's language."""

    key: str
    kind: FactKind
    label: str
    question: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSection:
    """A section to be written. `hints` are words to look for in the sources, in any language; a section that
    a person adds has a title and perhaps a `wish`, in their words.
    """

    key: str
    title: str
    form: SlotForm = "prose"
    question: str = ""
    hints: tuple[str, ...] = ()
    min_words: int = 0
    max_words: int = 200
    is_required: bool = True
    facts: tuple[PlannedFact, ...] = ()
    wish: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whom the document speaks for. Empty where it was not said."""

    name: str = ""
    industry: str = ""
    size: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPlan:
    """`sources` are ids of documents of the library. `template_version` is that of the type's template."""

    brief: str
    title: str
    type: str
    template_version: int
    areas: tuple[str, ...]
    language: Language
    audience: str
    tone: str
    complexity: Complexity
    engine: Engine
    sections: tuple[PlannedSection, ...]
    sources: tuple[str, ...] = ()
    company: Company = Company()

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is its inverse."""
        values: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return values

    @staticmethod
    def from_json(values: dict[str, Any]) -> DocumentPlan:
        """Raises pydantic's ValidationError for anything else."""
        return _adapter().validate_python(values, strict=False)


def sections_of(template: DocumentTemplate, language: Language) -> tuple[PlannedSection, ...]:
    """The sections of a type in one language. Hints of all languages stay: sources may be in any of them."""
    return tuple(
        PlannedSection(
            key=slot.key,
            title=slot.title[language],
            form=slot.form,
            question=slot.question[language],
            hints=tuple(dict.fromkeys(word for words in slot.hints.values() for word in words)),
            min_words=slot.min_words,
            max_words=slot.max_words,
            is_required=slot.is_required,
            facts=tuple(
                PlannedFact(
                    key=fact.key,
                    kind=fact.kind,
                    label=fact.label[language],
                    question=fact.question[language],
                    hints=tuple(dict.fromkeys(word for words in fact.hints.values() for word in words)),
                )
                for fact in slot.facts
            ),
        )
        for slot in template.slots
    )


@cache
def _adapter() -> TypeAdapter[DocumentPlan]:
    from pydantic import TypeAdapter

    return TypeAdapter(DocumentPlan)
