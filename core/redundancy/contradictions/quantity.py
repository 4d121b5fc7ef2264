"""The quantities that a sentence states: value, unit, and what bounds them or repeats them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.language.number_words import ORDINALS, SCALES, read_number
from core.language.stop_words import Language
from core.redundancy.contradictions.units import CALENDAR, UNITS, WORKING, Unit, are_equal
from core.redundancy.evidence import Span
from core.redundancy.formal_facts import DecimalSign


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit; `unit` is None for a count and for a bare number.

    `bound` is "min", "max", "every" (repeated after so long) or empty; `per` the unit of time of a rate.
    `is_ordinal`: a place in a row, as in "from the second week on". `is_label`: a number that names
    something ("severity 1").
    """

    value: float
    unit: Unit | None
    span: Span
    bound: str = ""
    per: str = ""
    is_ordinal: bool = False
    is_label: bool = False

    @property
    def dimension(self) -> str:
        return self.unit.dimension if self.unit else "count"

    @property
    def written(self) -> str:
        """Value and unit, as in "10 working days"."""
        unit = "" if self.unit is None else f" {'working ' * self.unit.is_working}{self.unit.name}"
        return f"{self.value:g}{unit}"


def quantities(text: str, language: Language, sign: DecimalSign | None = None) -> tuple[Quantity, ...]:
    """The quantities in reading order. `sign` settles numbers like 1.234, else three digits are thousands.

    >>> [found.written for found in quantities("Within ten working days, or 15 %.", "en")]
    ['10 working day', '15 %']
    """
    tokens = [_Token(match.group().lower(), *match.span()) for match in _TOKEN.finditer(text)]
    words = [token.word for token in tokens]
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        quantity, length = _quantity(tokens, words, at, language, sign)
        if quantity is not None:
            found.append(quantity)
        at += max(1, length)
    return tuple(_with_ranges(found, text))


def have_same_dimension(one: Quantity, other: Quantity) -> bool:
    """Whether they can be compared; a bare decimal below 1 may be a share."""
    if one.dimension == other.dimension:
        return True
    dimensions = {one.dimension, other.dimension}
    if dimensions == {"count", "share"}:
        bare = one if one.unit is None else other
        return 0 < bare.value < 1
    return all(dimension.startswith("money") for dimension in dimensions) and one.value == other.value


def say_the_same(one: Quantity, other: Quantity) -> bool:
    """Whether two comparable quantities are equal, whatever their units."""
    if one.is_ordinal != other.is_ordinal:
        return False
    if one.unit and other.unit:
        return one.unit.dimension == other.unit.dimension and are_equal(
            one.value, one.unit, other.value, other.unit
        )
    shares = [quantity.value * (quantity.unit.factor if quantity.unit else 1) for quantity in (one, other)]
    return abs(shares[0] - shares[1]) < 1e-9


class _Token(NamedTuple):
    word: str
    start: int
    end: int


_TOKEN = re.compile(
    r"(?<![\w])[-−]?\d+(?:[.,]\d+)*(?![.,]?\d)|[°º][CcFf]\b|[rR]\$|[uU][sS]\$|[%‰$€£¥]|[^\W\d_]+|[;:.,()/\t–-]"
)
_CURRENCY = {word for word, unit in UNITS.items() if unit.dimension.startswith("money")}
_BEFORE_FIGURE = {"$", "€", "£", "¥", "r$", "us$", "usd", "eur", "gbp", "brl", "mxn", "jpy", "pen"}
_AFTER_LABEL = {"within", "in", "en", "em", "at", "dentro", "is", "es", "é", "and", "y", "e"}
_PER = {"per", "a", "an", "each", "every", "por", "al", "ao", "cada", "la", "el", "/"}
_EVERY = {"every", "cada"}
_FROM = {"from", "after", "desde", "partir"}
_ARTICLE_NUMBERS = {"one", "un", "una", "uno", "um", "uma", "a", "an"}
_FILLERS = {"de", "of", "a", "an", "una", "uma", "full", "completo", "completa", "consecutive"}
_HALF = {"half", "media", "medio", "meia", "meio"}
_QUARTER = {"quarter", "cuarto", "quarto"}
_MIN_WORDS = (
    ("at", "least"), ("minimum",), ("al", "menos"), ("por", "lo", "menos"), ("como", "mínimo"),
    ("pelo", "menos"), ("ao", "menos"), ("no", "mínimo"), ("mínimo",), ("no", "less", "than"),
    ("more", "than"), ("above",), ("over",), ("más", "de"), ("superiores", "a"), ("mais", "de"),
    ("acima", "de"), ("exceeding",), ("mayores", "de"), ("not", "less", "than"),
)  # fmt: skip
_MAX_WORDS = (
    ("at", "most"), ("maximum",), ("up", "to"), ("no", "more", "than"), ("within",), ("no", "later", "than"),
    ("not", "more", "than"), ("como", "máximo"), ("máximo",), ("hasta",), ("a", "más", "tardar"),
    ("dentro", "de"),
    ("no", "máximo"), ("até",), ("less", "than"), ("below",), ("under",), ("menos", "de"), ("abaixo", "de"),
    ("in", "less", "than"), ("en", "menos", "de"), ("por", "debajo", "de"),
)  # fmt: skip


def _quantity(
    tokens: list[_Token], words: list[str], at: int, language: Language, sign: DecimalSign | None
) -> tuple[Quantity | None, int]:
    """The quantity that begins at token `at`, if one does, and how many tokens it has."""
    part = _part_of_unit(tokens, words, at)
    if part is not None:
        return part
    ordinal = _ordinal(tokens, words, at, language)
    if ordinal is not None:
        return ordinal
    word = words[at]
    if word[0].isdigit() or (word[0] in "-−" and len(word) > 1):
        value, length = _figure(word, sign), 1
        scale = SCALES[language].get(words[at + 1], 1) if at + 1 < len(words) else 1
        value, length = value * scale, 2 if scale > 1 else 1
    else:
        whole, length = read_number(words, at, language)
        value = float(whole)
        if not length:
            return None, 1
    end = at + length
    unit, num_unit = _unit_after(words, end)
    start = at
    if unit is None and at and words[at - 1] in _BEFORE_FIGURE:
        unit, start = UNITS[words[at - 1]], at - 1
    if unit is None and length == 1 and word in _ARTICLE_NUMBERS:
        return None, 1
    span = Span(tokens[start].start, tokens[end + num_unit - 1].end)
    is_label = unit is None and _is_label(words, at, end)
    quantity = Quantity(
        value, unit, span, _bound(words, start), _rate(words, end + num_unit), False, is_label
    )
    return quantity, length + num_unit


def _part_of_unit(tokens: list[_Token], words: list[str], at: int) -> tuple[Quantity, int] | None:
    """Half an hour, media hora, a quarter of an hour, um quarto de hora."""
    part = 0.5 if words[at] in _HALF else 0.25 if words[at] in _QUARTER else 0.0
    if not part:
        return None
    place = at + 1
    while place < min(len(words), at + 3) and words[place] in _FILLERS:
        place += 1
    unit = UNITS.get(words[place]) if place < len(words) else None
    if unit is None or unit.dimension != "time" or (part == 0.25 and unit.name != "hour"):
        return None
    if part == 0.5 and words[at] in ("medio", "meio") and unit.name == "day":
        return None
    span = Span(tokens[at].start, tokens[place].end)
    simple = Quantity(part, unit, span, _bound(words, at), _rate(words, place + 1))
    if unit.name == "hour":
        simple = replace(simple, value=part * 60, unit=UNITS["minute"])
    return simple, place - at + 1


def _ordinal(
    tokens: list[_Token], words: list[str], at: int, language: Language
) -> tuple[Quantity, int] | None:
    """From the second week, a partir de la segunda semana: only where something begins there."""
    value = ORDINALS[language].get(words[at])
    if value is None or at + 1 >= len(words) or not _FROM.intersection(words[max(0, at - 3) : at]):
        return None
    unit = UNITS.get(words[at + 1])
    if unit is None or unit.dimension != "time" or unit.name == "second":
        return None
    return Quantity(value, unit, Span(tokens[at].start, tokens[at + 1].end), is_ordinal=True), 2


def _unit_after(words: list[str], end: int) -> tuple[Unit | None, int]:
    """The unit that begins at token `end`, and how many tokens it has."""
    following = words[end : end + 4]
    if following[:2] in (["por", "ciento"], ["por", "cento"], ["per", "cent"]):
        return UNITS["%"], 2
    if (
        following[:2] == ["us", "dollars"]
        or following[:1] == ["degrees"]
        or following[:1] in (["grados"], ["graus"])
    ):
        return (UNITS["usd"], 2) if following[0] == "us" else (UNITS["°c"], 1)
    skipped = 0
    if following and following[0] in ("de", "of") and following[1:2] and following[1] in _CURRENCY:
        skipped = 1
    if len(following) > 1 and following[0] == "-" and following[1] in UNITS:
        skipped = 1
    if len(following) <= skipped:
        return None, 0
    word = following[skipped]
    after = following[skipped + 1] if len(following) > skipped + 1 else ""
    if word in WORKING | CALENDAR and after in UNITS and UNITS[after].dimension == "time":
        return UNITS[after]._replace(is_working=word in WORKING), skipped + 2
    unit = UNITS.get(word)
    if unit is None or (unit.name == "m" and word == "m" and after in ("n", "³")):
        return None, 0
    if unit.dimension == "time" and after in WORKING | CALENDAR:
        return unit._replace(is_working=after in WORKING), skipped + 2
    return unit, skipped + 1


def _is_label(words: list[str], at: int, end: int) -> bool:
    """Whether the number follows a word and closes its phrase, as in "severity 1"."""
    follows_word = at > 0 and words[at - 1].isalpha() and len(words[at - 1]) > 2
    closes = end >= len(words) or not words[end].isalpha() or words[end] in _AFTER_LABEL
    return follows_word and closes and words[at].isdigit()


def _bound(words: list[str], start: int) -> str:
    before = words[max(0, start - 6) : start]
    if _EVERY.intersection(before[-1:]):
        return "every"
    for bound, phrases in (("min", _MIN_WORDS), ("max", _MAX_WORDS)):
        for phrase in phrases:
            for skipped in range(3):
                stop = len(before) - skipped
                if stop >= len(phrase) and tuple(before[stop - len(phrase) : stop]) == phrase:
                    return bound
    return ""


def _rate(words: list[str], end: int) -> str:
    """The unit of time after "a", "per", "al" and the like."""
    following = words[end : end + 4]
    for index, word in enumerate(following[:2]):
        if word in _PER and index + 1 < len(following):
            for unit_word in following[index + 1 : index + 3]:
                unit = UNITS.get(unit_word)
                if unit is not None and unit.dimension == "time":
                    return unit.name
    return ""


def _figure(written: str, sign: DecimalSign | None) -> float:
    digits = written.replace("−", "-")
    groups = re.split(r"[.,]", digits)
    separators = re.findall(r"[.,]", digits)
    if not separators:
        return float(digits)
    if len(set(separators)) == 2 or len(separators) == 1:
        last_is_decimal = len(set(separators)) == 2 or not _is_thousands(groups, separators[0], sign)
        if last_is_decimal:
            return float("".join(groups[:-1]) + "." + groups[-1])
    return float("".join(groups))


def _is_thousands(groups: list[str], separator: str, sign: DecimalSign | None) -> bool:
    if len(groups[1]) != 3 or groups[0].lstrip("-").startswith("0") or len(groups[0].lstrip("-")) > 3:
        return False
    return sign is None or separator != {"point": ".", "comma": ","}[sign]


_RANGE = re.compile(r"\s*(?:to|a|and|y|e|o|or|hasta|até|–|-)\s*(?:los |las |os |as )?(?:\+)?", re.IGNORECASE)


def _with_ranges(found: list[Quantity], text: str) -> list[Quantity]:
    """In "300 to 2,000 dollars" the first number takes the unit of the second."""
    ready = list(found)
    for index in range(len(ready) - 1):
        one, other = ready[index], ready[index + 1]
        if one.unit is None and other.unit and _RANGE.fullmatch(text, one.span.end, other.span.start):
            ready[index] = replace(one, unit=other.unit, is_label=False)
    return ready
