"""The facts a text states, so that texts that differ in a fact are never taken for copies of each other.

Numbers, dates, identifiers, names and negations in English, Spanish and Portuguese, by their form alone. What can
be read in two ways stays as it is written and then differs from every other way to write it: a false difference
costs a look, a false equality costs a document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

from core.redundancy.fact_words import (
    CURRENCIES,
    MONTHS,
    NEGATIONS,
    PARTICLES,
    SENTENCE_OPENERS,
    UNITS,
    WEEKDAYS,
)

FactKind = Literal["number", "date", "identifier", "name", "negation"]
Side = Literal["a", "b"]
Decimals = Literal["point", "comma"]


@dataclass(frozen=True, slots=True)
class Fact:
    """`value` is the same for every way to write the same fact; `text` is text[start:end] as it is written."""

    kind: FactKind
    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DifferingFact:
    """A fact of one text that the other does not state, or states less often."""

    side: Side
    fact: Fact


def facts(text: str) -> tuple[Fact, ...]:
    """The facts of a text in reading order.

    >>> [(fact.kind, fact.value) for fact in facts("Invoice INV-2024-001 of 3 de marzo de 2025: 1.234,50 EUR.")]
    [('identifier', 'inv-2024-001'), ('date', '2025-03-03'), ('number', '1234.5 EUR')]
    """
    return _facts(text, _decimals(text))


def differing_facts(a: str, b: str) -> tuple[DifferingFact, ...]:
    """The facts that only one of the texts states, those of a first. A fact stated more often there counts too."""
    facts_a, facts_b = _facts_of_both(a, b)
    return (*_only(facts_a, facts_b, b, "a"), *_only(facts_b, facts_a, a, "b"))


def are_facts_reordered(a: str, b: str) -> bool:
    """Whether both texts state the same facts in another order, as where two figures have changed places."""
    facts_a, facts_b = ([_key(fact) for fact in found] for found in _facts_of_both(a, b))
    return facts_a != facts_b and Counter(facts_a) == Counter(facts_b)


def _facts_of_both(a: str, b: str) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """A text that does not show its decimal sign is read like the other one."""
    decimals_a, decimals_b = _decimals(a), _decimals(b)
    return _facts(a, decimals_a or decimals_b), _facts(b, decimals_b or decimals_a)


def _only(
    own: tuple[Fact, ...], others: tuple[Fact, ...], other_text: str, side: Side
) -> Iterator[DifferingFact]:
    """Certain facts count as often as they are stated; a doubtful name only if the other text lacks the word."""
    surplus = Counter(map(_key, own)) - Counter(map(_key, others))
    for fact in own:
        if surplus[_key(fact)]:
            surplus[_key(fact)] -= 1
            yield DifferingFact(side, fact)


def _key(fact: Fact) -> tuple[str, str]:
    return fact.kind, fact.value


@lru_cache(maxsize=32)
def _facts(text: str, decimals: Decimals | None) -> tuple[Fact, ...]:
    formal = tuple(_formal_facts(text, decimals))
    worded = _worded_facts(text, formal)
    return tuple(sorted(chain(formal, worded), key=lambda fact: (fact.start, fact.end)))


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_MONTH = rf"(?:{_alternatives(MONTHS)})\b\.?"
_CURRENCY = rf"(?:{_alternatives(CURRENCIES)})"
_UNIT = rf"(?:{_alternatives([*UNITS, *CURRENCIES])})(?!\w)"
_BODY = r"(?:\d{1,3}(?:[\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"

_FORMAL = re.compile(
    rf"""
      (?P<link> (?:https?://|www\.) [^\s<>"]* [\w/] )
    | (?P<email> [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)+ )
    | (?P<iso> (?<![\w-]) \d{{4}} (?P<dash>[-/]) \d{{1,2}} (?P=dash) \d{{1,2}} (?![\w-]) )
    | (?P<numeric> (?<![\w./-]) \d{{1,2}} (?P<bar>[-/.]) \d{{1,2}} (?P=bar) (?:\d{{4}}|\d{{2}}) (?![\w/-]|\.\d) )
    | (?P<day_month> (?<!\w) \d{{1,2}} (?:st|nd|rd|th|º|°)? \s+ (?:de\s+|of\s+)? {_MONTH}
        (?:,?\s+ (?:de\s+|del\s+)? \d{{4}}\b)? )
    | (?P<month_day> (?<!\w) {_MONTH} \s+ \d{{1,2}} (?:st|nd|rd|th)? \b (?![.,:]?\d) (?:,?\s+ \d{{4}}\b)? )
    | (?P<month_year> (?<!\w) {_MONTH} ,?\s+ (?:de\s+|del\s+|of\s+)? \d{{4}}\b )
    | (?P<time> (?<!\w) \d{{1,2}} : \d\d (?: :\d\d )? (?!\w) )
    | (?P<number> (?: (?<!\w) {_CURRENCY} \s? )? (?: (?<![\w)]) [-−+] )? (?<![\w]) {_BODY}
        (?: [ \u00a0-]? {_UNIT} ){{0,2}} (?!\w) )
    | (?P<code> (?<!\w) (?=[\w./-]*\d) (?=[\w./-]*[^\W\d_]) \w+ (?: [-./]\w+ )* )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ACRONYM_BEFORE = re.compile(r"(?<!\w)[^\W\d_a-zà-ÿ]{2,6}[ \u00a0-]$")


def _formal_facts(text: str, decimals: Decimals | None) -> Iterator[Fact]:
    """Numbers, dates and identifiers, which their form alone gives away."""
    for match in _FORMAL.finditer(text):
        form, written = str(match.lastgroup), match.group()
        start = match.start()
        if form == "number":
            acronym = _ACRONYM_BEFORE.search(text, max(0, start - 8), start)
            if acronym and written.isdigit() and acronym.group().strip(" \u00a0-").lower() not in CURRENCIES:
                start = acronym.start()
                written = text[start : match.end()]
                yield Fact("identifier", re.sub(r"[ \u00a0]", "-", written), written, start, match.end())
            else:
                yield Fact("number", _amount(text, match, decimals), written, start, match.end())
        elif form in ("link", "email", "code"):
            yield Fact("identifier", written, written, start, match.end())
        else:
            yield Fact("date", _date(form, written), written, start, match.end())


_AMOUNT = re.compile(rf"(?P<before>\D*?)(?P<sign>[-−+]?)(?P<body>{_BODY})(?P<after>.*)", re.DOTALL)
_WORD_AFTER = re.compile(rf"{_UNIT}", re.IGNORECASE)
_GROUP_SIGNS = re.compile(r"[\u00a0\u202f'’]")
_SEPARATORS = re.compile(r"[.,]")


def _amount(text: str, match: re.Match[str], decimals: Decimals | None) -> str:
    """Sign, figure, units and currency, as in "-1234.5 million EUR". Parentheses around a figure stay: they may be a sign."""
    parts = _AMOUNT.fullmatch(match.group())
    assert parts is not None
    sign = "-" if parts["sign"] in ("-", "−") else ""
    figure = sign + _figure(parts["body"], decimals)
    if text[match.start() - 1 : match.start()] == "(" and text[match.end() : match.end() + 1] == ")":
        figure = f"({figure})"
    words = [*_WORD_AFTER.findall(parts["after"]), parts["before"].strip()]
    named = [CURRENCIES.get(word.lower()) or UNITS.get(word.lower(), word) for word in words if word]
    return " ".join([figure, *named])


def _figure(body: str, decimals: Decimals | None) -> str:
    """Digits with a point before the decimals, or as written if that could be read in two ways."""
    body = _GROUP_SIGNS.sub("", body)
    signs = _SEPARATORS.findall(body)
    groups = _SEPARATORS.split(body)
    in_threes = (
        all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3 and groups[0][0] != "0"
    )
    if not signs:
        return body
    if len(set(signs)) == 2:
        *whole, fraction = groups
        regular = (
            len(set(signs[:-1])) == 1 and all(len(group) == 3 for group in whole[1:]) and len(whole[0]) <= 3
        )
        return _plain("".join(whole), fraction) if regular else body
    if len(signs) > 1:
        return "".join(groups) if in_threes else body
    if not in_threes:
        return _plain(groups[0], groups[1])
    if decimals is None:
        return body
    is_decimal = (signs[0] == ".") == (decimals == "point")
    return _plain(groups[0], groups[1]) if is_decimal else "".join(groups)


def _plain(whole: str, fraction: str) -> str:
    return format(Decimal(f"{whole}.{fraction}").normalize(), "f")


_POINT = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|\d+\.\d\d)(?![\w.,]?\d)")
_COMMA = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+,\d\d)(?![\w.,]?\d)")


def _decimals(text: str) -> Decimals | None:
    """The decimal sign that the unmistakable numbers of the text use, None if they use both or there are none."""
    point, comma = _POINT.search(text), _COMMA.search(text)
    if (point is None) == (comma is None):
        return None
    return "point" if point else "comma"


def _date(form: str, written: str) -> str:
    """ISO 8601 as far as the date is given. Day and month in doubt stay as written, as does a year of two digits."""
    numbers = re.findall(r"\d+", written)
    if form == "iso":
        return _iso(int(numbers[0]), int(numbers[1]), int(numbers[2]))
    if form == "time":
        return written
    if form == "numeric":
        one, two, year = (int(number) for number in numbers)
        if len(numbers[2]) == 4 and (one > 12 or two > 12 or one == two):
            return _iso(year, min(one, two), max(one, two)) if one != two else _iso(year, one, two)
        return "/".join(numbers)
    month = next(MONTHS[word] for word in re.findall(r"[^\W\d_]+", written.lower()) if word in MONTHS)
    if form == "month_year":
        return f"{int(numbers[0]):04d}-{month:02d}"
    return _iso(int(numbers[1]) if len(numbers) > 1 else None, month, int(numbers[0]))


def _iso(year: int | None, month: int, day: int) -> str:
    return f"{'--' if year is None else f'{year:04d}-'}{month:02d}-{day:02d}"


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;¡¿•|\t\n\"“«]")
_JOINS_NAME = re.compile(r"[ \u00a0]|\. (?=[^\W\d_])|[ \u00a0]?&[ \u00a0]?")


class _Place(NamedTuple):
    word: str
    start: int
    end: int
    starts_sentence: bool


def _worded_facts(text: str, formal: tuple[Fact, ...]) -> Iterator[Fact]:
    """Names, weekdays, months alone and negations: facts that are words."""
    run: list[_Place] = []
    for place in _places(text, formal):
        lowered = place.word.lower()
        named = None if lowered in WEEKDAYS or lowered in MONTHS else place
        if named is None or not _continues(run, place, text):
            yield from _name(run, text)
            run = []
        if lowered in NEGATIONS or lowered.endswith(("n't", "n’t")):
            yield Fact("negation", lowered, place.word, place.start, place.end)
        elif lowered in WEEKDAYS:
            yield Fact("date", f"weekday {WEEKDAYS[lowered]}", place.word, place.start, place.end)
        elif (
            lowered in MONTHS
            and len(lowered) > 3
            and (place.word[0].isupper() or lowered not in ("march", "sept"))
        ):
            yield Fact("date", f"--{MONTHS[lowered]:02d}", place.word, place.start, place.end)
        elif _is_capitalised(place.word) or (run and lowered in PARTICLES):
            run.append(place)
    yield from _name(run, text)


def _places(text: str, formal: tuple[Fact, ...]) -> Iterator[_Place]:
    """The words outside the formal facts."""
    taken = bytearray(len(text))
    for fact in formal:
        taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    before = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        starts_sentence = before == 0 or _SENTENCE_END.search(text, before, start) is not None
        before = end
        if not taken[start]:
            yield _Place(match.group(), start, end, starts_sentence)


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and len(word) > 1


def _continues(run: list[_Place], place: _Place, text: str) -> bool:
    if not run or place.starts_sentence:
        return False
    is_part = _is_capitalised(place.word) or place.word.lower() in PARTICLES
    return is_part and _JOINS_NAME.fullmatch(text, run[-1].end, place.start) is not None


def _name(run: list[_Place], text: str) -> Iterator[Fact]:
    """The run as a name, without particles at its end and an ordinary word at its beginning."""
    while run and not _is_capitalised(run[-1].word):
        run = run[:-1]
    if run and run[0].starts_sentence and run[0].word.lower() in SENTENCE_OPENERS:
        run = run[1:]
        while run and not _is_capitalised(run[0].word):
            run = run[1:]
    if not run or (len(run) == 1 and run[0].starts_sentence):
        return
    start, end = run[0].start, run[-1].end
    yield Fact("name", " ".join(place.word for place in run).casefold(), text[start:end], start, end)
