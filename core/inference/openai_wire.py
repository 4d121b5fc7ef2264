"""The words of OpenAI's HTTP API: what is sent, what a chunk of an answer says, what a refusal means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from core.inference.engine import FinishReason, GenerateText
from core.inference.errors import (
    EngineError,
    EngineFailed,
    EngineUnavailable,
    KeyRefused,
    ModelMissing,
    Overloaded,
    PromptTooLong,
)

DONE = "[DONE]"
TOO_LONG = (
    "context_length",
    "context length",
    "maximum context",
    "too long",
    "too many tokens",
    "max_model_len",
)
FINISHED: dict[str, FinishReason] = {
    "stop": "stop", "eos": "stop", "tool_calls": "stop", "function_call": "stop", "length": "length",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What one event says. Token counts are None where it does not tell."""

    text: str = ""
    finish_reason: FinishReason | None = None
    prompt_tokens: int | None = None
    cached_tokens: int = 0
    new_tokens: int | None = None


def body_of(request: GenerateText, model: str, *, asks_usage: bool) -> dict[str, Any]:
    """The JSON of the request. What is at its default is left out: some servers refuse fields they lack."""
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_new_tokens,
        "temperature": request.temperature,
        "stream": True,
    }
    if isinstance(request.prompt, str):
        body["prompt"] = request.prompt
    else:
        body["messages"] = [{"role": turn.role, "content": turn.content} for turn in request.prompt]
    optional: dict[str, tuple[Any, Any]] = {
        "top_p": (request.top_p, 1.0),
        "top_k": (request.top_k, 0),
        "repetition_penalty": (request.repetition_penalty, 1.0),
        "seed": (request.seed, None),
        "stop": (list(request.stop), []),
    }
    body |= {name: value for name, (value, default) in optional.items() if value != default}
    if asks_usage:
        body["stream_options"] = {"include_usage": True}
    return body


def read_chunk(text: str) -> Chunk:
    """What an event, or a whole answer, says. Raises EngineError: it may be an error, or garbage."""
    try:
        found = json.loads(text)
    except ValueError:
        raise _garbage() from None
    if not isinstance(found, dict):
        raise _garbage()
    if found.get("error"):
        raise _told(found["error"])
    usage = found.get("usage") or {}
    choices = found.get("choices") or [{}]
    try:
        text, reason = _choice(choices[0])
        details = usage.get("prompt_tokens_details") or {}
        return Chunk(
            text=text,
            finish_reason=reason,
            prompt_tokens=_count(usage.get("prompt_tokens")),
            cached_tokens=_count(details.get("cached_tokens")) or 0,
            new_tokens=_count(usage.get("completion_tokens")),
        )
    except (AttributeError, KeyError, TypeError):
        raise _garbage() from None


def _choice(choice: dict[str, Any]) -> tuple[str, FinishReason | None]:
    part = choice.get("delta") or choice.get("message") or {}
    text = part.get("content") or choice.get("text") or ""
    reason = choice.get("finish_reason")
    if not isinstance(text, str):
        raise TypeError(text)
    if reason == "content_filter":
        raise EngineFailed("The engine withheld its answer.", remedy="Word the request differently.")
    return text, None if reason is None else FINISHED.get(str(reason), "stop")


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> EngineError:
    """What an answer with this status means. Repeats nothing of its body: that may repeat the prompt."""
    said = body[:4096].decode("utf-8", "replace").lower()
    retry_after = retry_after_seconds(headers.get("retry-after"))
    if status in (401, 403):
        return KeyRefused("The engine does not accept the key.", remedy="Set engine_key to a valid one.")
    if status in (400, 413, 422) and any(words in said for words in TOO_LONG):
        return PromptTooLong("The prompt is longer than the model sees.", remedy="Shorten it, or its answer.")
    if status == 404:
        return ModelMissing(
            "The engine has no such model, or no such address.",
            remedy="Set engine_model to one that it lists at /v1/models, and check engine_url.",
        )
    if status == 429:
        return Overloaded(
            "The engine takes no more requests now.",
            remedy="Try again later.",
            retry_after_seconds=retry_after,
        )
    if status >= 500 or status == 408:
        return EngineUnavailable(
            f"The engine answered with status {status}.",
            remedy="Try again; look for the cause in its log.",
            retry_after_seconds=retry_after,
        )
    return EngineFailed(
        f"The engine refused the request with status {status}.",
        remedy="Check that engine_url is an OpenAI-compatible server and what it supports.",
    )


def retry_after_seconds(value: str | None) -> float | None:
    """The header's seconds or date as seconds from now; None if it says nothing.

    >>> retry_after_seconds("2.5"), retry_after_seconds("soon")
    (2.5, None)
    """
    if not value:
        return None
    try:
        return min(max(float(value), 0.0), 86_400.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    zone = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((zone - datetime.now(UTC)).total_seconds(), 0.0)


def _told(error: Any) -> EngineError:
    """The error inside a stream that began well."""
    said = json.dumps(error).lower()
    code = error.get("code") if isinstance(error, dict) else None
    if any(words in said for words in TOO_LONG):
        return PromptTooLong("The prompt is longer than the model sees.", remedy="Shorten it, or its answer.")
    if code == 429 or "overload" in said or "rate_limit" in said:
        return Overloaded("The engine takes no more requests now.", remedy="Try again later.")
    return EngineUnavailable("The engine failed in the middle of its answer.", remedy="Try again.")


def _garbage() -> EngineFailed:
    return EngineFailed(
        "The engine sent something that is no answer.",
        remedy="Check that engine_url is an OpenAI-compatible server.",
    )
