"""UTF-8 that was read as Windows-1252, Latin-1 or Windows-1254, found and read again.

The three code pages agree on which character stands for which byte, so one table reads them all. A sequence
is taken for damage only if clean Spanish, Portuguese, French or English could not have written it: "MANHÃ”"
is a word and a quotation mark, "manhÃ£" is not. What could be either is left to whoever knows the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TURKISH = {"Ğ": 0xD0, "İ": 0xDD, "Ş": 0xDE, "ğ": 0xF0, "ı": 0xFD, "ş": 0xFE}  # where Windows-1254 differs
_BYTES = {
    **{chr(byte): byte for byte in range(0x80, 0x100)},
    **{
        bytes([byte]).decode("cp1252"): byte
        for byte in range(0x80, 0xA0)
        if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # Windows-1252 has no character there
    },
    **_TURKISH,
}
_FOLLOWING = "".join(re.escape(character) for character, byte in _BYTES.items() if 0x80 <= byte <= 0xBF)
# Two bytes: Latin letters and signs. Three: quotes, dashes, currency, arrows, ligatures. Four: pictographs.
SEQUENCE = re.compile(
    f"[ÂÃÄÅ][{_FOLLOWING}]"
    f"|â[€‚„†ˆ\x80\x82\x84\x86\x88][{_FOLLOWING}]"
    f"|ï[»¬¿][{_FOLLOWING}]"
    "|Æ’|Ë[†œ]"  # ƒ, ˆ and ˜, which stand in text that was misread twice
    f"|[ðğ][Ÿ\x9f][{_FOLLOWING}]{{2}}"
)
_SEQUENCES = re.compile(f"(?:{SEQUENCE.pattern})+")
MAX_ROUNDS = 3  # text that was misread this many times over is still put right

# What clean text may put right behind an upper-case letter.
_AFTER_A_WORD = set("\u00a0”’»›…–—•·®™©°ªº¹²³†‡")
_AFTER_A_GERMAN_WORD = _AFTER_A_WORD | set("“‘")
_BETWEEN_WORDS = set("\u00a0–—’")
CONTROLS = {
    chr(byte): character for character, byte in _BYTES.items() if byte < 0xA0 and ord(character) > 0xFF
}


class Decoded(NamedTuple):
    """`certain_at`: the places in `text` whose characters were read again, so nothing else doubts them."""

    text: str
    certain_at: frozenset[int]


def has_clear_sequence(text: str, start: int, end: int) -> bool:
    """Whether there is damage in text[start:end] that cannot be anything else."""
    return any(not _may_be_clean(text, match) for match in SEQUENCE.finditer(text, start, end))


def has_sequence(text: str) -> bool:
    return SEQUENCE.search(text) is not None


def decode(text: str) -> Decoded:
    """Every sequence in the text read as the bytes it stands for, again while that gives new sequences."""
    pieces: list[str] = []
    certain: set[int] = set()
    position = length = 0
    for match in _SEQUENCES.finditer(text):
        clean = text[position : match.start()]
        letters = _decode_run(match[0])
        pieces += [clean, letters]
        length += len(clean)
        certain.update(range(length, length + len(letters)))
        length += len(letters)
        position = match.end()
    pieces.append(text[position:])
    return Decoded("".join(pieces), frozenset(certain))


def read_controls(text: str) -> str:
    """C1 controls, which text never means, as the punctuation that Windows-1252 has in their place."""
    return "".join(CONTROLS.get(character, character) for character in text)


def _decode_run(run: str) -> str:
    for _ in range(MAX_ROUNDS):
        run = bytes(_byte_values(run)).decode("utf-8")
        if not _SEQUENCES.fullmatch(run):
            break
    return read_controls(run)


def _byte_values(run: str) -> Iterator[int]:
    return (_BYTES[character] for character in run)


def _may_be_clean(text: str, match: re.Match[str]) -> bool:
    if len(match[0]) > 2:
        return False
    lead, following = match[0][0], match[0][1]
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    allowed = _AFTER_A_GERMAN_WORD if lead in "ÄÅ" else _AFTER_A_WORD
    if following not in allowed or before.islower() or (before.isdigit() and after.isdigit()):
        return False
    if lead == "Â":  # no word ends in it, but it may be spoken of: “Â”
        return not before.isalnum() and following in "”’»›…–—"
    if following in _BETWEEN_WORDS:
        return before.isalpha() or not after.islower() or following == "\u00a0"
    return not after.isalpha()
