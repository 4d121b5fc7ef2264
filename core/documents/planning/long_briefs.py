"""Of a brief that is too long to be one, the part that says what is wanted."""

from __future__ import annotations

import re

from core.documents.planning.wishes import level
from core.language.sentences import split_sentences

MOST_CHARACTERS = 4_000
"""Read of a longer brief: its beginning and its most telling sentences."""

_BEGINNING = 2_500
_MOST_LOOKED_AT = 200_000
_LONGEST_SENTENCE = 400
_TELLING = re.compile(
    r"\b(?:need|want|please|write|draft|prepare|create|make|document|report|plan|proposal|letter|"
    r"policy|contract|"
    r"audience|tone|deadline|pages?|for the|necesit\w+|quier\w+|por favor|escrib\w+|redact\w+|"
    r"prepar\w+|hacer|hazme|"
    r"documento|informe|propuesta|carta|politica|contrato|dirigid\w+|tono|plazo|paginas?|precis\w+|"
    r"quer\w+|escrev\w+|"
    r"faz\w*|relatorio|proposta|prazo|tom)\b"
)


def read_part(brief: str) -> str:
    """A short brief as it is. Time is linear in the first 200,000 characters; others are not looked at."""
    if len(brief) <= MOST_CHARACTERS:
        return brief
    beginning = brief[:_BEGINNING]
    rest = brief[_BEGINNING:_MOST_LOOKED_AT]
    pieces = [
        (begin, min(begin + _LONGEST_SENTENCE, end))
        for start, end in split_sentences(rest)
        for begin in range(start, end, _LONGEST_SENTENCE)
    ]
    telling = sorted(pieces, key=lambda piece: -len(_TELLING.findall(level(rest[slice(*piece)]))))
    chosen: list[tuple[int, int]] = []
    left = MOST_CHARACTERS - _BEGINNING - 1
    for begin, end in telling:
        if end - begin < left and _TELLING.search(level(rest[begin:end])):
            chosen.append((begin, end))
            left -= end - begin + 1
    return "\n".join([beginning, *(rest[slice(*piece)] for piece in sorted(chosen))])
