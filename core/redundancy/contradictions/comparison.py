"""Whether two stated facts are about the same thing, and whether they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from core.language.glossary import area_of, family_of
from core.redundancy.contradictions.contradiction import Kind
from core.redundancy.contradictions.quantity import Quantity, have_same_dimension, say_the_same
from core.redundancy.contradictions.stance import STANCES, Stance, are_opposed
from core.redundancy.contradictions.statement import StatedFact, Statement
from core.redundancy.contradictions.units import base_value

Weight = Callable[[str], float]

_ABOUT, _TITLE, _FAMILY = 0.8, 0.5, 0.7  # what a concept counts that the other has only in its heading, title
SAME = 0.5  # agreement from which two facts are about the same thing
ENOUGH_SHARED = 1.1  # weight of the two weightiest things that both must speak of
ROLES = frozenset({"retention", "warranty", "newcomer"})
"""Families whose numbers are rules: how long to keep, to guarantee, to be new."""

_MOST_TIMES = 25
_LIGHTEST = 0.45  # weight of the second thing that both must speak of
_LIGHTEST_IN_PROMISE = 0.1
_NEARLY_ALL, _FULL = 0.7, 0.8  # share, with a concept of such weight, from which two clauses are one
_NEARLY_ONE, _THINGS = 0.8, 3  # agreement and number of shared things asked of names and negations
_OUTSIDE = 0.35  # what a concept counts that stands outside the clause of the fact
_ROLE_WORTH = 0.8  # what a concept of the role counts at least
_ROLE_FAMILY = 0.95  # what it counts where the other has another word of the role
_ROLE = 0.1  # what a shared role adds


class Claim(NamedTuple):
    """A fact with the statement and the document it stands in."""

    document: int
    statement: Statement
    fact: StatedFact
    title: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """`score` is 0 to 1, how much of what each says about its fact the other says as well."""

    score: float
    shared: tuple[str, ...]
    is_promise: bool = False  # both say how long something is guaranteed


NO_AGREEMENT = Agreement(0.0, ())


def are_comparable(one: Claim, other: Claim) -> bool:
    """Whether the facts could take each other's place: of one kind, dimension, bound and rate."""
    a, b = one.fact, other.fact
    if a.kind != b.kind:
        return False
    if a.kind == "date":
        return _date_form(a.value) == _date_form(b.value)
    if a.kind == "name":
        return bool(a.nouns & b.nouns) and one.language == other.language
    if a.quantity is None or b.quantity is None:
        return a.kind == "stance"
    if not have_same_dimension(a.quantity, b.quantity):
        return False
    bounds = {a.quantity.bound, b.quantity.bound}
    if bounds == {"min", "max"} or ("every" in bounds and len(bounds) > 1) or not _have_one_rate(a, b):
        return False
    if a.quantity.is_ordinal != b.quantity.is_ordinal and (a.quantity.per or b.quantity.per):
        return False
    if not _are_of_one_size(a.quantity, b.quantity):
        return False
    return a.quantity.unit is not None or bool(a.nouns & b.nouns) or _share_family(a.nouns, b.nouns)


def _are_of_one_size(one: Quantity, other: Quantity) -> bool:
    """Durations and amounts that differ by more than this factor answer different questions."""
    sizes = sorted(
        abs(base_value(quantity.value, quantity.unit)) if quantity.unit else abs(quantity.value)
        for quantity in (one, other)
    )
    is_sized = one.dimension == "time" or one.dimension.startswith("money")
    return not is_sized or sizes[1] <= _MOST_TIMES * sizes[0]


def difference(one: Claim, other: Claim) -> Kind | None:
    """How two comparable facts differ; None if they say the same."""
    a, b = one.fact, other.fact
    if a.kind == "date":
        return "date" if _dates_differ(a.value, b.value) else None
    if a.kind == "name":
        return None if set(a.value.split()) & set(b.value.split()) else "name"
    if a.kind == "stance":
        return _stance_difference(stance(a), stance(b))
    if a.quantity is None or b.quantity is None or say_the_same(a.quantity, b.quantity):
        return None
    return "unit" if a.quantity.value == b.quantity.value else "number"


def _stance_difference(one: Stance, other: Stance) -> Kind | None:
    if not are_opposed(one, other):
        return None
    return "negation" if {one, other} == {"does", "does not"} else "obligation"


def stance(fact: StatedFact) -> Stance:
    return next(each for each in STANCES if each == fact.value)


def agreement(one: Claim, other: Claim, weight: Weight) -> Agreement:
    """How surely two comparable facts are about the same thing."""
    if _labels_differ(one.statement, other.statement) or _scopes_differ(one, other):
        return NO_AGREEMENT
    roles = families_of(_said(one)) & families_of(_said(other)) & ROLES
    share_a, common_a = _found(one.fact, other, weight, roles)
    share_b, common_b = _found(other.fact, one, weight, roles)
    shared = common_a | common_b
    is_promise = "warranty" in roles
    most = max(map(weight, shared), default=0.0)
    is_same = min(share_a, share_b) >= _NEARLY_ALL and most >= _FULL
    if not is_same and not _is_enough(shared, weight, is_promise):
        return NO_AGREEMENT
    ranked = tuple(sorted(shared, key=lambda concept: (-weight(concept), concept)))
    score = (share_a * share_b) ** 0.5 + _ROLE * bool(roles)
    if one.fact.kind in ("name", "stance") and not _are_nearly_one(score, shared, weight):
        return NO_AGREEMENT
    return Agreement(min(1.0, score), ranked, is_promise)


def _are_nearly_one(score: float, shared: frozenset[str], weight: Weight) -> bool:
    """Names and negations are held against each other only where all else that is said is the same."""
    worth = sorted((weight(concept) for concept in shared), reverse=True)
    return score >= _NEARLY_ONE and sum(worth[:_THINGS]) >= _THINGS * _LIGHTEST and len(worth) >= _THINGS


def _is_enough(shared: frozenset[str], weight: Weight, is_promise: bool) -> bool:
    """Whether at least two different things are shared, kin counted once, and together they weigh enough."""
    by_kin: dict[str, float] = {}
    for concept in shared:
        kin = family_of(concept) or concept
        by_kin[kin] = max(by_kin.get(kin, 0.0), weight(concept))
    worth = sorted(by_kin.values(), reverse=True)[:2]
    return (
        len(worth) == 2
        and worth[1] >= (_LIGHTEST_IN_PROMISE if is_promise else _LIGHTEST)
        and sum(worth) >= ENOUGH_SHARED
    )


def _said(claim: Claim) -> frozenset[str]:
    return claim.fact.near | claim.statement.about


def _found(
    fact: StatedFact, other: Claim, weight: Weight, roles: frozenset[str]
) -> tuple[float, frozenset[str]]:
    """The share of what is said of `fact`, by weight, that the other claim says, and the concepts."""
    whole, found = 0.0, 0.0
    common: set[str] = set()
    families = families_of(other.fact.near)
    for concept in fact.near:
        has_role = family_of(concept) in roles
        worth = (max(_ROLE_WORTH, weight(concept)) if has_role else weight(concept)) * (
            1.0 if concept in fact.core else _OUTSIDE
        )
        whole += worth
        if concept in other.fact.near:
            counted = 1.0
        elif concept in other.statement.about:
            counted = _ABOUT
        elif family_of(concept) in families:
            counted = _ROLE_FAMILY if has_role else _FAMILY
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


def _have_one_rate(a: StatedFact, b: StatedFact) -> bool:
    assert a.quantity is not None
    assert b.quantity is not None
    rate_a, rate_b = a.quantity.per, b.quantity.per
    if rate_a and rate_b:
        return rate_a == rate_b
    if not (rate_a or rate_b):
        return True
    unrated = b if rate_a else a
    return _RATES.get(rate_a or rate_b, "") in unrated.near


_RATES = {"day": "daily", "week": "weekly", "month": "monthly", "year": "annual"}


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
