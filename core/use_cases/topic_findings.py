"""The topics of a library, as an analysis stores them."""

from __future__ import annotations

import zlib

from pydantic import TypeAdapter

from core.language.topics import Topic

TOPICS = "topics"

_FORM = TypeAdapter(tuple[Topic, ...])


def encode(topics: tuple[Topic, ...]) -> bytes:
    return zlib.compress(_FORM.dump_json(topics), level=3)


def decode(body: bytes) -> tuple[Topic, ...]:
    return _FORM.validate_json(zlib.decompress(body))
