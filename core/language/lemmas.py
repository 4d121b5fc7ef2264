"""Inflected forms of regular Spanish and Portuguese verbs, for what a dictionary of lemmas leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from core.language.stop_words import Language

_ENDINGS: dict[Language, dict[str, str]] = {
    "es": {
        "ar": "o as a amos an e es emos en ó aron ado ada ados adas ando ará arán aba aban",
        "er": "o es e emos en a as amos an ió ieron ido ida idos idas iendo erá erán ía ían",
        "ir": "o es e imos en a as amos an ió ieron ido ida idos idas iendo irá irán ía ían",
    },
    "pt": {
        "ar": "o as a amos am e es emos em ou aram ado ada ados adas ando ará arão ava avam",
        "er": "o es e emos em a as amos am eu eram ido ida idos idas endo erá erão ia iam",
        "ir": "o es e imos em a as amos am iu iram ido ida idos idas indo irá irão ia iam",
    },
}
_BEFORE_E = {"c": "qu", "g": "gu", "z": "c"}  # buscar, busque; pagar, pague; avanzar, avance


def regular_forms(infinitive: str, language: Language) -> Iterator[str]:
    """The common forms that a regular verb would have; none for another word.

    >>> "troque" in set(regular_forms("trocar", "pt"))
    True
    """
    endings = _ENDINGS.get(language, {}).get(infinitive[-2:])
    stem = infinitive[:-2]
    if endings is None or len(stem) < 2 or " " in infinitive:
        return
    softened = stem[:-1] + _BEFORE_E.get(stem[-1], stem[-1])
    for ending in endings.split():
        yield (softened if infinitive.endswith("ar") and ending[0] == "e" else stem) + ending
