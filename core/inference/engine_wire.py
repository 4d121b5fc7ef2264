"""How requests, pieces and errors travel between the door of an engine and who knocks at it.

A request is a JSON object of the fields of `GenerateText`. An answer is one JSON object a line: `text` and
`tokens` of a piece, then `usage`, or `error`. An empty line says that the answer is still wanted and coming.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.errors import Invalid, WorkbenchError
from core.inference.engine import EngineHealth, EngineIdentity, GenerateText, Piece, Usage
from core.inference.errors import ENGINE_ERRORS, EngineFailed

KEEP_ALIVE = b"\n"
MAX_REQUESTS = 256
"""Most requests in one announcement, and most texts in one scoring."""

REQUEST = TypeAdapter(GenerateText)
REQUESTS = TypeAdapter(list[GenerateText])
TEXTS = TypeAdapter(list[str])
USAGE = TypeAdapter(Usage)
IDENTITY = TypeAdapter(EngineIdentity)
HEALTH = TypeAdapter(EngineHealth)
FIELDS = frozenset(field.name for field in fields(GenerateText))


def write_request(request: GenerateText) -> dict[str, Any]:
    return asdict(request)


def read_request(found: Any) -> GenerateText:
    """Raises Invalid; a field that is not known is refused, because it may change what is asked."""
    unknown = set(found) - FIELDS if isinstance(found, dict) else set()
    if unknown:
        raise Invalid(f"No field of a request is called {', '.join(sorted(map(repr, unknown)))}.")
    try:
        return REQUEST.validate_python(found)
    except ValidationError as error:
        raise _invalid(error) from None


def read_requests(found: Any) -> list[GenerateText]:
    if not isinstance(found, list) or len(found) > MAX_REQUESTS:
        raise Invalid(f"Requests are a list of at most {MAX_REQUESTS}.")
    return [read_request(each) for each in found]


def read_texts(found: Any) -> list[str]:
    try:
        texts = TEXTS.validate_python(found, strict=True)
    except ValidationError as error:
        raise _invalid(error) from None
    if len(texts) > MAX_REQUESTS:
        raise Invalid(f"Texts are a list of at most {MAX_REQUESTS}.")
    return texts


def write_piece(piece: Piece) -> bytes:
    found: dict[str, Any] = {"text": piece.text, "tokens": piece.num_tokens}
    if piece.usage is not None:
        found["usage"] = asdict(piece.usage)
    return _line(found)


def read_piece(line: str) -> Piece:
    """Raises the error that the line tells of, or EngineFailed for a line that is none of ours."""
    try:
        found = json.loads(line)
        if "error" in found:
            raise read_error(found["error"])
        usage = USAGE.validate_python(found["usage"]) if "usage" in found else None
        return Piece(str(found["text"]), int(found["tokens"]), usage)
    except (ValueError, KeyError, TypeError):
        raise EngineFailed(
            "The engine sent something that is no answer.",
            remedy="Check that engine_url is the door of an engine.",
        ) from None


def write_error(error: WorkbenchError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "retry_after_seconds": getattr(error, "retry_after_seconds", None),
    }


def error_line(error: WorkbenchError) -> bytes:
    return _line({"error": write_error(error)})


def read_error(found: Any) -> WorkbenchError:
    """The same error as on the other side; EngineFailed for one that is not known here."""
    said = found if isinstance(found, dict) else {}
    message, remedy = str(said.get("message", "The engine failed.")), str(said.get("remedy", ""))
    if said.get("code") == Invalid.code:
        return Invalid(message, remedy=remedy)
    kind = ENGINE_ERRORS.get(str(said.get("code")), EngineFailed)
    seconds = said.get("retry_after_seconds")
    return kind(
        message, remedy=remedy, retry_after_seconds=seconds if isinstance(seconds, int | float) else None
    )


def write_scores(scores: Sequence[float] | None) -> dict[str, Any]:
    return {"scores": None if scores is None else list(scores)}


def _line(found: dict[str, Any]) -> bytes:
    return json.dumps(found).encode() + b"\n"


def _invalid(error: ValidationError) -> Invalid:
    places = sorted({".".join(map(str, fault["loc"])) or "request" for fault in error.errors()})
    return Invalid(f"These do not fit: {', '.join(places)}.")
