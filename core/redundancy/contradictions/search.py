"""Contradictions over a whole library, by an index of what each fact is about."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations

from core.language.glossary import concepts
from core.language.stop_words import known_language
from core.redundancy.contradictions.alignment import changes, sentence_at
from core.redundancy.contradictions.comparison import (
    SAME,
    Agreement,
    Claim,
    Weight,
    agreement,
    are_comparable,
    difference,
    families_of,
)
from core.redundancy.contradictions.contradiction import Contradiction, Kind, StatementFact
from core.redundancy.contradictions.statement import base_weight, describes_document, statements
from core.redundancy.contradictions.versions import Profile, Relationship, are_apart, relationship
from core.redundancy.facts import facts
from core.redundancy.shingles import Progress
from core.redundancy.subject import Subject

_RAREST = 6  # concepts of a fact by which it is looked up, alone and in pairs
_IN_PAIRS, _IN_PAIRS_OF_RECORD = 4, 2  # of them in pairs
_NAMES = 3  # words of the title of a record with which it is looked up besides
_LONGEST_LIST = 60  # facts under one key; a key with more says too little
_MARGIN = 0.02  # by how much a differing fact must be nearer than one that agrees
_SURE = 0.7  # agreement asked of a fact from a document about one deal
_MAY_BE_VERSIONS = 6  # facts that two documents may share from which they are compared as a whole
_TOP = 400  # characters in which a document tells its version and owner
_FEW_CHANGES, _MOST_CHANGES = 15, 0.5  # changes, and share of all facts, from which it is another form
_READING_SHARE = 0.6  # of the time goes into reading statements
_FEW = 20  # documents below which rarity says nothing


def contradictions(a: Subject, b: Subject) -> tuple[Contradiction, ...]:
    """Where two texts contradict each other, the surest first.

    >>> found = contradictions(
    ...     Subject.of("a", "Invoices are paid within 30 days of receipt."),
    ...     Subject.of("b", "Las facturas se pagan a los 45 días de su recepción.", language="es"),
    ... )
    >>> [(each.kind, each.a.value, each.b.value) for each in found]
    [('number', '30 day', '45 day')]
    """
    return find_contradictions((a, b))


def find_contradictions(
    subjects: Sequence[Subject], progress: Progress | None = None
) -> tuple[Contradiction, ...]:
    """Every contradiction between two of the documents, the surest first.

    Two versions of one document do not contradict each other: what differs has changed. Documents that fill
    in one template with other names, dates or numbers speak of different things and are left out. `progress`
    goes to 1; what it raises ends the search.
    """
    tell = progress or _ignore
    profiles: list[Profile] = []
    claims: list[Claim] = []
    for number, subject in enumerate(subjects):
        profiles.append(Profile.of(subject))
        claims += _claims(number, subject, profiles[number])
        tell(_READING_SHARE * (number + 1) / len(subjects))
    weight = _weights(claims, len(subjects))
    candidates = sorted(_candidates(claims, weight, profiles).items())
    found: list[Contradiction] = []
    for place, (pair, met) in enumerate(candidates):
        chosen = tuple(_conflicts(claims, met, weight))
        found += _between(subjects, profiles, claims, pair, chosen, len(met))
        tell(_READING_SHARE + (1 - _READING_SHARE) * (place + 1) / len(candidates))
    return tuple(sorted(found, key=lambda each: (-each.strength, each.a.document_id, each.b.document_id)))


def _ignore(_done: float) -> None:
    pass


def _between(
    subjects: Sequence[Subject],
    profiles: Sequence[Profile],
    claims: Sequence[Claim],
    pair: tuple[int, int],
    chosen: tuple[tuple[int, int, Kind, Agreement], ...],
    num_met: int,
) -> list[Contradiction]:
    """What two documents state differently, by how they are related. `num_met` of their facts met."""
    one, other = pair
    if not chosen and num_met < _MAY_BE_VERSIONS and len(subjects) > 2:
        return []
    related = relationship(profiles[one], profiles[other])
    if related is Relationship.TEMPLATE:
        return []
    found: list[Contradiction] = []
    if related is Relationship.VERSION:
        found += _changed(subjects[one], subjects[other])
        if _is_filled_in_again(tuple(found), subjects[one].text):
            return []
    if related is Relationship.DEAL:
        chosen = tuple(each for each in chosen if _may_concern_rule(claims[each[0]], each[3]))
    return found + [
        _contradiction(subjects, claims[a], claims[b], kind, how, related)
        for a, b, kind, how in chosen
        if not _is_told(found, claims[a], claims[b])
    ]


def _claims(number: int, subject: Subject, profile: Profile) -> Iterator[Claim]:
    for statement in statements(subject.text, profile.language, only_measured=profile.is_record):
        for fact in statement.facts:
            yield Claim(number, statement, fact, profile.title, profile.language)


def _weights(claims: Sequence[Claim], num_documents: int) -> Weight:
    """The weight of a concept by its kind and, in a library, by how few documents speak of it."""
    if num_documents < _FEW:
        return base_weight
    measured = [claim for claim in claims if claim.fact.kind in ("quantity", "date")]
    seen = {(claim.document, concept) for claim in measured for concept in claim.fact.near}
    frequency = Counter(concept for _, concept in seen)
    whole = math.log(num_documents + 1)

    def rarity(concept: str) -> float:
        return min(1.0, 1.4 * math.log((num_documents + 1) / frequency.get(concept, 1)) / whole)

    table = {concept: base_weight(concept) * rarity(concept) for concept in frequency}

    def weight(concept: str) -> float:
        known = table.get(concept)
        return base_weight(concept) if known is None else known

    return weight


def _candidates(
    claims: Sequence[Claim], weight: Weight, profiles: Sequence[Profile]
) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """Facts that share what is rare about them, by the two documents they stand in."""
    lists: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, claim in enumerate(claims):
        for key in _keys(claim, weight, profiles[claim.document].is_record):
            lists[key].append(position)
    found: dict[tuple[int, int], set[tuple[int, int]]] = {}
    nothing: set[tuple[int, int]] = set()
    for positions in lists.values():
        if 1 < len(positions) <= _LONGEST_LIST:
            for a, b in combinations(positions, 2):
                documents = claims[a].document, claims[b].document
                pairs = found.get(documents)
                if pairs is None:
                    one, other = documents
                    is_apart = one == other or are_apart(profiles[one], profiles[other])
                    pairs = found[documents] = nothing if is_apart else set()
                if pairs is not nothing:
                    pairs.add((a, b))
    return {documents: pairs for documents, pairs in found.items() if pairs}


def _keys(claim: Claim, weight: Weight, is_record: bool) -> Iterator[tuple[str, ...]]:
    """What the fact is a measure of, with its rarest concepts, alone and in pairs."""
    measure = claim.fact.quantity.dimension.split()[0] if claim.fact.quantity else claim.fact.kind
    kin = {f"@{family}" for family in families_of(claim.fact.near | claim.statement.about)}
    about = claim.fact.core | claim.statement.about
    rarest = sorted(about, key=lambda concept: (-weight(concept), concept))[:_RAREST]
    if claim.fact.quantity or claim.fact.kind == "date":
        for concept in (*rarest, *kin):
            yield measure, concept
    num_in_pairs = _IN_PAIRS_OF_RECORD if is_record else _IN_PAIRS
    for pair in combinations(sorted(rarest[:num_in_pairs]), 2):
        yield measure, *pair
    for concept in rarest[:num_in_pairs]:
        for family in kin:
            yield measure, concept, family
    for name in (
        sorted(claim.title, key=lambda concept: (-weight(concept), concept))[:_NAMES] if is_record else ()
    ):
        for concept in rarest[:_IN_PAIRS]:
            yield measure, concept, f"of {name}"


def _conflicts(
    claims: Sequence[Claim], pairs: set[tuple[int, int]], weight: Weight
) -> Iterator[tuple[int, int, Kind, Agreement]]:
    """Of the candidates of two documents, those that are each other's nearest and differ."""
    near: list[tuple[float, int, int, Kind | None, Agreement]] = []
    for a, b in sorted(pairs):
        if are_comparable(claims[a], claims[b]):
            how = agreement(claims[a], claims[b], weight)
            if how.score >= SAME - 0.15:
                near.append((how.score, a, b, difference(claims[a], claims[b]), how))
    agreeing: dict[int, float] = defaultdict(float)
    nearest: dict[int, float] = defaultdict(float)
    for score, a, b, kind, _ in near:
        for place in (a, b):
            nearest[place] = max(nearest[place], score)
            if kind is None:
                agreeing[place] = max(agreeing[place], score)
    for score, a, b, kind, how in near:
        if kind is None or score < SAME or score < max(nearest[a], nearest[b]):
            continue
        if score > max(agreeing[a], agreeing[b]) + _MARGIN:
            yield a, b, kind, how


def _changed(one: Subject, other: Subject) -> Iterator[Contradiction]:
    """What stands in place of what in two versions, the older first."""
    a, b = (other, one) if _date(one) > _date(other) else (one, other)
    language = known_language(a.text, a.language)
    for change in changes(a.text, b.text):
        sentence_a, sentence_b = sentence_at(a.text, change.a), sentence_at(b.text, change.b)
        if sentence_a.start < _TOP and describes_document(a.text[slice(*sentence_a)]):
            continue
        said = [concept.id for concept in concepts(a.text[slice(*sentence_a)], language)]
        shared = sorted(
            {concept for concept in said if concept[0] != "#"}, key=lambda each: (-base_weight(each), each)
        )
        yield Contradiction(
            change.kind,
            "changed",
            StatementFact(a.id, sentence_a, change.a, change.value_a, a.text[slice(*change.a)]),
            StatementFact(b.id, sentence_b, change.b, change.value_b, b.text[slice(*change.b)]),
            1.0,
            tuple(shared),
        )


def _is_filled_in_again(changed: Sequence[Contradiction], text: str) -> bool:
    """Whether most facts differ, as in a form or a table of another day."""
    if len(changed) <= _FEW_CHANGES:
        return False
    stated = sum(fact.kind in ("number", "date") for fact in facts(text))
    return len(changed) > _MOST_CHANGES * stated


def _is_told(told: Sequence[Contradiction], one: Claim, other: Claim) -> bool:
    """Whether a change at these places is listed already."""
    places = {one.fact.span.start, other.fact.span.start}
    return any({each.a.fact.start, each.b.fact.start} & places for each in told)


def _may_concern_rule(claim: Claim, how: Agreement) -> bool:
    """Whether a fact of a document about one deal may go against a rule. Amounts and dates are its own."""
    quantity = claim.fact.quantity
    is_own = quantity is None or quantity.unit is None or quantity.dimension.startswith("money")
    return not is_own and (how.is_promise or how.score >= _SURE)


def _contradiction(
    subjects: Sequence[Subject], one: Claim, other: Claim, kind: Kind, how: Agreement, related: Relationship
) -> Contradiction:
    first, second = (one, other)
    if _date(subjects[one.document]) > _date(subjects[other.document]):
        first, second = other, one
    return Contradiction(
        kind,
        "changed" if related is Relationship.VERSION else "contradicts",
        _side(subjects[first.document], first),
        _side(subjects[second.document], second),
        round(min(1.0, how.score), 3),
        how.shared,
    )


def _side(subject: Subject, claim: Claim) -> StatementFact:
    fact = claim.fact
    return StatementFact(
        subject.id, claim.statement.span, fact.span, fact.value, subject.text[slice(*fact.span)]
    )


def _date(subject: Subject) -> datetime:
    if subject.modified is None:
        return datetime.max.replace(tzinfo=UTC)
    return subject.modified if subject.modified.tzinfo else subject.modified.replace(tzinfo=UTC)
