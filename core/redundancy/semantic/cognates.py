"""What texts in two languages share: beginnings of long words, names, figures, concepts. Needs no model.

Words of one origin begin alike in English, Spanish and Portuguese, so the share of common beginnings tells a
translation from a text on another subject (Simard, Foster and Isabelle 1992, "Using cognates to align
sentences in bilingual corpora": equal first four letters). The glossary adds words of other origins.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache

from core.language.glossary import concepts

_UNLISTED = "~=#"  # first signs of concepts that are in no row of the glossary

OPENING_LETTERS = 4
LEAST_LETTERS = 5
"""Shorter words are mostly those that every text has."""


def marks(text: str, language: str = "") -> frozenset[int]:
    """Openings of long words, names among them, figures and concepts, as numbers of 32 bits that last."""
    found = {_opening(word) for word in _LONG_WORD.findall(text)}
    found.update(_figures(text, language))
    found.update(
        f"concept {concept.id}" for concept in concepts(text, language) if concept.id[0] not in _UNLISTED
    )
    return frozenset(map(_number, found))


def figures(text: str, language: str = "") -> tuple[int, ...]:
    """The figures in reading order, as numbers of 32 bits that last.

    Signs between digits and zeros in front do not count, and numbers from two to twenty may be words, so that
    2,500 and 2.500, 03 and 3, fourteen and catorce are equal.
    """
    return tuple(_number(figure) for figure in _figures(text, language))


_LONG_WORD = re.compile(rf"[^\W\d_]{{{LEAST_LETTERS},}}")
_FIGURE_OR_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_SIGN = re.compile(r"[.,]")

_DOUBLE = re.compile(r"(.)\1")
_VOWEL_BEFORE_S = re.compile(r"^es(?=[bcdfgklmnpqtv])")
_SPELLINGS = (
    ("ph", "f"), ("th", "t"), ("qu", "c"), ("ch", "c"), ("k", "c"), ("y", "i"), ("nm", "m"), ("h", ""),
)  # fmt: skip

_NUMBER_WORDS = {
    language: {
        word: str(value) for value, word_list in enumerate(words.split(), 2) for word in word_list.split("/")
    }
    for language, words in {
        "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty",
        "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
        "diecisiete dieciocho diecinueve veinte",
        "pt": "dois/duas três quatro cinco seis sete oito nove dez onze doze treze quatorze/catorze quinze "
        "dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove vinte",
    }.items()
}


@lru_cache(maxsize=65_536)
def _opening(word: str) -> str:
    """The first letters without accents, in one spelling for what the three languages spell differently."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    letters = _VOWEL_BEFORE_S.sub("s", _DOUBLE.sub(r"\1", letters))
    for written, spelled in _SPELLINGS:
        letters = letters.replace(written, spelled)
    return letters[:OPENING_LETTERS]


def _figures(text: str, language: str) -> list[str]:
    words = _NUMBER_WORDS.get(language, {})
    found = []
    for written in _FIGURE_OR_WORD.findall(text):
        if written[0].isdigit():
            found.append(_SIGN.sub("", written).lstrip("0") or "0")
        elif value := words.get(written.lower()):
            found.append(value)
    return found


def _number(mark: str) -> int:
    return zlib.crc32(mark.encode())
