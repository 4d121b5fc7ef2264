"""Reads a type of document from TOML, and finds all that is wrong with the text at once."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar, cast

from core.documents.catalogue.fault import Fault, FaultKind
from core.documents.catalogue.vocabulary import AREAS, LAYOUTS, TONES
from core.documents.template import (
    FACT_KINDS,
    SLOT_FORMS,
    DocumentTemplate,
    FactKind,
    RequiredFact,
    Slot,
    SlotForm,
    Wording,
    Words,
)
from core.errors import Invalid
from core.language.stop_words import LANGUAGES, Language
from core.toml_lines import Path, find_lines, line_of

MOST_BYTES = 200_000
MOST_SLOTS = 40
MOST_FACTS = 20
"""In one section."""
MOST_HINTS = 40
"""For one language of a section or fact, and of names."""
MOST_WORDS = 5_000
"""Of one section."""

_TITLE, _SENTENCE = 120, 500
_MOST_VERSIONS = 1_000_000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){40}""")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_TYPE_KEYS = ("key", "version", "areas", "tone", "layout", "names", "purpose", "slots")
_SLOT_KEYS = (
    "key",
    "form",
    "min_words",
    "max_words",
    "required",
    "title",
    "question",
    "hints",
    "facts",
)
_FACT_KEYS = ("key", "kind", "label", "question", "hints")

Table = Mapping[str, object]
T = TypeVar("T")


def read_template(text: str, origin: str, *, languages: Collection[Language] = ()) -> DocumentTemplate:
    """The type that the text describes. `origin` is where the text is from, for messages and the template.

    Words that a language lacks are taken from another that has them, unless the language is among
    `languages`, which must all be there. Raises Invalid with the first fault, its line and the number of the
    others; `faults_of` has them all.
    """
    template, faults = _read(text, origin, languages)
    if template is None:
        raise _invalid(origin, faults)
    return template


def faults_of(text: str, origin: str, *, languages: Collection[Language] = ()) -> tuple[Fault, ...]:
    """All that keeps `read_template` from reading the text, by line; nothing if it can be read."""
    return _read(text, origin, languages)[1]


def _read(
    text: str, origin: str, languages: Collection[Language]
) -> tuple[DocumentTemplate | None, tuple[Fault, ...]]:
    text = text.removeprefix("\ufeff")
    if fault := _unparsable(text):
        return None, (fault,)
    try:
        table: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, (_syntax_fault(error, text),)
    except RecursionError:
        return None, (Fault(1, "too_deep"),)
    reading = _Reading(text, languages)
    template = reading.template(table, origin)
    return (None if reading.faults else template), tuple(sorted(set(reading.faults)))


def _unparsable(text: str) -> Fault | None:
    """What would cost the parser more than the text is worth: it takes a square of the depth of a key."""
    if len(text) > MOST_BYTES or len(text.encode(errors="replace")) > MOST_BYTES:
        return Fault(1, "too_large", allowed=str(MOST_BYTES))
    if deep := _DEEP_KEY.search(text):
        return Fault(_line_at(text, deep.start()), "too_deep")
    return None


def _syntax_fault(error: tomllib.TOMLDecodeError, text: str) -> Fault:
    place = _PLACE.search(str(error))
    line = int(place[1]) if place and place[1] else _line_at(text, len(text.rstrip()))
    return Fault(line, "syntax", value=_PLACE.sub("", str(error)))


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _invalid(origin: str, faults: tuple[Fault, ...]) -> Invalid:
    first, *others = faults
    message = f"{origin}, line {first.line}: {first.sentence}"
    if others:
        message += f" There are {len(others)} more faults." if others[1:] else " There is one more fault."
    return Invalid(message, remedy=first.remedy)


class _Reading:
    """One text while it is read. A faulty value is noted and read as an empty one, so that all is read."""

    def __init__(self, text: str, languages: Collection[Language]) -> None:
        self.faults: list[Fault] = []
        self._source = text
        self._languages = languages
        self._lines: Mapping[Path, int] | None = None

    def template(self, table: Table, origin: str) -> DocumentTemplate:
        self._check_keys(table, (), _TYPE_KEYS, optional=("version", "layout"))
        return DocumentTemplate(
            key=self._key(table, ()),
            version=self._number(table, (), "version", 1, _MOST_VERSIONS, 1),
            areas=self._choices(table, "areas", AREAS),
            names=self._words(table, (), "names", _TITLE),
            purpose=self._wording(table, (), "purpose", _SENTENCE),
            tone=self._choice(table, (), "tone", TONES),
            layout=self._choices(table, "layout", tuple(LAYOUTS)) if "layout" in table else (),
            slots=tuple(self._slots(table)),
            origin=origin,
        )

    def _slots(self, table: Table) -> Iterable[Slot]:
        entries = self._entries(table, (), "slots", MOST_SLOTS)
        slots = [self._slot(entry, ("slots", number)) for number, entry in enumerate(entries)]
        self._check_unique([slot.key for slot in slots], ("slots",))
        for language in LANGUAGES:
            titles = [slot.title.get(language, "") for slot in slots]
            self._check_unique(titles, ("slots",), name="title")
        return slots

    def _slot(self, table: Table, path: Path) -> Slot:
        self._check_keys(table, path, _SLOT_KEYS, optional=("min_words", "required", "facts"))
        least = self._number(table, path, "min_words", 0, MOST_WORDS, 0)
        most = self._number(table, path, "max_words", 1, MOST_WORDS, MOST_WORDS)
        if least > most:
            self._fault("min_over_max", (*path, "min_words"), value=f"{least} > {most}")
        form = self._choice(table, path, "form", SLOT_FORMS)
        entries = self._entries(table, path, "facts", MOST_FACTS) if "facts" in table else []
        facts = [self._fact(entry, (*path, "facts", number)) for number, entry in enumerate(entries)]
        self._check_unique([fact.key for fact in facts], (*path, "facts"))
        if form == "facts" and not facts:
            self._fault("no_facts", (*path, "form"))
        return Slot(
            key=self._key(table, path),
            form=cast("SlotForm", form),
            title=self._wording(table, path, "title", _TITLE),
            question=self._wording(table, path, "question", _SENTENCE),
            hints=self._words(table, path, "hints", _TITLE),
            min_words=least,
            max_words=most,
            is_required=self._flag(table, path, "required", True),
            facts=tuple(facts),
        )

    def _fact(self, table: Table, path: Path) -> RequiredFact:
        self._check_keys(table, path, _FACT_KEYS)
        return RequiredFact(
            key=self._key(table, path),
            kind=cast("FactKind", self._choice(table, path, "kind", FACT_KINDS)),
            label=self._wording(table, path, "label", _TITLE),
            question=self._wording(table, path, "question", _SENTENCE),
            hints=self._words(table, path, "hints", _TITLE),
        )

    def _key(self, table: Table, path: Path) -> str:
        if not isinstance(value := table.get("key"), str):
            return self._wrong(table, path, "key", "a text", "")
        if not _KEY.fullmatch(value):
            self._fault("bad_key", (*path, "key"), value=_shown(value))
        return value

    def _choice(self, table: Table, path: Path, name: str, allowed: tuple[str, ...]) -> str:
        if not isinstance(value := table.get(name), str):
            return self._wrong(table, path, name, "a text", "")
        self._check_allowed(value, (*path, name), allowed)
        return value

    def _choices(self, table: Table, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        if not isinstance(values := table.get(name), list):
            return self._wrong(table, (), name, "a list of texts", ())
        if not values and name == "areas":
            self._fault("too_few", (name,))
        read = []
        for number, value in enumerate(values):
            if isinstance(value, str):
                self._check_allowed(value, (name, number), allowed)
                read.append(value)
            else:
                self._fault("wrong_type", (name, number), allowed="a text")
        self._check_repeated(read, (name,))
        return tuple(read)

    def _number(self, table: Table, path: Path, name: str, least: int, most: int, default: int) -> int:
        value = table.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            return self._wrong(table, path, name, "a whole number", default)
        if not least <= value <= most:
            self._fault("out_of_bounds", (*path, name), value=_shown(value), allowed=f"{least}-{most}")
            return default
        return value

    def _flag(self, table: Table, path: Path, name: str, default: bool) -> bool:
        if not isinstance(value := table.get(name, default), bool):
            return self._wrong(table, path, name, "true or false", default)
        return value

    def _entries(self, table: Table, path: Path, name: str, most: int) -> list[Table]:
        """The tables of a list of tables, as many as are allowed."""
        values = table.get(name)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            return self._wrong(table, path, name, "a list of tables", [])
        if not values:
            self._fault("too_few", (*path, name))
        if len(values) > most:
            self._fault("too_many", (*path, name, most), name, allowed=str(most))
        return values[:most]

    def _wording(self, table: Table, path: Path, name: str, most: int) -> Wording:
        said = {}
        for language, value in self._by_language(table, path, name).items():
            said[language] = self._text(value, (*path, name, language), most)
        return _in_every_language(said)

    def _words(self, table: Table, path: Path, name: str, most: int) -> Words:
        said = {}
        for language, values in self._by_language(table, path, name).items():
            said[language] = self._texts(values, (*path, name, language), most)
        return _in_every_language(said)

    def _by_language(self, table: Table, path: Path, name: str) -> dict[Language, object]:
        if not isinstance(values := table.get(name), dict):
            return self._wrong(table, path, name, "a table with en, es and pt", {})
        for language in values.keys() - set(LANGUAGES):
            self._fault(
                "unknown_language",
                (*path, name, language),
                value=_shown(language),
                allowed=", ".join(LANGUAGES),
            )
        said = {language: values[language] for language in LANGUAGES if language in values}
        if not said:
            self._fault("no_wording", (*path, name))
            return {}
        for language in LANGUAGES:
            if language in self._languages and language not in said:
                self._fault("missing_language", (*path, name), value=language)
        return said

    def _texts(self, values: object, path: Path, most: int) -> tuple[str, ...]:
        if not isinstance(values, list):
            self._fault("wrong_type", path, allowed="a list of texts")
            return ()
        if not values:
            self._fault("too_few", path)
        if len(values) > MOST_HINTS:
            self._fault("too_many", (*path, MOST_HINTS), str(path[-1]), allowed=str(MOST_HINTS))
        read = [self._text(value, (*path, number), most) for number, value in enumerate(values[:MOST_HINTS])]
        self._check_repeated(read, path)
        return tuple(read)

    def _text(self, value: object, path: Path, most: int) -> str:
        if not isinstance(value, str):
            self._fault("wrong_type", path, allowed="a text")
            return ""
        text = value.strip()
        if not text:
            self._fault("empty_text", path)
        elif any(unicodedata.category(letter)[0] == "C" for letter in text):
            self._fault("control_character", path)
        elif len(text) > most:
            self._fault("text_too_long", path, allowed=str(most))
        return text

    def _check_keys(
        self, table: Table, path: Path, known: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        for key in table.keys() - set(known):
            self._fault("unknown_key", (*path, key), allowed=", ".join(known))
        for key in known:
            if key not in table and key not in optional:
                self._fault("missing_key", path, key)

    def _check_allowed(self, value: str, path: Path, allowed: tuple[str, ...]) -> None:
        if value not in allowed:
            self._fault("not_one_of", path, value=_shown(value), allowed=", ".join(allowed))

    def _check_unique(self, values: list[str], path: Path, name: str = "key") -> None:
        """No two entries of the list of tables have the same; empty ones are noted elsewhere."""
        seen: set[str] = set()
        for number, value in enumerate(values):
            if value and value in seen:
                kind: FaultKind = "repeated_key" if name == "key" else "repeated_words"
                self._fault(kind, (*path, number, name), value=_shown(value))
            seen.add(value)

    def _check_repeated(self, values: list[str], path: Path) -> None:
        seen: set[str] = set()
        for number, value in enumerate(values):
            if value and value.casefold() in seen:
                self._fault("repeated_words", (*path, number), value=_shown(value))
            seen.add(value.casefold())

    def _wrong(self, table: Table, path: Path, name: str, wanted: str, instead: T) -> T:
        """Notes a value of the wrong type. One that is not there is noted by `_check_keys`."""
        if name in table:
            self._fault("wrong_type", (*path, name), allowed=wanted)
        return instead

    def _fault(
        self, kind: FaultKind, path: Path, name: str = "", *, value: str = "", allowed: str = ""
    ) -> None:
        if self._lines is None:
            self._lines = find_lines(self._source)
        self.faults.append(
            Fault(line_of(self._lines, path), kind, name or _name(path), value=value, allowed=allowed)
        )


def _in_every_language(said: dict[Language, T]) -> dict[Language, T]:
    """Languages without words get those of the first that has some."""
    return {language: said.get(language, next(iter(said.values()))) for language in LANGUAGES if said}


def _name(path: Path) -> str:
    """The keys from the last numbered entry on, as a writer of the file would point at them."""
    keys = [part for part in path if isinstance(part, str)]
    start = max((place + 1 for place, part in enumerate(path[:-1]) if isinstance(part, int)), default=0)
    named = [part for part in path[start:] if isinstance(part, str)]
    return _shown(".".join(named or keys[-1:]))


def _shown(value: object) -> str:
    """A value as it can stand in a sentence."""
    text = str(value)
    visible = "".join(letter if unicodedata.category(letter)[0] != "C" else "?" for letter in text)
    return visible if len(visible) <= 60 else f"{visible[:59]}…"
