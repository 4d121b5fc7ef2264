"""Words that every text of a language is full of and that say nothing about its subject."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import Literal, get_args

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


STOP_WORDS: dict[Language, frozenset[str]] = {
    "en": _words(
        "a an the of to in on at by for from with as into and or but if than then so such that this these",
        "those there it its he she his her him they them their we us our you your i my me is are was were be",
        "been being am has have had having do does did done will would shall should can could not no nor who",
        "whom whose which what when where while about each any all some also very just own other s t",
    ),
    "es": _words(
        "el la los las lo un una unos unas de del al a en y e o u que se su sus le les con por para es son",
        "fue ser era eran está están ha han hay como más pero si no ni este esta estos estas ese esa esos",
        "esas",
        "eso esto aquel cuando donde quien quienes cual cuales cada todo toda todos todas otro otra otros",
        "otras",
        "ya muy también nos nuestro nuestra me mi tu yo él ella ellos ellas usted ustedes sin sobre entre",
    ),
    "pt": _words(
        "o a os as um uma uns umas de do da dos das ao à aos às em no na nos nas num numa e ou que se seu",
        "sua seus suas lhe lhes com por pelo pela pelos pelas para é são foi ser era eram está estão há",
        "tem como",
        "mais mas não nem este esta estes estas esse essa esses essas isso isto aquele quando onde quem qual",
        "quais cada todo toda todos todas outro outra outros outras já muito também nosso nossa me meu minha",
        "eu ele ela eles elas você vocês sem sobre entre",
    ),
}

_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS, _MOST_LETTERS = 2000, 12_000
_LETTERS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:wh|th)|tion\b|ing\b|ly\b"),
    "es": re.compile(r"[ñ¿¡]|ción|[íúóá]s?\b|\bll"),
    "pt": re.compile(r"[ãõçêâô]|nh[aoe]|lh[aoe]"),
}
_ONLY: dict[Language, frozenset[str]] = {
    language: STOP_WORDS[language].difference(
        *(STOP_WORDS[other] for other in LANGUAGES if other != language)
    )
    for language in LANGUAGES
}


def known_language(text: str, stated: str = "") -> Language:
    """The stated language if it is one of the three, else the one whose own stop words the text has most of.

    Reads the first 2,000 words. A text without such words counts as English.
    """
    for language in LANGUAGES:
        if stated[:2].lower() == language:
            return language
    words = Counter(match.group().lower() for match in islice(_WORD.finditer(text), _MOST_WORDS))
    shares = {
        language: sum(
            number * ((word in STOP_WORDS[language]) + (word in _ONLY[language]))
            for word, number in words.items()
        )
        + len(_LETTERS[language].findall(text, 0, _MOST_LETTERS))
        for language in LANGUAGES
    }
    return max(LANGUAGES, key=lambda language: shares[language])
