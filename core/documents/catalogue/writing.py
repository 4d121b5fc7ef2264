"""Writes a type of document as TOML, the way the built-in types are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from core.documents.template import DocumentTemplate, RequiredFact, Slot
from core.language.stop_words import LANGUAGES, Language

_WIDTH = 110

Said = Mapping[Language, str] | Mapping[Language, tuple[str, ...]]


def write_template(template: DocumentTemplate) -> str:
    """The template without its origin; `read_template` is the inverse."""
    return "\n".join(_lines(template)) + "\n"


def _lines(template: DocumentTemplate) -> Iterator[str]:
    yield f"key = {_value(template.key)}"
    yield f"version = {template.version}"
    yield f"areas = {_value(template.areas)}"
    yield f"tone = {_value(template.tone)}"
    yield f"layout = {_value(template.layout)}"
    yield from ("", "[names]", *_by_language(template.names))
    yield from ("", "[purpose]", *_by_language(template.purpose))
    for slot in template.slots:
        yield from ("", "[[slots]]", *_slot(slot))


def _slot(slot: Slot) -> Iterator[str]:
    yield f"key = {_value(slot.key)}"
    yield f"form = {_value(slot.form)}"
    yield f"min_words = {slot.min_words}"
    yield f"max_words = {slot.max_words}"
    if not slot.is_required:
        yield "required = false"
    yield from _said("title", slot.title)
    yield from _said("question", slot.question)
    yield from _said("hints", slot.hints)
    for fact in slot.facts:
        yield from ("", "[[slots.facts]]", *_fact(fact))


def _fact(fact: RequiredFact) -> Iterator[str]:
    yield f"key = {_value(fact.key)}"
    yield f"kind = {_value(fact.kind)}"
    yield from _said("label", fact.label)
    yield from _said("question", fact.question)
    yield from _said("hints", fact.hints)


def _said(name: str, said: Said) -> list[str]:
    """All languages on one line if they fit, else one line each."""
    entries = _by_language(said)
    line = f"{name} = {{ {', '.join(entries)} }}"
    return [line] if len(line) <= _WIDTH else [f"{name}.{entry}" for entry in entries]


def _by_language(said: Said) -> list[str]:
    return [f"{language} = {_value(said[language])}" for language in LANGUAGES if language in said]


def _value(value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"[{', '.join(_value(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
