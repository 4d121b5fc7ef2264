"""What can be wrong with the file of a type, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

FaultKind = Literal[
    "too_large",
    "syntax",
    "too_deep",
    "unknown_key",
    "missing_key",
    "wrong_type",
    "not_one_of",
    "bad_key",
    "repeated_key",
    "repeated_words",
    "no_wording",
    "unknown_language",
    "missing_language",
    "empty_text",
    "control_character",
    "text_too_long",
    "too_many",
    "too_few",
    "out_of_bounds",
    "min_over_max",
    "no_facts",
]


class _Said(NamedTuple):
    sentence: str
    remedy: str


FAULTS: dict[FaultKind, _Said] = {
    "too_large": _Said(
        "The file is larger than {allowed} bytes.", "Shorten the wording or split it into two types."
    ),
    "syntax": _Said("This is not TOML: {value}.", "Correct the line; text stands in double quotes."),
    "too_deep": _Said("Keys or lists are nested too deeply.", "Write the file as the built-in types are."),
    "unknown_key": _Said("Nothing is called {name} here.", "Remove it, or use one of: {allowed}."),
    "missing_key": _Said("{name} is missing.", "Add it to this part of the file."),
    "wrong_type": _Said("{name} should be {allowed}.", "Change the value."),
    "not_one_of": _Said('"{value}" is no value of {name}.', "Use one of: {allowed}."),
    "bad_key": _Said(
        '"{value}" cannot be a key.', "Use lower-case letters, digits and underscores, a letter first."
    ),
    "repeated_key": _Said('"{value}" is the key of two entries.', "Give each a key of its own."),
    "repeated_words": _Said('"{value}" is said twice in {name}.', "Keep one, or word them differently."),
    "no_wording": _Said("{name} has no words in any language.", "Give it in en, es or pt."),
    "unknown_language": _Said(
        'Documents are not written in the language "{value}".', "Use one or more of: {allowed}."
    ),
    "missing_language": _Said("{name} has no words in {value}.", "Add them in that language."),
    "empty_text": _Said("{name} is empty.", "Write it, or remove the key."),
    "control_character": _Said(
        "{name} holds a line break or an invisible character.", "Write it on one line, in visible letters."
    ),
    "text_too_long": _Said("{name} is longer than {allowed} characters.", "Shorten it."),
    "too_many": _Said("{name} has more than {allowed} entries.", "Remove some of them."),
    "too_few": _Said("{name} has no entries.", "Add at least one."),
    "out_of_bounds": _Said("{name} is {value}.", "Choose a whole number from {allowed}."),
    "min_over_max": _Said(
        "min_words is greater than max_words ({value}).", "Lower min_words or raise max_words."
    ),
    "no_facts": _Said("A section of the form facts names none.", "Add [[slots.facts]] or change the form."),
}
"""Sentences with `{name}`, what it is about; `{value}`, what was read; `{allowed}`, what may stand there."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Lines count from 1; the line of a missing entry is that of the part it is missing from."""

    line: int
    kind: FaultKind
    name: str = ""
    value: str = ""
    allowed: str = ""

    @property
    def sentence(self) -> str:
        return self._filled(FAULTS[self.kind].sentence)

    @property
    def remedy(self) -> str:
        return self._filled(FAULTS[self.kind].remedy)

    def _filled(self, words: str) -> str:
        return words.format(name=self.name, value=self.value, allowed=self.allowed)
