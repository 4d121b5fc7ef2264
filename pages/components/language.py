"""Words, numbers and dates in the reader's language: gettext catalogues and Babel, English as the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import streamlit as st
from babel import Locale, dates, numbers

from core.documents.word_templates import REFUSALS
from core.ingestion.problems import PROBLEMS
from core.language.catalogues import LOCALES, catalogue
from core.redundancy import REASONS

LANGUAGES = {"en": "English", "es": "Español", "pt": "Português"}
WIDGET = "lang"


_settled: ContextVar[str] = ContextVar("language of this page run")


def language() -> str:
    """The language of this page run; a part of a page that runs alone finds it again."""
    return _settled.get(None) or chosen_language()


def settle_language() -> None:
    """Look once for the whole page run: a page asks for its language hundreds of times."""
    _settled.set(chosen_language())


def chosen_language() -> str:
    """The choice of this visitor: what they picked, else the address, else the browser, else English."""
    chosen = st.session_state.get(WIDGET) or st.query_params.get(WIDGET)
    if chosen in LANGUAGES:
        return str(chosen)
    return browser_language(st.context.locale)


def browser_language(locale: str | None) -> str:
    """The offered language nearest to a browser's locale such as "pt-BR"."""
    spoken = (locale or "en").replace("_", "-").split("-")[0].lower()
    return spoken if spoken in LANGUAGES else "en"


def _(message: str) -> str:
    return catalogue(language()).gettext(message)


def several(one: str, many: str, count: int) -> str:
    """The form of the message for a count; `{count}` in it is replaced by the number."""
    return catalogue(language()).ngettext(one, many, count).format(count=number(count))


def number(value: float, digits: int = 0) -> str:
    return _decimal(round(value, digits), LOCALES[language()])


def percent(share: float) -> str:
    """A share from 0 to 1 in whole percent; only all of it is 100 %, only nothing is 0 %."""
    shown = round(share, 2)
    if shown == 1 and share < 1:
        shown = 0.99
    if shown == 0 and share > 0:
        shown = 0.01
    return _percent(shown, LOCALES[language()])


# Live pages write the same figures for each visitor, and most of them again at the next update.
@lru_cache(maxsize=10_000, typed=True)
def _decimal(value: float, locale: str) -> str:
    return numbers.format_decimal(value, locale=locale, decimal_quantization=False)


@lru_cache(maxsize=1_000, typed=True)
def _percent(share: float, locale: str) -> str:
    return numbers.format_percent(share, locale=locale)


def decimal(value: float) -> str:
    """Two decimals, as similarities are written."""
    return numbers.format_decimal(value, format="0.00", locale=LOCALES[language()])


def size(num_bytes: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if num_bytes < 1024 or unit == "GB":
            return f"{number(num_bytes, 0 if num_bytes >= 10 or unit == 'B' else 1)} {unit}"
        num_bytes /= 1024
    raise AssertionError("the last unit returns")


def day(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    return dates.format_date(moment, format="medium", locale=LOCALES[language()])


def moment(when: datetime, time_zone: str) -> str:
    """Day of the week, date and time on the clocks of a place."""
    local = when.astimezone(ZoneInfo(time_zone))
    return str(dates.format_datetime(local, "EEE d MMM HH:mm", locale=LOCALES[language()]))


def ago(moment: datetime) -> str:
    """How long ago, in words: "3 minutes ago"."""
    delta = moment - datetime.now(UTC)
    return dates.format_timedelta(delta, add_direction=True, locale=LOCALES[language()])


def span(moment: datetime) -> str:
    """How long it has been so: "3 minutes"."""
    return dates.format_timedelta(datetime.now(UTC) - moment, locale=LOCALES[language()])


def language_name(code: str) -> str:
    """The name of a document's language."""
    if code == "und":
        return _("not recognised")
    return str(Locale.parse(LOCALES[language()]).languages.get(code, code)).capitalize()


class _Share(float):
    """In whole percent where the sentence asks for a share, else with two decimals at most."""

    def __format__(self, spec: str) -> str:
        return percent(self) if spec.endswith("%") else number(self, 2)


class _Count(int):
    def __format__(self, _spec: str) -> str:
        return number(self)


def reason_text(code: str, parameters: Mapping[str, str | int | float]) -> str:
    """The reason of a recommendation with its figures, in the reader's language."""
    return filled(REASONS[code].sentence, parameters)


def filled(sentence: str, parameters: Mapping[str, str | int | float]) -> str:
    """An English sentence of core in the reader's language, with shares and counts written as there."""
    values = {
        name: _Share(value)
        if isinstance(value, float)
        else _Count(value)
        if isinstance(value, int)
        else value
        for name, value in parameters.items()
    }
    return _(sentence).format(**values)


def translated_error(code: str, message: str, remedy: str) -> tuple[str, str]:
    """Message and remedy in the reader's language where the code has a template, else as they are."""
    template = PROBLEMS.get(code) or REFUSALS.get(code)
    if template is None:
        return _(message) if message else "", _(remedy) if remedy else ""
    return _refilled(template.message, message), _refilled(template.remedy, remedy)


def _refilled(template: str, filled: str) -> str:
    """The translation of the template with the values that the filled English sentence carries."""
    values = _pattern(template).fullmatch(filled)
    return _(template).format(**values.groupdict()) if values else filled


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    pieces = [re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+?)" for place, part in enumerate(parts)]
    return re.compile("".join(pieces), re.DOTALL)
