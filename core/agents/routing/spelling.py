"""Long words with one letter wrong, missing, added or swapped, put right by the words that are known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

LEAST_LETTERS = 6


class Spelling:
    """Looks a word up by what is left of it when one letter is taken away (symmetric deletion)."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(known)
        self._near: dict[str, str] = {}
        for word in sorted(self._known):
            if len(word) >= LEAST_LETTERS:
                for shorter in _shorter(word):
                    self._near.setdefault(shorter, word)

    def correct(self, word: str) -> str:
        """The known word that differs in one letter; a word that is known, short or like no other stays."""
        if len(word) < LEAST_LETTERS or word in self._known or not word.isalpha():
            return word
        for candidate in (word, *_shorter(word)):
            near = self._near.get(candidate)
            if near is not None and near[0] == word[0]:
                return near
            if candidate != word and candidate in self._known:
                return candidate
        return word


class Corrector(Protocol):
    def correct(self, word: str) -> str: ...


class AsWritten:
    """Corrects nothing: for learning which words there are."""

    def correct(self, word: str) -> str:
        return word


def _shorter(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
