"""In which line of a TOML text a value stands. Reads only what tomllib has read without complaint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys and, within lists, numbers from 0."""

_TOKEN = re.compile(
    r"""
    "{3}(?:\\.|[^\\])*?"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*'
    | \#[^\n]* | \n | [\[\]{}=,.] | [^\s\[\]{}=,."'\#]+
    """,
    re.VERBOSE | re.DOTALL,
)


def find_lines(text: str) -> Mapping[Path, int]:
    """The line of each key, table and item of a list, from 1."""
    return _Scan(text).lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of the path, or of the nearest part around it that stands in the text."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Token(NamedTuple):
    text: str
    line: int


class _Scan:
    """Walks the tokens once. `_lengths` counts the tables of each list of tables so far."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}
        self._tokens = [*_tokens(text), _Token("\n", text.count("\n") + 1)]
        self._at = 0
        table: Path = ()
        while self._at < len(self._tokens):
            if self._is("\n"):
                self._at += 1
            elif self._is("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        line = self._tokens[self._at].line
        self._at += 1
        is_list = self._is("[")
        self._at += is_list
        parts = self._key("]")
        self._at += is_list
        *outer, last = parts
        path = (*self._newest(outer), last)
        if is_list:
            self.lines.setdefault(path, line)
            self._lengths[path] = self._lengths.get(path, 0) + 1
            path = (*path, self._lengths[path] - 1)
        self.lines.setdefault(path, line)
        return path

    def _newest(self, parts: list[str]) -> Path:
        """The path of these keys, in the last table so far of each list among them."""
        path: Path = ()
        for part in parts:
            path = (*path, part)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line = self._tokens[self._at].line
        path = table
        for part in self._key("="):
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._is("{"):
            self._at += 1
            while not self._skipped("}"):
                self._pair(path)
        elif self._is("["):
            self._at += 1
            number = 0
            while not self._skipped("]"):
                self.lines[(*path, number)] = self._tokens[self._at].line
                self._value((*path, number))
                number += 1
        else:
            while self._tokens[self._at].text not in ("\n", ",", "]", "}"):
                self._at += 1

    def _key(self, end: str) -> list[str]:
        parts = []
        while not self._is(end):
            word = self._tokens[self._at].text
            if word != ".":
                parts.append(word[1:-1] if word[0] in "\"'" else word)
            self._at += 1
        self._at += 1
        return parts

    def _skipped(self, end: str) -> bool:
        """Passes commas and line breaks, and the end if it comes next."""
        while self._tokens[self._at].text in ("\n", ","):
            self._at += 1
        if not self._is(end):
            return False
        self._at += 1
        return True

    def _is(self, text: str) -> bool:
        return self._tokens[self._at].text == text


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if not match.group().startswith("#"):
            yield _Token(match.group(), line)
        line += match.group().count("\n")
