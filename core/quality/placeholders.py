"""Places that somebody meant to fill in: in brackets, by an abbreviation, as filler text or as a blank."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.quality.document import PlacedBlock
from core.quality.part import Evidence
from core.redundancy.evidence import Span


def find_placeholders(placed: PlacedBlock) -> Iterator[Evidence]:
    """In the order of the text; no place twice."""
    text, offset = placed.block.text, placed.span.start
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        code = _CODES.get(str(match.lastgroup), "placeholder")
        if match.start() >= end and _is_meant(text, match):
            end = match.end()
            span = Span(offset + match.start(), offset + match.end())
            yield Evidence(code, {"text": match[0].strip()[:80]}, span)


_FILL = (
    r"completar|complete|rellenar|llenar|insertar|inserte|escribir|indicar|agregar|añadir|preencher|inserir|"
    r"completar|informar|acrescentar|insert|fill in|enter|add|replace|your|tu|su|seu|sua|nombre|nome|name|"
    r"fecha|data|date|hora|time|cargo|title|título|empresa|company|cliente|client|customer|importe|monto|"
    r"amount|valor|value|dirección|endereço|address|ciudad|cidade|city|pendiente|pendente|pending|"
    r"por definir|a definir|to be|tbd|tbc|xx+"
)
_FIELDS = frozenset(
    word
    for line in (
        "name date time city role title text email total area local nombre fecha hora lugar monto",
        "firma cargo valor área nome data pessoa canal cliente client",
    )
    for word in line.split()
)

_PLACEHOLDER = re.compile(
    rf"""
      (?P<bracket> \[ \s* (?i:{_FILL}) \b [^\[\]\n]{{0,120}} \] (?!\() )
    | (?P<capitals> \[ [A-ZÁÉÍÓÚÂÊÔÃÕÀÇÑÜ][A-ZÁÉÍÓÚÂÊÔÃÕÀÇÑÜ _/-]{{2,60}} \] (?!\() )
    | (?P<angles> << [^<>\n]{{1,60}} >> | <\s?(?i:{_FILL})\b[^<>\n]{{0,60}}> )
    | (?P<braces> \{{\{{ [^{{}}\n]{{1,60}} \}}\}} )
    | (?P<letters> \b (?: TBD | TBC | TBA | FIXME | X{{3,}} ) \b )
    | (?P<todo> \b TODO \b (?= \s*[:(\[-] | \s*$ | \s+[a-z] ) )
    | (?P<later> (?: (?<=[:|(\t,]) \s* | ^ )
        (?i: por\ (?:definir|confirmar|determinar|completar) | a\ (?:definir|confirmar|completar|preencher)
          | to\ be\ (?:defined|confirmed|determined|decided|completed|announced)
          | pendiente\ de\ (?:definir|confirmar|completar) | pendente\ de\ (?:definição|confirmação) )
        (?= \s*(?:$|[.,;)\t\n]|\ (?:con|com|with|by|por)\b) ) )
    | (?P<lorem> (?i: lorem\ ipsum\b [^\n]{{0,60}} ) )
    | (?P<questions> \?{{3,}} )
    | (?P<dots> (?: (?<=\t) | ^ ) \s* (?:\.{{3,}}|…) \s* (?= $ | \t | \n ) | (?<=:) \s* (?:\.{{3,}}|…) \s* $ )
    | (?P<blank> _{{4,}} )
    """,
    re.VERBOSE | re.MULTILINE,
)
_CODES = {"lorem": "filler_text", "blank": "blank_field", "dots": "blank_field"}

_SIGNATURE = re.compile(
    r"firma|signature|signed|assinatura|nombre|nome|name|fecha|date|data|cargo|title|testigo|witness|testemunha",
    re.IGNORECASE,
)
_NUMBERED_THING = re.compile(
    r"(?:chapter|title|volume|part|book|capítulo|título|tomo|parte|siglo|século|libro|livro)\s*$",
    re.IGNORECASE,
)
_IN_CAPITALS = re.compile(r"[A-ZÁÉÍÓÚÂÊÔÃÕÇÑ]{2,}")


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether the place is not something else that looks so: a signature line, a Roman number, an acronym."""
    line = text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]
    form = match.lastgroup
    if form == "blank":
        return _SIGNATURE.search(line) is None
    if form == "capitals":
        inner = match[0][1:-1].strip()
        return " " in inner or len(inner) >= 6 or inner.casefold() in _FIELDS
    if form == "todo":
        capitals = sum(bool(_IN_CAPITALS.fullmatch(word)) for word in re.findall(r"[^\W\d_]+", line))
        return match.end() == len(text) or text[match.end()] in ":([-" or capitals <= 2
    if form == "letters" and set(match[0]) == {"X"}:
        is_ordinal = text[match.end() : match.end() + 2].strip()[:1].isupper()
        return not is_ordinal and _NUMBERED_THING.search(text[: match.start()]) is None
    return True
