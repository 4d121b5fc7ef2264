"""Words that have lost a letter, or the half of one, and the words they may have been.

Of a letter like í UTF-8 writes two bytes. Read as Windows-1252 the first shows as Ã; the second is a soft
hyphen or no character at all, so programs drop it on the way: "GuÃa". What was lost is found in a dictionary.
"""

from __future__ import annotations

import re
from itertools import product

from core.ingestion.lexicon import is_known

LETTERS = "íàáéóúüñâãçêôõïèëîû"  # the likeliest first: the bytes of í and à are the ones that get lost
SILENT = "íàÁÍÏ"  # their second bytes cannot be seen in Windows-1252, so these are lost more than others
SILENT_CAPITALS = "ÁÍÏ"
REPLACED = "\ufffd"
MAX_LOST = 2
MIN_LETTERS = 2  # that are left of a word, for a dictionary to be of use
_AFTER_A_TILDE = "OESZIM"  # what Portuguese writes after Ã within a word: NÃO, MÃE, JOÃOS, IRMÃZINHA, CÃIBRA
_LOST_REPLACED = re.compile(f"{REPLACED}{{1,2}}")


def is_broken(word: str, index: int) -> bool:
    """Whether the Ã at this place cannot be a letter of the word: "Guãa" has it in no case, "SÃO" has."""
    before, after = word[:index][-1:], word[index + 1 : index + 2]
    if before.islower() or after.islower():
        return True
    return bool(before and after) and after not in _AFTER_A_TILDE


def restorations(word: str, lost: list[int]) -> tuple[str, ...]:
    """The known words that differ from `word` only at the lost places, likeliest first, each once."""
    if len(lost) > MAX_LOST or len(word) - len(lost) < MIN_LETTERS:
        return ()
    found: dict[str, str] = {}
    for letters in product(LETTERS, repeat=len(lost)):
        candidate = list(word)
        for index, letter in zip(lost, letters, strict=True):
            candidate[index] = _in_case(letter, word, index)
        text = "".join(candidate)
        if is_known(text):
            found.setdefault(text.casefold(), text)
    return tuple(found.values())


def choose(word: str, lost: list[int], candidates: tuple[str, ...]) -> str | None:
    """The only candidate, or the only one of letters that get lost unseen; None if there is a doubt."""
    silent = [text for text in candidates if all(text[index] in SILENT for index in lost)]
    for choices in (candidates, silent):
        if len(choices) == 1:
            return choices[0]
    return None


def mark_replaced(word: str) -> tuple[str, list[int]]:
    """The word with one mark for each replaced letter, and where the marks are."""
    marked = _LOST_REPLACED.sub(REPLACED, word)
    return marked, [index for index, character in enumerate(marked) if character == REPLACED]


def _in_case(letter: str, word: str, index: int) -> str:
    before, after = word[:index][-1:], word[index + 1 : index + 2]
    if before.isupper() and not after.islower():
        return letter.upper()
    if not before and (after.isupper() or letter.upper() in SILENT_CAPITALS):
        return letter.upper()
    return letter
