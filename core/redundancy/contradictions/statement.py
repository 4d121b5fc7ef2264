"""The statements of a document that carry a fact, each with the concepts that say what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from core.language.glossary import Concept, area_of, concepts
from core.language.number_words import SMALL
from core.language.sentences import split_sentences
from core.language.stop_words import Language
from core.redundancy.contradictions.quantity import Quantity, quantities
from core.redundancy.contradictions.stance import Stance, stance_of
from core.redundancy.contradictions.units import UNITS, WORKING
from core.redundancy.evidence import Span
from core.redundancy.fact import Fact
from core.redundancy.formal_facts import DecimalSign, decimal_sign, formal_facts
from core.redundancy.worded_facts import worded_facts

FactKind = Literal["quantity", "date", "name", "stance"]


class StatedFact(NamedTuple):
    """A fact at its place in the document.

    `near` are the concepts of its sentence and question, or of its row and column; `core` those of its
    clause, `nouns` those right after it.
    """

    kind: FactKind
    value: str
    span: Span
    near: frozenset[str]
    core: frozenset[str]
    nouns: frozenset[str] = frozenset()
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, list item or table row. `about` are the concepts of its heading and question.

    `labels` are numbers that name something, as in "severity 1": the concept before each, and the number.
    """

    span: Span
    concepts: frozenset[str]
    about: frozenset[str]
    labels: frozenset[tuple[str, str]]
    stance: Stance
    facts: tuple[StatedFact, ...]
    years: frozenset[str] = frozenset()


def statements(text: str, language: Language, *, only_measured: bool = False) -> tuple[Statement, ...]:
    """In reading order. The lines at the top that describe the document itself (version, owner) are none.

    `only_measured`: only those with a quantity or a date, without names and stances.
    """
    return tuple(_Reader(text, language, decimal_sign(text), only_measured).statements())


class _Part(NamedTuple):
    """A sentence or row with where it stands."""

    span: Span
    heading: Span | None
    question: Span | None
    header: tuple[Span, ...]  # the cells above, for a row of a table


@dataclass(slots=True)
class _Reader:
    text: str
    language: Language
    sign: DecimalSign | None
    only_measured: bool
    known: dict[Span, tuple[Concept, ...]] = field(default_factory=dict)

    def statements(self) -> Iterator[Statement]:
        for part in self._parts():
            cells = _cells(self.text, part.span)
            if len(cells) > 1 and part.header:
                yield from self._row(part, cells)
            elif not self.only_measured or _MEASURE.search(self.text, *part.span):
                yield self._sentence(part)

    def _parts(self) -> Iterator[_Part]:
        extents = [Span(*extent) for extent in split_sentences(self.text)]
        heading: Span | None = None
        question: Span | None = None
        answers = 0
        header: tuple[Span, ...] = ()
        in_table = False
        for index, span in enumerate(extents):
            written = self.text[slice(*span)]
            if "\t" in written:
                if in_table:
                    yield _Part(span, heading, None, header)
                else:
                    header, in_table = _cells(self.text, span), True
                    if _has_figures(written):
                        yield _Part(span, heading, None, ())
                continue
            in_table, header = False, ()
            if index < _FIRST_LINES and describes_document(written):
                continue
            if self._is_heading(extents, index):
                heading, question = span, None
                continue
            answers += 1
            if question and answers > _ANSWERS:
                question = None
            if question and "\n" in self.text[question.end : span.start] and answers > 1:
                question = None
            yield _Part(span, heading, question, ())
            if written.endswith("?"):
                question, answers = span, 0

    def _is_heading(self, extents: list[Span], index: int) -> bool:
        span = extents[index]
        written = self.text[slice(*span)]
        if written[-1] in ".!;,…" or len(written) > _HEADING_LETTERS or written[0] in "-*•":
            return False
        before = self.text[max(0, span.start - 1) : span.start]
        after = self.text[span.end : span.end + 1]
        if before.strip() or after.strip() or (before == " " or after == " "):
            return False
        if index + 1 == len(extents):
            return False
        following = self.text[slice(*extents[index + 1])]
        return following[-1] in ".!?:;…" or "\t" in following or len(following) > _HEADING_LETTERS

    def _row(self, part: _Part, cells: tuple[Span, ...]) -> Iterator[Statement]:
        """A statement for each cell after the first, about its row and its column."""
        label = self._concepts(cells[0])
        labels = self._labels(cells[0]) | self._numbered_row(part, cells[0])
        titles = part.header
        label_ids = frozenset(concept.id for concept in label)
        if titles:
            label_ids |= self._ids(titles[0])
        heading = self._ids(part.heading)
        for position, cell in enumerate(cells[1:], 1):
            title = self._ids(titles[position]) if position < len(titles) else frozenset()
            near = label_ids | title
            facts = tuple(
                fact._replace(near=near | fact.near, core=near | fact.near)
                for fact in self._facts(cell, self._concepts(cell))
            )
            if position < len(titles):
                facts = tuple(_in_unit_of(self.text[slice(*titles[position])], fact) for fact in facts)
            yield Statement(
                Span(cells[0].start, cell.end) if position == 1 else cell,
                near, heading, labels | self._labels(cell), "does", facts,
                _years(self.text, part.span, *titles[position : position + 1]),
            )  # fmt: skip

    def _numbered_row(self, part: _Part, cell: Span) -> frozenset[tuple[str, str]]:
        written = self.text[slice(*cell)].strip()
        if not written.isdigit() or not part.header:
            return frozenset()
        return frozenset((concept, written) for concept in self._ids(part.header[0]))

    def _sentence(self, part: _Part) -> Statement:
        found = self._concepts(part.span)
        asked = self._ids(part.question)
        about = self._ids(part.heading) | asked
        ids = frozenset(concept.id for concept in found)
        stance = stance_of(self.text[slice(*part.span)], self.language)
        facts = tuple(
            fact._replace(near=fact.near | asked, core=fact.core | asked)
            for fact in self._facts(part.span, found, is_answer=bool(asked))
        )
        if not self.only_measured and sum(map(base_weight, ids)) >= _WHOLE_THOUGHT:
            facts += (StatedFact("stance", stance, part.span, ids, ids), *self._names(part.span, found))
        years = _years(self.text, part.span)
        return Statement(part.span, ids | asked, about, self._labels(part.span), stance, facts, years)

    def _facts(self, span: Span, found: tuple[Concept, ...], is_answer: bool = False) -> Iterator[StatedFact]:
        written = self.text[slice(*span)]
        formal = _formal_facts(written, self.sign)
        measured = self._measured(written)
        taken = [quantity.span for quantity in measured]
        taken += [Span(fact.start, fact.end) for fact in formal if fact.kind == "date"]
        found = tuple(concept for concept in found if not _is_taken(concept, taken, span.start))
        near = frozenset(concept.id for concept in found)
        for fact in formal:
            if fact.kind == "date":
                place = Span(span.start + fact.start, span.start + fact.end)
                yield StatedFact("date", fact.value, place, near, self._core(span, place, found, is_answer))
        for quantity in measured:
            place = Span(span.start + quantity.span.start, span.start + quantity.span.end)
            if not quantity.is_label and not _is_year(quantity):
                core = self._core(span, place, found, is_answer)
                nouns = frozenset(_after(self.text, found, place.end))
                yield StatedFact("quantity", quantity.written, place, near, core, nouns, quantity)

    def _names(self, span: Span, found: tuple[Concept, ...]) -> Iterator[StatedFact]:
        """Names with the concepts on either side, which say what part the name has in the sentence."""
        written = self.text[slice(*span)]
        certain, _ = worded_facts(written, _formal_facts(written, self.sign))
        for fact in certain:
            if fact.kind == "name" and any(
                concept[0] == "=" for concept in self._ids_within(span, fact, found)
            ):
                place = Span(span.start + fact.start, span.start + fact.end)
                others = [concept for concept in found if not place.start <= concept.start < place.end]
                near = frozenset(concept.id for concept in others if base_weight(concept.id) > 0)
                yield StatedFact("name", fact.value, place, near, near, _beside(others, place))

    def _ids_within(self, span: Span, fact: Fact, found: tuple[Concept, ...]) -> Iterator[str]:
        for concept in found:
            if span.start + fact.start <= concept.start < span.start + fact.end:
                yield concept.id

    def _core(self, span: Span, place: Span, found: tuple[Concept, ...], is_answer: bool) -> frozenset[str]:
        """The concepts of the clause around a fact, of the whole sentence if the clause says too little."""
        start, end = _clause(self.text, span, place)
        core = frozenset(concept.id for concept in found if start <= concept.start < end)
        if is_answer or sum(base_weight(concept) for concept in core) >= _ENOUGH:
            return core
        return frozenset(concept.id for concept in found)

    def _labels(self, span: Span) -> frozenset[tuple[str, str]]:
        written = self.text[slice(*span)]
        found = self._concepts(span)
        return frozenset(
            (before, quantity.written)
            for quantity in self._measured(written)
            if quantity.is_label
            for before in _before(found, span.start + quantity.span.start)
        )

    def _measured(self, written: str) -> tuple[Quantity, ...]:
        """The quantities outside dates and identifiers."""
        masked = written
        for fact in _formal_facts(written, self.sign):
            if fact.kind in ("date", "identifier"):
                masked = masked[: fact.start] + "_" * (fact.end - fact.start) + masked[fact.end :]
        return _quantities(masked, self.language, self.sign)

    def _ids(self, span: Span | None) -> frozenset[str]:
        return frozenset(concept.id for concept in self._concepts(span)) if span else frozenset()

    def _concepts(self, span: Span) -> tuple[Concept, ...]:
        if span not in self.known:
            self.known[span] = self._read_concepts(span)
        return self.known[span]

    def _read_concepts(self, span: Span) -> tuple[Concept, ...]:
        """Those of the glossary, numbers apart; an identifier is a name."""
        written = self.text[slice(*span)]
        codes = [
            Concept(f"={fact.value.casefold()}", fact.start, fact.end)
            for fact in _formal_facts(written, self.sign)
            if fact.kind == "identifier"
        ]
        taken = [Span(code.start, code.end) for code in codes]
        spoken = [
            concept
            for concept in concepts(written, self.language)
            if concept.id[0] != "#" and not _is_taken(concept, taken, 0)
        ]
        return tuple(
            Concept(concept.id, concept.start + span.start, concept.end + span.start)
            for concept in sorted([*spoken, *codes], key=lambda concept: concept.start)
        )


_formal_facts = lru_cache(maxsize=64)(formal_facts)
_quantities = lru_cache(maxsize=64)(quantities)

_MEASURE = re.compile(
    rf"\d|\b(?:{'|'.join(sorted({word for words in SMALL.values() for word in words}))})\b", re.IGNORECASE
)
_FIRST_LINES, _LONGEST_DESCRIPTION = 8, 90
_ANSWERS = 2  # sentences after a question that answer it
_HEADING_LETTERS = 90
_ENOUGH = 1.2  # weight of a clause that says by itself what it is about
_DESCRIPTION = re.compile(r"^\W*[^\W\d]+(?: [^\W\d]+)?:\s", re.MULTILINE)
_CLAUSE_END = re.compile(
    r"[;:()]|,(?!\d)|\s[–—-]\s| (?:but|pero|mas|against|if|si|se for|when|cuando|"
    r"quando|because|porque|so that|para que|while|mientras|enquanto|although|aunque|embora|unless|salvo) "
)


@cache
def base_weight(concept: str) -> float:
    """How much a concept says about the subject of a sentence, from 0 to 1, before its rarity."""
    if concept[0] == "#":
        return 0.0
    if concept in _SAID_BY_STANCE:
        return 0.0
    if concept[0] in "~=":
        return 0.8 if len(concept) > 3 else 0.2
    return _AREA_WEIGHTS.get(area_of(concept), 1.0)


_SAID_BY_STANCE = {
    "permit",
    "prohibition",
    "require",
    "mandatory",
    "optional",
    "need",
    "right",
    "exclude",
    "include",
}
_AREA_WEIGHTS = {
    "connectives": 0.0,
    "time": 0.15,
    "units": 0.1,
    "verbs": 0.4,
    "adjectives": 0.5,
    "places": 0.7,
}


def _cells(text: str, span: Span) -> tuple[Span, ...]:
    written = text[slice(*span)]
    places = [-1, *(match.start() for match in re.finditer("\t", written)), len(written)]
    return tuple(Span(span.start + left + 1, span.start + right) for left, right in pairwise(places))


def _has_figures(written: str) -> bool:
    return any(letter.isdigit() for letter in written)


def describes_document(written: str) -> bool:
    """Whether a line at the top tells version, date or owner: a label and a colon, or several with dots."""
    return "·" in written or (_DESCRIPTION.match(written) is not None and len(written) < _LONGEST_DESCRIPTION)


def _in_unit_of(title: str, fact: StatedFact) -> StatedFact:
    """A bare number in a column takes the unit that the column's title names: "Working days a year"."""
    if fact.quantity is None or fact.quantity.unit is not None:
        return fact
    words = [word.strip("()[],.") for word in title.lower().split()]
    for place, word in enumerate(words):
        unit = UNITS.get(word)
        if unit is not None and len(word) > 1:
            beside = {*words[max(0, place - 1) : place], *words[place + 1 : place + 2]}
            unit = unit._replace(is_working=unit.dimension == "time" and bool(beside & WORKING))
            quantity = replace(fact.quantity, unit=unit)
            return fact._replace(value=quantity.written, quantity=quantity)
    return fact


def _is_taken(concept: Concept, taken: list[Span], offset: int) -> bool:
    """Whether the concept is part of a number, a unit or a date."""
    return any(concept.start < offset + span.end and offset + span.start < concept.end for span in taken)


def _years(text: str, *spans: Span) -> frozenset[str]:
    return frozenset(year for span in spans for year in _YEAR.findall(text, *span))


_YEAR = re.compile(r"(?<![\d-])(?:19|20)\d\d(?![\d-])")


def _is_year(quantity: Quantity) -> bool:
    return quantity.unit is None and 1900 <= quantity.value <= 2100 and quantity.value == int(quantity.value)


def _clause(text: str, span: Span, place: Span) -> tuple[int, int]:
    starts = [match.end() for match in _CLAUSE_END.finditer(text, span.start, place.start)]
    after = _CLAUSE_END.search(text, place.end, span.end)
    return (starts[-1] if starts else span.start), (after.start() if after else span.end)


def _after(text: str, found: tuple[Concept, ...], place: int) -> list[str]:
    """The concepts of the next two words: what is counted."""
    following = _COUNTED.match(text, place)
    end = following.end() if following else place
    return [
        concept.id for concept in found if place <= concept.start < end and base_weight(concept.id) >= _NOUN
    ]


_COUNTED = re.compile(r"(?:[ -][^\W\d_]+){1,2}")
_NOUN = 0.4
_WHOLE_THOUGHT = 2.0  # weight of a sentence whose names and negation can be held against another's


def _beside(others: list[Concept], place: Span) -> frozenset[str]:
    weighty = [concept for concept in others if base_weight(concept.id) >= _NOUN]
    before = [concept.id for concept in weighty if concept.end <= place.start][-1:]
    after = [concept.id for concept in weighty if concept.start >= place.end][:1]
    return frozenset(before + after)


def _before(found: tuple[Concept, ...], place: int) -> list[str]:
    return [concept.id for concept in found if concept.end <= place][-1:]
