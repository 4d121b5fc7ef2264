"""Language models behind one promise: one file an engine, one entry in the table."""

from __future__ import annotations

from core.inference.deterministic import Deterministic
from core.inference.engine import (
    Answer,
    EngineHealth,
    EngineIdentity,
    GenerateText,
    InferenceEngine,
    Message,
    Piece,
    Prompt,
    Usage,
    answer,
)
from core.inference.http_engine import EngineDoor, HttpEngine
from core.inference.local import Local, LocalModel, local_engine
from core.inference.openai_compatible import OpenAiCompatible, OpenAiServer

ENGINES: dict[str, type[InferenceEngine]] = {
    engine.name: engine for engine in (Deterministic, Local, OpenAiCompatible, HttpEngine)
}

__all__ = [
    "ENGINES",
    "Answer",
    "EngineDoor",
    "EngineHealth",
    "EngineIdentity",
    "GenerateText",
    "HttpEngine",
    "InferenceEngine",
    "Local",
    "LocalModel",
    "Message",
    "OpenAiCompatible",
    "OpenAiServer",
    "Piece",
    "Prompt",
    "Usage",
    "answer",
    "local_engine",
]
