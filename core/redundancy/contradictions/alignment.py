"""What changed between two versions of one document, place by place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from core.language.sentences import split_sentences
from core.redundancy.contradictions.contradiction import Kind
from core.redundancy.contradictions.quantity import have_same_dimension, quantities, say_the_same
from core.redundancy.evidence import Difference, Span, align
from core.redundancy.fact import Fact
from core.redundancy.facts import DifferingFact, differing_facts

_KINDS: dict[str, Kind] = {
    "number": "number", "date": "date", "name": "name", "identifier": "name", "negation": "negation",
}  # fmt: skip
_LONGEST = 240  # characters that stand in place of each other and still are one statement
_FEWEST_WORDS = 3  # in a row that tie two places together


class Change(NamedTuple):
    """A fact of `a` in whose place `b` has another one. Without a fact a side has an empty span."""

    kind: Kind
    a: Span
    b: Span
    value_a: str
    value_b: str


def changes(a: str, b: str) -> Iterator[Change]:
    """The facts that stand in each other's place, and negations that only one of the texts has."""
    differing = differing_facts(a, b)
    if not differing:
        return
    for difference in align(a, b, _FEWEST_WORDS).differences:
        if max(difference.a.end - difference.a.start, difference.b.end - difference.b.start) <= _LONGEST:
            yield from _changes_at(difference, _within(differing, difference))


def sentence_at(text: str, place: Span) -> Span:
    """The sentence or row that the place stands in."""
    extents = split_sentences(text)
    index = bisect_right([extent.start for extent in extents], place.start) - 1
    return Span(*extents[max(0, index)]) if extents else place


def _within(differing: tuple[DifferingFact, ...], difference: Difference) -> tuple[list[Fact], list[Fact]]:
    sides: tuple[list[Fact], list[Fact]] = ([], [])
    for found in differing:
        span = difference.a if found.side == "a" else difference.b
        if found.fact.start < span.end and found.fact.end > span.start:
            sides[found.side == "b"].append(found.fact)
    return sides


def _changes_at(difference: Difference, sides: tuple[list[Fact], list[Fact]]) -> Iterator[Change]:
    for kind in ("number", "date", "name", "identifier"):
        of_kind = ([fact for fact in side if fact.kind == kind] for side in sides)
        for one, other in zip(*of_kind, strict=False):
            if kind == "number" and _measure_the_same(one, other):
                continue
            yield Change(
                _KINDS[kind], Span(one.start, one.end), Span(other.start, other.end), one.value, other.value
            )
    for position, facts in enumerate(sides):
        for fact in facts:
            if fact.kind == "negation" and not any(other.kind == "negation" for other in sides[1 - position]):
                spans, values = [difference.a, difference.b], ["", ""]
                spans[position], values[position] = Span(fact.start, fact.end), fact.value
                yield Change("negation", spans[0], spans[1], values[0], values[1])


def _measure_the_same(one: Fact, other: Fact) -> bool:
    measured = [quantities(fact.text, "en") for fact in (one, other)]
    return (
        all(len(each) == 1 for each in measured)
        and have_same_dimension(measured[0][0], measured[1][0])
        and say_the_same(measured[0][0], measured[1][0])
    )
