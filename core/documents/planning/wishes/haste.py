"""How urgent a brief says it is, and the day by which it wants the document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.documents.planning.wishes.said import Said, level, said
from core.priority import Priority

SOON_DAYS = 2
"""Up to so many days ahead a document is urgent; within a week it is at least of normal priority."""

_URGENT = re.compile(
    r"\b(?:(?:very |super |muy |muito )?urgent(?:e|ly|isimo|issimo|emente)?|asap|as soon as possible|"
    r"right away|"
    r"immediately|at once|by end of day|eod|cuanto antes|lo antes posible|lo mas pronto posible|"
    r"para ayer|ya mismo|"
    r"de inmediato|a la brevedad|o quanto antes|o mais rapido possivel|para ontem|pra ontem|imediatamente|"
    r"com urgencia|con urgencia)\b"
)
_PATIENT = re.compile(
    r"\b(?:no (?:rush|hurry)|whenever you (?:can|have time)|not (?:so )?urgent|when you get a chance|"
    r"low priority|"
    r"(?:sin|no hay) (?:prisa|afan|apuro)|no (?:es|corre) (?:urgente|prisa)|cuando (?:puedas?|tengas tiempo)|"
    r"con calma|sem pressa|nao (?:e urgente|tem pressa)|quando (?:puder|der))\b"
)
_BEFORE = (
    r"\b(?:by|before|until|till|no later than|due(?: on)?|deadline:?|needed|for|antes de|antes del?|"
    r"a mas tardar|"
    r"para|pra|hasta|ate|no maximo ate|fecha limite:?|prazo:?|entrega:?)\s+(?:the\s|el\s|la\s|o\s|a\s|dia\s)*"
)
_DAYS = {
    0: "today|tonight|this (?:morning|afternoon|evening)|hoy|esta (?:tarde|noche)|hoje|"
    "hoje a (?:tarde|noite)",
    1: "tomorrow|manana|amanha",
    2: "the day after tomorrow|day after tomorrow|pasado manana|depois de amanha",
}
_WEEKDAYS = (
    "monday|lunes|segunda(?:-feira)?",
    "tuesday|martes|terca(?:-feira)?",
    "wednesday|miercoles|quarta(?:-feira)?",
    "thursday|jueves|quinta(?:-feira)?",
    "friday|viernes|sexta(?:-feira)?",
    "saturday|sabado",
    "sunday|domingo",
)
_MONTHS = (
    "january|enero|janeiro",
    "february|febrero|fevereiro",
    "march|marzo|marco",
    "april|abril",
    "may|mayo|maio",
    "june|junio|junho",
    "july|julio|julho",
    "august|agosto",
    "september|septiembre|setiembre|setembro",
    "october|octubre|outubro",
    "november|noviembre|novembro",
    "december|diciembre|dezembro",
)
_MONTH = "|".join(_MONTHS)
_DUE = re.compile(
    rf"{_BEFORE}(?:"
    + "|".join(f"(?P<in_{days}>{words})" for days, words in sorted(_DAYS.items(), reverse=True))
    + r"|(?:next |this |proxim[oa] |este |esta )?(?:"
    + "|".join(f"(?P<weekday_{at}>{words})" for at, words in enumerate(_WEEKDAYS))
    + rf")|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de |of )?(?P<month>{_MONTH})"
    + rf"|(?P<month_first>{_MONTH})\s+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?"
    + r"|(?P<year>20\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    + r")\b"
)
_WITHIN = re.compile(
    r"\b(?:in|within|en|em|dentro de)\s+(?P<count>\d{1,2}|a|two|three|un|una|dos|tres|um|uma|dois|duas)\s+"
    r"(?P<unit>hours?|days?|weeks?|horas?|dias?|semanas?)(?=\s*(?:[.,;!)]|$))"
)
_OTHER_TERM = re.compile(
    r"\b(?:valid|vigen|venc|expir|pay|pag[aou]|cobr|rent|alquil|alug)\w*\s(?:\w+\s){0,2}$"
)
_NEAR = 25
_FEW = {
    "a": 1,
    "un": 1,
    "una": 1,
    "um": 1,
    "uma": 1,
    "two": 2,
    "dos": 2,
    "dois": 2,
    "duas": 2,
    "three": 3,
    "tres": 3,
}


@dataclass(frozen=True, slots=True)
class Haste:
    """`priority` where the words say it, else None; `due` where they name a day."""

    priority: Priority | None
    due: date | None = None


def find_haste(brief: str, today: date) -> Said[Haste] | None:
    """Words that say how urgent it is come before a day; a day that is over is none.

    >>> find_haste("a memo, no rush", date(2025, 3, 3)).value.priority.name
    'LOW'
    """
    text = level(brief)
    due = _find_due(text, brief, today)
    day = due.value.due if due else None
    if match := _PATIENT.search(text):
        return said(Haste(Priority.LOW, day), brief, match)
    if match := _URGENT.search(text):
        return said(Haste(Priority.HIGH, day), brief, match)
    return due


def _find_due(text: str, brief: str, today: date) -> Said[Haste] | None:
    for pattern, read in ((_DUE, _due_day), (_WITHIN, _within)):
        for match in pattern.finditer(text):
            due = read(match, today)
            is_of_document = not _OTHER_TERM.search(text, max(0, match.start() - _NEAR), match.start())
            if due is not None and due >= today and is_of_document:
                soon = Priority.HIGH if (due - today).days <= SOON_DAYS else None
                return said(Haste(soon, due), brief, match)
    return None


def _due_day(match: re.Match[str], today: date) -> date | None:
    groups = match.groupdict()
    for days in _DAYS:
        if groups[f"in_{days}"]:
            return today + timedelta(days=days)
    for weekday in range(7):
        if groups[f"weekday_{weekday}"]:
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if groups["year"]:
        return _checked(int(groups["year"]), int(groups["iso_month"]), int(groups["iso_day"]))
    month = _month(groups["month"] or groups["month_first"])
    day = int(groups["day"] or groups["day_second"])
    this_year = _checked(today.year, month, day)
    return this_year if this_year is None or this_year >= today else _checked(today.year + 1, month, day)


def _within(match: re.Match[str], today: date) -> date | None:
    count = _FEW.get(match["count"]) or int(match["count"])
    unit = match["unit"][0]
    if unit == "h":
        return today + timedelta(days=count // 24)
    return today + timedelta(days=count * (7 if unit in "ws" else 1))


def _month(name: str) -> int:
    return next(at for at, names in enumerate(_MONTHS, 1) if name in names.split("|"))


def _checked(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
