"""The facts a text states, so that texts that differ in a fact are never taken for copies of each other.

Numbers in digits or words, dates, identifiers, names and negations in English, Spanish and Portuguese. What
can be read in two ways stays as it is written and so differs from every other way to write it: a false
difference costs a look, a false equality costs a document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from core.redundancy.fact import Fact
from core.redundancy.formal_facts import DecimalSign, decimal_sign, formal_facts
from core.redundancy.spelt_numbers import spelt_numbers
from core.redundancy.subject import WORD
from core.redundancy.worded_facts import worded_facts

Side = Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class DifferingFact:
    """A fact of one text that the other does not state, or states less often."""

    side: Side
    fact: Fact


def facts(text: str) -> tuple[Fact, ...]:
    """The facts of a text in reading order. They do not overlap.

    >>> [fact.value for fact in facts("Invoice INV-2024-001 of 3 de marzo de 2025: 1.234,50 EUR.")]
    ['INV-2024-001', '2025-03-03', '1234.5 EUR']
    """
    return _scan(text, decimal_sign(text)).certain


def differing_facts(a: str, b: str) -> tuple[DifferingFact, ...]:
    """The facts that only one of the texts states, those of `a` first.

    Ways of writing do not count, but a fact stated more often does. A name differs if the other text does not
    have its words in a row, in capitals or not; so does a capitalised word at the beginning of a sentence,
    which may be a name.
    """
    found_a, found_b = _scan_both(a, b)
    return (*_only(found_a, found_b, "a"), *_only(found_b, found_a, "b"))


def are_facts_reordered(a: str, b: str) -> bool:
    """Whether both texts state the same facts in another order, as where two figures have changed places.

    Names are looked at apart from the other facts, because capitals alone can make or unmake one.
    """
    scans = _scan_both(a, b)
    names_a, names_b = ([_key(fact) for fact in scan.certain if fact.kind == "name"] for scan in scans)
    others_a, others_b = ([_key(fact) for fact in scan.certain if fact.kind != "name"] for scan in scans)
    return _is_reordered(names_a, names_b) or _is_reordered(others_a, others_b)


def _is_reordered(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> bool:
    return one != other and Counter(one) == Counter(other)


class _Scan(NamedTuple):
    certain: tuple[Fact, ...]
    doubtful: tuple[Fact, ...]  # names, perhaps
    words: str  # all of them, with a space before and after each

    def has_words(self, written: str) -> bool:
        return _spaced_words(written) in self.words


def _scan_both(a: str, b: str) -> tuple[_Scan, _Scan]:
    """A text that does not show its decimal sign is read like the other one."""
    sign_a, sign_b = decimal_sign(a), decimal_sign(b)
    return _scan(a, sign_a or sign_b), _scan(b, sign_b or sign_a)


@lru_cache(maxsize=16)
def _scan(text: str, sign: DecimalSign | None) -> _Scan:
    formal = formal_facts(text, sign)
    numbers = tuple(sorted((*formal, *spelt_numbers(text, formal)), key=lambda fact: fact.start))
    worded, doubtful = worded_facts(text, numbers)
    certain = sorted((*numbers, *worded), key=lambda fact: fact.start)
    return _Scan(tuple(certain), doubtful, _spaced_words(text))


def _spaced_words(text: str) -> str:
    return f" {' '.join(WORD.findall(text.casefold()))} "


def _only(own: _Scan, other: _Scan, side: Side) -> Iterator[DifferingFact]:
    surplus = Counter(map(_key, own.certain)) - Counter(map(_key, other.certain))
    for fact in own.certain:
        if surplus[_key(fact)]:
            surplus[_key(fact)] -= 1
            if fact.kind != "name" or not other.has_words(fact.text):
                yield DifferingFact(side, fact)
    for fact in own.doubtful:
        if not other.has_words(fact.text):
            yield DifferingFact(side, fact)


def _key(fact: Fact) -> tuple[str, str]:
    return fact.kind, fact.value
