"""One spelling for words that English, Spanish and Portuguese have in common."""

from __future__ import annotations

import re
import unicodedata

_ENDINGS = (
    (r"(?:aciones|acion|acoes|acao|ations|ation)$", "ation"),
    (r"(?:iciones|icion|icoes|icao|itions|ition)$", "ition"),
    (r"(?:ciones|cion|siones|sion|coes|cao|soes|sao|tions|tion|sions|ssions|ssion)$", "tion"),
    (r"(?:idades|idad|idade|ities|ity|edad|edade|ety)$", "ity"),
    (r"(?:tades|tad|dades|dad|dade|ties|ty)$", "ty"),
    (r"(?:amente|mente|ally|ly)$", ""),
    (r"(?:amientos?|imientos?|amentos?|imentos?|mientos?|mentos?|ments?)$", "ment"),
    (r"(?:encias?|ancias?|ences?|ances?|ency|ancy|enza)$", "ence"),
    (r"(?:ologias?|ology|ologies)$", "olog"),
    (r"(?:icas?|icos?|icals?|ics?)$", "ic"),
    (r"(?:arios?|arias?|ary|aries)$", "ary"),
    (r"(?:orios?|orias?|ory|ories)$", "ory"),
    (r"(?:ivos?|ivas?|ives?)$", "iv"),
    (r"(?:osos?|osas?|ous)$", "os"),
    (r"(?:ismos?|isms?)$", "ism"),
    (r"(?:istas?|ists?)$", "ist"),
    (r"(?:ables?|aveis|avel|ibles?|iveis|ivel)$", "abl"),
    (r"(?:izar|isar|ize|ise)$", "iz"),
)
_ENDING = tuple((re.compile(rf"(?<=\w\w\w){pattern}"), ending) for pattern, ending in _ENDINGS)
_SPELLING = ((re.compile(r"ph"), "f"), (re.compile(r"th"), "t"), (re.compile(r"qu|ck|k"), "c"))
_DOUBLED = re.compile(r"([^\W\d_])\1")
_LAST_VOWELS = re.compile(r"(?<=\w\w\w)(?:[aeo]s?|s)$")


def fold(word: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def normal_form(word: str) -> str:
    """What is left of a word without accents, inflection and the endings by which the languages differ.

    >>> normal_form("calibración") == normal_form("calibração") == normal_form("calibration")
    True
    """
    form = fold(word)
    for pattern, spelling in _SPELLING:
        form = pattern.sub(spelling, form)
    form = _DOUBLED.sub(r"\1", form)
    for pattern, ending in _ENDING:
        changed = pattern.sub(ending, form)
        if changed != form:
            return changed.replace("y", "i")
    return _LAST_VOWELS.sub("", form).replace("y", "i")
