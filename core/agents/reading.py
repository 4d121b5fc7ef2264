"""Reads an agent from TOML. The first thing that is wrong is said with its file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import NoReturn

from core.agents.agent import Agent, Keyword
from core.agents.areas import AREAS
from core.errors import Invalid
from core.language.stop_words import LANGUAGES, Language
from core.priority import Priority
from core.toml_lines import Path, find_lines, line_of

PRIORITIES: Mapping[int, Priority] = {1: Priority.HIGH, 2: Priority.NORMAL, 3: Priority.LOW}
"""How a file says the priority."""

_TABLES = ("names", "description", "audience", "specialisations", "keywords")
_KEYS = ("key", "tone", "priority", "types", *_TABLES)

Table = Mapping[str, object]


def read_agent(text: str, origin: str) -> Agent:
    """The agent that the text describes, worded in every language. Raises Invalid."""
    try:
        table: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{origin}: This is not TOML: {error}.", remedy="Correct the line.") from error
    return _Reading(text, origin).agent(table)


class _Reading:
    def __init__(self, text: str, origin: str) -> None:
        self._text, self._origin = text, origin

    def agent(self, table: Table) -> Agent:
        for key in table.keys() - set(_KEYS):
            self._refuse((key,), f"Nothing is called {key!r} here.", f"Use one of: {', '.join(_KEYS)}.")
        for key in _KEYS:
            if key not in table:
                self._refuse((), f"{key} is missing.", "Add it to the file.")
        return Agent(
            key=self._area(table["key"]),
            names=self._wording(table, "names"),
            description=self._wording(table, "description"),
            audience=self._wording(table, "audience"),
            specialisations={
                language: tuple(
                    self._said(word, ("specialisations", language, at)) for at, word in enumerate(words)
                )
                for language, words in self._lists(table, "specialisations").items()
            },
            keywords={
                language: tuple(
                    self._keyword(word, ("keywords", language, at)) for at, word in enumerate(words)
                )
                for language, words in self._lists(table, "keywords").items()
            },
            tone=self._said(table["tone"], ("tone",)),
            priority=self._priority(table["priority"]),
            types=tuple(self._said(key, ("types", at)) for at, key in enumerate(self._list(table["types"]))),
        )

    def _area(self, value: object) -> str:
        if value not in AREAS:
            self._refuse(("key",), f"{value!r} is no business area.", f"Use one of: {', '.join(AREAS)}.")
        return str(value)

    def _priority(self, value: object) -> Priority:
        if not isinstance(value, int) or isinstance(value, bool) or value not in PRIORITIES:
            self._refuse(("priority",), f"{value!r} is no priority.", "Use 1 (high), 2 (normal) or 3 (low).")
        return PRIORITIES[value]

    def _wording(self, table: Table, name: str) -> Mapping[Language, str]:
        return {
            language: self._said(value, (name, language))
            for language, value in self._by_language(table, name).items()
        }

    def _lists(self, table: Table, name: str) -> Mapping[Language, list[object]]:
        return {
            language: self._list(value, (name, language))
            for language, value in self._by_language(table, name).items()
        }

    def _by_language(self, table: Table, name: str) -> dict[Language, object]:
        values = table[name]
        if not isinstance(values, dict) or set(values) != set(LANGUAGES):
            self._refuse((name,), f"{name} should have {', '.join(LANGUAGES)}.", "Word it in all of them.")
        return {language: values[language] for language in LANGUAGES}

    def _list(self, value: object, path: Path = ("types",)) -> list[object]:
        if not isinstance(value, list) or not value:
            self._refuse(path, f"{path[0]} should be a list that is not empty.", "Add at least one entry.")
        return value

    def _keyword(self, value: object, path: Path) -> Keyword:
        """A text, or { term = "...", weight = 0.5 }."""
        if not isinstance(value, dict):
            return Keyword(self._said(value, path))
        weight = value.get("weight", 1.0)
        if set(value) - {"term", "weight"} or not isinstance(weight, int | float) or not 0 < weight <= 3:
            self._refuse(path, "A keyword has a term and a weight over 0, up to 3.", "Change the entry.")
        return Keyword(self._said(value.get("term"), path), float(weight))

    def _said(self, value: object, path: Path) -> str:
        if not isinstance(value, str) or not value.strip():
            self._refuse(path, f"{path[0]} should be a text that is not empty.", "Write it.")
        return value.strip()

    def _refuse(self, path: Path, message: str, remedy: str) -> NoReturn:
        line = line_of(find_lines(self._text), path)
        raise Invalid(f"{self._origin}, line {line}: {message}", remedy=remedy)
