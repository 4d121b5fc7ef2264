"""Which language a document is in, among those that the product speaks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from core.content import Content

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("es", "en", "pt", "fr")
NEIGHBOURS = ("de", "it", "nl", "ro", "pl", "sv", "da", "tr")  # so that their texts can be told apart
NEAR_NEIGHBOURS = ("ca", "gl")  # compete for long texts only: a short Spanish title looks like either
UNDETERMINED = "und"
SAMPLE_CHARACTERS = 4000
SHORT_WORDS = 30
CERTAIN = 0.4  # share of the score that the winner needs

# Words that settle a title. Words of two of the languages stand under both.
_MARKERS = {
    "es": "el la los las de del y en con para por un una que es su sus se no más año informe ventas guía "
    "vacaciones procedimiento procedimientos política empleados hola según este esta",
    "en": "the of and in to for on with by is are a an this that your our report annual sales guide policy "
    "leave how what quick hello not from",
    "pt": "o a os as de do da dos das e em no na com para por um uma que é seu sua se não mais ano relatório "
    "vendas guia férias procedimentos política funcionários olá",
    "fr": "le la les de des du et en dans avec pour par un une que est son sa ses ne pas plus rapport ventes "
    "guide congés politique bonjour aux sur",
}
_MARKER_SETS = {language: frozenset(words.split()) for language, words in _MARKERS.items()}
_LETTERS = {
    "es": re.compile("[ñ¿¡]", re.I),
    "pt": re.compile("[ãõ]|ções|ção", re.I),
    "fr": re.compile("[èêûœ]|[ldjnqsc]’", re.I),
}
_WORD = re.compile(r"[^\W\d_]+")


def identify_language(content: Content) -> str:
    """ "es", "en", "pt", "fr", or "und" for other languages and for texts that give no hold."""
    return identify(_sample(content))


def identify(text: str) -> str:
    words = [word.lower() for word in _WORD.findall(text)]
    letters = sum(map(len, words))
    if letters < 3 or sum(1 for word in words for letter in word if letter > "\u024f") > letters // 2:
        return UNDETERMINED
    is_short = len(words) < SHORT_WORDS
    scores = dict(_identifier().rank(" ".join(words)))
    if is_short:
        scores = _judge_short(scores, words, text)
    best = max(scores, key=lambda language: scores[language])
    is_clear = scores[best] >= CERTAIN * sum(scores.values())
    return best if best in LANGUAGES and is_clear else UNDETERMINED


def warm_up() -> None:
    """Loads the model: half a second, once in a process."""
    identify("Los empleados piden sus vacaciones por escrito.")


def _sample(content: Content) -> str:
    """From the beginning and from the middle, prose before headings and tables."""
    prose = [block.text for block in content.blocks if block.kind not in ("table", "code", "heading")]
    text = " ".join(prose)
    if len(text) < 200:
        text = content.text
    if len(text) <= 2 * SAMPLE_CHARACTERS:
        return text
    middle = len(text) // 2
    return text[:SAMPLE_CHARACTERS] + " " + text[middle : middle + SAMPLE_CHARACTERS]


def _judge_short(scores: dict[str, float], words: list[str], text: str) -> dict[str, float]:
    left = {language: score for language, score in scores.items() if language not in NEAR_NEIGHBOURS}
    total = sum(left.values()) or 1.0
    return {language: score / total + _evidence(language, words, text) for language, score in left.items()}


def _evidence(language: str, words: list[str], text: str) -> float:
    """Between 0 and 2: how much the words and letters of a short text speak for the language."""
    markers = _MARKER_SETS.get(language)
    if markers is None:
        return 0.0
    share = sum(1 for word in words if word in markers) / len(words)
    pattern = _LETTERS.get(language)
    return share + (1.0 if pattern is not None and pattern.search(text) else 0.0)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LANGUAGES, *NEIGHBOURS, *NEAR_NEIGHBOURS])
    return identifier
