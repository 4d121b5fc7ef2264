"""The order in which to rewrite a document that repeats itself, one step for each repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.redundancy.evidence import Span
from core.redundancy.repetition.repeat import Repeat

StepCode = Literal[
    "settle_facts",
    "merge_paragraphs",
    "delete_paragraphs",
    "choose_paragraph",
    "delete_sentences",
    "choose_sentence",
    "say_once",
    "define_term",
]

STEPS: dict[StepCode, str] = {
    "settle_facts": "“{excerpt}” stands at {num_places} places with different facts ({num_facts}): "
    "find out which are right, then keep one place.",
    "merge_paragraphs": "Merge {num_places} paragraphs into the first, “{excerpt}”. "
    "Sentences that stand only in the later ones: {num_only_there}. Words saved: {num_removable}.",
    "delete_paragraphs": "Keep the first paragraph “{excerpt}” and delete its repeats ({num_repeats}). "
    "Words saved: {num_removable}.",
    "choose_paragraph": "{num_places} paragraphs say nearly the same as “{excerpt}”: keep the best wording. "
    "Words saved: {num_removable}.",
    "delete_sentences": "Keep the first “{excerpt}” and delete its repeats ({num_repeats}). "
    "Words saved: {num_removable}.",
    "choose_sentence": "{num_places} sentences say nearly the same as “{excerpt}”: keep the best wording. "
    "Words saved: {num_removable}.",
    "say_once": "Say “{excerpt}” once and refer to it at the other places ({num_repeats}). "
    "Words saved: {num_removable}.",
    "define_term": "Define “{excerpt}” where it first stands and use a short form at the other places "
    "({num_repeats}). Words saved: {num_removable}.",
}
"""What each step says in English, filled with the parameters of the step; in the order of the plan."""

LONGEST_TERM = 8
"""Words up to which a repeated phrase is taken for a term."""

_EXCERPT_WORDS = 8


@dataclass(frozen=True, slots=True)
class RewriteStep:
    """One thing to do. `sentence` is English; a page says it in another language by code and parameters.

    `keep` stays, `remove` goes, and the sentences of `move` are taken over to the kept place first.
    """

    code: StepCode
    sentence: str
    parameters: Mapping[str, str | int]
    keep: Span
    remove: tuple[Span, ...]
    move: tuple[Span, ...] = ()


def plan_rewrite(text: str, repeats: Sequence[Repeat]) -> tuple[RewriteStep, ...]:
    """What needs a decision first, then long repeats before short ones; of one kind what saves most first."""
    order = list(STEPS)
    ranked = sorted(repeats, key=lambda one: (order.index(_code(one)), -one.num_removable_words, one.places))
    return tuple(_step(text, repeat) for repeat in ranked)


def _step(text: str, repeat: Repeat) -> RewriteStep:
    code = _code(repeat)
    parameters: dict[str, str | int] = {
        "excerpt": _excerpt(text, repeat.places[0]),
        "num_places": len(repeat.places),
        "num_repeats": len(repeat.places) - 1,
        "num_only_there": len(repeat.only_there),
        "num_facts": len(repeat.differing_facts),
        "num_removable": repeat.num_removable_words,
    }
    return RewriteStep(
        code=code,
        sentence=STEPS[code].format(**parameters),
        parameters=MappingProxyType(parameters),
        keep=repeat.places[0],
        remove=() if code == "settle_facts" else repeat.places[1:],
        move=repeat.only_there,
    )


def _code(repeat: Repeat) -> StepCode:
    if repeat.differing_facts:
        return "settle_facts"
    if repeat.kind == "paragraph":
        if repeat.only_there:
            return "merge_paragraphs"
        return "delete_paragraphs" if repeat.is_exact else "choose_paragraph"
    if repeat.kind == "sentence":
        return "delete_sentences" if repeat.is_exact else "choose_sentence"
    return "define_term" if repeat.num_words <= LONGEST_TERM else "say_once"


def _excerpt(text: str, span: Span) -> str:
    words = text[span.start : span.end].split()
    return " ".join(words[:_EXCERPT_WORDS]) + (" …" if len(words) > _EXCERPT_WORDS else "")
