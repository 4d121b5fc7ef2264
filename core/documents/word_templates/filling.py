"""A template and a draft become a document. Runs in a process of its own; `render` is the door to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from jinja2 import TemplateError

from core.documents.draft import Draft, DraftSection
from core.documents.word_templates.form import TemplateForm, Value
from core.documents.word_templates.package_check import (
    MAX_UNPACKED_BYTES,
    checked_parts,
    packed,
)
from core.documents.word_templates.passages import PassageShelf, Styles, plain_text
from core.documents.word_templates.placing import put_in_place
from core.documents.word_templates.refusals import refused
from core.documents.word_templates.sandbox import Names, TemplateEnvironment
from core.documents.word_templates.syntax import ParsedPart, form_of, parsed_parts

if TYPE_CHECKING:
    from lxml import etree

FAULTS_OF_VALUES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What a template may raise that is sound, but not made for the values that it was given."""

_LANGUAGE_NAMES = {"en": "English", "es": "español", "pt": "português"}
_LOCALES = {"en": "en", "es": "es", "pt": "pt_BR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a template may say of a draft beside its text. `facts` gives the key of a fact by its label."""

    day: date
    author: str = ""
    company: str = ""
    industry: str = ""
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """A finished document, and the names for which there was no value: each stands marked in the text."""

    data: bytes
    missing: tuple[str, ...]


def check(template: bytes) -> TemplateForm:
    """Raises Invalid. Fills the template with next to nothing, so that what can never end is found now."""
    file = checked_parts(template)
    _open_again(packed(file.parts))
    environment = TemplateEnvironment()
    parts = parsed_parts(file, environment)
    form = form_of(parts, environment)
    for draft, values in _trials(form):
        shelf = PassageShelf(Styles.read(file.styles), cites=True)
        circumstances = Circumstances(day=date(2000, 1, 1), facts={})
        _try(parts, environment, _given(form, values) | _context(draft, circumstances, shelf))
    return form


def fill(template: bytes, draft: Draft, values: Mapping[str, Value], circumstances: Circumstances) -> Filled:
    """Raises Invalid for a template that cannot be filled; equal arguments give equal bytes."""
    file = checked_parts(template)
    environment = TemplateEnvironment()
    parts = parsed_parts(file, environment)
    form = form_of(parts, environment)
    cites = any(name.partition(".")[0] == "sources" for name in form.own)
    shelf = PassageShelf(Styles.read(file.styles), cites=cites)
    context = _given(form, values) | _context(draft, circumstances, shelf)
    written = {part.name: _written(part, environment, context, shelf) for part in parts}
    data = packed({**file.parts, **written})
    _check_result(data)
    return Filled(data, tuple(environment.missing))


def _trials(form: TemplateForm) -> Iterator[tuple[Draft, dict[str, Value]]]:
    """Nothing at all, each condition untrue and each loop empty; then all of it, each loop run twice."""
    for times in (0, 2):
        sections = tuple(DraftSection(f"section_{number}", "-", ()) for number in range(times))
        yield (
            Draft("-", "en", sections),
            {
                each.name: ("-",) * times
                if each.kind == "lines"
                else bool(times)
                if each.kind == "yes_no"
                else "-"
                for each in form.free
            },
        )


def _try(parts: list[ParsedPart], environment: TemplateEnvironment, context: Mapping[str, object]) -> None:
    for part in parts:
        try:
            rendered = environment.from_string(part.source).render(context)
        except FAULTS_OF_VALUES:
            continue  # other values may do
        _parsed(rendered)


def _context(draft: Draft, circumstances: Circumstances, shelf: PassageShelf) -> dict[str, object]:
    from babel.dates import format_date

    body = shelf.body(draft.sections)
    sections = {section.key: _section(section, shelf) for section in draft.sections}
    named = {"name": circumstances.company, "industry": circumstances.industry}
    given: dict[str, object] = {
        "title": plain_text(draft.title),
        "author": plain_text(circumstances.author),
        "summary": shelf.paragraph(draft.summary) if draft.summary else "",
    }
    return {name: value for name, value in given.items() if value} | {
        "language": _LANGUAGE_NAMES[draft.language],
        "date": format_date(circumstances.day, "long", _LOCALES[draft.language]),
        "company": Names("company", {name: plain_text(value) for name, value in named.items() if value}),
        "body": body,
        "sections": Names("sections", sections, body),
        "facts": Names("facts", _facts(draft, circumstances.facts)),
        "sources": Names("sources", _sources(draft), shelf.sources(draft.sources)),
        "gaps": Names("gaps", _gaps(draft), shelf.items(gap.question for gap in draft.gaps)),
    }


def _section(section: DraftSection, shelf: PassageShelf) -> Names:
    body = shelf.put(section.blocks)
    values = {"title": plain_text(section.title), "text": shelf.inline(section.blocks), "body": body}
    return Names(f"sections.{section.key}", values, body)


def _facts(draft: Draft, keys: Mapping[str, str]) -> dict[str, str]:
    """A fact that is stated twice has both values."""
    found: dict[str, list[str]] = {}
    for statement in draft.statements:
        if statement.label:
            key = keys.get(statement.label, "_".join(statement.label.casefold().split()))
            found.setdefault(key, []).append(plain_text(statement.text))
    return {key: "; ".join(dict.fromkeys(values)) for key, values in found.items()}


def _sources(draft: Draft) -> dict[str, Names]:
    return {
        str(number): Names(
            f"sources.{number}",
            {"number": number, "title": plain_text(source.title), "name": plain_text(source.name)},
            f"[{number}] {plain_text(source.title)}",
        )
        for number, source in enumerate(draft.sources, 1)
    }


def _gaps(draft: Draft) -> dict[str, str]:
    return {str(place): plain_text(gap.question) for place, gap in enumerate(draft.gaps, 1)}


def _given(form: TemplateForm, values: Mapping[str, Value]) -> dict[str, object]:
    """The values that the form asks for, as trees: `client.name` is found under `client`."""
    wanted = [each.name for each in form.free]
    given = {name: _plain(value) for name, value in values.items() if name in wanted and value != ""}
    return _tree("", wanted, given)


def _tree(above: str, wanted: Sequence[str], given: Mapping[str, object]) -> dict[str, object]:
    """`wanted` are names below `above`, which ends with a dot unless it is empty."""
    tree: dict[str, object] = {}
    for root in dict.fromkeys(name.partition(".")[0] for name in wanted):
        path = f"{above}{root}"
        below = [name.removeprefix(f"{root}.") for name in wanted if name.startswith(f"{root}.")]
        own = given.get(path)
        if inside := _tree(f"{path}.", below, given):
            tree[root] = Names(path, inside, own if isinstance(own, str) else None)
        elif own is not None:
            tree[root] = Names(path, {}, own) if below and isinstance(own, str) else own
    return tree


def _plain(value: Value) -> str | bool | list[str]:
    if isinstance(value, bool):
        return value
    return plain_text(value) if isinstance(value, str) else [plain_text(line) for line in value]


def _written(
    part: ParsedPart, environment: TemplateEnvironment, context: Mapping[str, object], shelf: PassageShelf
) -> bytes:
    from lxml import etree

    try:
        rendered = environment.from_string(part.source).render(context)
    except FAULTS_OF_VALUES as error:
        raise refused("template_failed", fault=f"{str(error)[:200].rstrip('.')}.") from error
    root = _parsed(rendered)
    put_in_place(root, shelf)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def _parsed(rendered: str) -> etree._Element:
    from core.errors import UnreadableFile
    from core.ingestion.xml_parts import parse

    try:
        return parse(rendered.encode())
    except UnreadableFile as error:
        raise refused("template_torn") from error


def _check_result(data: bytes) -> None:
    """What came out keeps to what may go in: no value can smuggle in a field or an address."""
    checked_parts(data, MAX_UNPACKED_BYTES)
    _open_again(data)


def _open_again(data: bytes) -> None:
    from docx import Document
    from lxml.etree import LxmlError

    try:
        Document(BytesIO(data))
    except (KeyError, ValueError, AttributeError, LxmlError) as error:
        raise refused("template_not_word") from error
