"""The shape of what a model is asked for, and its bounds from the words that a section may have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from core.documents.plan import PlannedSection
from core.inference.output_schema import Json, OutputSchema
from core.inference.schema_compiler import compile_schema

LONGEST_SENTENCE = 400
"""Characters."""

_WORDS_OF_PART = 110
_MOST_PARTS = 8
_SHORT, _LONG = 15, 24  # words of a sentence


@dataclass(frozen=True, slots=True)
class Said:
    """What a model wrote at one place, and the number of the source that it named."""

    text: str
    source: int
    question: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """A section is asked for part by part, a paragraph or some points each."""

    num_parts: int
    fewest: int
    most: int


def parts_of(section: PlannedSection, most_sentences: int) -> Parts:
    """Of at most so many sentences each."""
    words = min(_WORDS_OF_PART, most_sentences * _LONG)
    num_parts = min(_MOST_PARTS, max(1, math.ceil(section.max_words / words)))
    most = min(most_sentences, max(1, math.ceil(section.max_words / (num_parts * _SHORT))))
    fewest = min(most, max(1, section.min_words // (num_parts * _LONG)))
    return Parts(num_parts, fewest, most)


def part_schema(section: PlannedSection, parts: Parts, num_sources: int) -> OutputSchema:
    """Sentences with the one source that each rests on most."""
    properties: dict[str, Any] = {"text": _text("one sentence")}
    if section.form == "questions":
        properties = {"question": _text("a question"), "text": _text("its answer")}
    properties["sources"] = {
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": {
            "type": "integer",
            "minimum": 1,
            "maximum": max(1, num_sources),
            "description": "number of the source",
        },
    }
    return compile_schema(
        _object(
            sentences={
                "type": "array",
                "minItems": parts.fewest,
                "maxItems": parts.most,
                "items": _object(**properties),
            }
        )
    )


def sentence_schema() -> OutputSchema:
    return compile_schema(_object(text=_text("the sentence")))


def read_part(value: Json) -> list[Said]:
    """What stands in a value of `part_schema`."""
    listed = value["sentences"] if isinstance(value, dict) else []
    return [_said(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def read_sentence(value: Json) -> str:
    return str(value.get("text", "")) if isinstance(value, dict) else ""


def _said(value: dict[str, Json]) -> Said:
    sources = value.get("sources")
    first = sources[0] if isinstance(sources, list) and sources else 0
    number = first if isinstance(first, int) else 0
    return Said(str(value.get("text", "")), number, str(value.get("question", "")))


def _text(hint: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": LONGEST_SENTENCE, "description": hint}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
