"""What the pool and a parser process say to each other: JSON with its length before it, nothing that can run.

Each message is eight bytes of length (big-endian) and that many bytes of JSON. A request names a file and its
limits; the answer is a message for each file that is started, each reading and each problem, then "done".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from core.ingestion.limits import IngestionLimits
from core.ingestion.reading import Problem, Reading

LENGTH = struct.Struct(">Q")
OUT_OF_MEMORY = 77  # exit status of a process that had no memory left to say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`skip`: how many files inside this one to pass over, because they were read or failed before."""

    name: str
    path: str
    limits: IngestionLimits
    skip: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """ready: sent once, when warm. started: `name` is now being parsed. done: the answer is complete.

    `ends`: the process ends after this message, because it has grown too large to wait for the next file;
    if it ran `out_of_memory`, the answer is not complete.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    kind: Literal["ready", "started", "reading", "problem", "done"]
    name: str = ""
    reading: Reading | None = None
    problem: Problem | None = None
    ends: bool = False
    out_of_memory: bool = False


REQUEST = TypeAdapter(Request)
MESSAGE = TypeAdapter(Message)


def frame(message: bytes) -> bytes:
    return LENGTH.pack(len(message)) + message
