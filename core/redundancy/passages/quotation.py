"""What a text gives as the words of another: between quotation marks, in a quote block, or after a source.

Only the writing of English, Spanish and Portuguese is known; single quotation marks are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.redundancy.evidence import Span

_MOSTLY = 0.8
_LONGEST_LEAD = 120  # characters between the beginning of a paragraph or sentence and the words it introduces

_QUOTED = re.compile(
    r"“[^“”]+”|«[^«»]+»|„[^„“”]+[“”]"
    r"|(?<!\w)\"(?=\S)(?:[^\"\n]|\n(?!\s*\n))+(?<=\S)\"(?!\w)"
    r"|^[ \t]*>.*(?:\n[ \t]*>.*)*",
    re.MULTILINE,
)
_SAYING = re.compile(
    r"\b(?:according to|as (?:stated|written|set out|described) in|quot(?:ed|ing) from|in the words of|reads|"
    r"source|says|said|stat(?:es|ed)|writes|wrote|"
    r"según|citado de|tomado de|en palabras de|dice|señala|establece|escribe|fuente|"
    r"segundo|citado de|extraído de|nas palavras de|diz|afirma|estabelece|escreve|fonte)\b[^.!?\n]*:\W*$",
    re.IGNORECASE,
)


def quoted_spans(text: str) -> tuple[Span, ...]:
    """What stands between quotation marks or behind `>`, in reading order."""
    return tuple(Span(*found.span()) for found in _QUOTED.finditer(text))


def is_quotation(text: str, span: Span, quoted: Sequence[Span]) -> bool:
    """Whether the words of this span are mostly quoted, or follow a colon after words like “according to”."""
    inside = sum(max(0, min(span.end, end) - max(span.start, start)) for start, end in quoted)
    lead = text[max(0, span.start - _LONGEST_LEAD) : span.start]
    return inside >= _MOSTLY * (span.end - span.start) or _SAYING.search(lead) is not None
