"""Whether two stated facts are about the same thing, and whether they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from core.language.glossary import area_of, family_of
from core.redundancy.contradictions.contradiction import Kind
from core.redundancy.contradictions.quantity import have_same_dimension, say_the_same
from core.redundancy.contradictions.statement import StatedFact, Statement

Weight = Callable[[str], float]

_ABOUT, _TITLE, _FAMILY = 0.8, 0.5, 0.7  # what a concept counts that the other has only in its heading, title
SAME = 0.5  # agreement from which two facts are about the same thing
ENOUGH_SHARED = 1.3  # weight of the concepts that both must have


class Claim(NamedTuple):
    """A fact with the statement and the document it stands in."""

    document: int
    statement: Statement
    fact: StatedFact
    title: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`score` is 0 to 1, how much of what each says about its fact the other says as well."""

    score: float
    shared: tuple[str, ...]


NO_AGREEMENT = Agreement(0.0, ())


def are_comparable(one: Claim, other: Claim) -> bool:
    """Whether the facts could take each other's place: of one kind, dimension, bound and rate."""
    a, b = one.fact, other.fact
    if a.kind != b.kind:
        return False
    if a.kind == "date":
        return _date_form(a.value) == _date_form(b.value)
    if a.quantity is None or b.quantity is None:
        return a.kind == "stance"
    if not have_same_dimension(a.quantity, b.quantity):
        return False
    bounds = {a.quantity.bound, b.quantity.bound}
    if bounds == {"min", "max"} or ("every" in bounds and len(bounds) > 1) or not _have_one_rate(a, b):
        return False
    return a.quantity.unit is not None or bool(a.nouns & b.nouns) or _share_family(a.nouns, b.nouns)


def difference(one: Claim, other: Claim) -> Kind | None:
    """How two comparable facts differ; None if they say the same."""
    a, b = one.fact, other.fact
    if a.kind == "date":
        return "date" if _dates_differ(a.value, b.value) else None
    if a.quantity is None or b.quantity is None or say_the_same(a.quantity, b.quantity):
        return None
    return "unit" if a.quantity.value == b.quantity.value else "number"


def agreement(one: Claim, other: Claim, weight: Weight) -> Agreement:
    """How surely two comparable facts are about the same thing."""
    if _labels_differ(one.statement, other.statement) or _scopes_differ(one, other):
        return NO_AGREEMENT
    near_a, near_b = one.fact.near, other.fact.near
    share_a, common_a = _found(near_a, other, weight)
    share_b, common_b = _found(near_b, one, weight)
    shared = common_a | common_b
    if sum(weight(concept) for concept in shared) < ENOUGH_SHARED or not near_a & near_b | _kin(
        near_a, near_b
    ):
        return NO_AGREEMENT
    ranked = tuple(sorted(shared, key=lambda concept: (-weight(concept), concept)))
    return Agreement((share_a * share_b) ** 0.5, ranked)


def _found(near: frozenset[str], other: Claim, weight: Weight) -> tuple[float, frozenset[str]]:
    """The share of `near`, by weight, that the other claim has, and which concepts those are."""
    whole, found = 0.0, 0.0
    common: set[str] = set()
    families = families_of(other.fact.near)
    for concept in near:
        worth = weight(concept)
        whole += worth
        if concept in other.fact.near:
            counted = 1.0
        elif concept in other.statement.about or concept in other.statement.concepts:
            counted = _ABOUT
        elif family_of(concept) in families:
            counted = _FAMILY
        elif concept in other.title:
            counted = _TITLE
        else:
            continue
        found += counted * worth
        common.add(concept)
    return (found / whole if whole else 0.0), frozenset(common)


@cache
def families_of(concepts: frozenset[str]) -> frozenset[str]:
    return frozenset(family for concept in concepts if (family := family_of(concept)))


def _share_family(one: Iterable[str], other: Iterable[str]) -> bool:
    return bool(families_of(frozenset(one)) & families_of(frozenset(other)))


def _kin(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return families_of(one) & families_of(other)


def _have_one_rate(a: StatedFact, b: StatedFact) -> bool:
    assert a.quantity is not None
    assert b.quantity is not None
    rate_a, rate_b = a.quantity.per, b.quantity.per
    if rate_a and rate_b:
        return rate_a == rate_b
    return not (rate_a or rate_b) or (rate_a or rate_b) in a.near | b.near


def _labels_differ(one: Statement, other: Statement) -> bool:
    """Whether the statements name different things of a kind by their numbers: severity 1, severity 2."""
    numbers_a, numbers_b = dict(one.labels), dict(other.labels)
    if any(numbers_a[noun] != numbers_b[noun] for noun in numbers_a.keys() & numbers_b.keys()):
        return True
    return bool(one.years and other.years) and not one.years & other.years


def _scopes_differ(one: Claim, other: Claim) -> bool:
    """Whether both name places or names and have none of them in common."""
    named_a, named_b = _names(one.fact.near), _names(other.fact.near)
    if not named_a or not named_b:
        return False
    wide_a = named_a | _names(one.statement.concepts | one.statement.about | one.title)
    wide_b = named_b | _names(other.statement.concepts | other.statement.about | other.title)
    return not (named_a & wide_b or named_b & wide_a)


@cache
def _names(concepts: frozenset[str]) -> frozenset[str]:
    return frozenset(
        concept
        for concept in concepts
        if concept[0] == "=" or (area_of(concept) == "places" and concept[0].isupper())
    )


def _date_form(value: str) -> str:
    if ":" in value:
        return "time"
    return "day" if value.count("-") >= 2 else "other"


def _dates_differ(one: str, other: str) -> bool:
    if ":" in one:
        return one.split(":")[:2] != other.split(":")[:2] and one.lstrip("0") != other.lstrip("0")
    parts_a, parts_b = one.split("-"), other.split("-")
    if len(parts_a) != len(parts_b):
        return False
    return any(a != b for a, b in zip(parts_a, parts_b, strict=True) if a and b)
