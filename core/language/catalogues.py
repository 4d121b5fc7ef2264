"""The message catalogues, and sentences, numbers and days as one language writes them. English is the key."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

LOCALES = {"en": "en", "es": "es", "pt": "pt_BR"}
CATALOGUES = Path(__file__).resolve().parents[2] / "locales"


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled in memory, so that nothing has to be built."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        entries = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, entries)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Wording:
    """How reports are worded in one of the product's languages."""

    language: str

    @staticmethod
    def of(language: str) -> Wording:
        """In that language, or English where the product does not speak it."""
        code = language.partition("-")[0].lower()
        return Wording(code if code in LOCALES else "en")

    def say(self, message: str) -> str:
        return catalogue(self.language).gettext(message)

    def several(self, one: str, many: str, count: int) -> str:
        """The form for a count; `{count}` in it is replaced by the number."""
        return catalogue(self.language).ngettext(one, many, count).format(count=self.number(count))

    def filled(self, sentence: str, parameters: Mapping[str, str | int | float]) -> str:
        """A sentence with its figures: shares from 0 to 1 as percent where the sentence asks for that."""
        values = {
            name: _Figure(value, self) if isinstance(value, int | float) else value
            for name, value in parameters.items()
        }
        return self.say(sentence).format(**values)

    def number(self, value: float, digits: int = 0) -> str:
        from babel import numbers

        shown = round(value, digits)
        return numbers.format_decimal(shown, locale=LOCALES[self.language], decimal_quantization=False)

    def percent(self, share: float) -> str:
        """Whole percent; only all of it is 100 %, only nothing is 0 %."""
        from babel import numbers

        shown = round(share, 2)
        if share not in (0, 1):
            shown = min(0.99, max(0.01, shown))
        return numbers.format_percent(shown, locale=LOCALES[self.language])

    def day(self, moment: date) -> str:
        from babel import dates

        return dates.format_date(moment, format="medium", locale=LOCALES[self.language])


class _Figure(float):
    """A figure in a sentence, written as the language writes it."""

    def __new__(cls, value: float, wording: Wording) -> _Figure:
        made = super().__new__(cls, value)
        made.wording = wording
        return made

    wording: Wording

    def __format__(self, spec: str) -> str:
        if spec.endswith("%"):
            return self.wording.percent(self)
        return self.wording.number(self, 0 if self.is_integer() else 2)
