"""Words and phrases that must not, or must, stand in a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Invalid
from core.quality.policy.folding import FoldedWord, folded_words
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import MOST_PLACES, Breach, PolicyDocument
from core.redundancy.evidence import Span

MOST_TERMS = 500
LONGEST_TERM = 120
ANY_ENDING = "*"


@dataclass(frozen=True, slots=True)
class Terms:
    """Whole words, whatever their case and accents; signs between words do not count.

    A star at the end of a term stands for any ending: "confidencial*" finds "confidencialidad".
    """

    kind: ClassVar[str] = "terms"
    blocked: tuple[str, ...]
    required: tuple[str, ...]

    @classmethod
    def read(cls, given: Given) -> Self:
        blocked, required = (
            given.texts(name, most=MOST_TERMS, longest=LONGEST_TERM) for name in ("blocked", "required")
        )
        if not blocked and not required:
            raise Invalid("The rule names no word.", remedy="Write one word or phrase on each line.")
        for term in (*blocked, *required):
            if not folded_words(term):
                raise Invalid(
                    f"“{term}” has no letter and no digit.", remedy="Use a rule of the kind Pattern."
                )
        return cls(blocked, required)

    def parameters(self) -> dict[str, Value]:
        return {"blocked": list(self.blocked), "required": list(self.required)}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        found = _occurrences(document.text, (*self.blocked, *self.required))
        for term in self.blocked:
            if places := found.get(term):
                yield Breach(
                    "blocked_term", {"term": term, "num_places": len(places)}, tuple(places[:MOST_PLACES])
                )
        for term in self.required:
            if term not in found:
                yield Breach("missing_term", {"term": term})


def _occurrences(text: str, terms: tuple[str, ...]) -> dict[str, list[Span]]:
    """Where each term stands. Every word of the text is looked up twice: whole, and for terms with a star."""
    words = folded_words(text)
    by_word: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    starred: list[tuple[str, str]] = []
    for term in terms:
        parts = tuple(word for word, _start, _end in folded_words(term))
        if len(parts) == 1 and term.endswith(ANY_ENDING):
            starred.append((term, parts[0]))
        else:
            by_word[parts[0]].append((term, parts))
    found: dict[str, list[Span]] = defaultdict(list)
    beginnings = tuple(beginning for _term, beginning in starred)
    for place, word in enumerate(words):
        for term, parts in by_word.get(word.word, ()):
            if _stands(parts, words, place, term.endswith(ANY_ENDING)):
                found[term].append(Span(word.start, words[place + len(parts) - 1].end))
        if beginnings and word.word.startswith(beginnings):
            for term, beginning in starred:
                if word.word.startswith(beginning):
                    found[term].append(Span(word.start, word.end))
    return found


def _stands(parts: tuple[str, ...], words: list[FoldedWord], place: int, is_open: bool) -> bool:
    there = [word.word for word in words[place : place + len(parts)]]
    if len(there) < len(parts) or there[:-1] != list(parts[:-1]):
        return False
    return there[-1].startswith(parts[-1]) if is_open else there[-1] == parts[-1]
