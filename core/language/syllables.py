"""How many syllables a word has: by the rules of spelling in Spanish and Portuguese, estimated in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

from core.language.stop_words import Language

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
"""A word of prose. Figures are none; a compound with hyphens is several."""


@lru_cache(maxsize=100_000)
def count_syllables(word: str, language: Language) -> int:
    """At least 1. Letters only; case does not matter. Time is linear in the word.

    Spanish: exact by the rules of hyphenation (RAE, Ortografía 2010: every closed unstressed vowel beside
    another vowel makes a diphthong, h between them or not). Portuguese: the same idea with falling
    diphthongs, hiatus before nh and before a closing l, m, n, r, z, and one syllable for the ending of água,
    história. English: rules and a list of exceptions.

    >>> count_syllables("construía", "es"), count_syllables("rainha", "pt"), count_syllables("business", "en")
    (3, 3, 2)
    """
    return max(1, _COUNTERS[language](word.lower()))


def _spanish(word: str) -> int:
    """One syllable for each open or accented vowel; a group of closed vowels has one as well."""
    plain = _SPANISH_SILENT.sub(r"\1", word)
    plain = re.sub(r"y(?![aeiouáéíóúü])", "i", plain)
    plain = re.sub(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])", "", plain)
    return sum(_spanish_group(group) for group in re.findall(r"[aeiouáéíóúü]+", plain))


_SPANISH_SILENT = re.compile(r"(q|g)u(?=[eiéí])")


def _spanish_group(vowels: str) -> int:
    num_nuclei = sum(vowel in "aeoáéóíú" for vowel in vowels)
    num_doubled = len(re.findall(r"ii|uu", vowels))
    return max(1, num_nuclei) + num_doubled


_PT_VOWELS = "aeiouáéíóúâêôãõàüy"
_PT_FALLING = re.compile(r"[aeoáéóâêôàã][iu]|iu|ui|íu|úi|ã[oe]|õe")
_PT_LATE_STRESS = re.compile(r"[lmnrz](?![aeiouáéíóúâêôãõàh])|nh")
_PT_ONE_GLIDE = re.compile(r"[áéíóúâêô].*[^aeiouáéíóúâêôãõà](?:[iu][aeo]|e[ao])s?$")
_PT_SPECIAL = {"ao": 1, "aos": 1, "caos": 2}
_PT_PARTED = re.compile(r"^(?:reuni|proib|reinici|reiter|reus|coinc|ajuiz|reur)|uidades?$")


def _portuguese(word: str) -> int:
    if word in _PT_SPECIAL:
        return _PT_SPECIAL[word]
    plain = re.sub(r"([qg])u(?=[aeioáéíóâêôãõ])", r"\1", word)
    count = place = 0
    while place < len(plain):
        if plain[place] not in _PT_VOWELS:
            place += 1
            continue
        count += 1
        place += 2 if _is_falling(plain, place) else 1
    glides = bool(_PT_ONE_GLIDE.search(plain))
    return count - glides + bool(_PT_PARTED.search(plain))


def _is_falling(word: str, place: int) -> bool:
    if not _PT_FALLING.match(word, place):
        return False
    return word[place + 1] in "eo" or not _PT_LATE_STRESS.match(word, place + 2)


_EN_GROUP = re.compile(r"[aeiouy]+")
_EN_SILENT = re.compile(
    r"[^aeiouy]e$|gues?$|[^aeiouycgsxz]es$|[^aeiouytd]ed$|[^aeiouy]e(?:ly|ments?|ful|fully|less|ness|where|some)$"
)
_EN_SOUNDED = re.compile(r"[^aeiouylrw]le(?:$|s$|d$|ments?$|ness$)|(?:ch|sh)es$")
_EN_HIATUS = re.compile(
    r"(?<![cstg])ia(?!ge|r[dy]|n$|ns$)|(?<![cstgxn])(?<!ll)io|(?<![cg])iu|ie(?:t|r$|rs$|st$)|"
    r"(?:^sc|[^ct])ien[ct]|eat(?:e|i(?!ng)|o)|^re(?:act|aff|ass|alit|alis|aliz|app|arr|e[vln]|ent|inf|in[sv])|"
    r"(?<![pg])eo(?!p|v)|^geo|(?<![qg])ua(?!d)|uou|(?<=[fl])uen|ui(?:ty|ties)|[aeiouy]ing|^coo[pr]|"
    r"[aeo]y(?:a|o|er|ee)|[^aeiouy]ism|thm$|[^aeiour]n't$|(?<=[vp])ian"
)


def _english(word: str) -> int:
    bare = word.replace("’", "'").removesuffix("'s")
    if known := _english_exceptions().get(bare):
        return known
    spelled = re.sub(r"^y(?=[aeiou])", "j", bare).replace("qu", "q")
    is_silent = _EN_SILENT.search(spelled) and not _EN_SOUNDED.search(spelled)
    return len(_EN_GROUP.findall(spelled)) - bool(is_silent) + len(_EN_HIATUS.findall(spelled))


@lru_cache(maxsize=1)
def _english_exceptions() -> dict[str, int]:
    """Our own list: a line is a number and the words that have as many syllables."""
    lines = (files("core.language") / "lists" / "syllables_en.txt").read_text(encoding="utf-8").splitlines()
    return {word: int(number) for number, *words in map(str.split, lines) for word in words}


_COUNTERS: dict[Language, Callable[[str], int]] = {
    "en": _english, "es": _spanish, "pt": _portuguese,
}  # fmt: skip
