"""What the two processes say to each other: the length of some JSON, the JSON, and the bytes of a file.

Never pickle: the process that reads the template is not trusted with more than text and bytes.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Literal

from core.documents.draft import Draft
from core.documents.word_templates.filling import Circumstances
from core.documents.word_templates.form import FreeVariable, TemplateForm, Value
from core.documents.word_templates.limits import FillingLimits

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Check a template, or fill it with a draft."""

    act: Literal["check", "fill"]
    limits: FillingLimits
    draft: Draft | None = None
    values: dict[str, Value] | None = None
    day: date = date(2000, 1, 1)
    author: str = ""
    company: str = ""
    industry: str = ""
    facts: dict[str, str] | None = None

    @property
    def circumstances(self) -> Circumstances:
        return Circumstances(
            day=self.day,
            author=self.author,
            company=self.company,
            industry=self.industry,
            facts=self.facts or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Exactly one of a refusal, a form, and the missing names of the document that follows."""

    refusal: Refusal | None = None
    own: tuple[str, ...] = ()
    free: tuple[FreeVariable, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def form(self) -> TemplateForm:
        return TemplateForm(self.own, self.free)


@cache
def job_adapter() -> TypeAdapter[Job]:
    from pydantic import TypeAdapter

    return TypeAdapter(Job)


@cache
def reply_adapter() -> TypeAdapter[Reply]:
    from pydantic import TypeAdapter

    return TypeAdapter(Reply)


def job_json(job: Job) -> bytes:
    """Halves of characters, which UTF-8 has no bytes for, are left out."""
    values = job_adapter().dump_python(job, mode="json")
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "ignore")


def write_message(stream: BinaryIO, words: bytes, file: bytes = b"") -> None:
    stream.write(_LENGTH.pack(len(words)) + words)
    stream.write(file)
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The JSON and the file. Raises ValueError for less than a whole message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise ValueError("No message.")
    length = int(_LENGTH.unpack(head)[0])
    rest = stream.read()
    if len(rest) < length:
        raise ValueError("A message that is cut off.")
    return rest[:length], rest[length:]
