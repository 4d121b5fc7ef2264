"""The words at the front of a document: its kind, title, by-line and fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.words import Words


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`kicker` is the type of document in its language; `byline` who, when and which version."""

    kicker: str
    title: str
    subtitle: str
    byline: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


def front_matter(manuscript: Manuscript, design: Design, words: Words) -> FrontMatter:
    language = manuscript.language.partition("-")[0]
    written = day(manuscript.written, manuscript.language) if manuscript.written else ""
    version = f"{words.version} {manuscript.version}" if manuscript.version else ""
    dated = ((words.date, written),) if written and design.front in ("letterhead", "memo") else ()
    named = {label for label, _ in manuscript.fields}
    return FrontMatter(
        kicker=design.titles.get(language, design.titles["en"]),
        title=manuscript.title,
        subtitle=manuscript.subtitle,
        byline=tuple(filter(None, (manuscript.author, written, version))),
        fields=manuscript.fields + tuple(each for each in dated if each[0] not in named),
    )


def joined(byline: tuple[str, ...], *, is_right_to_left: bool) -> str:
    """One line of it. Marks of direction keep numbers beside what they belong to."""
    return ("   \u200f·\u200f   " if is_right_to_left else "   ·   ").join(byline)


def day(written: date, language: str) -> str:
    """The date in words of the language, or as ISO 8601 where its words are not known.

    >>> day(date(2026, 3, 14), "es")
    '14 de marzo de 2026'
    """
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        return format_date(written, "long", locale=Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return written.isoformat()
