"""An outline that a model proposes before the draft, for a person to change: titles, order, more sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.documents.drafting import is_instruction
from core.documents.drafting.vocabulary import WORD, term_of
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.writing.evidence import as_data
from core.documents.writing.metering import MeteredEngine, TokenBudget
from core.documents.writing.prompts import about
from core.inference.constrained import FillLimits, fill
from core.inference.engine import GenerateText, InferenceEngine, Message, never
from core.inference.output_schema import Json
from core.inference.schema_compiler import compile_schema
from core.language.stop_words import Language, known_language
from core.priority import Priority

MOST_ADDED = 3
LONGEST_TITLE = 80
LONGEST_QUESTION = 160
OUTLINE_SECONDS = 60.0
MOST_SECTIONS = 24
"""A longer outline is left as it is planned."""

_ADDED_WORDS = 150
_MOST_TITLE_WORDS = 10
_RULES = (
    "You propose the outline of a business document.",
    "For each planned section give its place, counted from 1, and its title.",
    "Keep a title that is right; change one only to fit the document better.",
    "Add a section only for what was wanted and no section covers.",
)


def propose_outline(
    plan: DocumentPlan,
    engine: InferenceEngine,
    *,
    tenant: str,
    priority: Priority = Priority.CRITICAL,
    label: str = "",
    is_cancelled: Callable[[], bool] = never,
    budget: TokenBudget | None = None,
) -> tuple[PlannedSection, ...]:
    """The plan's sections, perhaps renamed and in another order, and up to three more. Every planned section
    stays, with its key, form and facts. A title that shares no word with its section or the brief is not
    taken, nor places that are no order. The plan's own sections where the model fails or takes more than a
    minute. Raises Cancelled and no other EngineError.
    """
    if not 0 < len(plan.sections) <= MOST_SECTIONS:
        return plan.sections
    metered = MeteredEngine(engine, budget)
    metered.begin(OUTLINE_SECONDS)
    filled = fill(
        metered,
        compile_schema(_schema(plan.sections)),
        GenerateText(
            prompt=(Message("system", _prompt(plan)),),
            tenant=tenant,
            priority=priority,
            label=label,
            deadline_seconds=OUTLINE_SECONDS,
        ),
        limits=FillLimits(max_leaf_tokens=48, max_failures=1),
        is_cancelled=is_cancelled,
    )
    if filled.failure is not None or not isinstance(filled.value, dict):
        return plan.sections
    renamed = _renamed(plan, filled.value.get("sections"))
    return (*renamed, *_added(plan, renamed, filled.value.get("added")))


def _prompt(plan: DocumentPlan) -> str:
    planned = (
        f"{number}. {as_data(section.title, LONGEST_TITLE)}: {as_data(section.question, LONGEST_QUESTION)}"
        for number, section in enumerate(plan.sections, start=1)
    )
    return "\n".join((*_RULES, *about(plan), "Planned sections:", *planned, ""))


def _schema(sections: Sequence[PlannedSection]) -> dict[str, Any]:
    planned = {
        f"s{number}": _object(
            title=_text(f"title of section {number}, {as_data(section.title, LONGEST_TITLE)}", LONGEST_TITLE),
            place={
                "type": "integer",
                "minimum": 1,
                "maximum": len(sections),
                "default": number,
                "description": "its place",
            },
        )
        for number, section in enumerate(sections, start=1)
    }
    added = _object(
        title=_text("title of a new section", LONGEST_TITLE),
        question=_text("the question that it answers", LONGEST_QUESTION),
    )
    return _object(
        sections=_object(**planned),
        added={"type": "array", "minItems": 0, "maxItems": MOST_ADDED, "items": added},
    )


def _renamed(plan: DocumentPlan, said: Json) -> list[PlannedSection]:
    """The planned sections under their new titles; in a new order if the places are one."""
    asked = said if isinstance(said, dict) else {}
    wishes = [asked.get(f"s{number}") for number in range(1, len(plan.sections) + 1)]
    named = [_named(plan, section, wish) for section, wish in zip(plan.sections, wishes, strict=True)]
    if len({section.title.casefold() for section in named}) < len(named):
        named = list(plan.sections)
    places = [wish.get("place") if isinstance(wish, dict) else None for wish in wishes]
    order = {place: at for at, place in enumerate(places) if isinstance(place, int)}
    return [named[order[place]] for place in sorted(order)] if len(order) == len(named) else named


def _named(plan: DocumentPlan, section: PlannedSection, wish: Json) -> PlannedSection:
    """Under the new title if that speaks of what the section or the brief does."""
    title = _title(wish.get("title") if isinstance(wish, dict) else None, plan.language)
    subject = " ".join((section.title, section.question, *section.hints, plan.brief))
    return replace(section, title=title) if _shares(title, subject, plan.language) else section


def _added(plan: DocumentPlan, kept: Sequence[PlannedSection], said: Json) -> list[PlannedSection]:
    found: list[PlannedSection] = []
    for one in said if isinstance(said, list) else []:
        wish = one if isinstance(one, dict) else {}
        title = _title(wish.get("title"), plan.language)
        known = {section.title.casefold() for section in (*kept, *plan.sections, *found)}
        if title.casefold() not in known and _shares(title, plan.brief, plan.language):
            found.append(
                PlannedSection(
                    key=_free_key((*plan.sections, *found)),
                    title=title,
                    question=_question(wish.get("question")),
                    max_words=_ADDED_WORDS,
                    is_required=False,
                )
            )
    return found


def _free_key(sections: Sequence[PlannedSection]) -> str:
    keys = {section.key for section in sections}
    return next(key for number in range(1, len(keys) + 2) if (key := f"added_{number}") not in keys)


def _shares(title: str, subject: str, language: Language) -> bool:
    """Whether they have a telling word in common."""
    spoken, known = (
        {term_of(word, language) for word in WORD.findall(text.lower())} for text in (title, subject)
    )
    return bool((spoken & known) - {""})


def _title(said: Json, language: Language) -> str:
    """A title if it can be one: some words that order nothing of a program, not in another language."""
    words = str(said or "").split()
    title = as_data(" ".join(words), LONGEST_TITLE).strip(" .:;,-–\"'«»“”")
    letters = sum(letter.isalpha() or letter.isspace() for letter in title)
    if not 1 <= len(words) <= _MOST_TITLE_WORDS or letters < 0.8 * len(title) or len(title) < 3:
        return ""
    if is_instruction(title) or (len(words) > 3 and known_language(title) != language):
        return ""
    return title[0].upper() + title[1:]


def _question(said: Json) -> str:
    question = as_data(str(said or ""), LONGEST_QUESTION)
    return "" if is_instruction(question) else question


def _text(hint: str, longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "description": hint}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
