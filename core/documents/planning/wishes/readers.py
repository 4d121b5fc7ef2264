"""For whom a brief says the document is, and to whom by name it goes."""

from __future__ import annotations

import re

from core.documents.planning.wishes.said import Said, level
from core.documents.planning.word_sets import NAME_LINKS, NO_NAMES, PEOPLE, READERS_END

MOST_WORDS = 7

_ABBREVIATED = ("Ltd.", "Inc.", "Co.", "S.A.", "S.L.", "Cía.", "Cia.")

_NAMED = re.compile(
    r"\b(?:(?:dirigid|destinad)[oa]s? (?:a|al|ao|aos|as)|pensad[oa] para|aimed at|addressed to|intended for|"
    r"meant for|written for|(?:audience|readers|publico|audiencia|lectores|leitores)\s*:|audience (?:is|are)|"
    r"que (?:lo )?(?:lea|leera|leia)n?)\s+"
)
_FOR = re.compile(r"\b(?:for|para|pra|pro|pros|pras)\s+")
_RECIPIENT = re.compile(
    r"\b(?:for|to|para|pra|pro|ao|a|al|a la|con|with|com)\s+(?:(?:the|la|el|o|a|os|as|los|las)\s+)?"
)
_ARTICLE = re.compile(
    r"(?:(?:the|our|my|an?|all|el|la|los|las|un|una|nuestr[oa]s?|mis?|tod[oa]s|os?|as?|um|uma|"
    r"noss[oa]s?|meus?|"
    r"minhas?)\s+)*"
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*\.?")


def find_readers(brief: str) -> Said[str] | None:
    """The people that it is for: after "aimed at" whoever stands there, after "for" only words for people.

    >>> find_readers("Informe de ventas para la junta directiva, breve").value
    'la junta directiva'
    """
    text = level(brief)
    for match in _NAMED.finditer(text):
        if phrase := _phrase(brief, text, match.end()):
            return _said(brief, match.start(), phrase)
    for match in _FOR.finditer(text):
        phrase = _phrase(brief, text, match.end())
        if phrase and _is_people(text, phrase):
            return _said(brief, match.start(), phrase)
    return None


def find_recipients(brief: str) -> tuple[Said[str], ...]:
    """Names after "for", "to" or "with": companies and people that are spelled with a capital letter."""
    text = level(brief)
    found: list[Said[str]] = []
    for match in _RECIPIENT.finditer(text):
        name = _name_at(brief, match.end())
        if name and (not found or name[0] >= found[-1].end):
            found.append(_said(brief, match.start(), name))
    return tuple(found)


def _phrase(brief: str, text: str, start: int) -> tuple[int, int] | None:
    """From `start` up to the first word that opens something else."""
    begin = article.end() if (article := _ARTICLE.match(text, start)) else start
    end, size, at = begin, 0, begin
    for word in _WORD.finditer(text, begin):
        if word.start() != at or size == MOST_WORDS:
            break
        if word[0] in NAME_LINKS:
            at = word.end() + 1
            continue
        if size and not _goes_on(brief, text, end, word):
            break
        end, at, size = word.end(), word.end() + 1, size + 1
    return (start, end) if size else None


def _goes_on(brief: str, text: str, end: int, word: re.Match[str]) -> bool:
    """Whether the word still names the people: behind "of", a capital letter, what is said of them."""
    between = text[end : word.start()].split()
    is_people = word[0].rstrip(".") in PEOPLE
    if between:
        return is_people or between[0] not in ("and", "y", "e")
    return is_people or brief[word.start()].isupper() or (len(word[0]) > 4 and word[0] not in READERS_END)


def _is_people(text: str, phrase: tuple[int, int]) -> bool:
    words = [word[0] for word in _WORD.finditer(text, *phrase)]
    return any(word.rstrip(".") in PEOPLE for word in words[:4])


def _name_at(brief: str, start: int) -> tuple[int, int] | None:
    """Words with a capital letter, and small links between them."""
    end = None
    at = start
    for word in _WORD.finditer(brief, start):
        if word.start() != at:
            break
        if word[0][0].isupper() and level(word[0]) not in NO_NAMES:
            end = word.end()
        elif word[0].lower() not in NAME_LINKS or end is None:
            break
        at = word.end() + 1
    return (start, end) if end is not None and end - start > 2 else None


def _said(brief: str, start: int, phrase: tuple[int, int]) -> Said[str]:
    begin, end = phrase
    if brief[end - 1] == "." and not brief[:end].endswith(_ABBREVIATED):
        end -= 1
    return Said(" ".join(brief[begin:end].split()), start, end, " ".join(brief[start:end].split()))
