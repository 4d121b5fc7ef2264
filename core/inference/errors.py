"""What can go wrong between a question and a language model's answer.

EngineError                 `is_retryable` says whether the same request may succeed later
├── EngineUnavailable       nobody answers, or the answer broke off; retryable
│   └── CircuitOpen         it failed so often that it is spared for a while
├── Overloaded              too many requests; retryable after `retry_after_seconds`
├── DeadlinePassed          the answer did not begin in time
├── ModelMissing            no such model where one was expected
├── KeyRefused              the engine does not accept our key
├── PromptTooLong           prompt and answer do not fit in what the model sees
├── EngineFailed            it answered with something that is no answer
└── Cancelled               the caller wanted no more of it
SchemaNotSupported          Invalid: output in this form cannot be promised; nothing was asked of an engine
"""

from __future__ import annotations

from typing import ClassVar

from core.errors import Invalid, Unavailable, WorkbenchError


class EngineError(WorkbenchError):
    """An engine could not do what was asked. `retry_after_seconds` is None where nobody can tell."""

    code = "engine"
    is_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        code: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, code=code)
        self.retry_after_seconds = retry_after_seconds


class EngineUnavailable(EngineError, Unavailable):
    code = "engine_unavailable"
    is_retryable = True


class CircuitOpen(EngineUnavailable):
    code = "engine_circuit_open"


class Overloaded(EngineError, Unavailable):
    code = "engine_overloaded"
    is_retryable = True


class DeadlinePassed(EngineError):
    code = "engine_deadline_passed"


class ModelMissing(EngineError):
    code = "model_missing"


class KeyRefused(EngineError):
    code = "engine_key_refused"


class PromptTooLong(EngineError, Invalid):
    code = "prompt_too_long"


class EngineFailed(EngineError):
    code = "engine_failed"


class Cancelled(EngineError):
    code = "engine_cancelled"


class SchemaNotSupported(Invalid):
    code = "schema_not_supported"


ENGINE_ERRORS: dict[str, type[EngineError]] = {
    error.code: error
    for error in (
        EngineError,
        EngineUnavailable,
        CircuitOpen,
        Overloaded,
        DeadlinePassed,
        ModelMissing,
        KeyRefused,
        PromptTooLong,
        EngineFailed,
        Cancelled,
    )
}
