"""Why a section was not written by the model as planned, in sentences that can be translated."""

from __future__ import annotations

from typing import Literal

from core.inference.errors import (
    DeadlinePassed,
    EngineError,
    EngineUnavailable,
    KeyRefused,
    ModelMissing,
    Overloaded,
    PromptTooLong,
)

WritingReason = Literal[
    "unavailable", "late", "busy", "missing", "refused_key", "too_small", "failed", "gave_up", "budget",
    "rubbish", "repeats", "other_language", "echo", "unsupported", "short",
]  # fmt: skip

WRITING_REASONS: dict[WritingReason, str] = {
    "unavailable": "The language model did not answer; the sources are quoted instead.",
    "late": "The language model took too long; the sources are quoted instead.",
    "busy": "The language model had too much to do; the sources are quoted instead.",
    "missing": "There is no such language model; the sources are quoted instead.",
    "refused_key": "The language model refused our key; the sources are quoted instead.",
    "too_small": "The language model cannot read this much at once; the sources are quoted instead.",
    "failed": "The language model stopped with an error; the sources are quoted instead.",
    "gave_up": "The language model failed before and was not asked again; the sources are quoted instead.",
    "budget": "The tokens allowed for this document are used up; the sources are quoted instead.",
    "rubbish": "The language model wrote no readable sentences; the sources are quoted instead.",
    "repeats": "The language model repeated itself; the sources are quoted instead.",
    "other_language": "The language model wrote in another language; the sources are quoted instead.",
    "echo": "The language model repeated what it was asked; the sources are quoted instead.",
    "unsupported": "Most of what the model wrote is not in the sources; they are quoted instead.",
    "short": "The language model wrote less than was planned.",
}  # fmt: skip


class BudgetUsed(EngineError):
    """No tokens are left for another call."""

    code = "token_budget_used"


_OF_ERRORS: tuple[tuple[type[EngineError], WritingReason], ...] = (
    (BudgetUsed, "budget"),
    (DeadlinePassed, "late"),
    (PromptTooLong, "too_small"),
    (Overloaded, "busy"),
    (ModelMissing, "missing"),
    (KeyRefused, "refused_key"),
    (EngineUnavailable, "unavailable"),
)


def reason_of(error: EngineError) -> WritingReason:
    return next((reason for kind, reason in _OF_ERRORS if isinstance(error, kind)), "failed")
