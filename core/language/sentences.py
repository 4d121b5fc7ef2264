"""Cuts a text into paragraphs and sentences, as places in the text. English, Spanish and Portuguese.

Works by rules on what surrounds a full stop; it knows no grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Extent(NamedTuple):
    """Characters `start` to `end` of a text."""

    start: int
    end: int


def split_sentences(text: str) -> tuple[Extent, ...]:
    """The sentences in reading order, without the space around them.

    Every character that is not space stands in exactly one of them. A heading, a list item and a row of a
    table are a sentence each; a line that was only cut to fit a page width is not. Time is linear.

    >>> text = "Dr. Ruiz paid 3.5 % on 1 Jan. 2025. Why? See annex 2."
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['Dr. Ruiz paid 3.5 % on 1 Jan. 2025.', 'Why?', 'See annex 2.']
    """
    return tuple(sentence for paragraph in split_paragraphs(text) for sentence in _sentences(text, paragraph))


def split_paragraphs(text: str) -> tuple[Extent, ...]:
    """The paragraphs in reading order: lines, or several lines that only the page width parts."""
    return tuple(
        paragraph for block in _BLOCK.finditer(text) for paragraph in _paragraphs(text, *block.span())
    )


_BLOCK = re.compile(r"\S(?:[^\n\r]|\r?\n(?![^\S\n]*\r?\n)|\r(?!\n))*")  # up to a blank line
_LINE = re.compile(r"[^\s](?:[^\n\r]*[^\s])?")
_FIRST_WORD = re.compile(r"\S+")
_LIST_SIGN = re.compile(r"(?:[-*+•‣◦▪–—>|#]+|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])\s")
_WRAPPED_AT_LEAST, _WRAPPED_AT_MOST = 40, 130  # characters in the longest line of text cut to a page width
_FULL_LINES = 0.75  # share of the lines of such a paragraph into which the next word did not fit

_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]*_]*+(?=\s)")
_OPENS = re.compile(r"[\"'“‘«(\[¿¡*_]*(?:\w|[-–—#$€£°§%&+])")
_LAST_TOKEN = re.compile(r"[^\s\"'“‘«(\[¿¡/]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_NUMBER_ALONE = re.compile(r"(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})(?:\.\d{1,3})*")
_SIGNS = re.compile(r"[-*+•‣◦▪–—>|#(\s]*")
_WORD_AHEAD = re.compile(r"\W*(\w+)")
_LONGEST_TOKEN = 24


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_NEVER_LAST = _words(
    "mr mrs ms dr dra drs sr sra srta srs prof profa gen col capt lt sgt rev hon st sto sta lic licda ing",
    "arq abg d dª exmo exma ilmo ilma excmo excma dna no nos nº núm núms num nums art arts inc.º pág págs",
    "pag pags pp p fig figs tab vol vols cap caps ed eds sec secs apdo párr parr cl cf cfr vs v e.g i.e",
    "viz al approx ca aprox av avda avd blvd ctra ste dept depto dpto tel fax ext ref exp cod cód p.ej",
    "p.ex ex min máx mín max jan feb mar apr jun jul aug sep sept oct nov dec ene abr ago dic fev set out",
    "dez mai",
)
_WORDS_TOO = _words("no nos al ex set out max min mar col ed cap")
"""Abbreviations that are words as well: in small letters before no digit they are taken for the word."""

_PERHAPS_LAST = _words(
    "etc s.a s.l s.c s.a.s c.v s.r.l s.r.l.c.v s.a.p.i ltda ltd inc corp co cía cia bros jr llc plc",
    "a.m p.m u.s u.k u.e ee.uu e.u ph.d",
)
_SENTENCE_WORDS = _words(
    "the a an this that these those it its he she they we you i in on at by for from to of with as if when",
    "while after before since and but or so yet also however therefore please all any each every some there",
    "here no not our your his her their what who how why",
    "el la los las lo un una unos unas este esta estos estas ese esa eso esto en con por para de del al si",
    "cuando donde como que quien y pero también además sin según su sus nuestro nuestra se ya hoy cada todo",
    "toda todos todas tras desde hasta entre sobre ambas ambos",
    "o os as um uma esse essa isso isto na nos nas da das do dos ao à com quando onde e ou mas",
    "também além sem segundo seu sua nosso nossa não já hoje após até ambos ambas",
)


def _paragraphs(text: str, begin: int, end: int) -> Iterator[Extent]:
    """Those of a stretch without blank lines."""
    lines = [Extent(*line.span()) for line in _LINE.finditer(text, begin, end)]
    width = _page_width(text, lines)
    start = lines[0].start
    for before, line in pairwise(lines):
        if not _goes_on(text, before, line, width):
            yield Extent(start, before.end)
            start = line.start
    yield Extent(start, lines[-1].end)


def _page_width(text: str, lines: list[Extent]) -> int | None:
    """The width to which these lines were filled: most have no room for the next word. None without one."""
    width = max(line.end - line.start for line in lines)
    if len(lines) < 3 or not _WRAPPED_AT_LEAST <= width <= _WRAPPED_AT_MOST:
        return None
    num_full = sum(_is_full(text, before, line, width) for before, line in pairwise(lines))
    return width if num_full >= _FULL_LINES * (len(lines) - 1) else None


def _is_full(text: str, line: Extent, after: Extent, width: int) -> bool:
    word = _FIRST_WORD.match(text, after.start, after.end)
    return line.end - line.start + 1 + (len(word[0]) if word else 0) > width


def _goes_on(text: str, before: Extent, line: Extent, width: int | None) -> bool:
    """Whether the sentence of the line before goes on in this line."""
    if _LIST_SIGN.match(text, line.start) or "\t" in text[before.start : before.end]:
        return False
    if width is not None and _is_full(text, before, line, width):
        return True
    return text[line.start].islower() and text[before.end - 1] not in ".!?…:;|"


def _sentences(text: str, paragraph: Extent) -> Iterator[Extent]:
    begin = paragraph.start
    for stop in _STOP.finditer(text, paragraph.start, paragraph.end):
        after = _skip_space(text, stop.end(), paragraph.end)
        if after < paragraph.end and _ends_sentence(text, begin, stop, after, paragraph):
            yield Extent(begin, stop.end())
            begin = after
    yield Extent(begin, paragraph.end)


def _skip_space(text: str, place: int, end: int) -> int:
    while place < end and text[place].isspace():
        place += 1
    return place


def _ends_sentence(text: str, begin: int, stop: re.Match[str], after: int, paragraph: Extent) -> bool:
    if not (opens := _OPENS.match(text, after, paragraph.end)) or text[opens.end() - 1].islower():
        return False
    return not stop[0].startswith(".") or stop[0].startswith("..") or _is_full_stop(text, begin, stop, after)


def _is_full_stop(text: str, begin: int, stop: re.Match[str], after: int) -> bool:
    """Whether this single dot ends a sentence, not an abbreviation, an initial or the number of a list."""
    found = _LAST_TOKEN.search(text[max(begin, stop.start() - _LONGEST_TOKEN) : stop.start()])
    token = found[0] if found else ""
    is_first = stop.start() - len(token) <= _skip_signs(text, begin)
    if is_first and _NUMBER_ALONE.fullmatch(token):
        return False
    lowered = token.lower()
    if lowered in _NEVER_LAST:
        return lowered in _WORDS_TOO and token.islower() and not text[after].isdigit()
    if lowered in _PERHAPS_LAST or (_INITIALS.fullmatch(token) and token[-1].isupper()):
        return _next_word(text, after) in _SENTENCE_WORDS
    return True


def _skip_signs(text: str, begin: int) -> int:
    sign = _SIGNS.match(text, begin)
    return sign.end() if sign else begin


def _next_word(text: str, place: int) -> str:
    found = _WORD_AHEAD.match(text, place)
    return found[1].lower() if found else ""
